//! Identifiers. Every one is a type of its own, so that none can stand in for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

/// Identifies one record for ever: SCIM `id`, LDAP `entryUUID`, Active Directory `objectGUID`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl Id {
    /// Reads the hyphenated form; any other text is simply no id (RFC 7644 §3.4.1: 404, not 400).
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36)
            .then(|| Uuid::try_parse(text).ok().map(Id))
            .flatten()
    }

    /// The hyphenated form.
    pub fn text(self) -> SmolStr {
        let mut buffer = Uuid::encode_buffer();
        SmolStr::new(self.0.hyphenated().encode_lower(&mut buffer))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Identifies one tenant in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub Uuid);

/// A tenant's name as it stands in URLs and file names: lower-case letters, digits, hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantName(SmolStr);

/// The text is no tenant name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a tenant name has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit"
)]
pub struct InvalidTenantName;

impl TenantName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantName {
    type Err = InvalidTenantName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=63).contains(&text.len()) && !text.starts_with('-');
        if fits && text.bytes().all(allowed) {
            Ok(Self(SmolStr::new(text)))
        } else {
            Err(InvalidTenantName)
        }
    }
}

impl TryFrom<String> for TenantName {
    type Error = InvalidTenantName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TenantName> for String {
    fn from(name: TenantName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record's number: unique in its tenant, never used again, behind `uidNumber`, `gidNumber`
/// and `objectSid`, and the key of postings in indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(pub u32);

/// A tenant's version: one higher for each change set, without gaps; 0 is the empty tenant.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision that the next change set makes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The kinds of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person.
    User,
    /// A group of users and groups.
    Group,
    /// A role of the phone system, built in or custom.
    Role,
    /// A telephone extension.
    Extension,
    /// A desk or other place that users are assigned to.
    Desk,
    /// An outside number in the shared phone book.
    Contact,
    /// Software that reads the directory.
    Service,
    /// A phone.
    Device,
    /// A provisioning client.
    Connection,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::User,
        Self::Group,
        Self::Role,
        Self::Extension,
        Self::Desk,
        Self::Contact,
        Self::Service,
        Self::Device,
        Self::Connection,
    ];

    /// The name used in the store and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Extension => "extension",
            Self::Desk => "desk",
            Self::Contact => "contact",
            Self::Service => "service",
            Self::Device => "device",
            Self::Connection => "connection",
        }
    }

    /// The kind with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A set of kinds of record.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct KindSet(u16);

impl KindSet {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Every kind.
    pub const ALL: Self = Self((1 << Kind::ALL.len()) - 1);

    /// The set of these kinds.
    pub const fn of(kinds: &[Kind]) -> Self {
        let mut bits = 0;
        let mut rest = kinds;
        while let [kind, tail @ ..] = rest {
            bits |= 1 << *kind as u16;
            rest = tail;
        }
        Self(bits)
    }

    /// Whether `kind` is in the set.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// The kinds in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The kinds in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no kind is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds in the set.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

impl fmt::Debug for KindSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_names_are_lower_case_letters_digits_and_hyphens() {
        for good in ["acme", "a", "4u", "north-sea-2"] {
            assert_eq!(good.parse::<TenantName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            "-a",
            "Acme",
            "a_b",
            "a.b",
            "ä",
            "a/b",
            "a b",
            long.as_str(),
        ] {
            assert_eq!(bad.parse::<TenantName>(), Err(InvalidTenantName), "{bad:?}");
        }
    }

    #[test]
    fn kind_names_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert!(KindSet::ALL.contains(kind));
            assert_eq!(KindSet::of(&[kind]).iter().collect::<Vec<_>>(), [kind]);
        }
    }

    #[test]
    fn only_hyphenated_uuids_are_ids() {
        let id = Id(Uuid::from_u128(7));
        assert_eq!(Id::parse(&id.to_string()), Some(id));
        for bad in [
            "",
            "7",
            "00919288221112222",
            &"0".repeat(32),
            &"x".repeat(36),
        ] {
            assert_eq!(Id::parse(bad), None, "{bad:?}");
        }
    }
}
