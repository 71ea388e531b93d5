//! Attribute values, and the bag in which a record keeps them.

use std::fmt;
use std::slice;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use smol_str::SmolStr;

use crate::schema::{AttrId, Registry, Type};
use crate::time::Timestamp;

/// One value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, kept exactly as it came.
    Str(SmolStr),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A moment.
    Time(Timestamp),
    /// Octets.
    Bytes(Box<[u8]>),
    /// A complex value: its sub-attributes (RFC 7643 §2.3.8).
    Complex(Attributes),
}

impl Value {
    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The sub-attributes, if this is complex.
    pub fn as_complex(&self) -> Option<&Attributes> {
        match self {
            Self::Complex(attributes) => Some(attributes),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Attributes> for Value {
    fn from(attributes: Attributes) -> Self {
        Self::Complex(attributes)
    }
}

/// The values of one attribute: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Values {
    One(Value),
    Many(Vec<Value>),
}

impl Values {
    fn as_slice(&self) -> &[Value] {
        match self {
            Self::One(value) => slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<Vec<Value>> for Values {
    fn from(mut values: Vec<Value>) -> Self {
        match (values.len(), values.pop()) {
            (1, Some(value)) => Self::One(value),
            (_, Some(last)) => {
                values.push(last);
                Self::Many(values)
            }
            (_, None) => Self::Many(values),
        }
    }
}

/// A bag of attributes in the order of their ids; an attribute without values is not in it, which
/// makes absent, `null` and `[]` one state (RFC 7643 §2.5).
///
/// Only attributes of the top level, or the sub-attributes of one complex value, stand in one bag.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(AttrId, Values)>);

impl Attributes {
    /// An empty bag.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The values of `attr`; empty if it has none.
    pub fn values(&self, attr: AttrId) -> &[Value] {
        self.position(attr)
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or(&[], |(_, values)| values.as_slice())
    }

    /// The first (for a single-valued attribute, the only) value of `attr`.
    pub fn first(&self, attr: AttrId) -> Option<&Value> {
        self.values(attr).first()
    }

    /// The first value of `attr` as text.
    pub fn text(&self, attr: AttrId) -> Option<&str> {
        self.first(attr).and_then(Value::as_str)
    }

    /// The first value of `attr` as a boolean.
    pub fn flag(&self, attr: AttrId) -> Option<bool> {
        self.first(attr).and_then(Value::as_bool)
    }

    /// Puts `values` in the place of what `attr` had; an empty list removes it.
    pub fn set(&mut self, attr: AttrId, values: Vec<Value>) {
        match (self.position(attr), values.is_empty()) {
            (Ok(at), true) => drop(self.0.remove(at)),
            (Ok(at), false) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = values.into();
                }
            }
            (Err(_), true) => {}
            (Err(at), false) => self.0.insert(at, (attr, values.into())),
        }
    }

    /// Puts one value in the place of what `attr` had.
    pub fn put(&mut self, attr: AttrId, value: impl Into<Value>) {
        self.set(attr, vec![value.into()]);
    }

    /// The same bag with one more value, for building.
    #[must_use]
    pub fn with(mut self, attr: AttrId, value: impl Into<Value>) -> Self {
        let mut values = self.take(attr);
        values.push(value.into());
        self.set(attr, values);
        self
    }

    /// Takes the values of `attr` out of the bag.
    pub fn take(&mut self, attr: AttrId) -> Vec<Value> {
        match self.position(attr) {
            Ok(at) => match self.0.remove(at).1 {
                Values::One(value) => vec![value],
                Values::Many(values) => values,
            },
            Err(_) => Vec::new(),
        }
    }

    /// Each attribute with its values, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (AttrId, &[Value])> {
        self.0
            .iter()
            .map(|(attr, values)| (*attr, values.as_slice()))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, attr: AttrId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&attr, |(id, _)| *id)
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |attr: AttrId| {
            Registry::core()
                .get(attr)
                .map_or("?", |def| def.name.as_str())
        };
        f.debug_map()
            .entries(self.iter().map(|(attr, values)| (name(attr), values)))
            .finish()
    }
}

// What the store keeps: `{"userName": "alice", "emails": [{"value": …}]}`, by the names of the
// core registry. A list is always an array and a single value never is, so that both read back.

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let registry = Registry::core();
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (attr, values) in &self.0 {
            let name = registry
                .get(*attr)
                .map(|def| def.name.as_str())
                .ok_or_else(|| serde::ser::Error::custom("an attribute that nobody registered"))?;
            match values {
                Values::One(value) => map.serialize_entry(name, &Stored(value))?,
                Values::Many(values) => {
                    let list: Vec<_> = values.iter().map(Stored).collect();
                    map.serialize_entry(name, &list)?;
                }
            }
        }
        map.end()
    }
}

struct Stored<'a>(&'a Value);

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Str(text) => serializer.serialize_str(text),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) | Value::Time(Timestamp(value)) => serializer.serialize_i64(*value),
            Value::Bytes(bytes) => serializer.serialize_str(&BASE64.encode(bytes)),
            Value::Complex(attributes) => attributes.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BagVisitor { parent: None })
    }
}

struct BagVisitor {
    parent: Option<AttrId>,
}

impl<'de> Visitor<'de> for BagVisitor {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let registry = Registry::core();
        let mut bag = Attributes::new();
        while let Some(name) = map.next_key::<SmolStr>()? {
            let attr = registry
                .child(self.parent, &name)
                .ok_or_else(|| de::Error::custom(format_args!("unknown attribute {name:?}")))?;
            let ty = registry.get(attr).map_or(Type::String, |def| def.ty);
            let values = map.next_value_seed(ValuesSeed { attr, ty })?;
            bag.0.push((attr, values));
        }
        bag.0.sort_by_key(|(attr, _)| *attr);
        Ok(bag)
    }
}

struct ValuesSeed {
    attr: AttrId,
    ty: Type,
}

impl<'de> de::DeserializeSeed<'de> for ValuesSeed {
    type Value = Values;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Values, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValuesSeed {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Values, E> {
        Ok(Values::One(Value::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Values, E> {
        Ok(Values::One(match self.ty {
            Type::DateTime => Value::Time(Timestamp(value)),
            _ => Value::Int(value),
        }))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Values, E> {
        self.visit_i64(i64::try_from(value).map_err(E::custom)?)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Values, E> {
        Ok(Values::One(match self.ty {
            Type::Binary => Value::Bytes(BASE64.decode(value).map_err(E::custom)?.into()),
            _ => Value::Str(value.into()),
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Values, A::Error> {
        let bag = BagVisitor {
            parent: Some(self.attr),
        }
        .visit_map(map)?;
        Ok(Values::One(Value::Complex(bag)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Values, A::Error> {
        let mut all = Vec::new();
        while let Some(values) = seq.next_element_seed(ValuesSeed {
            attr: self.attr,
            ty: self.ty,
        })? {
            all.extend(values.as_slice().iter().cloned());
        }
        Ok(Values::Many(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::attr;

    fn sample() -> Attributes {
        let email = |value: &str, kind: &str| {
            Attributes::new()
                .with(attr::EMAILS_VALUE, value)
                .with(attr::EMAILS_TYPE, kind)
        };
        Attributes::new()
            .with(attr::EMAILS, email("a@example.com", "work"))
            .with(attr::EMAILS, email("b@example.com", "home"))
            .with(attr::USER_NAME, "alice")
            .with(attr::ACTIVE, true)
            .with(
                attr::NAME,
                Attributes::new().with(attr::NAME_GIVEN_NAME, "Al"),
            )
    }

    #[test]
    fn a_bag_reads_back_from_the_store() {
        let bag = sample();
        let text = serde_json::to_string(&bag).unwrap();
        assert_eq!(
            serde_json::from_str::<Attributes>(&text).unwrap(),
            bag,
            "{text}"
        );
    }

    #[test]
    fn absent_and_emptied_are_one_state() {
        let mut bag = sample();
        bag.set(attr::EMAILS, Vec::new());
        bag.set(attr::TITLE, Vec::new());
        assert!(bag.values(attr::EMAILS).is_empty());
        assert_eq!(bag.iter().count(), 3);
    }

    #[test]
    fn an_attribute_that_nobody_knows_is_an_error() {
        let read = serde_json::from_str::<Attributes>(r#"{"shoeSize": 44}"#);
        assert!(read.unwrap_err().to_string().contains("shoeSize"));
    }
}
