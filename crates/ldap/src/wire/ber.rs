//! The part of the Basic Encoding Rules that LDAP uses (RFC 4511 §5.1): definite lengths,
//! primitive octet strings, and tags of one octet, since LDAP defines no others.

pub mod read;
pub mod write;

pub use read::{Element, Header, Reader, check_nesting};

use thiserror::Error;

/// Universal tag of a BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// Universal tag of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// Universal tag of an OCTET STRING in its primitive form, and so of every LDAPString.
pub const OCTET_STRING: u8 = 0x04;
/// Universal tag of an ENUMERATED.
pub const ENUMERATED: u8 = 0x0A;
/// Universal tag of a SEQUENCE or SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// Universal tag of a SET or SET OF.
pub const SET: u8 = 0x31;

/// The bit of a tag that says that the content consists of elements.
const CONSTRUCTED: u8 = 0x20;
/// The bits of a tag that are all ones if the tag goes on in further octets.
const NUMBER: u8 = 0x1F;

/// The tag `[number]` of a primitive element; `number` is at most 30.
pub const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag `[number]` of an element that consists of elements; `number` is at most 30.
pub const fn context_constructed(number: u8) -> u8 {
    0xA0 | number
}

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BerError {
    /// An element runs past the end of what holds it.
    #[error("an element is longer than what holds it")]
    Truncated,
    /// A length in the indefinite form.
    #[error("a length in the indefinite form")]
    IndefiniteLength,
    /// A length written in more than four octets.
    #[error("a length of more than four octets")]
    LengthTooLong,
    /// A tag of more than one octet.
    #[error("a tag of more than one octet")]
    LongTag,
    /// There is no further element, though one is due.
    #[error("an element is missing")]
    Missing,
    /// Another element than the one that is due.
    #[error("tag {found:#04x} where {expected:#04x} is due")]
    UnexpectedTag {
        /// The tag that is due.
        expected: u8,
        /// The tag that is there.
        found: u8,
    },
    /// An INTEGER or ENUMERATED of no octet, or of more than eight.
    #[error("a number of no octet, or of more than eight")]
    Number,
    /// A BOOLEAN that is not one octet long.
    #[error("a boolean that is not one octet long")]
    Boolean,
    /// An LDAPString that is not UTF-8.
    #[error("a string that is not UTF-8")]
    Utf8,
}
