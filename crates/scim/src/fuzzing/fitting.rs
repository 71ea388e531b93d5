//! What decoded paths and attributes have in common: they fit the schema.

use jackfield_model::path::Path;
use jackfield_model::schema::{Mutability, Type};
use jackfield_model::{AttrDef, AttrId, Attributes, Registry, Value};

pub(super) fn aims_at_something(path: &Path) {
    let (top, part) = definitions(path);
    assert!(top.parent.is_none());
    assert!(path.sub.is_none() || part.parent == Some(top.id));
    assert!(path.filter.is_none() || top.ty == Type::Complex);
}

pub(super) fn definitions(path: &Path) -> (&'static AttrDef, &'static AttrDef) {
    let registry = Registry::core();
    let Some(top) = registry.get(path.attr) else {
        unreachable!("{path:?} aims at nothing")
    };
    let part = path.sub.map_or(Some(top), |sub| registry.get(sub));
    (top, part.unwrap_or(top))
}

pub(super) fn is_writable(def: &AttrDef) -> bool {
    matches!(
        def.mutability,
        Mutability::ReadWrite | Mutability::WriteOnly
    )
}

pub(super) fn fits(parent: Option<AttrId>, attributes: &Attributes) {
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

pub(super) fn has_type(def: &AttrDef, value: &Value) {
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
