//! Filters that no well-behaved client sends, or few do.

use jackfield_ldap::wire::ber::BerError;
use jackfield_ldap::wire::request::{Assertion, Filter};
use jackfield_ldap::wire::{Limits, Request, RequestError, RequestOp};

use RequestError::FilterChoice;

use crate::{constructed, element, frame, hex, message, refusal, search};

/// `(a=*)`
const PRESENT: &[u8] = &[0x87, 0x01, b'a'];

fn filter_of(octets: &[u8]) -> String {
    let frame = frame(&message(&[&search(octets)]));
    match Request::decode(&frame, &Limits::default()) {
        Ok(Request::Search(search)) => format!("{:?}", search.filter),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_broken_filter_is_refused_under_its_message_id() {
    let cases: [(&str, &str, RequestError); 10] = [
        ("none", "", FilterChoice(0x30)),
        ("a string", "0400", FilterChoice(0x04)),
        ("primitive AND", "8000", FilterChoice(0x80)),
        ("NOT of none", "A200", BerError::Missing.into()),
        ("NOT of two", "A206 870161 870161", FilterChoice(0x87)),
        (
            "equality without value",
            "A303 040161",
            BerError::Missing.into(),
        ),
        ("attribute is Latin-1", "8701FC", BerError::Utf8.into()),
        (
            "substrings of none",
            "A405 040161 3000",
            RequestError::Substrings,
        ),
        (
            "extensible of neither",
            "A902 8300",
            RequestError::Extensible,
        ),
        (
            "extensible without value",
            "A903 820161",
            BerError::Missing.into(),
        ),
    ];
    for (name, filter, expected) in cases {
        assert_eq!(
            refusal(&message(&[&search(&hex(filter))])),
            Some(expected),
            "{name}"
        );
    }
}

/// An assertion value is octets: `ldap3_proto`.
#[test]
fn values_need_not_be_text() {
    let octets = [0x4D, 0xFC, 0x6C, 0x00, 0xFF];
    let value = Assertion {
        attribute: "cn",
        value: &octets,
    };
    let assertion = constructed(0xA3, &[&[4, 2, b'c', b'n'], &element(4, &octets)]);
    assert_eq!(
        filter_of(&assertion),
        format!("{:?}", Filter::Equality(value))
    );
}

/// Deeper than the structure check looks, and deeper than any stack would bear.
#[test]
fn deep_nesting_is_refused_under_its_message_id() {
    let nested =
        |tag, levels: usize| (1..levels).fold(PRESENT.to_vec(), |filter, _| element(tag, &filter));
    let limit = Limits::default().max_filter_depth;
    for tag in [0xA0, 0xA1, 0xA2] {
        let refused = |levels| refusal(&message(&[&search(&nested(tag, levels))]));
        assert_eq!(refused(limit), None);
        for levels in [limit + 1, 47, 48, 49, 50, 5_000] {
            assert_eq!(
                refused(levels),
                Some(RequestError::FilterTooDeep(limit)),
                "{levels}"
            );
        }
    }
    let deep_write = |tag, op| {
        let operation = element(tag, &nested(0x30, 5_000));
        assert_eq!(
            refusal(&message(&[&operation])),
            Some(RequestError::Write(op))
        );
    };
    deep_write(0x66, RequestOp::Modify);
    deep_write(0x68, RequestOp::Add);
}

#[test]
fn a_filter_of_too_many_terms_is_refused_under_its_message_id() {
    let limit = Limits::default().max_filter_terms;
    let too_large = Some(RequestError::FilterTooLarge(limit));
    let or = |terms| refusal(&message(&[&search(&element(0xA1, &PRESENT.repeat(terms)))]));
    assert_eq!(or(limit - 1), None);
    assert_eq!(or(limit), too_large);
    let pieces = |count| {
        let any = element(0x30, &[0x81, 0x01, b'x'].repeat(count));
        refusal(&message(&[&search(&constructed(
            0xA4,
            &[&[4, 1, b'a'], &any],
        ))]))
    };
    assert_eq!(pieces(limit - 1), None);
    assert_eq!(pieces(limit), too_large);
}

/// RFC 4511 §4.5.1.7.2
#[test]
fn the_pieces_of_a_substring_assertion_have_an_order() {
    let (initial, any, last): (&[u8], &[u8], &[u8]) =
        (&[0x80, 1, b'i'], &[0x81, 1, b'a'], &[0x82, 1, b'f']);
    let refused = |pieces: &[&[u8]]| {
        let filter = constructed(0xA4, &[&[4, 2, b'c', b'n'], &constructed(0x30, pieces)]);
        refusal(&message(&[&search(&filter)])).is_some()
    };
    let good: [&[&[u8]]; 5] = [
        &[initial],
        &[any],
        &[last],
        &[initial, last],
        &[initial, any, any, last],
    ];
    for pieces in good {
        assert!(!refused(pieces), "{pieces:02x?}");
    }
    let bad: [&[&[u8]]; 7] = [
        &[],
        &[any, initial],
        &[last, any],
        &[last, initial],
        &[initial, initial],
        &[last, last],
        &[any, &[0x83, 0]],
    ];
    for pieces in bad {
        assert!(refused(pieces), "{pieces:02x?}");
    }
}

/// RFC 4511 §4.5.1.7 (an unknown choice is Undefined: `ldap3_proto`) and RFC 4526 (the empty
/// ones are TRUE and FALSE).
#[test]
fn unusual_filters_are_filters() {
    let cases: [(&str, Filter<'_>); 5] = [
        ("AA02 0400", Filter::Unknown(0xAA)),
        ("9E00", Filter::Unknown(0x9E)),
        ("A000", Filter::And(vec![])),
        ("A100", Filter::Or(vec![])),
        ("8700", Filter::Present("")),
    ];
    for (octets, expected) in cases {
        assert_eq!(filter_of(&hex(octets)), format!("{expected:?}"));
    }
}
