//! Putting in place the schemas that the tenant's file declares, without losing what people hold.
//!
//! An attribute keeps its number for as long as it is declared or somebody holds a value of it.
//! One that is no longer declared is hidden while that is so, and comes back with its values when
//! it is declared again. A definition that does not fit what people hold is refused.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jackfield_access::Denial;
use jackfield_model::schema::own::{MOST, OwnAttribute, OwnSchema};
use jackfield_model::schema::{Schema, Type, Uniqueness};
use jackfield_model::{
    AttrDef, AttrId, Attributes, AuditChange, Change, Id, Kind, OwnSchemas, Record, Registry, Value,
};

use super::Refusal;
use super::draft::Draft;
use super::own::{fits, key};
use crate::snapshot::Snapshot;

pub(super) fn declare(draft: &mut Draft<'_>, declared: &OwnSchemas) -> Result<(), Refusal> {
    let stored = Arc::clone(draft.snapshot.schemas());
    if stored.declared() == *declared {
        return Ok(());
    }
    let schemas = adopt(&draft.snapshot, &stored, declared)?;
    let before = Arc::clone(draft.snapshot.registry());
    let after = Registry::with(&schemas);
    for def in after.iter_own().filter(|def| def.parent.is_none()) {
        check(&draft.snapshot, &before, &after, def)?;
    }
    draft.push(Change::PutSchemas(schemas))?;
    draft.tell("tenant.schemas", None, differences(&before, &after));
    Ok(())
}

/// What is declared, under the numbers it has or gets, with what must be kept hidden.
fn adopt(
    snapshot: &Snapshot,
    stored: &OwnSchemas,
    declared: &OwnSchemas,
) -> Result<OwnSchemas, Refusal> {
    let mut schemas = declared.clone();
    for old in &stored.0 {
        let is_gone = |attribute: &&OwnAttribute| find(declared, old, &attribute.name).is_none();
        let mut kept: Vec<OwnAttribute> = (old.attributes.iter())
            .filter(is_gone)
            .filter(|attribute| is_held(snapshot, old.kind, AttrId::own(attribute.number)))
            .cloned()
            .collect();
        for attribute in &mut kept {
            attribute.hidden = true;
        }
        match schemas.0.iter_mut().find(|new| is_same(new, old)) {
            Some(new) => new.attributes.append(&mut kept),
            None if kept.is_empty() => {}
            None => schemas.0.push(OwnSchema {
                attributes: kept,
                ..old.clone()
            }),
        }
    }
    number(stored, &mut schemas)?;
    Ok(schemas)
}

/// Gives each attribute the number that it had, or a free one: not one that was only just in use,
/// so that a request that was read before this edit cannot mean another attribute by it.
fn number(stored: &OwnSchemas, schemas: &mut OwnSchemas) -> Result<(), Refusal> {
    let mut taken = BTreeSet::new();
    let mut had = Vec::new();
    for schema in &schemas.0 {
        for attribute in &schema.attributes {
            let before = find(stored, schema, &attribute.name);
            had.push(before.map(|before| before.number));
            for sub in &attribute.sub {
                let before = before.and_then(|before| named(&before.sub, &sub.name));
                had.push(before.map(|before| before.number));
            }
        }
    }
    taken.extend(had.iter().flatten().copied());
    let room = u16::try_from(MOST).unwrap_or(u16::MAX);
    let last = stored.all().map(|attribute| attribute.number).max();
    let from = last.map_or(0, |last| last + 1);
    let mut free = (from..room)
        .chain(0..from)
        .filter(move |number| !taken.contains(number));
    let attributes = schemas
        .0
        .iter_mut()
        .flat_map(|schema| &mut schema.attributes);
    let mut had = had.into_iter();
    let mut next = || had.next().flatten().or_else(|| free.next());
    for attribute in attributes {
        attribute.number = next().ok_or_else(no_room)?;
        for sub in &mut attribute.sub {
            sub.number = next().ok_or_else(no_room)?;
        }
    }
    Ok(())
}

fn no_room() -> Refusal {
    let why = format!(
        "there is room for {MOST} attributes and sub-attributes of a tenant's own, and those that \
         are no longer declared need theirs while people hold values of them"
    );
    Refusal::Protected(Denial::by("schema_room", why))
}

fn is_same(one: &OwnSchema, other: &OwnSchema) -> bool {
    one.kind == other.kind && one.urn.eq_ignore_ascii_case(&other.urn)
}

fn named<'a>(attributes: &'a [OwnAttribute], name: &str) -> Option<&'a OwnAttribute> {
    let mut attributes = attributes.iter();
    attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

fn find<'a>(schemas: &'a OwnSchemas, schema: &OwnSchema, name: &str) -> Option<&'a OwnAttribute> {
    let same = schemas.0.iter().filter(|other| is_same(other, schema));
    same.into_iter()
        .find_map(|other| named(&other.attributes, name))
}

fn is_held(snapshot: &Snapshot, kind: Kind, attr: AttrId) -> bool {
    let mut records = snapshot.all_of(kind);
    records.any(|record| !record.attributes.values(attr).is_empty())
}

/// Refuses a new definition that the values people hold do not fit.
fn check(
    snapshot: &Snapshot,
    before: &Registry,
    after: &Registry,
    def: &AttrDef,
) -> Result<(), Refusal> {
    let schema = def.schemas.first().copied().unwrap_or(Schema::Internal);
    let Some(kind) = after.own_schema(schema).map(|schema| schema.kind) else {
        return Ok(());
    };
    if before.get(def.id).is_none() || shape(before, def.id) != shape(after, def.id) {
        let records = snapshot.all_of(kind);
        let strange = records
            .filter(|record| !fits_all(after, def, record))
            .count();
        if strange > 0 {
            return Err(refused(after, def, kind, strange, "would not fit"));
        }
    }
    let subs = after.children(def.id).iter();
    for def in subs.filter_map(|sub| after.get(*sub)).chain([def]) {
        let old = before.get(def.id);
        let was_unique =
            old.is_some_and(|old| old.uniqueness == Uniqueness::Server && old.rule() == def.rule());
        if def.uniqueness == Uniqueness::Server && !was_unique {
            let shared = shared(snapshot.all_of(kind).map(|record| &**record), def);
            if shared > 0 {
                return Err(refused(after, def, kind, shared, "others have, too"));
            }
        }
    }
    Ok(())
}

fn refused(registry: &Registry, def: &AttrDef, kind: Kind, count: usize, what: &str) -> Refusal {
    let (path, kind) = (registry.path(def.id), kind.name());
    let plural = if count == 1 {
        " has a value"
    } else {
        "s have values"
    };
    let why = format!(
        "the new definition of {path} cannot be taken up: {count} {kind}{plural} that {what}"
    );
    Refusal::Protected(Denial::by("schema_fits", why))
}

/// What decides whether a value fits.
fn shape(registry: &Registry, attr: AttrId) -> Vec<(AttrId, Type, bool)> {
    let children = registry.children(attr).iter().copied();
    let parts = std::iter::once(attr).chain(children);
    parts
        .filter_map(|attr| registry.get(attr))
        .map(|def| (def.id, def.ty, def.multi_valued))
        .collect()
}

/// Whether what the record holds fits, sub-attributes that nobody declares included.
fn fits_all(registry: &Registry, def: &AttrDef, record: &Record) -> bool {
    let values = record.attributes.values(def.id);
    let parts = values.iter().filter_map(Value::as_complex);
    fits(def.ty, def.multi_valued, values)
        && parts.flat_map(Attributes::iter).all(|(sub, values)| {
            let sub = registry.get(sub).filter(|sub| sub.parent == Some(def.id));
            sub.is_some_and(|sub| fits(sub.ty, false, values))
        })
}

/// How many records have a value that another has, too.
fn shared<'r>(records: impl Iterator<Item = &'r Record>, def: &AttrDef) -> usize {
    let mut holders: HashMap<_, BTreeSet<Id>> = HashMap::new();
    for record in records {
        for value in record.leaf(def.parent, def.id) {
            holders
                .entry(key(def, value))
                .or_default()
                .insert(record.id);
        }
    }
    let shared = holders.into_values().filter(|holders| holders.len() > 1);
    shared.flatten().collect::<BTreeSet<Id>>().len()
}

/// What was added and taken away, for the audit log.
fn differences(before: &Registry, after: &Registry) -> Vec<AuditChange> {
    let told = |registry: &Registry, attr| {
        let def = registry.get(attr)?;
        let many = if def.multi_valued {
            ", multi-valued"
        } else {
            ""
        };
        let unique = match def.uniqueness {
            Uniqueness::Server => ", unique",
            Uniqueness::None => "",
        };
        Some(format!("{:?}{many}{unique}", def.ty))
    };
    let gone = before.iter_own().filter(|def| after.get(def.id).is_none());
    gone.map(|def| (before, def))
        .chain(after.iter_own().map(|def| (after, def)))
        .map(|(registry, def)| AuditChange {
            attribute: registry.path(def.id).into(),
            before: told(before, def.id),
            after: told(after, def.id),
        })
        .filter(|change| change.before != change.after)
        .collect()
}
