//! Putting in place what the tenant's file declares: settings, role system, custom roles.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_access::{Denial, RoleDef, RoleKey};
use jackfield_model::schema::attr;
use jackfield_model::{AuditChange, Change, Kind, Record, Settings, Value};

use super::draft::Draft;
use super::{Declaration, Refusal, action, delete, schemas};

pub(super) fn declare(draft: &mut Draft<'_>, declared: &Declaration) -> Result<(), Refusal> {
    draft.require_operator()?;
    check_made_at_run_time(draft, declared)?;
    if **draft.snapshot.settings() != declared.settings {
        draft.push(Change::PutSettings(Box::new(declared.settings.clone())))?;
        let change = AuditChange {
            attribute: "suffix".into(),
            before: None,
            after: Some(declared.settings.suffix.to_string()),
        };
        draft.tell("tenant.settings", None, vec![change]);
    }
    schemas::declare(draft, &declared.schemas)?;
    if *draft.snapshot.catalogue() != declared.catalogue {
        let body = serde_json::to_string(&declared.catalogue)
            .map_err(|error| crate::ApplyError::Catalogue(error.to_string()))?;
        draft.push(Change::PutCatalogue(body))?;
        draft.tell("tenant.catalogue", None, Vec::new());
    }
    let built_in = declared
        .catalogue
        .roles
        .iter()
        .map(|(key, def)| (key, def, false));
    let custom = declared
        .custom_roles
        .iter()
        .map(|(key, def)| (key, def, true));
    let wanted: Vec<(&RoleKey, &RoleDef, bool)> = built_in.chain(custom).collect();
    remove_others(draft, &wanted)?;
    put_roles(draft, &wanted)
}

pub(super) fn suspend(draft: &mut Draft<'_>, suspended: bool) -> Result<(), Refusal> {
    draft.require_operator()?;
    let settings = Settings {
        suspended,
        ..(**draft.snapshot.settings()).clone()
    };
    if settings == **draft.snapshot.settings() {
        return Ok(());
    }
    draft.push(Change::PutSettings(Box::new(settings)))?;
    draft.tell(
        if suspended {
            action::SUSPEND
        } else {
            action::RESUME
        },
        None,
        Vec::new(),
    );
    Ok(())
}

/// Refuses a declaration in which roles that were made at run time would make no sense.
fn check_made_at_run_time(draft: &Draft<'_>, declared: &Declaration) -> Result<(), Refusal> {
    let mut all: BTreeMap<RoleKey, RoleDef> = declared.custom_roles.iter().cloned().collect();
    let is_made = |role: &Record| role.attributes.flag(attr::MADE_AT_RUN_TIME) == Some(true);
    let made = draft
        .snapshot
        .all_of(Kind::Role)
        .filter(|role| is_made(role));
    for key in made.filter_map(|role| role.login()) {
        let def = draft
            .snapshot
            .roles()
            .get(key)
            .map(|role| role.def().clone());
        if declared.catalogue.roles.contains_key(key) || all.contains_key(key) {
            continue; // it is declared from now on
        }
        all.insert(RoleKey::from(key), def.unwrap_or_default());
    }
    let mut problems = declared.catalogue.validate_custom(&all).into_iter();
    match problems.next() {
        Some(problem) if all.len() > declared.custom_roles.len() => {
            let why = format!("roles that were made at run time do not fit: {problem}");
            Err(Refusal::Protected(Denial::by("roles_fit", why)))
        }
        _ => Ok(()),
    }
}

/// Removes the roles that are no longer declared; one that people hold stays, and so does all else.
fn remove_others(
    draft: &mut Draft<'_>,
    wanted: &[(&RoleKey, &RoleDef, bool)],
) -> Result<(), Refusal> {
    let gone: Vec<Arc<Record>> = draft
        .snapshot
        .of_kind(Kind::Role)
        .filter_map(|number| draft.snapshot.numbered(number).cloned())
        .filter(|role| role.attributes.flag(attr::MADE_AT_RUN_TIME) != Some(true))
        .filter(|role| {
            !wanted
                .iter()
                .any(|(key, ..)| Some(key.as_str()) == role.login())
        })
        .collect();
    for role in gone {
        let granted = draft
            .snapshot
            .grantees(&role)
            .filter_map(|user| user.login());
        let names: Vec<&str> = granted.take(5).collect();
        if !names.is_empty() {
            let why = format!(
                "the role {:?} is no longer declared, but people hold it: {}",
                role.login().unwrap_or_default(),
                names.join(", ")
            );
            return Err(Refusal::Protected(Denial::by("roles_held", why)));
        }
        draft.tell(action::DELETE_ROLE, Some(&role), Vec::new());
        delete::remove(draft, &role)?;
    }
    Ok(())
}

/// Says on its record what a role is.
pub(super) fn describe(
    record: &mut Record,
    key: &RoleKey,
    def: &RoleDef,
    is_custom: bool,
) -> Result<(), Refusal> {
    let bag = &mut record.attributes;
    bag.put(attr::ROLE_KEY, key.as_str());
    bag.put(attr::DISPLAY_NAME, def.title.as_str());
    let described = Some(def.description.as_str()).filter(|text| !text.is_empty());
    bag.set(
        attr::DESCRIPTION,
        described.map(Value::from).into_iter().collect(),
    );
    let definition = is_custom.then(|| serde_json::to_string(def)).transpose();
    let definition = definition
        .map_err(|error| crate::ApplyError::Catalogue(error.to_string()))?
        .map(|text| Value::Str(text.into()));
    bag.set(attr::ROLE_DEFINITION, definition.into_iter().collect());
    Ok(())
}

fn put_roles(draft: &mut Draft<'_>, wanted: &[(&RoleKey, &RoleDef, bool)]) -> Result<(), Refusal> {
    let mut changes = Vec::new();
    let mut next_number = draft.snapshot.next_number();
    for (key, def, is_custom) in wanted {
        let existing = draft.snapshot.role_record(key.as_str()).cloned();
        let mut record = match &existing {
            Some(record) => (**record).clone(),
            None => {
                let mut record = draft.new_record(Kind::Role);
                record.number.0 = next_number;
                next_number += 1;
                record
            }
        };
        describe(&mut record, key, def, *is_custom)?;
        record.attributes.set(attr::MADE_AT_RUN_TIME, Vec::new());
        if existing
            .as_ref()
            .is_some_and(|before| before.attributes == record.attributes)
        {
            continue;
        }
        record.modified = draft.ctx.now;
        record.version = draft.version();
        draft.tell("role.define", Some(&record), Vec::new());
        changes.push(Change::PutRecord(Arc::new(record)));
    }
    if changes.is_empty() {
        Ok(())
    } else {
        draft.push_all(changes)
    }
}
