//! The attributes that a tenant's file adds to users, by their full names.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jackfield_gateway::{Entry, Error as Refusal, Reader};
use jackfield_model::schema::{Mutability, Returned, Schema, Type};
use jackfield_model::{AttrDef, Attributes, Kind, Registry, Timestamp, Value};
use serde_json::{Map, Value as Json};

use super::said::Said;
use crate::error::Error;
use crate::shape::patch::Patch;

/// Those that the client may read.
pub(super) fn shown(reader: &Reader, entry: Entry<'_>) -> BTreeMap<String, Json> {
    let registry = reader.registry();
    let mut all = BTreeMap::new();
    for def in own(registry).filter(|def| def.returned != Returned::Never) {
        let values = entry.attribute(def.id);
        if !values.is_empty() {
            all.insert(
                registry.path(def.id).to_string(),
                json(registry, def, &values),
            );
        }
    }
    all
}

/// Says what the patch does of them.
///
/// # Errors
/// [`Refusal::InvalidValue`] for names that are none and values of another type.
pub(super) fn say(
    said: &mut Said,
    registry: &Registry,
    patch: Patch<BTreeMap<String, Json>>,
) -> Result<(), Error> {
    match patch {
        Patch::Keep => {}
        Patch::Clear => own(registry).for_each(|def| said.put(def.id, Vec::new())),
        Patch::Set(named) => {
            for (name, json) in named {
                let def = found(registry, &name).ok_or_else(|| {
                    let problem = "the tenant has no attribute of its own by this name";
                    Refusal::invalid_value(&name, problem)
                })?;
                said.put(def.id, values(registry, def, &json, &name)?);
            }
        }
    }
    Ok(())
}

fn own(registry: &Registry) -> impl Iterator<Item = &AttrDef> {
    let schemas = registry.own_extensions(Kind::User);
    schemas.flat_map(|schema| registry.attributes_of(schema))
}

fn found<'r>(registry: &'r Registry, name: &str) -> Option<&'r AttrDef> {
    let (urn, name) = name.rsplit_once(':')?;
    let schema = registry.schema(urn)?;
    let is_own = matches!(schema, Schema::Own(_));
    let def = registry.get(registry.attribute(schema, name)?)?;
    (is_own && def.mutability != Mutability::ReadOnly).then_some(def)
}

fn json(registry: &Registry, def: &AttrDef, values: &[Value]) -> Json {
    match (def.multi_valued, values) {
        (false, [only, ..]) => one_json(registry, only),
        _ => values.iter().map(|it| one_json(registry, it)).collect(),
    }
}

fn one_json(registry: &Registry, value: &Value) -> Json {
    match value {
        Value::Str(text) => text.as_str().into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Time(at) => at.to_rfc3339().into(),
        Value::Bytes(octets) => BASE64.encode(octets).into(),
        Value::Complex(parts) => {
            let part = |(attr, values): (_, &[Value])| {
                let def = registry.get(attr)?;
                Some((def.name.to_string(), json(registry, def, values)))
            };
            parts.iter().filter_map(part).collect::<Map<_, _>>().into()
        }
    }
}

fn values(registry: &Registry, def: &AttrDef, json: &Json, at: &str) -> Result<Vec<Value>, Error> {
    match json {
        Json::Null => Ok(Vec::new()),
        Json::Array(all) if def.multi_valued => {
            all.iter().map(|it| value(registry, def, it, at)).collect()
        }
        one => Ok(vec![value(registry, def, one, at)?]),
    }
}

fn value(registry: &Registry, def: &AttrDef, json: &Json, at: &str) -> Result<Value, Error> {
    let wrong = |expected: &str| {
        let problem = format!("{expected} was expected");
        Error::from(Refusal::invalid_value(at, problem))
    };
    let text = || json.as_str();
    Ok(match def.ty {
        Type::String | Type::Reference => Value::from(text().ok_or_else(|| wrong("text"))?),
        Type::Boolean => Value::Bool(json.as_bool().ok_or_else(|| wrong("true or false"))?),
        Type::Integer => Value::Int(json.as_i64().ok_or_else(|| wrong("a whole number"))?),
        Type::DateTime => {
            let at = text().and_then(Timestamp::parse_rfc3339);
            Value::Time(at.ok_or_else(|| wrong("a time such as 2026-11-22T03:04:05Z"))?)
        }
        Type::Binary => {
            let octets = text().and_then(|text| BASE64.decode(text).ok());
            Value::Bytes(octets.ok_or_else(|| wrong("octets in base64"))?.into())
        }
        Type::Complex => {
            let parts = json.as_object().ok_or_else(|| wrong("an object"))?;
            let mut bag = Attributes::new();
            for (name, json) in parts {
                let path = format!("{at}.{name}");
                let sub = registry.child(Some(def.id), name);
                let sub = sub.and_then(|sub| registry.get(sub)).ok_or_else(|| {
                    Refusal::invalid_value(&path, "the attribute has no such part")
                })?;
                bag.set(sub.id, values(registry, sub, json, &path)?);
            }
            bag.into()
        }
    })
}
