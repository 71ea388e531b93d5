//! What can be wrong with what a client sent.

use thiserror::Error;

use super::ber::BerError;
use super::op::RequestOp;

/// Why the session ends: the client is owed a notice of disconnection with protocolError, and
/// nothing further from it can be understood (RFC 4511 §4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The first octet is not the tag of an LDAPMessage.
    #[error("not an LDAP message: it starts with tag {0:#04x}")]
    NotAMessage(u8),
    /// The message is longer than the server takes.
    #[error("a message of {declared} octets, where at most {limit} are taken")]
    TooLarge {
        /// Octets the header declares, the header included.
        declared: usize,
        /// [`max_message_bytes`](super::Limits::max_message_bytes).
        limit: usize,
    },
    /// The lengths or tags within the message do not fit together.
    #[error("malformed message: {0}")]
    Structure(#[from] BerError),
    /// The message ID is absent, no INTEGER, zero, negative or above 2^31-1 (RFC 4511 §4.1.1.1).
    #[error("no usable message ID")]
    MessageId,
    /// The tag of the operation is not that of a request.
    #[error("no request has tag {0:#04x}")]
    UnknownOperation(u8),
}

/// Why one request cannot be carried out: it is answered with protocolError under its message
/// ID, and the session goes on (RFC 4511 §4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RequestError {
    /// An element is missing, of another type, or not encoded as its type demands.
    #[error("malformed request: {0}")]
    Malformed(#[from] BerError),
    /// A number is outside the range its definition gives.
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
    /// More controls than any client has a use for.
    #[error("more than {0} controls")]
    TooManyControls(usize),
    /// A control that must be critical.
    #[error("the control must be critical")]
    NotCritical,
    /// An extended operation that takes no value came with one.
    #[error("the operation takes no value")]
    HasValue,
    /// A control that must have a value.
    #[error("the control has no value")]
    NoValue,
    /// A control that may come once.
    #[error("a control came twice")]
    RepeatedControl,
    /// An element of the filter is no filter, or one too many.
    #[error("no filter is due at tag {0:#04x}")]
    FilterChoice(u8),
    /// The filter is nested deeper than the server takes.
    #[error("the filter is nested more than {0} levels deep")]
    FilterTooDeep(usize),
    /// The filter has more terms than the server takes.
    #[error("the filter has more than {0} terms")]
    FilterTooLarge(usize),
    /// The terms of the filter are about more attributes than the server looks at for one filter.
    #[error("the filter asks more than {0} things: name fewer attributes, and rules with theirs")]
    FilterTooWide(usize),
    /// `initial` is not first, `final` is not last, one comes twice, or there is no piece at all
    /// (RFC 4511 §4.5.1.7.2).
    #[error("the pieces of a substring assertion are out of order or missing")]
    Substrings,
    /// An extensible match names neither a rule nor an attribute (RFC 4511 §4.5.1.7.7).
    #[error("an extensible match without a matching rule and without an attribute")]
    Extensible,
    /// An operation that writes does not decode.
    #[error("malformed {0:?} request")]
    Write(RequestOp),
}
