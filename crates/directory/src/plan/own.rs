//! What a tenant's own schemas ask of a record (RFC 7643 §2.2 and §6).

use jackfield_model::rule::Key;
use jackfield_model::schema::{Mutability, Type, Uniqueness};
use jackfield_model::{AttrDef, AttrId, Record, Registry, Value};
use smol_str::SmolStr;

use super::Refusal;
use super::draft::Draft;

impl Draft<'_> {
    /// Refuses what a tenant's own schemas do not allow, in those of them in which the record
    /// changes: what was there before a schema was declared so stays.
    pub(super) fn check_own(&self, before: Option<&Record>, after: &Record) -> Result<(), Refusal> {
        let registry = &**self.snapshot.registry();
        let old = |attr: AttrId| before.map_or(&[][..], |record| record.attributes.values(attr));
        let new = |attr: AttrId| after.attributes.values(attr);
        for schema in registry.own_extensions(after.kind) {
            let attributes = || registry.attributes_of(schema);
            let is_present = attributes().any(|def| !new(def.id).is_empty());
            if !attributes().any(|def| old(def.id) != new(def.id)) {
                continue;
            }
            for def in attributes() {
                let values = new(def.id);
                if is_present && def.required && values.is_empty() {
                    return Err(invalid(registry, def.id, "is required"));
                }
                if old(def.id) == values {
                    continue;
                }
                if def.mutability == Mutability::Immutable && !old(def.id).is_empty() {
                    return Err(Refusal::Mutability {
                        path: registry.path(def.id).into(),
                        problem: "it is immutable".to_owned(),
                    });
                }
                check_values(registry, def, values)?;
                self.check_unique(registry, def, after)?;
                for sub in registry.children(def.id) {
                    if let Some(sub) = registry.get(*sub) {
                        self.check_unique(registry, sub, after)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses a value that another record of the kind has. The tenant's one writer plans one
    /// command after the other, so no two can both find it free.
    fn check_unique(
        &self,
        registry: &Registry,
        def: &AttrDef,
        record: &Record,
    ) -> Result<(), Refusal> {
        let index = self.snapshot.indexes().get(def.id);
        let (Uniqueness::Server, Some(index)) = (def.uniqueness, index) else {
            return Ok(());
        };
        for value in record.leaf(def.parent, def.id) {
            let own = key(def, value);
            let mut numbers = Vec::new();
            if let Some(key) = index.key_of_value(value) {
                index.under(&key, &mut numbers);
            }
            let mut others = numbers
                .into_iter()
                .filter_map(|number| self.snapshot.numbered(number));
            let has_it = |other: &Record| {
                let mut theirs = other.leaf(def.parent, def.id);
                other.id != record.id && theirs.any(|their| key(def, their) == own)
            };
            if others.any(|other| has_it(other)) {
                return Err(Refusal::Taken {
                    kind: record.kind.name(),
                    attribute: registry.path(def.id).into(),
                });
            }
        }
        Ok(())
    }
}

/// What decides whether two values of a leaf are the same under its rule.
pub(super) fn key(def: &AttrDef, value: &Value) -> Key {
    match value {
        Value::Str(text) => Key::Text(def.rule().key(text).unwrap_or_else(|| text.clone())),
        Value::Bool(value) => Key::Bool(*value),
        Value::Int(value) => Key::Int(*value),
        Value::Time(at) => Key::Time(at.to_millis_precision()),
        Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
        // No leaf.
        Value::Complex(_) => Key::Text(SmolStr::default()),
    }
}

fn check_values(registry: &Registry, def: &AttrDef, values: &[Value]) -> Result<(), Refusal> {
    if !fits(def.ty, def.multi_valued, values) {
        return Err(invalid(registry, def.id, "is not of the attribute's type"));
    }
    for element in values.iter().filter_map(Value::as_complex) {
        for sub in registry.children(def.id).iter().copied() {
            let values = element.values(sub);
            let Some(sub) = registry.get(sub) else {
                continue;
            };
            if sub.required && values.is_empty() {
                return Err(invalid(registry, sub.id, "is required"));
            }
            if !fits(sub.ty, false, values) {
                return Err(invalid(registry, sub.id, "is not of the attribute's type"));
            }
        }
    }
    Ok(())
}

/// Whether the values can be those of an attribute of this type.
pub(super) fn fits(ty: Type, multi_valued: bool, values: &[Value]) -> bool {
    let is_typed = |value: &Value| {
        matches!(
            (ty, value),
            (Type::String | Type::Reference, Value::Str(_))
                | (Type::Boolean, Value::Bool(_))
                | (Type::Integer, Value::Int(_))
                | (Type::DateTime, Value::Time(_))
                | (Type::Binary, Value::Bytes(_))
                | (Type::Complex, Value::Complex(_))
        )
    };
    (multi_valued || values.len() <= 1) && values.iter().all(is_typed)
}

fn invalid(registry: &Registry, attr: AttrId, problem: &str) -> Refusal {
    Refusal::InvalidValue {
        path: registry.path(attr).into(),
        problem: problem.to_owned(),
    }
}
