//! What a message asks for, borrowed from it.

mod bind;
pub(crate) mod filter;
mod search;
mod write;

pub use bind::{Authentication, BindRequest};
pub use filter::{Assertion, Filter};
pub use search::SearchRequest;

use std::fmt;

use ldap3_proto::proto::{LdapAddRequest, LdapModifyDNRequest, LdapModifyRequest};

use super::Limits;
use super::ber::{OCTET_STRING, Reader, SEQUENCE, context, read};
use super::error::RequestError;
use super::frame::Frame;
use super::op::RequestOp;

/// A request, by operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Request<'a> {
    /// RFC 4511 §4.2
    Bind(BindRequest<'a>),
    /// RFC 4511 §4.3
    Unbind,
    /// RFC 4511 §4.5
    Search(SearchRequest<'a>),
    /// RFC 4511 §4.6
    Modify(LdapModifyRequest),
    /// RFC 4511 §4.7
    Add(LdapAddRequest),
    /// The DN of the entry to delete, RFC 4511 §4.8.
    Delete(String),
    /// RFC 4511 §4.9
    ModifyDn(LdapModifyDNRequest),
    /// RFC 4511 §4.10
    Compare(CompareRequest<'a>),
    /// The message ID of the operation to abandon, RFC 4511 §4.11.
    Abandon(i32),
    /// RFC 4511 §4.12
    Extended(ExtendedRequest<'a>),
}

/// A request to compare one value (RFC 4511 §4.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareRequest<'a> {
    /// The DN of the entry.
    pub entry: &'a str,
    /// What is asserted of it.
    pub assertion: Assertion<'a>,
}

/// A request for an operation that an OID names (RFC 4511 §4.12).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ExtendedRequest<'a> {
    /// The requestName, as the client wrote it.
    pub name: &'a str,
    /// The requestValue, whose form the operation defines.
    pub value: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// Decodes what `frame` asks for. Its controls are not looked at.
    ///
    /// # Errors
    /// To be answered with protocolError under the frame's message ID, if the operation has a
    /// response.
    pub fn decode(frame: &'a Frame, limits: &Limits) -> Result<Self, RequestError> {
        let body = Reader::new(&frame.body);
        match frame.op {
            RequestOp::Bind => BindRequest::read(body).map(Self::Bind),
            RequestOp::Unbind => Ok(Self::Unbind),
            RequestOp::Search => SearchRequest::read(body, limits).map(Self::Search),
            RequestOp::Compare => CompareRequest::read(body).map(Self::Compare),
            RequestOp::Abandon => abandoned(&frame.body).map(Self::Abandon),
            RequestOp::Extended => ExtendedRequest::read(body).map(Self::Extended),
            RequestOp::Modify | RequestOp::Add | RequestOp::Delete | RequestOp::ModifyDn => {
                write::decode(frame)
            }
        }
    }
}

impl<'a> CompareRequest<'a> {
    fn read(mut body: Reader<'a>) -> Result<Self, RequestError> {
        Ok(Self {
            entry: body.text(OCTET_STRING)?,
            assertion: Assertion::read(body.nested(SEQUENCE)?)?,
        })
    }
}

impl<'a> ExtendedRequest<'a> {
    fn read(mut body: Reader<'a>) -> Result<Self, RequestError> {
        Ok(Self {
            name: body.text(context(0))?,
            value: body.optional(context(1), Reader::octets)?,
        })
    }
}

/// Without the value, which may hold a password (RFC 3062).
impl fmt::Debug for ExtendedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtendedRequest")
            .field("name", &self.name)
            .field("value_len", &self.value.map(<[u8]>::len))
            .finish()
    }
}

fn abandoned(body: &[u8]) -> Result<i32, RequestError> {
    number(read::integer(body)?, "the message ID to abandon")
}

/// Reads an AttributeSelection that stands by itself, in a control (RFC 4527 §3).
///
/// # Errors
/// It is none.
pub fn selection(octets: &[u8]) -> Result<Vec<&str>, RequestError> {
    search::selectors(Reader::new(octets).nested(SEQUENCE)?)
}

/// A number of 0 to 2^31-1 (maxInt, RFC 4511 §4.1.1).
fn number<T: TryFrom<i32>>(value: i64, what: &'static str) -> Result<T, RequestError> {
    i32::try_from(value)
        .ok()
        .filter(|value| *value >= 0)
        .and_then(|value| T::try_from(value).ok())
        .ok_or(RequestError::OutOfRange(what))
}
