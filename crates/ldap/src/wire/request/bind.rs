//! The Bind request (RFC 4511 §4.2).

use std::fmt;

use crate::wire::ber::{BerError, INTEGER, OCTET_STRING, Reader, context, context_constructed};
use crate::wire::error::RequestError;

/// A request to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindRequest<'a> {
    /// The protocol version, unchecked: a client that speaks another one is answered, too.
    pub version: i64,
    /// Who the client says it is: a DN, or whatever else it uses for a name; may be empty.
    pub name: &'a str,
    /// How it proves that.
    pub authentication: Authentication<'a>,
}

/// The AuthenticationChoice of a Bind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Authentication<'a> {
    /// A password, in any octets; may be empty.
    Simple(&'a [u8]),
    /// A SASL mechanism and its credentials.
    Sasl {
        /// The name of the mechanism; may be empty.
        mechanism: &'a str,
        /// The mechanism's message.
        credentials: Option<&'a [u8]>,
    },
    /// A choice with this tag, which RFC 4511 does not define: authMethodNotSupported.
    Other(u8),
}

impl<'a> BindRequest<'a> {
    pub(super) fn read(mut body: Reader<'a>) -> Result<Self, RequestError> {
        Ok(Self {
            version: body.integer(INTEGER)?,
            name: body.text(OCTET_STRING)?,
            authentication: Authentication::read(body)?,
        })
    }
}

impl<'a> Authentication<'a> {
    const SIMPLE: u8 = context(0);
    const SASL: u8 = context_constructed(3);

    fn read(mut choice: Reader<'a>) -> Result<Self, BerError> {
        let element = choice.element()?;
        if element.tag == Self::SIMPLE {
            return Ok(Self::Simple(element.content));
        }
        if element.tag == Self::SASL {
            let mut sasl = Reader::new(element.content);
            return Ok(Self::Sasl {
                mechanism: sasl.text(OCTET_STRING)?,
                credentials: sasl.optional(OCTET_STRING, Reader::octets)?,
            });
        }
        Ok(Self::Other(element.tag))
    }
}

/// Without what is secret.
impl fmt::Debug for Authentication<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple(_) => f.write_str("Simple"),
            Self::Sasl { mechanism, .. } => f.debug_tuple("Sasl").field(mechanism).finish(),
            Self::Other(tag) => f.debug_tuple("Other").field(tag).finish(),
        }
    }
}
