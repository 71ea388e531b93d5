//! What holds for any octets.

use bytes::{Bytes, BytesMut};
use jackfield_ldap::wire::{Control, Frame, Limits, Request, RequestError, RequestOp};
use ldap3_proto::proto::LdapMsg;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::against_ldap3_proto::{controls, operation};
use crate::{encoded, split};

/// What a frame consists of, so that two can be compared.
type Parts = (i32, RequestOp, Bytes, Result<Vec<Control>, RequestError>);

/// Takes off every message that is there, and decodes it.
fn read(buf: &mut BytesMut) -> Vec<Parts> {
    let mut parts = Vec::new();
    while let Ok(Some(frame)) = Frame::split(buf, &Limits::default()) {
        let _ = Request::decode(&frame, &Limits::default());
        parts.push((frame.id, frame.op, frame.body, frame.controls));
    }
    parts
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    (1..=i32::MAX, operation(), controls())
        .prop_map(|(msgid, op, ctrl)| encoded(LdapMsg { msgid, op, ctrl }))
}

proptest! {
    #[test]
    fn any_octets_are_read_without_a_panic(octets in vec(any::<u8>(), 0..200)) {
        read(&mut BytesMut::from(octets.as_slice()));
    }

    #[test]
    fn any_body_is_read_without_a_panic(
        op in prop::sample::select(vec![0x60, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50, 0x77]),
        body in vec(prop_oneof![any::<u8>(), 0_u8..6, 0x80_u8..0x8A, 0xA0_u8..0xAA], 0..100),
    ) {
        let octets = crate::message(&[&crate::element(op, &body)]);
        read(&mut BytesMut::from(octets.as_slice()));
    }

    #[test]
    fn a_damaged_message_is_read_without_a_panic(
        mut octets in message(),
        damage in vec((any::<Index>(), any::<u8>()), 1..5),
    ) {
        for (at, octet) in damage {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        read(&mut BytesMut::from(octets.as_slice()));
    }

    #[test]
    fn the_beginning_of_a_message_is_no_message_yet(octets in message()) {
        for end in 0..octets.len() {
            prop_assert!(matches!(split(&octets[..end]), Ok(None)), "{end}");
        }
        prop_assert!(matches!(split(&octets), Ok(Some(_))));
    }

    #[test]
    fn a_stream_gives_the_same_messages_wherever_it_is_cut(
        messages in vec(message(), 1..4),
        size in 1_usize..40,
    ) {
        let stream = messages.concat();
        let whole = read(&mut BytesMut::from(stream.as_slice()));
        prop_assert_eq!(whole.len(), messages.len());
        for cut in 0..stream.len() {
            let mut buf = BytesMut::from(&stream[..cut]);
            let mut parts = read(&mut buf);
            buf.extend_from_slice(&stream[cut..]);
            parts.extend(read(&mut buf));
            prop_assert_eq!(&parts, &whole, "cut at {}", cut);
        }
        let mut buf = BytesMut::new();
        let mut parts = Vec::new();
        for piece in stream.chunks(size) {
            buf.extend_from_slice(piece);
            parts.extend(read(&mut buf));
        }
        prop_assert_eq!(&parts, &whole, "pieces of {}", size);
    }
}
