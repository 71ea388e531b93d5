//! The wire layer from outside: hostile octets, `ldap3_proto` as the second opinion, and
//! properties that hold for whatever is sent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod against_ldap3_proto;
mod filters;
mod hostile;
mod properties;
mod responses;
#[path = "../../src/fuzzing/translated.rs"]
mod translated;

use bytes::BytesMut;
use jackfield_ldap::wire;
use jackfield_ldap::wire::{Frame, FrameError, Limits, Request, RequestError};
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::LdapMsg;
use tokio_util::codec::{Decoder, Encoder};

/// Octets from their hexadecimal form, in which blanks do not count.
fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    let octets = digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]));
    octets.collect::<Result<_, _>>().unwrap()
}

/// An element, with its length in as few octets as it needs.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let mut octets = vec![tag];
    match content.len() {
        0..=127 => octets.push(length[7]),
        128..=255 => octets.extend([0x81, length[7]]),
        256..=65_535 => octets.extend([0x82, length[6], length[7]]),
        _ => octets.extend([0x84, length[4], length[5], length[6], length[7]]),
    }
    octets.extend_from_slice(content);
    octets
}

/// An element that consists of elements.
fn constructed(tag: u8, elements: &[&[u8]]) -> Vec<u8> {
    element(tag, &elements.concat())
}

/// A message with the ID 7.
fn message(elements: &[&[u8]]) -> Vec<u8> {
    constructed(0x30, &[&[0x02, 0x01, 0x07], elements.concat().as_slice()])
}

/// The operation of a search for everything below the root that matches `filter`.
fn search(filter: &[u8]) -> Vec<u8> {
    let before = [
        0x04, 0, 0x0A, 1, 2, 0x0A, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0,
    ];
    constructed(0x63, &[&before, filter, &[0x30, 0x00]])
}

/// The message that `octets` begin with.
fn split(octets: &[u8]) -> Result<Option<Frame>, FrameError> {
    Frame::split(&mut BytesMut::from(octets), &Limits::default())
}

/// The frame that `octets` are.
fn frame(octets: &[u8]) -> Frame {
    split(octets).unwrap().unwrap()
}

/// What is wrong with the request that `octets` are, which has the ID 7.
fn refusal(octets: &[u8]) -> Option<RequestError> {
    let frame = frame(octets);
    assert_eq!(frame.id, 7);
    let controls = frame.controls.as_ref().err().copied();
    controls.or(Request::decode(&frame, &Limits::default()).err())
}

/// A message as `ldap3_proto` writes it.
fn encoded(message: LdapMsg) -> Vec<u8> {
    let mut buf = BytesMut::new();
    LdapCodec::default().encode(message, &mut buf).unwrap();
    buf.to_vec()
}

/// The one message in `octets` as `ldap3_proto` reads it.
fn decoded(octets: &[u8]) -> LdapMsg {
    let mut buf = BytesMut::from(octets);
    let mut codec = LdapCodec::new(Some(octets.len()), None);
    let message = codec.decode(&mut buf).unwrap().unwrap();
    assert!(buf.is_empty(), "octets left over");
    message
}
