//! How the store keeps a bag: `{"userName": "alice", "emails": [{"value": …}], "own.3": …}`.
//!
//! The product's attributes stand under their names, a tenant's own under their numbers, with the
//! type behind it where JSON has none, so that a bag can be read without any tenant's registry. A
//! list is always an array and a single value never is, so that both read back.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use smol_str::SmolStr;

use super::{Attributes, Value, Values};
use crate::schema::own::MOST;
use crate::schema::{AttrId, Registry, Type};
use crate::time::Timestamp;

/// The name under which values are stored; `None` if nobody registered the attribute.
pub(super) fn name(attr: AttrId, values: &[Value]) -> Option<Cow<'static, str>> {
    let Some(number) = attr.own_number() else {
        let def = Registry::core().get(attr)?;
        return Some(Cow::Borrowed(def.name.as_str()));
    };
    let ty = match values.first() {
        Some(Value::Time(_)) => ".dateTime",
        Some(Value::Bytes(_)) => ".binary",
        _ => "",
    };
    Some(Cow::Owned(format!("own.{number}{ty}")))
}

/// What a stored name stands for.
fn named(parent: Option<AttrId>, name: &str) -> Option<(AttrId, Type)> {
    let registry = Registry::core();
    let Some(rest) = name.strip_prefix("own.") else {
        let attr = registry.child(parent, name)?;
        return Some((attr, registry.get(attr)?.ty));
    };
    let (number, ty) = match rest.split_once('.') {
        None => (rest, Type::String),
        Some((number, "dateTime")) => (number, Type::DateTime),
        Some((number, "binary")) => (number, Type::Binary),
        Some(_) => return None,
    };
    let number = number.parse().ok()?;
    (usize::from(number) < MOST).then_some((AttrId::own(number), ty))
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (attr, values) in &*self.0 {
            let name = name(*attr, values.as_slice())
                .ok_or_else(|| serde::ser::Error::custom("an attribute that nobody registered"))?;
            match values {
                Values::One(value) => map.serialize_entry(&*name, &Stored(value))?,
                Values::Many(values) => {
                    let list: Vec<_> = values.iter().map(Stored).collect();
                    map.serialize_entry(&*name, &list)?;
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
        let mut bag = Vec::new();
        while let Some(name) = map.next_key::<SmolStr>()? {
            let (attr, ty) = named(self.parent, &name)
                .ok_or_else(|| de::Error::custom(format_args!("unknown attribute {name:?}")))?;
            let values = map.next_value_seed(ValuesSeed { attr, ty })?;
            bag.push((attr, values));
        }
        Ok(bag.into())
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
            match values {
                Values::One(value) => all.push(value),
                Values::Many(values) => all.extend(values),
            }
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::attr;

    #[test]
    fn a_tenants_own_values_read_back_without_its_registry() {
        let element = Attributes::new()
            .with(AttrId::own(4), Value::Time(Timestamp(7)))
            .with(AttrId::own(5), Value::Bytes([0, 255].into()));
        let bag = Attributes::new()
            .with(attr::USER_NAME, "alice")
            .with(AttrId::own(0), "B-1")
            .with(AttrId::own(1), 7i64)
            .with(AttrId::own(2), true)
            .with(AttrId::own(3), element.clone())
            .with(AttrId::own(3), element);
        let text = serde_json::to_string(&bag).unwrap();
        assert!(text.contains(r#""own.0":"B-1""#), "{text}");
        assert_eq!(serde_json::from_str::<Attributes>(&text).unwrap(), bag);
    }

    #[test]
    fn a_name_that_nothing_writes_is_an_error() {
        for name in ["own.", "own.x", "own.64", "own.1.complex", "own.-1"] {
            let text = format!(r#"{{"{name}": 1}}"#);
            assert!(serde_json::from_str::<Attributes>(&text).is_err(), "{text}");
        }
    }
}
