//! The operations that write (RFC 4511 §4.6 to §4.9), which `ldap3_proto` decodes.

use bytes::BytesMut;
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::{LdapModifyDNRequest, LdapOp};
use tokio_util::codec::Decoder;

use super::Request;
use crate::wire::ber::{self, BOOLEAN, OCTET_STRING, Reader, SEQUENCE, context};
use crate::wire::error::RequestError;
use crate::wire::frame::Frame;

/// Levels a message with such an operation has at most, with some left for extensions; and fewer
/// than those whose lengths were checked, since `ldap3_proto` drops an element that is cut short.
const DEPTH: usize = 16;
const _: () = assert!(DEPTH < ber::read::CHECKED_DEPTH);

/// Octets that the envelope adds to the body at most.
const ENVELOPE: usize = 2 * 6 + 3;

/// Decodes the operation without the controls, which `ldap3_proto` would refuse or misread.
pub(super) fn decode<'a>(frame: &Frame) -> Result<Request<'a>, RequestError> {
    let mut message = BytesMut::with_capacity(ENVELOPE + frame.body.len());
    ber::write::nested(&mut message, SEQUENCE, |buf| {
        ber::write::integer(buf, ber::INTEGER, 1);
        ber::write::octets(buf, frame.op.tag(), &frame.body);
    });
    let mut codec = LdapCodec::new(Some(message.len()), Some(DEPTH));
    let decoded = codec
        .decode(&mut message)
        .ok()
        .flatten()
        .map(|message| message.op);
    match decoded {
        Some(LdapOp::ModifyRequest(modify)) => Ok(Request::Modify(modify)),
        Some(LdapOp::AddRequest(add)) => Ok(Request::Add(add)),
        Some(LdapOp::DelRequest(dn)) => Ok(Request::Delete(dn)),
        Some(LdapOp::ModifyDNRequest(modify)) if has_its_superior(frame, &modify) => {
            Ok(Request::ModifyDn(modify))
        }
        _ => Err(RequestError::Write(frame.op)),
    }
}

/// Whether the newSuperior that was sent is there: `ldap3_proto` takes one that is not UTF-8 for
/// none, which would turn a move into a mere renaming.
fn has_its_superior(frame: &Frame, decoded: &LdapModifyDNRequest) -> bool {
    let mut body = Reader::new(&frame.body);
    let sent = [OCTET_STRING, OCTET_STRING, BOOLEAN]
        .into_iter()
        .try_for_each(|tag| body.octets(tag).map(drop))
        .map(|()| body.peek() == Some(context(0)));
    sent == Ok(decoded.new_superior.is_some())
}
