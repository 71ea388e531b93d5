//! Bytes that no honest LDAP client sends, and what they get.

use jackfield_tests::ber::{self, Connection, Response, tag, tlv};
use jackfield_tests::{Access, Home, Server};

/// What must come back.
enum Answer {
    /// A Notice of Disconnection, and the end of the connection (RFC 4511 §4.1.1, §4.4.1).
    Notice,
    /// Nothing, and the end of the connection.
    Close,
    /// Nothing; the connection goes on.
    Silence,
    /// A response under message ID 7 with this tag and result code; the connection goes on.
    Code(u8, u8),
}

use Answer::{Close, Code, Notice, Silence};

const NOTICE: &[u8] = b"1.3.6.1.4.1.1466.20036";
const WHO_AM_I: &[u8] = b"1.3.6.1.4.1.4203.1.11.3";
const SUCCESS: u8 = 0;
const PROTOCOL_ERROR: u8 = 2;
const AUTH_METHOD_NOT_SUPPORTED: u8 = 7;
const ADMIN_LIMIT_EXCEEDED: u8 = 11;
const UNAVAILABLE_CRITICAL_EXTENSION: u8 = 12;
const INVALID_CREDENTIALS: u8 = 49;
const NO_SUCH_OBJECT: u8 = 32;
const UNWILLING_TO_PERFORM: u8 = 53;

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn who_am_i(id: u32) -> Vec<u8> {
    ber::message(id, &tlv(tag::EXTENDED, &tlv(0x80, WHO_AM_I)))
}

fn assert_notice(responses: &[Response], what: &str) {
    let [notice] = responses else {
        panic!("{what}: {responses:x?}")
    };
    assert_eq!(
        (notice.id, notice.tag),
        (0, tag::EXTENDED_RESPONSE),
        "{what}"
    );
    assert_eq!(notice.code(), Some(PROTOCOL_ERROR), "{what}");
    assert!(
        notice.content.windows(NOTICE.len()).any(|w| w == NOTICE),
        "{what}: {notice:x?}"
    );
}

/// Sends the bytes on a fresh connection, bound if asked, and looks at what comes back.
fn check(server: &Server, access: Option<&Access>, what: &str, bytes: &[u8], expected: &Answer) {
    let mut connection = Connection::open(server.listeners().ldap).unwrap();
    if let Some(access) = access {
        let bind = ber::bind(1, &access.ldap.bind_dn, &access.ldap.password);
        connection.send(&bind).unwrap();
        assert_eq!(
            connection.receive().unwrap().unwrap().code(),
            Some(SUCCESS),
            "{what}"
        );
    }
    // A server that has refused the beginning may close before the end is sent.
    let _ = connection.send(bytes);
    match expected {
        Notice => assert_notice(&connection.rest().expect(what), what),
        Close => {
            connection.finish().unwrap();
            assert_eq!(connection.rest().expect(what), [], "{what}");
        }
        Silence => goes_on(&mut connection, what),
        Code(tag, code) => {
            let response = loop {
                match connection.receive().expect(what).expect(what) {
                    Response {
                        tag: tag::ENTRY, ..
                    } => {}
                    response => break response,
                }
            };
            assert_eq!(
                (response.id, response.tag, response.code()),
                (7, *tag, Some(*code)),
                "{what}: {}",
                String::from_utf8_lossy(&response.content)
            );
            goes_on(&mut connection, what);
        }
    }
}

/// The connection still answers under the right message ID.
fn goes_on(connection: &mut Connection, what: &str) {
    connection.send(&who_am_i(8)).unwrap();
    let response = connection.receive().expect(what).expect(what);
    assert_eq!(
        (response.id, response.tag),
        (8, tag::EXTENDED_RESPONSE),
        "{what}: {response:x?}"
    );
}

#[test]
fn envelopes_that_cannot_be_read_end_the_connection_with_a_notice() {
    let server = Home::new().unwrap().serve().unwrap();
    for (what, bytes) in [
        (
            "another protocol",
            "47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a 0d 0a",
        ),
        ("a SET in place of a SEQUENCE", "31 05 02 01 07 42 00"),
        ("an indefinite length", "30 80 02 01 07 42 00 00 00"),
        (
            "an indefinite length inside",
            "30 09 02 01 07 60 80 02 01 03 00",
        ),
        ("a message of 2 GiB", "30 84 7f ff ff ff 02 01 07"),
        ("a length of nine bytes", "30 89 00 00 00 00 00 00 00 00 05"),
        (
            "a message ID of 0",
            "30 0c 02 01 00 60 07 02 01 03 04 00 80 00",
        ),
        (
            "a negative message ID",
            "30 0c 02 01 ff 60 07 02 01 03 04 00 80 00",
        ),
        (
            "a message ID of 2^31",
            "30 10 02 05 00 80 00 00 00 60 07 02 01 03 04 00 80 00",
        ),
        ("no message ID", "30 09 60 07 02 01 03 04 00 80 00"),
        ("an empty message", "30 00"),
        ("an operation that does not exist", "30 05 02 01 07 5f 00"),
        (
            "an operation longer than its message",
            "30 05 02 01 07 42 05",
        ),
    ] {
        check(&server, None, what, &hex(bytes), &Notice);
    }
}

#[test]
fn a_message_that_never_ends_is_forgotten_with_its_connection() {
    let server = Home::new().unwrap().serve().unwrap();
    for (what, bytes) in [
        ("nothing", ""),
        ("a tag", "30"),
        ("half a length", "30 82 01"),
        ("half a bind", "30 0c 02 01 07 60 07 02 01"),
    ] {
        check(&server, None, what, &hex(bytes), &Close);
    }
}

#[test]
fn requests_that_cannot_be_read_are_answered_under_their_message_id() {
    let server = Home::new().unwrap().serve().unwrap();
    for (what, bytes, expected) in [
        (
            "version 2",
            "30 0c 02 01 07 60 07 02 01 02 04 00 80 00",
            Code(tag::BIND_RESPONSE, PROTOCOL_ERROR),
        ),
        (
            "a bind cut off inside",
            "30 08 02 01 07 60 03 02 01 03",
            Code(tag::BIND_RESPONSE, PROTOCOL_ERROR),
        ),
        (
            "a name without a password",
            "30 0d 02 01 07 60 08 02 01 03 04 01 61 80 00",
            Code(tag::BIND_RESPONSE, UNWILLING_TO_PERFORM),
        ),
        (
            "a password that is not UTF-8",
            "30 10 02 01 07 60 0b 02 01 03 04 01 61 80 03 ff fe 00",
            Code(tag::BIND_RESPONSE, INVALID_CREDENTIALS),
        ),
        (
            "a name that is not UTF-8",
            "30 0f 02 01 07 60 0a 02 01 03 04 02 ff fe 80 01 61",
            Code(tag::BIND_RESPONSE, PROTOCOL_ERROR),
        ),
        (
            "an unknown SASL mechanism",
            "30 12 02 01 07 60 0d 02 01 03 04 00 a3 06 04 04 4e 4f 4e 45",
            Code(tag::BIND_RESPONSE, AUTH_METHOD_NOT_SUPPORTED),
        ),
        (
            "an unknown extended operation",
            "30 0c 02 01 07 77 07 80 05 31 2e 32 2e 33",
            Code(tag::EXTENDED_RESPONSE, PROTOCOL_ERROR),
        ),
        (
            "an extended operation without a name",
            "30 05 02 01 07 77 00",
            Code(tag::EXTENDED_RESPONSE, PROTOCOL_ERROR),
        ),
        (
            "a critical control that nobody knows",
            "30 19 02 01 07 60 07 02 01 03 04 00 80 00 a0 0b 30 09 04 04 31 2e 32 33 01 01 ff",
            Code(tag::BIND_RESPONSE, UNAVAILABLE_CRITICAL_EXTENSION),
        ),
        ("an abandon of nothing", "30 06 02 01 07 50 01 63", Silence),
    ] {
        check(&server, None, what, &hex(bytes), &expected);
    }
}

/// A SearchRequest below the base with this scope and filter.
fn search(base: &str, scope: u8, filter: &[u8]) -> Vec<u8> {
    let mut message = ber::search(7, base, filter, &["1.1"]);
    let at = message.windows(3).position(|w| w == [0x0a, 1, 2]).unwrap();
    message[at + 2] = scope;
    message
}

#[test]
fn hostile_searches_are_answered_under_their_message_id() {
    let (server, access) = Server::bootstrapped().unwrap();
    let base = access.ldap.base.as_str();
    let everybody = tlv(0x87, b"objectClass");
    let nested =
        |tag: u8, depth: usize| (0..depth).fold(everybody.clone(), |inner, _| tlv(tag, &inner));
    let cut_off = {
        // An AND whose only branch says that it is longer than what is there.
        let mut filter = ber::equality("cn", b"x");
        filter[1] += 1;
        tlv(0xa0, &filter)
    };
    let done = |code| Code(tag::DONE, code);
    for (what, bytes, expected) in [
        (
            "an honest search",
            search(base, 0, &everybody),
            done(SUCCESS),
        ),
        (
            "a value in Latin-1",
            search(base, 2, &ber::equality("cn", b"M\xfcller")),
            done(SUCCESS),
        ),
        (
            "a value of zeros",
            search(base, 2, &ber::equality("cn", &[0; 64])),
            done(SUCCESS),
        ),
        (
            "an unknown attribute",
            search(base, 2, &ber::equality("x-none", b"1")),
            done(SUCCESS),
        ),
        (
            "an empty AND",
            search(base, 0, &tlv(0xa0, &[])),
            done(SUCCESS),
        ),
        (
            "an unknown kind of filter",
            search(base, 2, &tlv(0x8b, b"x")),
            done(SUCCESS),
        ),
        (
            "a scope of 7",
            search(base, 7, &everybody),
            done(PROTOCOL_ERROR),
        ),
        (
            "a branch that is cut off",
            search(base, 2, &cut_off),
            // Lengths that do not fit end the connection, wherever they are.
            Notice,
        ),
        ("20 NOTs", search(base, 0, &nested(0xa2, 20)), done(SUCCESS)),
        (
            "10,000 NOTs",
            search(base, 2, &nested(0xa2, 10_000)),
            done(ADMIN_LIMIT_EXCEEDED),
        ),
        (
            "10,000 ANDs",
            search(base, 2, &nested(0xa0, 10_000)),
            done(ADMIN_LIMIT_EXCEEDED),
        ),
        (
            "a base that is no DN",
            search("no dn", 2, &everybody),
            done(34),
        ),
        (
            "a base elsewhere",
            search("dc=other,dc=example", 2, &everybody),
            done(32),
        ),
    ] {
        check(&server, Some(&access), what, &bytes, &expected);
    }
}

#[test]
fn writes_are_refused_each_under_its_own_response() {
    let (server, access) = Server::bootstrapped().unwrap();
    let dn = tlv(
        0x04,
        format!("uid=x,ou=people,{}", access.ldap.base).as_bytes(),
    );
    let attribute = tlv(
        0x30,
        &[tlv(0x04, b"cn"), tlv(0x31, &tlv(0x04, b"x"))].concat(),
    );
    let modification = tlv(0x30, &[tlv(0x0a, &[2]), attribute.clone()].concat());
    for (what, request, body, response, code) in [
        (
            "modify",
            0x66,
            [dn.clone(), tlv(0x30, &modification)].concat(),
            0x67,
            NO_SUCH_OBJECT,
        ),
        (
            "add",
            0x68,
            [dn.clone(), tlv(0x30, &attribute)].concat(),
            0x69,
            UNWILLING_TO_PERFORM,
        ),
        (
            "modify DN",
            0x6c,
            [dn.clone(), tlv(0x04, b"uid=y"), tlv(0x01, &[0xff])].concat(),
            0x6d,
            NO_SUCH_OBJECT,
        ),
    ] {
        let bytes = ber::message(7, &tlv(request, &body));
        check(&server, Some(&access), what, &bytes, &Code(response, code));
    }
    let delete = ber::message(7, &tlv(0x4a, &dn[2..]));
    check(
        &server,
        Some(&access),
        "delete",
        &delete,
        &Code(0x6b, NO_SUCH_OBJECT),
    );
}

#[test]
fn a_failed_bind_leaves_the_connection_anonymous() {
    let (server, access) = Server::bootstrapped().unwrap();
    let mut connection = Connection::open(server.listeners().ldap).unwrap();
    let search = ber::search(2, &access.ldap.base, &tlv(0x87, b"objectClass"), &["1.1"]);
    connection
        .send(&ber::bind(1, &access.ldap.bind_dn, &access.ldap.password))
        .unwrap();
    assert_eq!(connection.receive().unwrap().unwrap().code(), Some(SUCCESS));
    connection
        .send(&ber::bind(2, &access.ldap.bind_dn, "wrong"))
        .unwrap();
    assert_eq!(
        connection.receive().unwrap().unwrap().code(),
        Some(INVALID_CREDENTIALS)
    );
    connection.send(&search).unwrap();
    let response = connection.receive().unwrap().unwrap();
    assert_eq!(response.tag, tag::DONE, "an entry came");
    assert_ne!(response.code(), Some(SUCCESS));
}

#[test]
fn requests_at_once_are_each_answered_under_their_own_id() {
    let (server, access) = Server::bootstrapped().unwrap();
    let mut connection = Connection::open(server.listeners().ldap).unwrap();
    connection
        .send(&ber::bind(1, &access.ldap.bind_dn, &access.ldap.password))
        .unwrap();
    assert_eq!(connection.receive().unwrap().unwrap().code(), Some(SUCCESS));
    let ids: Vec<u32> = (2..202).collect();
    let requests: Vec<u8> = ids.iter().flat_map(|id| who_am_i(*id)).collect();
    connection.send(&requests).unwrap();
    let mut answered: Vec<u32> = ids
        .iter()
        .map(|_| connection.receive().unwrap().unwrap().id)
        .collect();
    answered.sort_unstable();
    assert_eq!(answered, ids);
}
