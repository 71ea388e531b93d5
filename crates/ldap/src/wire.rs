//! The wire layer: octets in, requests out; results and entries in, octets out.
//!
//! It does no I/O, holds no state between messages and knows nothing of the directory. Whatever
//! a client sends, it answers with a value or a typed error: it never panics, never recurses
//! further than [`Limits::max_filter_depth`], and never lets an element run past the one that
//! holds it.
//!
//! The errors come in two kinds, because RFC 4511 §4.1.1 does: after a [`FrameError`] the
//! session is over, after a [`RequestError`] only the request is, and its message ID is known.
//!
//! - [`ber`]: reading and writing elements (RFC 4511 §5.1)
//! - [`frame`]: one message taken off the front of a buffer
//! - [`control`]: the controls of a request and of a response
//! - [`op`]: the operations and their tags
//! - [`output`]: what waits to be sent
//! - [`request`]: what a message asks for
//! - [`response`]: results, entries and the notice of disconnection
//!
//! `ldap3_proto` lends the vocabulary and decodes the operations that write; everything that
//! carries octet strings or is read often is decoded here, borrowed from the buffer.

pub mod ber;
pub mod control;
mod error;
pub mod frame;
pub mod op;
pub mod output;
pub mod request;
pub mod response;

pub use control::{Control, ResponseControl};
pub use error::{FrameError, RequestError};
pub use frame::Frame;
pub use op::{RequestOp, ResponseOp};
pub(crate) use output::Output;
pub use output::Splice;
pub use request::Request;

/// What one message may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a whole message, its header included; a longer one ends the session as soon as
    /// its header is there.
    pub max_message_bytes: usize,
    /// Levels of a search filter, its items included: `(cn=a)` has one, `(!(cn=a))` two.
    pub max_filter_depth: usize,
    /// Terms of a search filter: every choice in it, and every piece of a substring assertion.
    pub max_filter_terms: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 256 * 1024,
            max_filter_depth: 32,
            max_filter_terms: 1024,
        }
    }
}
