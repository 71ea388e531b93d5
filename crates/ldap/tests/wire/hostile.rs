//! What no well-behaved client sends, and what it gets. The rules marked `ldap3_proto` are those
//! that its decoder breaks, so that they hold here by our own.

use bytes::BytesMut;
use jackfield_ldap::wire::ber::BerError;
use jackfield_ldap::wire::control::MAX_CONTROLS;
use jackfield_ldap::wire::request::Authentication;
use jackfield_ldap::wire::{Control, Frame, FrameError, Limits, Request, RequestError, RequestOp};

use RequestError::OutOfRange;

use crate::{constructed, element, frame, hex, message, refusal, split};

const UNBIND: &[u8] = &[0x42, 0x00];

/// RFC 4511 §4.1.1; indefinite lengths and truncated elements: `ldap3_proto`.
#[test]
fn a_broken_envelope_ends_the_session() {
    use BerError::{IndefiniteLength, LengthTooLong, LongTag, Missing, Truncated};
    use FrameError::{MessageId, NotAMessage, UnknownOperation};
    let cases: [(&str, &str, FrameError); 19] = [
        ("no SEQUENCE", "31", NotAMessage(0x31)),
        ("HTTP", "474554202F", NotAMessage(b'G')),
        ("indefinite", "3080", IndefiniteLength.into()),
        ("five octets of length", "3085", LengthTooLong.into()),
        ("empty", "3000", MessageId),
        ("ID is a string", "3003 040107", MessageId),
        ("ID without octets", "3004 0200 4200", MessageId),
        ("ID 0", "3005 020100 4200", MessageId),
        ("ID -1", "3005 0201FF 4200", MessageId),
        ("ID 2^31", "3009 02050080000000 4200", MessageId),
        ("ID 2^32+1", "3009 02050100000001 4200", MessageId),
        ("no operation", "3003 020107", Missing.into()),
        (
            "no such operation",
            "3005 020107 7E00",
            UnknownOperation(0x7E),
        ),
        ("a response", "3005 020107 6100", UnknownOperation(0x61)),
        ("long tag", "3006 020107 7F2000", LongTag.into()),
        ("bind that is cut", "3007 020107 60050400", Truncated.into()),
        (
            "indefinite within",
            "3009 020107 60043080 0000",
            IndefiniteLength.into(),
        ),
        (
            "AND of a cut filter",
            "3009 020107 6304A0028705",
            Truncated.into(),
        ),
        (
            "cut controls",
            "3009 020107 4200 A0023005",
            Truncated.into(),
        ),
    ];
    for (name, octets, expected) in cases {
        assert_eq!(split(&hex(octets)).err(), Some(expected), "{name}");
    }
}

#[test]
fn a_message_that_is_too_large_is_refused_by_its_header() {
    let limits = Limits {
        max_message_bytes: 100,
        ..Limits::default()
    };
    let split = |octets: &[u8]| Frame::split(&mut BytesMut::from(octets), &limits);
    let too_large = |declared| {
        Some(FrameError::TooLarge {
            declared,
            limit: 100,
        })
    };
    assert_eq!(split(&[0x30, 0x63]).err(), too_large(101));
    assert_eq!(split(&[0x30, 0x62]).unwrap().map(|frame| frame.id), None);
    assert_eq!(
        split(&[0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]).err(),
        too_large(0x8000_0005)
    );
    assert_eq!(
        split(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).err(),
        too_large(0x1_0000_0005)
    );
}

#[test]
fn a_message_takes_its_octets_off_the_buffer_and_no_more() {
    let one = message(&[UNBIND]);
    let mut buf = BytesMut::from(
        [one.as_slice(), &one, &[0x30, 0x05, 0x02]]
            .concat()
            .as_slice(),
    );
    for left in [10, 3] {
        let frame = Frame::split(&mut buf, &Limits::default()).unwrap().unwrap();
        assert_eq!((frame.id, frame.op), (7, RequestOp::Unbind));
        assert_eq!(buf.len(), left);
    }
    assert!(
        Frame::split(&mut buf, &Limits::default())
            .unwrap()
            .is_none()
    );
    assert_eq!(buf.len(), 3);
}

/// RFC 4511 §5.1 demands the definite form, but not the shortest one.
#[test]
fn lengths_and_numbers_may_take_more_octets_than_they_need() {
    let octets = [
        0x30, 0x84, 0, 0, 0, 0x0C, 0x02, 0x04, 0, 0, 0, 7, 0x42, 0x84, 0, 0, 0, 0,
    ];
    let frame = frame(&octets);
    assert_eq!((frame.id, frame.op), (7, RequestOp::Unbind));
}

/// RFC 4511 §4: components that are not known are ignored.
#[test]
fn what_follows_in_a_sequence_is_ignored() {
    let bind = [0x60, 9, 0x02, 1, 3, 0x04, 0, 0x80, 0, 0x8F, 0];
    assert_eq!(refusal(&message(&[&bind, &[0xAE, 0x02, 0x30, 0x00]])), None);
}

fn unexpected(expected: u8, found: u8) -> RequestError {
    BerError::UnexpectedTag { expected, found }.into()
}

/// RFC 4511 §4.1.1: "otherwise … protocolError", under the message ID: `ldap3_proto`.
#[test]
fn a_broken_request_is_refused_under_its_message_id() {
    use BerError::{Boolean, Missing, Number, Utf8};
    let cases: [(&str, &str, RequestError); 17] = [
        ("empty bind", "6000", Missing.into()),
        ("bind by nothing", "6005 020103 0400", Missing.into()),
        ("version is a string", "6003 040103", unexpected(2, 4)),
        (
            "version of nine octets",
            "600B 0209000000000000000003",
            Number.into(),
        ),
        ("name is Latin-1", "6008 020103 0401FC 8000", Utf8.into()),
        ("constructed name", "6005 020103 2400", unexpected(4, 0x24)),
        ("scope 9", "6305 0400 0A0109", OutOfRange("the scope")),
        (
            "derefAliases 4",
            "6308 0400 0A0102 0A0104",
            OutOfRange("derefAliases"),
        ),
        (
            "size limit -1",
            "630B 0400 0A0102 0A0100 0201FF",
            OutOfRange("the size limit"),
        ),
        (
            "size limit 2^31",
            "630F 0400 0A0102 0A0100 02050080000000",
            OutOfRange("the size limit"),
        ),
        (
            "time limit -1",
            "630E 0400 0A0102 0A0100 020100 0201FF",
            OutOfRange("the time limit"),
        ),
        (
            "typesOnly ()",
            "6310 0400 0A0102 0A0100 020100 020100 0100",
            Boolean.into(),
        ),
        (
            "no selectors",
            "6314 0400 0A0102 0A0100 020100 020100 010100 870161",
            Missing.into(),
        ),
        ("compare nothing", "6E02 0400", Missing.into()),
        ("compare a set", "6E04 0400 3100", unexpected(0x30, 0x31)),
        (
            "abandon -1",
            "5001FF",
            OutOfRange("the message ID to abandon"),
        ),
        ("extended, unnamed", "7702 8100", unexpected(0x80, 0x81)),
    ];
    for (name, operation, expected) in cases {
        assert_eq!(
            refusal(&message(&[&hex(operation)])),
            Some(expected),
            "{name}"
        );
    }
}

#[test]
fn a_broken_write_is_refused_under_its_message_id() {
    let cases: [(&str, &str, RequestOp); 6] = [
        ("empty modify", "6600", RequestOp::Modify),
        (
            "modify 9",
            "6610 0400 300C 300A 0A0109 3005 040161 3100",
            RequestOp::Modify,
        ),
        ("add a set", "6804 0400 3100", RequestOp::Add),
        ("delete Latin-1", "4A01FC", RequestOp::Delete),
        ("empty modifyDN", "6C00", RequestOp::ModifyDn),
        // `ldap3_proto` takes such a newSuperior for none: the move would become a renaming.
        (
            "move to Latin-1",
            "6C0A 0400 0400 010100 8001FC",
            RequestOp::ModifyDn,
        ),
    ];
    for (name, operation, op) in cases {
        let refused = refusal(&message(&[&hex(operation)]));
        assert_eq!(refused, Some(RequestError::Write(op)), "{name}");
    }
}

/// A password is octets: `ldap3_proto`.
#[test]
fn a_password_need_not_be_text() {
    let octets = [0x4D, 0xFC, 0x6C, 0x00, 0xFF];
    let bind = constructed(0x60, &[&[2, 1, 3, 4, 0], &element(0x80, &octets)]);
    let frame = frame(&message(&[&bind]));
    let Ok(Request::Bind(bind)) = Request::decode(&frame, &Limits::default()) else {
        panic!()
    };
    assert_eq!(bind.authentication, Authentication::Simple(&octets));
}

/// RFC 4511 §4.2: version and authentication choice are answered, not refused by the decoder.
#[test]
fn a_bind_of_another_kind_is_still_a_bind() {
    let sasl = Authentication::Sasl {
        mechanism: "",
        credentials: None,
    };
    let cases: [(&str, i64, Authentication<'_>); 4] = [
        ("6007 020102 0400 8000", 2, Authentication::Simple(b"")),
        ("6007 0201FF 0400 8000", -1, Authentication::Simple(b"")),
        ("6007 020103 0400 8A00", 3, Authentication::Other(0x8A)),
        ("6009 020103 0400 A3020400", 3, sasl),
    ];
    for (operation, version, authentication) in cases {
        let frame = frame(&message(&[&hex(operation)]));
        let Ok(Request::Bind(bind)) = Request::decode(&frame, &Limits::default()) else {
            panic!()
        };
        assert_eq!(
            (bind.version, bind.authentication),
            (version, authentication)
        );
    }
}

/// Criticality counts for every control: `ldap3_proto` drops that of paged results and sorting.
#[test]
fn controls_keep_their_criticality_and_value() {
    let cases: [(&str, bool, Option<&str>); 6] = [
        ("", false, None),
        ("0101FF", true, None),
        ("010101", true, None),
        ("010100 0400", false, Some("")),
        ("0402FF00", false, Some("FF00")),
        ("0101FF 040176", true, Some("76")),
    ];
    for oid in ["1.2.840.113556.1.4.319", "1.2.840.113556.1.4.473", "1.2.3"] {
        for (rest, critical, value) in cases {
            let control = constructed(0x30, &[&element(4, oid.as_bytes()), &hex(rest)]);
            let controls = constructed(0xA0, &[&control, &control]);
            let expected = Control {
                oid: oid.into(),
                critical,
                value: value.map(|value| hex(value).into()),
            };
            let read = frame(&message(&[UNBIND, &controls])).controls;
            assert_eq!(read, Ok(vec![expected.clone(), expected]));
        }
    }
    assert_eq!(frame(&message(&[UNBIND])).controls, Ok(vec![]));
}

#[test]
fn broken_controls_are_refused_under_their_message_id() {
    let cases = [
        ("no SEQUENCE", "0400"),
        ("without type", "3000"),
        ("type is Latin-1", "3003 0401FC"),
        ("criticality of two octets", "3006 0400 01020000"),
        ("criticality after the value", "3007 0400 0400 0101FF"),
        ("value twice", "3006 0400 0400 0400"),
    ];
    for (name, control) in cases {
        let controls = element(0xA0, &hex(control));
        assert!(refusal(&message(&[UNBIND, &controls])).is_some(), "{name}");
    }
    let many = |count| {
        let controls = element(0xA0, &hex("3002 0400").repeat(count));
        refusal(&message(&[UNBIND, &controls]))
    };
    assert_eq!(many(MAX_CONTROLS), None);
    let refused = RequestError::TooManyControls(MAX_CONTROLS);
    assert_eq!(many(MAX_CONTROLS + 1), Some(refused));
}

#[test]
fn secrets_do_not_show() {
    let secret = b"correct horse";
    let bind = constructed(0x60, &[&[2, 1, 3, 4, 0], &element(0x80, secret)]);
    let sasl = constructed(0xA3, &[&[4, 5], b"PLAIN", &element(4, secret)]);
    let sasl = constructed(0x60, &[&[2, 1, 3, 4, 0], &sasl]);
    let extended = constructed(0x77, &[&[0x80, 1, b'1'], &element(0x81, secret)]);
    for operation in [bind, sasl, extended] {
        let frame = frame(&message(&[&operation]));
        let request = Request::decode(&frame, &Limits::default()).unwrap();
        let shown = format!("{frame:?} {request:?}");
        let as_octets = format!("{secret:?}");
        let inner = as_octets.trim_matches(['[', ']']);
        assert!(
            !shown.contains("horse") && !shown.contains(inner),
            "{shown}"
        );
    }
}
