//! Responses, written at the end of a connection's buffer.

mod entry;

pub use entry::{AttributeWriter, EntryWriter, Head, ValueWriter};

use bytes::BytesMut;
use ldap3_proto::LdapResultCode;

use super::ber::{ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, context, write};
use super::control::{self, ResponseControl};
use super::op::ResponseOp;

/// The responseName of the notice of disconnection (RFC 4511 §4.4.1).
pub const NOTICE_OF_DISCONNECTION: &str = "1.3.6.1.4.1.1466.20036";

/// How an operation ended: the LDAPResult of RFC 4511 §4.1.9, without referral.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<'a> {
    /// The resultCode.
    pub code: LdapResultCode,
    /// The DN of the last entry found on the way to one that is not there; mostly empty.
    pub matched_dn: &'a str,
    /// What a person should read; may be empty.
    pub diagnostic: &'a str,
}

impl Outcome<'_> {
    /// An outcome that its code says all about.
    pub const fn new(code: LdapResultCode) -> Self {
        Self {
            code,
            matched_dn: "",
            diagnostic: "",
        }
    }
}

impl<'a> Outcome<'a> {
    /// An outcome with an explanation.
    pub const fn explained(code: LdapResultCode, diagnostic: &'a str) -> Self {
        Self {
            code,
            matched_dn: "",
            diagnostic,
        }
    }
}

/// Writes the response that ends an operation and consists of an LDAPResult only.
pub fn result(
    buf: &mut BytesMut,
    id: i32,
    op: ResponseOp,
    outcome: Outcome<'_>,
    controls: &[ResponseControl<'_>],
) {
    response(buf, id, op, outcome, controls, |_| {});
}

/// Writes a BindResponse, with the SASL mechanism's answer if it has one (RFC 4511 §4.2.2).
pub fn bind(
    buf: &mut BytesMut,
    id: i32,
    outcome: Outcome<'_>,
    server_sasl_credentials: Option<&[u8]>,
    controls: &[ResponseControl<'_>],
) {
    response(buf, id, ResponseOp::Bind, outcome, controls, |buf| {
        if let Some(credentials) = server_sasl_credentials {
            write::octets(buf, context(7), credentials);
        }
    });
}

/// Writes an ExtendedResponse (RFC 4511 §4.12).
pub fn extended(
    buf: &mut BytesMut,
    id: i32,
    outcome: Outcome<'_>,
    name: Option<&str>,
    value: Option<&[u8]>,
    controls: &[ResponseControl<'_>],
) {
    response(buf, id, ResponseOp::Extended, outcome, controls, |buf| {
        if let Some(name) = name {
            write::octets(buf, context(10), name.as_bytes());
        }
        if let Some(value) = value {
            write::octets(buf, context(11), value);
        }
    });
}

/// Writes the notice that the session ends now (RFC 4511 §4.4.1).
pub fn notice_of_disconnection(buf: &mut BytesMut, outcome: Outcome<'_>) {
    extended(buf, 0, outcome, Some(NOTICE_OF_DISCONNECTION), None, &[]);
}

fn response(
    buf: &mut BytesMut,
    id: i32,
    op: ResponseOp,
    outcome: Outcome<'_>,
    controls: &[ResponseControl<'_>],
    after_result: impl FnOnce(&mut BytesMut),
) {
    write::nested(buf, SEQUENCE, |buf| {
        write::integer(buf, INTEGER, id.into());
        write::nested(buf, op.tag(), |buf| {
            write::integer(buf, ENUMERATED, outcome.code as i64);
            write::octets(buf, OCTET_STRING, outcome.matched_dn.as_bytes());
            write::octets(buf, OCTET_STRING, outcome.diagnostic.as_bytes());
            after_result(buf);
        });
        control::write_all(buf, controls);
    });
}
