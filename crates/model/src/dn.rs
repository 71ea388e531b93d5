//! Distinguished names and their string form (RFC 4514, RFC 4512 §2.3).
//!
//! A [`Dn`] is always parsed: nothing in this project takes a name apart as text. Two names are
//! equal when their keys are: attribute types without case, values as [`text::case_ignore`]
//! prepares them, and the parts of a multi-valued RDN in any order.
//!
//! deviates: values of every attribute compare by `caseIgnoreMatch` (RFC 4517 §4.2.11), and but for
//! the attribute types of RFC 4514 §3 a descriptor is equal neither to its numeric OID nor to
//! another descriptor of the type: both would need a schema.

mod error;
mod parse;

use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::{SmallVec, smallvec};
use smol_str::{SmolStr, SmolStrBuilder};

pub use self::error::DnError;
use crate::text;

/// The longest text that is parsed as a name, in bytes, and the longest that a name is written as.
pub const MAX_LENGTH: usize = 8192;

/// The most RDNs in a name that is parsed.
pub const MAX_RDNS: usize = 64;

/// A distinguished name: its RDNs, the entry's own first and the root's child last.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Dn {
    rdns: Vec<Rdn>,
}

/// A relative distinguished name: one or more attribute values, each of an attribute of its own.
#[derive(Clone)]
pub struct Rdn {
    avas: Avas,
    key: SmolStr,
}

/// Mostly it is one.
type Avas = SmallVec<[Ava; 1]>;

/// One attribute value of an RDN, as it was written.
#[derive(Clone, Debug)]
pub struct Ava {
    /// The attribute type: a descriptor or a numeric OID, without options.
    pub attribute: SmolStr,
    /// The value, with no escapes left in it.
    ///
    /// Where the text gave a BER value (`#04024869`) that is no string, it is that text.
    pub value: SmolStr,
}

impl Dn {
    /// The empty name: the root of the tree, or the root DSE (RFC 4512 §5.1).
    pub const ROOT: Self = Self { rdns: Vec::new() };

    /// Reads the string form of RFC 4514 §3.
    ///
    /// Also takes what RFC 2253 §4 has of LDAPv2 (spaces round separators, `;` between RDNs,
    /// quoted values). BER values of the string types become text. Time is linear.
    ///
    /// # Errors
    /// Which part of it is no name, and that it is longer or deeper than names may be.
    pub fn parse(text: &str) -> Result<Self, DnError> {
        let dn = Self::from(parse::dn(text)?);
        // What is escaped takes three bytes for one at the most.
        let may_be_longer = text.len() > MAX_LENGTH / 3;
        if may_be_longer && dn.to_string().len() > MAX_LENGTH {
            return Err(DnError::TooLong);
        }
        Ok(dn)
    }

    /// Whether this is the empty name.
    pub fn is_root(&self) -> bool {
        self.rdns.is_empty()
    }

    /// The RDNs, the entry's own first.
    pub fn rdns(&self) -> &[Rdn] {
        &self.rdns
    }

    /// The entry's own RDN; the root has none.
    pub fn rdn(&self) -> Option<&Rdn> {
        self.rdns.first()
    }

    /// The name of the entry above; the root has none.
    pub fn parent(&self) -> Option<Self> {
        self.rdns.get(1..).map(|rdns| Self {
            rdns: rdns.to_vec(),
        })
    }

    /// The name of the entry `rdn` below this one.
    #[must_use]
    pub fn child(&self, rdn: Rdn) -> Self {
        let mut rdns = Vec::with_capacity(self.rdns.len() + 1);
        rdns.push(rdn);
        rdns.extend_from_slice(&self.rdns);
        Self { rdns }
    }

    /// The RDNs below `suffix`, the entry's own first and none when the names are equal; `None`
    /// when this name is not in that subtree.
    pub fn strip_suffix(&self, suffix: &Self) -> Option<&[Rdn]> {
        self.rdns.strip_suffix(suffix.rdns.as_slice())
    }

    /// The text by which names are equal: the same for equal names, different for others.
    ///
    /// It is a valid name itself; its own key is the same again.
    pub fn key(&self) -> SmolStr {
        let length = self.rdns.iter().map(|rdn| rdn.key.len() + 1).sum();
        let mut key = String::with_capacity(length);
        for (i, rdn) in self.rdns.iter().enumerate() {
            if i > 0 {
                key.push(',');
            }
            key.push_str(&rdn.key);
        }
        key.into()
    }
}

impl Rdn {
    /// An RDN of one attribute value. `attribute` is a descriptor or numeric OID, and not checked.
    pub fn new(attribute: impl Into<SmolStr>, value: impl Into<SmolStr>) -> Self {
        let (attribute, value) = (attribute.into(), value.into());
        Self::from_avas(smallvec![Ava { attribute, value }])
    }

    fn from_avas(avas: Avas) -> Self {
        let key = match avas.as_slice() {
            [only] => only.key(),
            all => {
                let mut keys: Vec<SmolStr> = all.iter().map(Ava::key).collect();
                keys.sort_unstable();
                keys.join("+").into()
            }
        };
        Self { avas, key }
    }

    /// The attribute values, as they were written; never none.
    pub fn avas(&self) -> &[Ava] {
        &self.avas
    }

    /// The attribute and value, if there is just one.
    pub fn single(&self) -> Option<(&str, &str)> {
        match self.avas.as_slice() {
            [ava] => Some((&ava.attribute, &ava.value)),
            _ => None,
        }
    }

    /// The value of `attribute`, by any of its names in any case.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        let attribute = short_name(attribute);
        let is_it = |ava: &&Ava| short_name(&ava.attribute).eq_ignore_ascii_case(attribute);
        let ava = self.avas.iter().find(is_it)?;
        Some(&ava.value)
    }

    /// The text by which RDNs are equal, as in [`Dn::key`].
    pub fn key(&self) -> &SmolStr {
        &self.key
    }
}

/// The attribute types of RFC 4514 §3 by their short names, with their other names and their numbers
/// (RFC 4519 §2).
const SHORT_NAMES: [(&str, &[&str]); 9] = [
    ("cn", &["commonName", "2.5.4.3"]),
    ("l", &["localityName", "2.5.4.7"]),
    ("st", &["stateOrProvinceName", "2.5.4.8"]),
    ("o", &["organizationName", "2.5.4.10"]),
    ("ou", &["organizationalUnitName", "2.5.4.11"]),
    ("c", &["countryName", "2.5.4.6"]),
    ("street", &["streetAddress", "2.5.4.9"]),
    ("dc", &["domainComponent", "0.9.2342.19200300.100.1.25"]),
    ("uid", &["userid", "0.9.2342.19200300.100.1.1"]),
];

/// No other name of an attribute type that has a short one is shorter, in bytes.
const SHORTEST_OTHER: usize = 6;

/// The short name of an attribute type, or what it is called if it has none.
fn short_name(attribute: &str) -> &str {
    if attribute.len() < SHORTEST_OTHER {
        return attribute;
    }
    let is_it = |other: &str| other.eq_ignore_ascii_case(attribute);
    let mut known = SHORT_NAMES.iter();
    let found = known.find(|(_, others)| others.iter().any(|other| is_it(other)));
    found.map_or(attribute, |(short, _)| short)
}

impl Ava {
    fn key(&self) -> SmolStr {
        let attribute = short_name(&self.attribute);
        let mut key = SmolStrBuilder::new();
        match attribute.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => key.push_str(&attribute.to_ascii_lowercase()),
            false => key.push_str(attribute),
        }
        key.push('=');
        text::with_case_ignore(&self.value, |value| {
            // Writing to a `SmolStrBuilder` cannot fail.
            let _ = escape_value(value, &mut key);
        });
        key.finish()
    }
}

/// Writes `value` as it stands in a name (RFC 4514 §2.4), escaping as little as round-trips.
///
/// Control characters are escaped too, so that a name is always one line.
pub fn escape_value<W: fmt::Write + ?Sized>(value: &str, out: &mut W) -> fmt::Result {
    if is_plain(value) {
        return out.write_str(value);
    }
    let last = value.len().saturating_sub(1);
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        let escaped = match byte {
            b'"' | b'+' | b',' | b';' | b'<' | b'>' | b'\\' => true,
            b' ' => at == 0 || at == last,
            b'#' => at == 0,
            _ => byte.is_ascii_control(),
        };
        if !escaped {
            continue;
        }
        out.write_str(value.get(plain..at).unwrap_or_default())?;
        if byte.is_ascii_control() {
            write!(out, "\\{byte:02X}")?;
        } else {
            write!(out, "\\{}", char::from(byte))?;
        }
        plain = at + 1;
    }
    out.write_str(value.get(plain..).unwrap_or_default())
}

/// Whether nothing in it is escaped, for sure.
fn is_plain(value: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'-' | b'_' | b'@');
    value.bytes().all(is_plain) && !value.starts_with(' ') && !value.ends_with(' ')
}

impl From<Vec<Rdn>> for Dn {
    fn from(rdns: Vec<Rdn>) -> Self {
        Self { rdns }
    }
}

impl From<Rdn> for Dn {
    fn from(rdn: Rdn) -> Self {
        Self { rdns: vec![rdn] }
    }
}

impl FromStr for Dn {
    type Err = DnError;

    fn from_str(text: &str) -> Result<Self, DnError> {
        Self::parse(text)
    }
}

/// Writes the string form of RFC 4514 §2, attribute types and values as they were given.
impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, rdn) in self.rdns.iter().enumerate() {
            if i > 0 {
                f.write_char(',')?;
            }
            rdn.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ava) in self.avas.iter().enumerate() {
            if i > 0 {
                f.write_char('+')?;
            }
            write!(f, "{}=", ava.attribute)?;
            escape_value(&ava.value, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dn({self})")
    }
}

impl fmt::Debug for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rdn({self})")
    }
}

impl PartialEq for Rdn {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Rdn {}

impl Hash for Rdn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Serialize for Dn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
