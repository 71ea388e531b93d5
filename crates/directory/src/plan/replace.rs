//! Putting new attributes in place of a record's (RFC 7644 §3.5.1).
//!
//! What a client leaves out is cleared, but for what it keeps, and for roles, which others may have
//! given.

use std::sync::Arc;

use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Kind, Record, Registry, Value};

use super::draft::Draft;
use super::edit::Wanted;
use super::groups::check_role_title;
use super::{Refusal, bounds};

pub(super) fn replace(
    draft: &mut Draft<'_>,
    record: &Arc<Record>,
    bag: &Attributes,
    keep: &[AttrId],
) -> Result<(), Refusal> {
    bounds::check_counts(draft.snapshot.registry(), &record.attributes, bag)?;
    let mut wanted = Wanted::of(bag.clone(), draft.snapshot.registry());
    if record.kind == Kind::Role {
        check_role_title(record, wanted.stored.text(attr::DISPLAY_NAME))?;
    } else {
        for (attr, values) in record.attributes.iter() {
            let registry = draft.snapshot.registry();
            let is_named = !wanted.stored.values(attr).is_empty();
            if keep.contains(&attr) || !is_writable(registry, record.kind, attr, is_named) {
                wanted.stored.set(attr, values.to_vec());
            }
        }
        if record.kind == Kind::User {
            // Values of `roles` that name no role are the record's own data.
            wanted
                .stored
                .set(attr::ROLES, record.attributes.values(attr::ROLES).to_vec());
        }
        draft.store(record, wanted.stored)?;
    }
    let external_id = match keep.contains(&attr::EXTERNAL_ID) {
        true => draft.external_id(record.id),
        false => wanted.external_id,
    };
    draft.link(record.id, external_id)?;
    let relation = |attr, wanted: Option<Vec<Value>>| match keep.contains(&attr) {
        true => wanted,
        false => Some(wanted.unwrap_or_default()),
    };
    let roles = wanted.roles.map(|roles| draft.as_granted(record, roles));
    match record.kind {
        Kind::User => draft.relate(
            record,
            roles,
            relation(attr::EXTENSIONS, wanted.extensions),
            relation(attr::DESKS, wanted.desks),
        ),
        Kind::Group | Kind::Role if !keep.contains(&attr::MEMBERS) => {
            draft.replace_members(record, &wanted.members.unwrap_or_default())
        }
        _ => Ok(()),
    }
}

/// Whether a client can write the attribute at all: what it cannot write it cannot clear. What is
/// immutable can be named, if only as it is.
fn is_writable(registry: &Registry, kind: Kind, attr: AttrId, is_named: bool) -> bool {
    use jackfield_model::schema::{Mutability, Schema};
    let is_scim = matches!(kind, Kind::User | Kind::Group);
    registry.get(attr).is_some_and(|def| {
        let is_internal = def.schemas.contains(&Schema::Internal);
        let may_change = match def.mutability {
            Mutability::ReadOnly => false,
            Mutability::Immutable => is_named,
            Mutability::ReadWrite | Mutability::WriteOnly => true,
        };
        may_change && !(is_scim && is_internal)
    })
}
