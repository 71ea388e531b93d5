//! Why a text is no name.

use super::{MAX_LENGTH, MAX_RDNS};

/// The text is no distinguished name (LDAP `invalidDNSyntax`, RFC 4511 §4.1.9).
///
/// Positions are byte offsets in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    /// The text is longer than [`MAX_LENGTH`].
    #[error("a name has at most {MAX_LENGTH} bytes")]
    TooLong,
    /// There are more RDNs than [`MAX_RDNS`].
    #[error("a name has at most {MAX_RDNS} parts")]
    TooDeep,
    /// No descriptor or numeric OID stands where an attribute type must.
    #[error("no attribute type at position {at}")]
    Attribute {
        /// Where it should begin.
        at: usize,
    },
    /// An attribute type has no `=` after it.
    #[error("no `=` at position {at}")]
    Equals {
        /// Where it should be.
        at: usize,
    },
    /// A character that must be escaped is not, or text follows a finished value.
    #[error("unexpected character at position {at}")]
    Unexpected {
        /// Where it is.
        at: usize,
    },
    /// A `\` is followed neither by a character that may be escaped nor by two hex digits.
    #[error("invalid escape at position {at}")]
    Escape {
        /// Where the `\` is.
        at: usize,
    },
    /// A quoted value has no end.
    #[error("no closing quotation mark for the one at position {at}")]
    Quote {
        /// Where the value begins.
        at: usize,
    },
    /// A `#` is not followed by pairs of hex digits.
    #[error("invalid hexadecimal value at position {at}")]
    Hex {
        /// Where the `#` is.
        at: usize,
    },
    /// The bytes of a value are not UTF-8.
    #[error("the value at position {at} is not UTF-8")]
    Utf8 {
        /// Where the value begins.
        at: usize,
    },
    /// An RDN names an attribute twice (X.501 §9.3).
    #[error("an attribute is named twice before position {at}")]
    Repeated {
        /// Where the RDN ends.
        at: usize,
    },
}
