//! What bad input gets (RFC 4511 §4.1.1): the notice of disconnection, or protocolError under the
//! message ID.

use ldap3_proto::proto::{LdapFilter, LdapOp, LdapResultCode as Code, LdapSubstringFilter};

use crate::harness::{SUFFIX, Server};
use crate::raw::{Raw, octets, search};

#[tokio::test]
async fn what_is_no_message_ends_the_session_with_a_notice() {
    let server = Server::start().await;
    for (what, sent) in [
        ("no sequence", &b"GET / HTTP/1.1\r\n\r\n"[..]),
        ("an indefinite length", &[0x30, 0x80, 0x02, 0x01, 0x01]),
        ("too large", &[0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]),
        ("message ID 0", &[0x30, 0x05, 0x02, 0x01, 0x00, 0x42, 0x00]),
        (
            "an unknown operation",
            &[0x30, 0x05, 0x02, 0x01, 0x01, 0x5E, 0x00],
        ),
        ("a response", &[0x30, 0x05, 0x02, 0x01, 0x01, 0x61, 0x00]),
        (
            "an element cut short",
            &[0x30, 0x05, 0x02, 0x01, 0x01, 0x42, 0x05],
        ),
    ] {
        let mut raw = Raw::connect(&server).await;
        raw.octets(sent).await;
        assert_eq!(raw.farewell().await, Code::ProtocolError, "{what}");
    }
}

#[tokio::test]
async fn what_is_wrong_inside_a_request_is_answered_under_its_id() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    // A search whose base is no UTF-8, one with scope 9, and one with nothing in it.
    for (id, body) in [
        (2, &[0x63, 0x03, 0x04, 0x01, 0xFF][..]),
        (3, &[0x63, 0x05, 0x04, 0x00, 0x0A, 0x01, 0x09]),
        (4, &[0x63, 0x00]),
        (5, &[0x60, 0x03, 0x02, 0x01, 0x03]),
    ] {
        let length = u8::try_from(3 + body.len()).unwrap();
        raw.octets(&[&[0x30, length, 0x02, 0x01, id], body].concat())
            .await;
        assert_eq!(
            raw.result(id.into()).await.code,
            Code::ProtocolError,
            "{id}"
        );
    }
    raw.send(9, search("")).await;
    raw.entries(9).await;
}

#[tokio::test]
async fn a_deep_filter_is_refused_and_the_session_goes_on() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let mut filter = vec![0x87, 0x01, b'a'];
    for _ in 0..100 {
        let mut outer = vec![0xA2, 0x82];
        outer.extend(u16::try_from(filter.len()).unwrap().to_be_bytes());
        outer.append(&mut filter);
        filter = outer;
    }
    let before = [
        0x04, 0, 0x0A, 1, 2, 0x0A, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0,
    ];
    let body = [&before[..], &filter, &[0x30, 0]].concat();
    let long = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    };
    let message = long(
        0x30,
        &[&[0x02, 0x01, 0x02], &long(0x63, &body)[..]].concat(),
    );
    raw.octets(&message).await;
    assert_eq!(raw.result(2).await.code, Code::AdminLimitExceeded);
    raw.send(3, search(SUFFIX)).await;
    assert_eq!(raw.entries(3).await.1.code, Code::Success);
}

#[tokio::test]
async fn a_message_may_come_in_pieces() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let message = octets(2, search(SUFFIX));
    for octet in &message {
        raw.octets(&[*octet]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(raw.entries(2).await.1.code, Code::Success);
}

#[tokio::test]
async fn a_message_may_be_larger_after_a_bind() {
    let server = Server::start().await;
    let large = search(&format!("cn={},{SUFFIX}", "x".repeat(300 * 1024)));
    let mut raw = Raw::bound(&server).await;
    raw.send(2, large.clone()).await;
    assert_eq!(raw.result(2).await.code, Code::InvalidDNSyntax);
    let mut raw = Raw::connect(&server).await;
    raw.octets(&octets(2, large)[..100]).await;
    assert_eq!(raw.farewell().await, Code::ProtocolError);
    // As many terms as a filter may have, as a keypad makes them.
    let term = |at: usize| {
        LdapFilter::Substring(
            "givenName".to_owned(),
            LdapSubstringFilter {
                initial: Some(format!("{at:06}")),
                ..LdapSubstringFilter::default()
            },
        )
    };
    let mut wide = search(SUFFIX);
    if let LdapOp::SearchRequest(search) = &mut wide {
        search.filter = LdapFilter::Or((0..1_023).map(term).collect());
    }
    let mut raw = Raw::connect(&server).await;
    raw.send(2, wide).await;
    assert_eq!(raw.result(2).await.code, Code::StrongerAuthRequired);
    let mut raw = Raw::connect(&server).await;
    let large = search(&format!("cn={},{SUFFIX}", "x".repeat(40 * 1024)));
    raw.octets(&octets(2, large)[..100]).await;
    assert_eq!(raw.farewell().await, Code::ProtocolError);
}
