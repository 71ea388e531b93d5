//! Distinguished names (RFC 4514, RFC 4512 §2.3).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

#[derive(Clone, Default)]
pub struct Dn { rdns: Vec<Rdn> }
#[derive(Clone)]
pub struct Rdn { avas: Vec<Ava>, key: SmolStr }
#[derive(Clone, Debug)]
pub struct Ava { pub attribute: SmolStr, pub value: SmolStr }

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    #[error("malformed")]
    Malformed,
}

impl Dn {
    pub const ROOT: Self = Self { rdns: Vec::new() };
    pub fn parse(_text: &str) -> Result<Self, DnError> { Ok(Self::ROOT) }
    pub fn is_root(&self) -> bool { self.rdns.is_empty() }
    pub fn rdns(&self) -> &[Rdn] { &self.rdns }
    pub fn rdn(&self) -> Option<&Rdn> { self.rdns.first() }
    pub fn parent(&self) -> Option<Self> { Some(Self { rdns: self.rdns.get(1..)?.to_vec() }) }
    #[must_use]
    pub fn child(&self, rdn: Rdn) -> Self { let mut rdns = vec![rdn]; rdns.extend_from_slice(&self.rdns); Self { rdns } }
    pub fn strip_suffix(&self, suffix: &Self) -> Option<&[Rdn]> { self.rdns.strip_suffix(suffix.rdns.as_slice()) }
    pub fn key(&self) -> SmolStr { SmolStr::default() }
}
impl Rdn {
    pub fn new(attribute: impl Into<SmolStr>, value: impl Into<SmolStr>) -> Self { Self { avas: vec![Ava { attribute: attribute.into(), value: value.into() }], key: SmolStr::default() } }
    pub fn avas(&self) -> &[Ava] { &self.avas }
    pub fn key(&self) -> &SmolStr { &self.key }
    pub fn single(&self) -> Option<(&str, &str)> { let [a] = self.avas.as_slice() else { return None }; Some((&a.attribute, &a.value)) }
    pub fn get(&self, attribute: &str) -> Option<&str> { self.avas.iter().find(|a| a.attribute.eq_ignore_ascii_case(attribute)).map(|a| a.value.as_str()) }
}
impl From<Vec<Rdn>> for Dn { fn from(rdns: Vec<Rdn>) -> Self { Self { rdns } } }
impl PartialEq for Rdn { fn eq(&self, other: &Self) -> bool { self.key == other.key } }
impl Eq for Rdn {}
impl Hash for Rdn { fn hash<H: Hasher>(&self, state: &mut H) { self.key.hash(state); } }
impl PartialEq for Dn { fn eq(&self, other: &Self) -> bool { self.rdns == other.rdns } }
impl Eq for Dn {}
impl Hash for Dn { fn hash<H: Hasher>(&self, state: &mut H) { self.rdns.hash(state); } }
impl FromStr for Dn { type Err = DnError; fn from_str(s: &str) -> Result<Self, DnError> { Self::parse(s) } }
impl fmt::Display for Dn { fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result { Ok(()) } }
impl fmt::Display for Rdn { fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result { Ok(()) } }
impl fmt::Debug for Dn { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) } }
impl fmt::Debug for Rdn { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) } }
impl Serialize for Dn { fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) } }
impl<'de> Deserialize<'de> for Dn { fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> { String::deserialize(d)?.parse().map_err(serde::de::Error::custom) } }
pub fn escape_value<W: fmt::Write>(value: &str, out: &mut W) -> fmt::Result { out.write_str(value) }
