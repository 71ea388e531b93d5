//! One LDAPMessage taken off the front of a buffer (RFC 4511 §4.1.1).

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::Limits;
use super::ber::{self, BerError, Header, INTEGER, Reader, SEQUENCE};
use super::control::Control;
use super::error::{FrameError, RequestError};
use super::op::RequestOp;

/// A message whose envelope was understood, so that whatever is wrong with the rest can be
/// answered under its message ID.
///
/// It shares the octets of the buffer it was taken from.
#[derive(Clone)]
pub struct Frame {
    /// The message ID, 1 to 2^31-1.
    pub id: i32,
    /// What is asked for.
    pub op: RequestOp,
    /// The content of the protocolOp, without its tag and length.
    pub body: Bytes,
    /// The controls; an error here is answered like one in the body, and must be looked at even
    /// so, since a control that did not parse may have been critical.
    pub controls: Result<Vec<Control>, RequestError>,
}

impl Frame {
    /// Takes the next message off the front of `buf`; `None` if it is not all there yet.
    ///
    /// # Errors
    /// The session is over, and `buf` is of no further use. A message that is too large is
    /// refused as soon as its header is there.
    pub fn split(buf: &mut BytesMut, limits: &Limits) -> Result<Option<Self>, FrameError> {
        match buf.first() {
            None => return Ok(None),
            Some(&SEQUENCE) => {}
            Some(&tag) => return Err(FrameError::NotAMessage(tag)),
        }
        let Some(header) = Header::read(buf)? else {
            return Ok(None);
        };
        let (declared, limit) = (header.element_len(), limits.max_message_bytes);
        if declared > limit {
            return Err(FrameError::TooLarge { declared, limit });
        }
        if buf.len() < declared {
            return Ok(None);
        }
        let message = buf.split_to(declared).freeze();
        Self::parse(&message.slice(header.header_len..)).map(Some)
    }

    fn parse(message: &Bytes) -> Result<Self, FrameError> {
        ber::check_nesting(message)?;
        let mut envelope = Reader::new(message);
        let id = message_id(envelope.integer(INTEGER)).ok_or(FrameError::MessageId)?;
        let operation = envelope.element()?;
        let op = RequestOp::from_tag(operation.tag)
            .ok_or(FrameError::UnknownOperation(operation.tag))?;
        Ok(Self {
            id,
            op,
            body: message.slice_ref(operation.content),
            controls: Control::read_all(message, envelope),
        })
    }
}

fn message_id(number: Result<i64, BerError>) -> Option<i32> {
    number
        .ok()
        .and_then(|id| i32::try_from(id).ok())
        .filter(|id| *id > 0)
}

/// Without the body, which may hold a password.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("id", &self.id)
            .field("op", &self.op)
            .field("body_len", &self.body.len())
            .field("controls", &self.controls)
            .finish()
    }
}
