//! Matching rules (RFC 4517 §4.2) as both protocols use them: over keys normalised once.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::ids::Id;
use crate::text;
use crate::time::Timestamp;

/// How values of an attribute are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MatchingRule {
    /// `caseIgnoreMatch` and its ordering and substrings rules; SCIM `caseExact: false`.
    CaseIgnore,
    /// As `CaseIgnore`, and accents do not count: for names of people, in filters only.
    AccentIgnore,
    /// `caseExactMatch` and its kin; SCIM `caseExact: true`.
    CaseExact,
    /// `telephoneNumberMatch`: spaces and hyphens do not count.
    Telephone,
    /// `numericStringMatch`: spaces do not count.
    Numeric,
    /// `booleanMatch`.
    Boolean,
    /// `integerMatch`.
    Integer,
    /// `generalizedTimeMatch`; SCIM `dateTime`, compared chronologically.
    Time,
    /// `octetStringMatch`; SCIM `binary`.
    Octets,
    /// `uuidMatch`, and `distinguishedNameMatch` once the name is resolved to a record.
    Id,
}

impl MatchingRule {
    /// The key under which this rule compares `text`; `None` for rules that compare no text.
    pub fn key(self, text: &str) -> Option<SmolStr> {
        match self {
            Self::CaseIgnore => Some(text::case_ignore(text)),
            Self::AccentIgnore => Some(text::fold_accents(text)),
            Self::CaseExact => Some(text::case_exact(text)),
            Self::Telephone => Some(text::telephone(text)),
            Self::Numeric => Some(text::numeric(text)),
            Self::Boolean | Self::Integer | Self::Time | Self::Octets | Self::Id => None,
        }
    }
}

/// A value as a matching rule compares it: text is already prepared by the rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Prepared text.
    Text(SmolStr),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A moment.
    Time(Timestamp),
    /// Octets.
    Bytes(Box<[u8]>),
    /// A record.
    Id(Id),
}
