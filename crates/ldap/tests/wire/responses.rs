//! What we write, read back by `ldap3_proto`.

use std::fmt::Write;

use bytes::{Bytes, BytesMut};
use jackfield_ldap::wire::ber::{self, ENUMERATED, SEQUENCE};
use jackfield_ldap::wire::response::{self, EntryWriter, Outcome};
use jackfield_ldap::wire::{ResponseControl, ResponseOp};
use ldap3_proto::LdapResultCode;
use ldap3_proto::control::{LdapControl, ServerSortResult};
use ldap3_proto::proto::{LdapOp, LdapPartialAttribute, LdapResult, LdapSearchResultEntry};

use crate::{decoded, element};

fn written(write: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut buf = BytesMut::from(&b"before"[..]);
    write(&mut buf);
    buf.freeze().slice(6..)
}

fn entry_in(octets: &[u8]) -> LdapSearchResultEntry {
    match decoded(octets).op {
        LdapOp::SearchResultEntry(entry) => entry,
        other => panic!("{other:?}"),
    }
}

fn attribute(name: &str, values: &[&[u8]]) -> LdapPartialAttribute {
    let vals = values.iter().map(|value| value.to_vec()).collect();
    LdapPartialAttribute {
        atype: name.to_owned(),
        vals,
    }
}

#[test]
fn results_say_what_they_were_given() {
    type Operation = fn(LdapResult) -> LdapOp;
    let ops: [(ResponseOp, Operation); 6] = [
        (ResponseOp::SearchDone, LdapOp::SearchResultDone),
        (ResponseOp::Modify, LdapOp::ModifyResponse),
        (ResponseOp::Add, LdapOp::AddResponse),
        (ResponseOp::Delete, LdapOp::DelResponse),
        (ResponseOp::ModifyDn, LdapOp::ModifyDNResponse),
        (ResponseOp::Compare, LdapOp::CompareResult),
    ];
    let long = "é".repeat(200);
    let codes = [
        LdapResultCode::Success,
        LdapResultCode::EsyncRefreshRequired,
    ];
    for (op, expected) in ops {
        for (code, text) in codes.iter().zip(["", &long]) {
            let outcome = Outcome {
                code: code.clone(),
                matched_dn: text,
                diagnostic: text,
            };
            let octets = written(|buf| response::result(buf, i32::MAX, op, outcome, &[]));
            let message = decoded(&octets);
            let result = LdapResult {
                code: code.clone(),
                matcheddn: text.to_owned(),
                message: text.to_owned(),
                referral: vec![],
            };
            assert_eq!((message.msgid, message.op), (i32::MAX, expected(result)));
        }
    }
}

#[test]
fn a_result_is_as_short_as_it_can_be() {
    let outcome = Outcome::new(LdapResultCode::Success);
    let octets = written(|buf| response::result(buf, 1, ResponseOp::SearchDone, outcome, &[]));
    assert_eq!(
        octets,
        &[0x30, 12, 0x02, 1, 1, 0x65, 7, 0x0A, 1, 0, 0x04, 0, 0x04, 0][..]
    );
}

#[test]
fn a_bind_may_carry_the_mechanisms_answer() {
    for credentials in [None, Some(&b""[..]), Some(&b"r=1,s=2"[..])] {
        let outcome = Outcome::explained(LdapResultCode::SaslBindInProgress, "go on");
        let octets = written(|buf| response::bind(buf, 2, outcome, credentials, &[]));
        let LdapOp::BindResponse(bind) = decoded(&octets).op else {
            panic!()
        };
        assert_eq!(bind.saslcreds, credentials.map(<[u8]>::to_vec));
        assert_eq!(bind.res.message, "go on");
    }
}

#[test]
fn extended_responses_have_name_and_value_if_given() {
    for name in [None, Some("1.2.3")] {
        for value in [None, Some(&b""[..]), Some(&b"dn:uid=a"[..])] {
            let outcome = Outcome::new(LdapResultCode::Success);
            let octets = written(|buf| response::extended(buf, 3, outcome, name, value, &[]));
            let LdapOp::ExtendedResponse(extended) = decoded(&octets).op else {
                panic!()
            };
            assert_eq!(extended.name.as_deref(), name);
            assert_eq!(extended.value.as_deref(), value);
        }
    }
}

/// RFC 4511 §4.4.1
#[test]
fn the_notice_of_disconnection_is_unsolicited() {
    let outcome = Outcome::explained(LdapResultCode::ProtocolError, "no usable message ID");
    let message = decoded(&written(|buf| {
        response::notice_of_disconnection(buf, outcome);
    }));
    let LdapOp::ExtendedResponse(notice) = message.op else {
        panic!()
    };
    assert_eq!(message.msgid, 0);
    assert_eq!(notice.res.code, LdapResultCode::ProtocolError);
    assert_eq!(notice.name.as_deref(), Some("1.3.6.1.4.1.1466.20036"));
    assert_eq!(notice.value, None);
}

/// A sort result without attribute has none (RFC 2891 §1.2); `ldap3_proto` writes an empty octet
/// string, which it cannot read itself.
#[test]
fn response_controls_are_read_back() {
    let mut sorted = BytesMut::new();
    ber::write::nested(&mut sorted, SEQUENCE, |buf| {
        ber::write::integer(buf, ENUMERATED, 16);
    });
    let controls = [
        ResponseControl {
            oid: "1.2.840.113556.1.4.474",
            value: Some(&sorted),
        },
        ResponseControl {
            oid: "1.2.3",
            value: None,
        },
        ResponseControl {
            oid: "1.2.4",
            value: Some(b""),
        },
    ];
    let outcome = Outcome::new(LdapResultCode::Success);
    let op = ResponseOp::SearchDone;
    let octets = written(|buf| response::result(buf, 4, op, outcome, &controls));
    let unknown = |oid: &str, value| LdapControl::Unknown {
        oid: oid.to_owned(),
        criticality: false,
        value,
    };
    let sort_result = ServerSortResult {
        result_code: LdapResultCode::NoSuchAttribute,
        attribute_type: None,
    };
    let expected = [
        LdapControl::ServerSortResult { sort_result },
        unknown("1.2.3", None),
        unknown("1.2.4", Some(vec![])),
    ];
    assert_eq!(decoded(&octets).ctrl, expected);
}

#[test]
fn an_entry_holds_what_was_written() {
    let photo = vec![0xFF; 70_000];
    let octets = written(|buf| {
        let mut entry = EntryWriter::new(buf, 5, "uid=jörg,ou=people");
        let mut cn = entry.attribute("cn");
        cn.value("Jörg".as_bytes());
        cn.value_with(|value| {
            value.put(b"J");
            write!(value, ". {}", 42).unwrap();
        });
        assert!(cn.finish());
        let mut jpeg = entry.attribute("jpegPhoto");
        jpeg.value(&photo);
        jpeg.value_with(|value| value.put(&photo));
        assert!(jpeg.finish());
        entry.finish();
    });
    let entry = entry_in(&octets);
    assert_eq!(entry.dn, "uid=jörg,ou=people");
    let expected = [
        attribute("cn", &["Jörg".as_bytes(), b"J. 42"]),
        attribute("jpegPhoto", &[&photo, &photo]),
    ];
    assert!(entry.attributes == expected, "the attributes differ");
}

/// Around every border between one form of the length and the next.
#[test]
fn an_entry_may_have_any_size() {
    for size in (0..300).chain([
        32_000, 65_400, 65_490, 65_500, 65_510, 65_535, 65_536, 70_000,
    ]) {
        let value = vec![b'x'; size];
        let octets = written(|buf| {
            let mut entry = EntryWriter::with_dn(buf, 6, |dn| dn.put(b"cn=a"));
            let mut cn = entry.attribute("cn");
            cn.value(&value);
            cn.finish();
            entry.finish();
        });
        let entry = entry_in(&octets);
        assert!(entry.attributes == [attribute("cn", &[&value])], "{size}");
        assert_eq!(entry.dn, "cn=a");
    }
}

#[test]
fn an_attribute_without_values_is_taken_back() {
    let octets = written(|buf| {
        let mut entry = EntryWriter::new(buf, 7, "");
        assert!(!entry.attribute("cn").finish());
        let mut dropped = entry.attribute("sn");
        dropped.value(b"never seen");
        drop(dropped);
        let mut empty_value = entry.attribute("o");
        empty_value.value(b"");
        assert!(empty_value.finish());
        entry.finish();
    });
    assert_eq!(entry_in(&octets).attributes, [attribute("o", &[b""])]);
}

#[test]
fn types_only_leaves_the_values_out() {
    let octets = written(|buf| {
        let mut entry = EntryWriter::new(buf, 8, "");
        for (name, value) in [("cn", &b"Ann"[..]), ("sn", b"Lee")] {
            let mut attribute = entry.attribute(name);
            attribute.value(value);
            assert!(attribute.finish_without_values());
        }
        assert!(!entry.attribute("mail").finish_without_values());
        entry.finish();
    });
    assert_eq!(
        entry_in(&octets).attributes,
        [attribute("cn", &[]), attribute("sn", &[])]
    );
}

#[test]
fn an_entry_that_is_not_finished_leaves_nothing_behind() {
    let octets = written(|buf| {
        let mut entry = EntryWriter::new(buf, 9, "cn=a");
        let mut cn = entry.attribute("cn");
        cn.value(b"a");
        cn.finish();
        drop(entry);
    });
    assert!(octets.is_empty());
}

/// The walk of a search must not allocate: a warm buffer takes entry after entry.
#[test]
fn a_warm_buffer_is_neither_moved_nor_grown() {
    let mut buf = BytesMut::with_capacity(4096);
    let (place, capacity) = (buf.as_ptr(), buf.capacity());
    for id in 1..100 {
        buf.clear();
        let mut entry = EntryWriter::new(&mut buf, id, "uid=a,ou=people,dc=acme,dc=example");
        for name in [
            "cn",
            "sn",
            "givenName",
            "mail",
            "telephoneNumber",
            "memberOf",
        ] {
            let mut attribute = entry.attribute(name);
            attribute.value(&[b'v'; 100]);
            attribute.value(&[b'w'; 100]);
            attribute.finish();
        }
        entry.finish();
    }
    assert_eq!((buf.as_ptr(), buf.capacity()), (place, capacity));
    // An independent look at the last one: its length is that of the message.
    assert_eq!(buf.len(), element(0x30, &buf[4..]).len());
}

#[test]
fn values_that_are_kept_elsewhere_are_a_part_of_the_entry_at_any_length() {
    for values in [1, 5, 40, 2_000, 30_000] {
        let value = |n: usize| format!("uid=user{n:05},ou=people,dc=acme,dc=example");
        let all: Vec<String> = (0..values).map(value).collect();
        let mut kept = BytesMut::new();
        for value in &all {
            ber::write::octets(&mut kept, ber::OCTET_STRING, value.as_bytes());
        }
        let mut buf = BytesMut::from(&b"before"[..]);
        let mut writer = EntryWriter::new(&mut buf, 7, "cn=everybody");
        let mut before = writer.attribute("cn");
        before.value(b"everybody");
        before.finish();
        let mut taken_back = writer.attribute("uniqueMember");
        taken_back.values_from(kept.clone().freeze());
        drop(taken_back);
        let mut members = writer.attribute("member");
        members.value(b"uid=first");
        members.values_from(kept.clone().freeze());
        assert!(members.finish());
        let mut types_only = writer.attribute("owner");
        types_only.values_from(kept.clone().freeze());
        assert!(types_only.finish_without_values());
        let apart = writer.finish();
        assert_eq!(apart.len(), 1);
        let mut octets = BytesMut::new();
        let mut from = 6;
        for splice in apart {
            octets.extend_from_slice(&buf[from..splice.at]);
            octets.extend_from_slice(&splice.octets);
            from = splice.at;
        }
        octets.extend_from_slice(&buf[from..]);
        let entry = entry_in(&octets);
        let first = [&b"uid=first"[..]];
        let values: Vec<&[u8]> = first
            .into_iter()
            .chain(all.iter().map(String::as_bytes))
            .collect();
        let expected = [
            attribute("cn", &[b"everybody"]),
            attribute("member", &values),
            attribute("owner", &[]),
        ];
        assert_eq!(entry.attributes, expected);
    }
}
