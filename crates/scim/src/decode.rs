//! JSON into attributes, by the schema: names in any case, extensions as objects under their URN
//! or as flat `urn:…:attribute` keys, `null` and `[]` as absent (RFC 7643 §2.1 and §2.5).
//!
//! What a client cannot write is ignored (RFC 7644 §3.3), and so is what no schema of ours knows.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use jackfield_gateway::Error;
use jackfield_model::schema::{Mutability, Returned, Schema, Type, attr};
use jackfield_model::{AttrDef, AttrId, Attributes, Timestamp, Value};
use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::name::{self, Name};
use crate::normalise;
use crate::repair::Repair;
use crate::resource::ResourceType;

/// A resource as a client sent it.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// The attributes that have a value.
    pub(crate) attributes: Attributes,
    /// The attributes of the top level that were named, with a value or without.
    pub(crate) named: BTreeSet<AttrId>,
    /// The extensions that were named, in `schemas` or by a key.
    pub(crate) extensions: Vec<Schema>,
}

/// Decodes the body of a POST or PUT.
///
/// # Errors
/// [`Error::InvalidSyntax`] if it is no object, [`Error::InvalidValue`] with the path of a value
/// of the wrong type, or of a required attribute that has none.
pub(crate) fn resource(dialect: &Dialect, ty: ResourceType, body: &Json) -> Result<Decoded, Error> {
    let Json::Object(object) = body else {
        return Err(Error::InvalidSyntax(
            "the body is no JSON object".to_owned(),
        ));
    };
    let mut decoded = Decoded::default();
    take_schemas(dialect, ty, &mut decoded, object)?;
    take_members(dialect, ty, &mut decoded, object)?;
    check_required(dialect, ty, &decoded.attributes)?;
    Ok(decoded)
}

/// Decodes the values of an attribute or sub-attribute; none if `json` unassigns it. `path` is
/// what errors name.
///
/// # Errors
/// [`Error::InvalidValue`].
pub(crate) fn values(
    dialect: &Dialect,
    def: &AttrDef,
    json: &Json,
    path: &str,
) -> Result<Vec<Value>, Error> {
    if !def.multi_valued {
        return Ok(
            one(dialect, def, normalise::unwrap_single(dialect, json), path)?
                .into_iter()
                .collect(),
        );
    }
    let Json::Array(elements) = json else {
        return Ok(one(dialect, def, json, path)?.into_iter().collect());
    };
    let mut seen = HashSet::with_capacity(elements.len());
    let mut all = Vec::with_capacity(elements.len());
    for (at, element) in elements.iter().enumerate() {
        // RFC 7643 §2.4: the same element twice says nothing more.
        if seen.insert(element) {
            let path = format!("{path}[{at}]");
            let value = one(dialect, def, element, &path)?;
            if value.is_none() && def.id == attr::MEMBERS {
                return Err(nameless(&path));
            }
            all.extend(value);
        }
    }
    keep_one_primary(dialect, def, &mut all, path)?;
    Ok(all)
}

/// # Errors
/// [`Error::InvalidValue`] for a required attribute without a value.
pub(crate) fn check_required(
    dialect: &Dialect,
    ty: ResourceType,
    attributes: &Attributes,
) -> Result<(), Error> {
    for def in ty
        .own_attributes(dialect.registry())
        .filter(|def| ty.requires(def))
    {
        match attributes.text(def.id) {
            Some(text) if !text.trim().is_empty() => {}
            Some(_) => return Err(Error::invalid_value(&def.name, "it must not be empty")),
            None => return Err(Error::invalid_value(&def.name, "it is required")),
        }
    }
    Ok(())
}

/// RFC 7643 §3: `schemas` names the resource's own schema, and its extensions.
fn take_schemas(
    dialect: &Dialect,
    ty: ResourceType,
    decoded: &mut Decoded,
    object: &Map<String, Json>,
) -> Result<(), Error> {
    let named = normalise::in_any_case(object, "schemas").and_then(Json::as_array);
    let mut is_named = false;
    for urn in named.into_iter().flatten().filter_map(Json::as_str) {
        match name::resolve(dialect, &[ty], urn) {
            Ok(Name::Schema(schema)) => {
                is_named |= schema == ty.base();
                decoded.extensions.push(schema);
            }
            _ => pass_over(dialect, urn)?,
        }
    }
    if is_named || dialect.takes(Repair::MissingSchemas) {
        return Ok(());
    }
    let urn = ty.base().urn().unwrap_or_default();
    Err(Error::InvalidSyntax(format!("schemas does not name {urn}")))
}

fn take_members(
    dialect: &Dialect,
    ty: ResourceType,
    decoded: &mut Decoded,
    object: &Map<String, Json>,
) -> Result<(), Error> {
    for (key, json) in object {
        match name::resolve(dialect, &[ty], key) {
            Ok(Name::Schema(schema)) => {
                decoded.extensions.push(schema);
                if let (Json::Object(members), Some(urn)) = (json, dialect.registry().urn(schema)) {
                    take_extension(dialect, ty, decoded, members, urn)?;
                } else if !normalise::is_unassigned(dialect, json) {
                    return Err(Error::invalid_value(key, "an object was expected"));
                }
            }
            Ok(Name::Attribute { attr, sub })
                if normalise::is_key(dialect, Some(ty), attr, sub, key) =>
            {
                take_member(dialect, decoded, (attr, sub), json, key)?;
            }
            Err(_) if key.eq_ignore_ascii_case("schemas") => {}
            _ => pass_over(dialect, key)?,
        }
    }
    Ok(())
}

/// The members of an extension's object.
fn take_extension(
    dialect: &Dialect,
    ty: ResourceType,
    decoded: &mut Decoded,
    members: &Map<String, Json>,
    urn: &str,
) -> Result<(), Error> {
    for (key, json) in members {
        let path = format!("{urn}:{key}");
        match name::resolve(dialect, &[ty], &path) {
            Ok(Name::Attribute { attr, sub })
                if normalise::is_key(dialect, None, attr, sub, key) =>
            {
                take_member(dialect, decoded, (attr, sub), json, &path)?;
            }
            _ => pass_over(dialect, &path)?,
        }
    }
    Ok(())
}

/// Passes over what no schema of ours knows.
fn pass_over(dialect: &Dialect, name: &str) -> Result<(), Error> {
    if dialect.ignores(Repair::UnknownAttribute, name) {
        return Ok(());
    }
    Err(Error::InvalidSyntax(format!("no schema has {name:?}")))
}

fn take_member(
    dialect: &Dialect,
    decoded: &mut Decoded,
    (attr, sub): (AttrId, Option<AttrId>),
    json: &Json,
    path: &str,
) -> Result<(), Error> {
    let registry = dialect.registry();
    let Some(def) = registry.get(attr) else {
        return Ok(());
    };
    // RFC 7644 §3.3, §3.5.1: ignored. What comes only if it is asked for was not read back: somebody
    // meant it.
    if def.mutability == Mutability::ReadOnly {
        let is_empty = json.is_null() || json.as_array().is_some_and(Vec::is_empty);
        if def.returned == Returned::Request && !is_empty {
            dialect.left_out(path);
        }
        return Ok(());
    }
    decoded.named.insert(attr);
    decoded.extensions.extend(
        def.schemas
            .iter()
            .filter(|schema| path.contains(':') && registry.urn(**schema).is_some()),
    );
    let values = match sub.and_then(|sub| registry.get(sub)) {
        None => values(dialect, def, json, path)?,
        // A flat `name.givenName`: one part more of the complex value.
        Some(sub) => {
            let part = values(dialect, sub, json, path)?;
            let mut whole = match decoded.attributes.take(attr).pop() {
                Some(Value::Complex(whole)) => whole,
                _ => Attributes::new(),
            };
            whole.set(sub.id, part);
            if whole.is_empty() {
                Vec::new()
            } else {
                vec![whole.into()]
            }
        }
    };
    decoded.attributes.set(attr, values);
    Ok(())
}

/// Decodes one value; none if it is no value at all.
fn one(dialect: &Dialect, def: &AttrDef, json: &Json, path: &str) -> Result<Option<Value>, Error> {
    if normalise::is_unassigned(dialect, json) {
        return Ok(None);
    }
    let wrong = |expected: &str| Error::invalid_value(path, format!("{expected} was expected"));
    if def.ty == Type::Complex {
        // A bare text stands for an element only where elements have a `value`.
        let means_something = |object: &Cow<'_, Map<String, Json>>| {
            json.is_object()
                || object
                    .keys()
                    .any(|key| name::sub(dialect, def.id, key).is_some())
        };
        let object = normalise::complex(dialect, json).filter(means_something);
        let object = object.ok_or_else(|| wrong("an object"))?;
        return element(dialect, def.id, &object, path);
    }
    let json = normalise::unwrap_value(dialect, json);
    let text = || json.as_str();
    Ok(Some(match def.ty {
        Type::String | Type::Reference => {
            let text = normalise::text(dialect, json).ok_or_else(|| wrong("text"))?;
            if text.contains('\0') {
                return Err(Error::invalid_value(path, "it contains the null character"));
            }
            Value::Str(text.into())
        }
        Type::Boolean => Value::Bool(
            json.as_bool()
                .or_else(|| normalise::boolean(dialect, text()?))
                .ok_or_else(|| wrong("true or false"))?,
        ),
        Type::Integer => Value::Int(
            json.as_i64()
                .or_else(|| normalise::integer(dialect, text()?))
                .ok_or_else(|| wrong("a whole number"))?,
        ),
        Type::DateTime => Value::Time(
            text()
                .and_then(Timestamp::parse_rfc3339)
                .ok_or_else(|| wrong("a time such as \"2026-11-22T03:04:05Z\""))?,
        ),
        Type::Binary => Value::Bytes(
            text()
                .and_then(normalise::base64)
                .ok_or_else(|| wrong("octets in base64"))?
                .into(),
        ),
        Type::Complex => return Ok(None),
    }))
}

fn element(
    dialect: &Dialect,
    attr: AttrId,
    object: &Map<String, Json>,
    path: &str,
) -> Result<Option<Value>, Error> {
    let registry = dialect.registry();
    let mut bag = Attributes::new();
    for (key, json) in object {
        let Some(sub) = name::sub(dialect, attr, key).and_then(|sub| registry.get(sub)) else {
            pass_over(dialect, &format!("{path}.{key}"))?;
            continue;
        };
        if sub.mutability != Mutability::ReadOnly {
            bag.set(
                sub.id,
                values(dialect, sub, json, &format!("{path}.{}", sub.name))?,
            );
        }
    }
    if attr == attr::MEMBERS {
        name_member(dialect, &mut bag, path)?;
    }
    Ok((!bag.is_empty()).then_some(Value::Complex(bag)))
}

/// A member is its id; its URI and type follow from it.
fn name_member(dialect: &Dialect, bag: &mut Attributes, path: &str) -> Result<(), Error> {
    let reference = bag.take(attr::MEMBERS_REF).pop();
    if bag.text(attr::MEMBERS_VALUE).is_none() {
        let uri = reference.as_ref().and_then(Value::as_str);
        let id = uri.and_then(|uri| normalise::id_in_uri(dialect, uri));
        bag.put(attr::MEMBERS_VALUE, id.ok_or_else(|| nameless(path))?);
    }
    Ok(())
}

fn nameless(path: &str) -> Error {
    Error::invalid_value(path, "it lacks its value")
}

/// RFC 7643 §2.4: no more than one element is the primary one.
fn keep_one_primary(
    dialect: &Dialect,
    def: &AttrDef,
    elements: &mut [Value],
    path: &str,
) -> Result<(), Error> {
    let Some(primary) = name::sub(dialect, def.id, "primary") else {
        return Ok(());
    };
    let mut others = elements
        .iter_mut()
        .filter_map(|value| match value {
            Value::Complex(element) if element.flag(primary) == Some(true) => Some(element),
            _ => None,
        })
        .skip(1)
        .peekable();
    if others.peek().is_some() && !dialect.takes(Repair::SeveralPrimaries) {
        let problem = "only one element can be the primary one";
        return Err(Error::invalid_value(path, problem));
    }
    others.for_each(|element| element.put(primary, false));
    Ok(())
}

#[cfg(test)]
mod tests;
