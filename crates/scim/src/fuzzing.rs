//! What must hold for any text or body that a client may send: one function for each parser,
//! which panics if it does not. `tests/fuzz` hands them what it makes up, and the tests below what
//! stands in its corpora.

#![allow(
    clippy::missing_panics_doc,
    reason = "panics are what these functions say"
)]

mod population;
mod printed;
mod second;

use jackfield_gateway::directory::{Query, Start};
use jackfield_gateway::{Error, Order};
use jackfield_model::path::{PatchKind, Path};
use jackfield_model::schema::{Mutability, Type, attr};
use jackfield_model::{
    AttrDef, AttrId, Attributes, ConnectionKind, Filter, KindSet, Registry, Value,
};
use serde_json::Value as Json;

use crate::dialect::{Dialect, Notes};
use crate::path::Target;
use crate::resource::ResourceType;
use crate::select::Selection;
use crate::token::Tokens;
use crate::{call, decode, exchange, filter, operations, path};

/// A filter means the same when it is written out and read again, is understood as `scim_proto`
/// understands it, and divides the records into those that match, those that do not, and those of
/// which it cannot be said.
pub fn filter(text: &str) {
    if let Some(read) = expression(text) {
        let again = expression(&read);
        assert_eq!(again.as_ref(), Some(&read), "written out");
    }
    second::check(text);
    for types in [
        &ResourceType::ALL[..],
        &[ResourceType::User],
        &[ResourceType::Group],
    ] {
        for dialect in dialects() {
            match filter::parse(&dialect, types, text) {
                Ok(filter) => divides(&filter),
                Err(error) => assert!(matches!(error, Error::InvalidFilter(_)), "{error:?}"),
            }
        }
    }
}

/// A path aims at something that can be there, and a filter in it chooses among elements.
pub fn path(text: &str) {
    for (ty, dialect) in types_and_dialects() {
        match path::parse(&dialect, ty, text) {
            Ok(Target::Attribute(path)) => aims_at_something(&path),
            Ok(Target::Schema(schema)) => {
                assert!(
                    schema == ty.base()
                        || ty.extensions(dialect.registry()).any(|own| own == schema)
                );
            }
            Ok(Target::Foreign) => {}
            Err(error) => assert!(matches!(error, Error::InvalidPath { .. }), "{error:?}"),
        }
    }
}

/// A list of attributes selects from what can be returned, whatever stands in it; the `id` always
/// comes, and what is never returned never does.
pub fn attributes(text: &str) {
    let list = || call::names(text);
    let selections = |types: &[ResourceType]| {
        let dialect = Dialect::default();
        [
            Selection::new(&dialect, types, Some(list()), std::iter::empty()),
            Selection::new(&dialect, types, None::<std::iter::Empty<&str>>, list()),
            Selection::new(&dialect, types, Some(list()), list()),
        ]
    };
    let registry = Registry::core();
    let id = registry.get(attr::ID);
    let password = registry.get(attr::PASSWORD);
    for types in [
        &ResourceType::ALL[..],
        &[ResourceType::User],
        &[ResourceType::Group],
    ] {
        for selection in selections(types) {
            assert!(id.is_some_and(|id| selection.has(id)));
            assert!(password.is_some_and(|password| !selection.has(password)));
        }
    }
}

/// The operations of a PATCH aim at what can be written, with values of its type; and what they
/// take for a password is not kept.
pub fn patch(octets: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Json>(octets) else {
        return;
    };
    for (ty, dialect) in types_and_dialects() {
        let operations = match operations::decode(&dialect, ty, &body) {
            Ok(operations) => operations,
            Err(error) => {
                is_the_clients(&error);
                continue;
            }
        };
        for operation in operations {
            aims_at_something(&operation.path);
            let (top, part) = definitions(&operation.path);
            for def in [top, part] {
                assert!(is_writable(def), "{} is written", def.name);
            }
            assert!(
                operation.kind == PatchKind::Remove || !operation.values.is_empty(),
                "nothing is written"
            );
            assert!(part.multi_valued || operation.values.len() <= 1);
            for value in &operation.values {
                has_type(part, value);
            }
            if top.id == attr::PASSWORD {
                is_not_kept(octets, &operation.values);
            }
        }
    }
}

/// A resource decodes to attributes that can be written, with values of their types; and what is
/// taken for its password is not kept.
pub fn resource(octets: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Json>(octets) else {
        return;
    };
    for (ty, dialect) in types_and_dialects() {
        match decode::resource(&dialect, ty, &body) {
            Ok(decoded) => {
                for (attr, _) in decoded.attributes.iter() {
                    assert!(decoded.named.contains(&attr));
                    assert!(Registry::core().get(attr).is_some_and(|def| ty.has(def)));
                }
                fits(None, &decoded.attributes);
                is_not_kept(octets, decoded.attributes.values(attr::PASSWORD));
            }
            Err(error) => is_the_clients(&error),
        }
    }
}

/// Passwords stand nowhere in what operators read, though they may stand in several places.
fn is_not_kept(body: &[u8], passwords: &[Value]) {
    const REMOVED: &str = "[removed]";
    // Shorter ones are part of names, or of numbers.
    let is_long = |text: &&str| text.len() >= 8 && !REMOVED.contains(text) && *text != "password";
    for password in passwords
        .iter()
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(is_long)
    {
        let quoted = Json::from(password).to_string();
        let escaped = quoted.trim_matches('"');
        let kept = exchange::kept(body).unwrap_or_default();
        assert!(!kept.contains(escaped), "{password} is kept: {kept}");
    }
}

/// Those that repair the most and the least.
fn dialects() -> [Dialect; 2] {
    [ConnectionKind::Generic, ConnectionKind::Strict]
        .map(|kind| Dialect::new(kind, Notes::default()))
}

fn types_and_dialects() -> impl Iterator<Item = (ResourceType, Dialect)> {
    let of = |ty| dialects().map(move |dialect| (ty, dialect));
    ResourceType::ALL.into_iter().flat_map(of)
}

/// The filter that `text` is, written out.
fn expression(text: &str) -> Option<String> {
    let mut tokens = Tokens::new(text).ok()?;
    let expression = filter::expression(&mut tokens).ok()?;
    tokens
        .peek()
        .is_none()
        .then(|| printed::printed(&expression))
}

/// No record is both what a filter asks for and what its negation asks for, and together they are
/// no more than all.
fn divides(filter: &Filter) {
    let count = |filter: &Filter| {
        let query = Query {
            kinds: KindSet::ALL,
            only: None,
            filter,
            order: Order::Number,
            start: Start::FIRST,
            limit: usize::MAX,
            count: true,
            stop: &|| false,
        };
        population::reader()
            .search(&query)
            .map(|found| found.numbers)
            .unwrap_or_default()
    };
    let matching = count(filter);
    let rest = count(&Filter::Not(Box::new(filter.clone())));
    assert!(rest.iter().all(|number| !matching.contains(number)));
}

fn aims_at_something(path: &Path) {
    let (top, part) = definitions(path);
    assert!(top.parent.is_none());
    assert!(path.sub.is_none() || part.parent == Some(top.id));
    assert!(path.filter.is_none() || top.ty == Type::Complex);
}

fn definitions(path: &Path) -> (&'static AttrDef, &'static AttrDef) {
    let registry = Registry::core();
    let Some(top) = registry.get(path.attr) else {
        unreachable!("{path:?} aims at nothing")
    };
    let part = path.sub.map_or(Some(top), |sub| registry.get(sub));
    (top, part.unwrap_or(top))
}

fn is_writable(def: &AttrDef) -> bool {
    matches!(
        def.mutability,
        Mutability::ReadWrite | Mutability::WriteOnly
    )
}

/// Nothing that a client sends is the server's fault.
fn is_the_clients(error: &Error) {
    assert!(
        matches!(
            error,
            Error::InvalidSyntax(_)
                | Error::InvalidValue { .. }
                | Error::InvalidPath { .. }
                | Error::NoTarget { .. }
                | Error::Mutability { .. }
        ),
        "{error:?}"
    );
}

fn fits(parent: Option<AttrId>, attributes: &Attributes) {
    for (attr, values) in attributes.iter() {
        let Some(def) = Registry::core().get(attr) else {
            unreachable!("{attr:?} is nothing")
        };
        assert_eq!(def.parent, parent, "{} is out of place", def.name);
        assert_ne!(
            def.mutability,
            Mutability::ReadOnly,
            "{} is written",
            def.name
        );
        assert!(
            def.multi_valued || values.len() <= 1,
            "{} has more than one value",
            def.name
        );
        for value in values {
            has_type(def, value);
        }
    }
}

fn has_type(def: &AttrDef, value: &Value) {
    match (def.ty, value) {
        (Type::Complex, Value::Complex(parts)) => {
            assert!(!parts.is_empty(), "{} has no parts", def.name);
            fits(Some(def.id), parts);
        }
        (Type::String | Type::Reference, Value::Str(text)) => assert!(!text.contains('\0')),
        (Type::Boolean, Value::Bool(_))
        | (Type::Integer, Value::Int(_))
        | (Type::DateTime, Value::Time(_))
        | (Type::Binary, Value::Bytes(_)) => {}
        (ty, value) => unreachable!("{} of type {ty:?} is {value:?}", def.name),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Everything in the corpus of a target.
    fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
        let read = |entry: std::io::Result<fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(path).unwrap())
        };
        let found: Vec<_> = fs::read_dir(folder.join(target))
            .unwrap()
            .map(read)
            .collect();
        assert!(!found.is_empty(), "{target}");
        found
    }

    fn texts(target: &str, check: fn(&str)) {
        for (name, octets) in corpus(target) {
            println!("{name}");
            check(str::from_utf8(&octets).unwrap());
        }
    }

    fn bodies(target: &str, check: fn(&[u8])) {
        for (name, octets) in corpus(target) {
            println!("{name}");
            check(&octets);
        }
    }

    #[test]
    fn what_must_hold_for_any_filter_holds_for_the_corpus() {
        texts("scim_filter", super::filter);
    }

    #[test]
    fn what_must_hold_for_any_path_holds_for_the_corpus() {
        texts("scim_path", super::path);
    }

    #[test]
    fn what_must_hold_for_any_list_of_attributes_holds_for_the_corpus() {
        texts("scim_attributes", super::attributes);
    }

    #[test]
    fn what_must_hold_for_any_patch_holds_for_the_corpus() {
        bodies("scim_patch", super::patch);
    }

    #[test]
    fn what_must_hold_for_any_resource_holds_for_the_corpus() {
        bodies("scim_resource", super::resource);
    }
}
