//! Making a record.

use std::sync::Arc;

use jackfield_access::{Action, Deed, Denial, RoleKey, Subject};
use jackfield_model::schema::{Schema, attr};
use jackfield_model::{AttrId, Attributes, Change, Id, Kind, Record, text};

use super::authority::Care;
use super::draft::Draft;
use super::edit::Wanted;
use super::replace::replace;
use super::{Note, Refusal, action, bounds};

pub(super) fn create(draft: &mut Draft<'_>, kind: Kind, bag: &Attributes) -> Result<Id, Refusal> {
    if kind == Kind::User
        && let Some(former) = former(draft, bag)?
    {
        return revive(draft, &former, bag);
    }
    let (registry, none) = (draft.snapshot.registry(), Attributes::new());
    bounds::check_counts(registry, &none, bag)?;
    bounds::check_texts(registry, &none, bag)?;
    let wanted = Wanted::of(bag.clone(), registry);
    let mut record = draft.new_record(kind);
    record.attributes = wanted.stored;
    match kind {
        Kind::User => authorise_user(draft, &record, wanted.roles.as_deref().unwrap_or_default())?,
        Kind::Role => {
            let why = "roles are made in the catalogue and in the tenant's file";
            return Err(Refusal::Forbidden(Denial::by("declared", why)));
        }
        _ => draft.require_for(kind, Care::Create)?,
    }
    draft.check_name(&record)?;
    draft.check_own(None, &record)?;
    let record = Arc::new(record);
    draft.push(Change::PutRecord(Arc::clone(&record)))?;
    draft.tell(
        action::create(kind),
        Some(&record),
        draft.differences(&Attributes::new(), &record.attributes),
    );
    draft.join_by_id(record.id)?;
    draft.link(record.id, wanted.external_id)?;
    if kind == Kind::User {
        if let Some(roles) = wanted.roles {
            draft.set_new_roles(&record, roles)?;
        }
        draft.set_extensions(&record, wanted.extensions)?;
        draft.set_desks(&record, wanted.desks)?;
        draft.set_password(&record)?;
    }
    if let (Kind::Group, Some(members)) = (kind, wanted.members) {
        draft.add_members(&record, &members)?;
    }
    Ok(record.id)
}

/// The inactive user whom the acting connection owns and knows by the name that the bag has: Okta
/// makes a user anew who was assigned to it before and is called otherwise now.
fn former(draft: &Draft<'_>, bag: &Attributes) -> Result<Option<Arc<Record>>, Refusal> {
    let (Some(connection), Some(name)) = (draft.connection(), bag.text(attr::EXTERNAL_ID)) else {
        return Ok(None);
    };
    let name = text::case_exact(name);
    let named = draft.snapshot.links().named(connection, &name);
    let users = named
        .filter_map(|id| draft.snapshot.record(id))
        .filter(|record| record.kind == Kind::User);
    let mut former = None;
    for user in users {
        if user.is_active() || !draft.writes_attributes(user.id) {
            return Err(Refusal::Taken {
                kind: "user",
                attribute: "externalId".into(),
            });
        }
        former = Some(Arc::clone(user));
    }
    Ok(former)
}

fn revive(draft: &mut Draft<'_>, former: &Arc<Record>, bag: &Attributes) -> Result<Id, Refusal> {
    let mut bag = bag.clone();
    if bag.flag(attr::ACTIVE).is_none() {
        bag.put(attr::ACTIVE, true);
    }
    // A client that does not know them cannot mean to clear them.
    let unknown = draft.snapshot.registry().attributes_of(Schema::PbxUser);
    let keep: Vec<AttrId> = unknown
        .map(|def| def.id)
        .filter(|attr| bag.values(*attr).is_empty())
        .collect();
    draft.note(Note::Revived);
    replace(draft, former, &bag, &keep)?;
    Ok(former.id)
}

fn authorise_user(
    draft: &Draft<'_>,
    record: &Record,
    roles: &[jackfield_model::Value],
) -> Result<(), Refusal> {
    let keys = draft.known_roles(roles);
    let effective = draft
        .snapshot
        .roles()
        .effective(keys.iter().map(|role| role.key.as_str()));
    let subject = Subject {
        roles: &effective,
        is_self: false,
        is_active: record.is_active(),
        other_holders: &|_: &RoleKey| 0,
    };
    draft.decide(Action::User(Deed::Create, subject))
}
