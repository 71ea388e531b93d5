//! Text that is made of a record's attributes, such as `sip:1042@acme.example`.

use crate::schema::{AttrId, attr};

/// What the text is made of, in order. It has no value where a leaf in it has none. It is one line:
/// control characters in what it is made of are blanks or nothing, as RFC 4518 §2.2 has them.
pub type Template = [Part];

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Always this.
    Text(&'static str),
    /// The first value of a leaf.
    Leaf(AttrId),
    /// The name people see: of an extension that of its first holder, if it has one. Braces become
    /// parentheses, since FreeSWITCH runs what stands between `${` and `}`.
    Name,
    /// That name as a quoted-string (RFC 3261 §25.1), with its quotation marks.
    QuotedName,
    /// That name as a field of passwd(5), between whose parts commas stand: `:` and `,` are blanks.
    NameField,
    /// The first value of a leaf as the name of a folder, in a field of passwd(5): `/` and `:` are `_`, and
    /// so are the dots of a name that is nothing else.
    Folder(AttrId),
    /// The mail address: of an extension that of its first holder; without one the text has no value.
    Mail,
    /// `@` and the tenant's first domain, unless there is an `@` before it already, or no domain.
    AtDomain,
    /// The domain of the tenant's SIP addresses; without one the text has no value.
    SipDomain,
    /// The part of the dial plan in which calls begin.
    SipContext,
    /// An extension's number as the public network has it; without one the text has no value.
    PublicNumber,
}

impl Part {
    /// The attribute that is read for it.
    pub fn attr(self) -> Option<AttrId> {
        match self {
            Self::Leaf(attr) | Self::Folder(attr) => Some(attr),
            Self::Name | Self::QuotedName | Self::NameField => Some(attr::COMMON_NAME),
            Self::Mail => Some(attr::EMAILS_VALUE),
            Self::PublicNumber => Some(attr::EXTENSION_NUMBER),
            Self::Text(_) | Self::AtDomain | Self::SipDomain | Self::SipContext => None,
        }
    }
}
