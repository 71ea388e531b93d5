//! Controls (RFC 4511 §4.1.11).

use bytes::{Bytes, BytesMut};
use smol_str::SmolStr;

use super::ber::{self, BOOLEAN, BerError, OCTET_STRING, Reader, SEQUENCE};
use super::error::RequestError;

/// `controls [0] Controls OPTIONAL`
const CONTROLS: u8 = ber::context_constructed(0);

/// How many controls one request may bear.
pub const MAX_CONTROLS: usize = 32;

/// A control of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The controlType, as the client wrote it.
    pub oid: SmolStr,
    /// Whether the operation is not to be performed without it.
    pub critical: bool,
    /// The controlValue, whose form the control itself defines.
    pub value: Option<Bytes>,
}

impl Control {
    /// Reads what follows the operation in a message: the controls, and elements that later
    /// versions may define, which are skipped (RFC 4511 §4).
    pub(super) fn read_all(
        message: &Bytes,
        mut after_operation: Reader<'_>,
    ) -> Result<Vec<Self>, RequestError> {
        let mut controls = Vec::new();
        while !after_operation.is_empty() {
            let element = after_operation.element()?;
            if element.tag != CONTROLS {
                continue;
            }
            let mut list = Reader::new(element.content);
            while !list.is_empty() {
                if controls.len() == MAX_CONTROLS {
                    return Err(RequestError::TooManyControls(MAX_CONTROLS));
                }
                controls.push(Self::read(message, list.nested(SEQUENCE)?)?);
            }
        }
        Ok(controls)
    }

    fn read(message: &Bytes, mut control: Reader<'_>) -> Result<Self, BerError> {
        let oid = SmolStr::new(control.text(OCTET_STRING)?);
        let critical = control.optional(BOOLEAN, Reader::boolean)?.unwrap_or(false);
        let value = control.optional(OCTET_STRING, Reader::octets)?;
        // A criticality in the wrong place must not be skipped as an extension: the client would
        // believe that the control applies.
        if let Some(found @ (BOOLEAN | OCTET_STRING)) = control.peek() {
            return Err(BerError::UnexpectedTag {
                expected: OCTET_STRING,
                found,
            });
        }
        Ok(Self {
            oid,
            critical,
            value: value.map(|value| message.slice_ref(value)),
        })
    }
}

/// A control of a response. Its criticality is always FALSE, and therefore absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseControl<'a> {
    /// The controlType.
    pub oid: &'a str,
    /// The controlValue, already encoded.
    pub value: Option<&'a [u8]>,
}

/// Writes the controls of a response; without any, the element itself is absent.
pub(super) fn write_all(buf: &mut BytesMut, controls: &[ResponseControl<'_>]) {
    if controls.is_empty() {
        return;
    }
    ber::write::nested(buf, CONTROLS, |buf| {
        for control in controls {
            ber::write::nested(buf, SEQUENCE, |buf| {
                ber::write::octets(buf, OCTET_STRING, control.oid.as_bytes());
                if let Some(value) = control.value {
                    ber::write::octets(buf, OCTET_STRING, value);
                }
            });
        }
    });
}
