//! Custom roles at run time, and giving roles by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_access::{Action, Denial, RoleDef, RoleKey};
use jackfield_model::schema::attr;
use jackfield_model::{AuditChange, Change, Grant, Id, Kind, Record, Value};

use super::draft::Draft;
use super::{Precondition, Refusal, action, declare, delete};

/// What is done about roles, by people and by the operator.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleCommand {
    /// Makes a custom role.
    Create {
        /// Its key, which no role has yet.
        key: RoleKey,
        /// What it is.
        def: RoleDef,
    },
    /// Defines a custom role anew; it changes for everybody who holds it.
    Edit {
        /// Its key.
        key: RoleKey,
        /// What it is from now on.
        def: RoleDef,
        /// At which version of its record.
        expect: Precondition,
    },
    /// Deletes a custom role. Its holders keep their other roles.
    Delete {
        /// Its key.
        key: RoleKey,
        /// At which version of its record.
        expect: Precondition,
    },
    /// Gives a user a role. Where a user holds one role of the kind, it takes the place of those
    /// that were given before, but for those that mapping rules give.
    Assign {
        /// The user.
        user: Id,
        /// The role's key.
        role: RoleKey,
    },
    /// Takes a role from a user, whoever gave it, but for mapping rules.
    Unassign {
        /// The user.
        user: Id,
        /// The role's key.
        role: RoleKey,
    },
    /// Notes that somebody has looked at who holds the role, and found it right.
    Review {
        /// The role's key.
        role: RoleKey,
    },
}

pub(super) fn run(draft: &mut Draft<'_>, command: &RoleCommand) -> Result<Id, Refusal> {
    match command {
        RoleCommand::Create { key, def } => create(draft, key, def),
        RoleCommand::Edit { key, def, expect } => edit(draft, key, def, expect),
        RoleCommand::Delete { key, expect } => remove(draft, key, expect),
        RoleCommand::Assign { user, role } => assign(draft, *user, role),
        RoleCommand::Unassign { user, role } => unassign(draft, *user, role),
        RoleCommand::Review { role } => review(draft, role),
    }
}

fn create(draft: &mut Draft<'_>, key: &RoleKey, def: &RoleDef) -> Result<Id, Refusal> {
    let roles = Arc::clone(draft.snapshot.roles());
    draft.decide(Action::CreateRole(&roles.define(key.clone(), def.clone())))?;
    if roles.get(key.as_str()).is_some() {
        return Err(Refusal::Taken {
            kind: "role",
            attribute: "key".into(),
        });
    }
    check(draft, key, def)?;
    let mut record = draft.new_record(Kind::Role);
    declare::describe(&mut record, key, def, true)?;
    record.attributes.put(attr::MADE_AT_RUN_TIME, true);
    put(draft, record, action::CREATE_ROLE, None, def)
}

fn edit(
    draft: &mut Draft<'_>,
    key: &RoleKey,
    def: &RoleDef,
    expect: &Precondition,
) -> Result<Id, Refusal> {
    let roles = Arc::clone(draft.snapshot.roles());
    let before = roles.get(key.as_str()).ok_or(Refusal::NotFound("role"))?;
    let after = roles.define(key.clone(), def.clone());
    let (before, after) = (before, &after);
    draft.decide(Action::EditRole { before, after })?;
    let mut record = (*own_record(draft, key)?).clone();
    draft.expected(record.id, Kind::Role, expect)?;
    check(draft, key, def)?;
    if before.def() == def {
        return Ok(record.id);
    }
    declare::describe(&mut record, key, def, true)?;
    (record.modified, record.version) = (draft.ctx.now, draft.version());
    put(draft, record, action::EDIT_ROLE, Some(before.def()), def)
}

fn remove(draft: &mut Draft<'_>, key: &RoleKey, expect: &Precondition) -> Result<Id, Refusal> {
    let roles = Arc::clone(draft.snapshot.roles());
    let role = roles.get(key.as_str()).ok_or(Refusal::NotFound("role"))?;
    draft.decide(Action::DeleteRole(role))?;
    let record = own_record(draft, key)?;
    draft.expected(record.id, Kind::Role, expect)?;
    let number = record.number.0;
    let holders: Vec<Arc<Record>> = draft
        .snapshot
        .grant_edges()
        .of(number)
        .filter_map(|(user, _)| draft.snapshot.numbered(user).cloned())
        .collect();
    let before: Vec<Option<String>> = holders.iter().map(|user| draft.titles(user)).collect();
    let revoke = |user: &Arc<Record>| {
        let sources = draft.snapshot.grant_edges().get(number, user.number.0);
        let (user, role) = (user.id, record.id);
        let grant = move |source| Change::Revoke(Grant { user, role, source });
        sources.cloned().unwrap_or_default().into_iter().map(grant)
    };
    let changes: Vec<Change> = holders.iter().flat_map(revoke).collect();
    draft.push_all(changes)?;
    for (user, before) in holders.iter().zip(before) {
        let change = AuditChange {
            attribute: "roles".into(),
            before,
            after: draft.titles(user),
        };
        draft.tell(action::ROLES, Some(user), vec![change]);
    }
    draft.tell(
        action::DELETE_ROLE,
        Some(&record),
        definition(Some(role.def()), None),
    );
    delete::remove(draft, &record)?;
    Ok(record.id)
}

fn assign(draft: &mut Draft<'_>, user: Id, role: &RoleKey) -> Result<Id, Refusal> {
    let (user, wanted) = (user_record(draft, user)?, role_record(draft, role)?);
    let given = draft.hand_given(&user);
    let roles = Arc::clone(draft.snapshot.roles());
    let is_instead = |own: &Record| {
        let key = own.login().unwrap_or_default();
        roles.is_instead(role.as_str(), key)
    };
    let replaced: Vec<Id> = given
        .iter()
        .filter(|own| own.id != wanted.id && is_instead(own))
        .map(|own| own.id)
        .collect();
    let add: Vec<Id> = match given.iter().any(|own| own.id == wanted.id) {
        true => Vec::new(),
        false => vec![wanted.id],
    };
    draft.change_grants(&user, &add, &replaced)?;
    Ok(user.id)
}

fn unassign(draft: &mut Draft<'_>, user: Id, role: &RoleKey) -> Result<Id, Refusal> {
    let (user, unwanted) = (user_record(draft, user)?, role_record(draft, role)?);
    let given = draft.hand_given(&user);
    let is_given = given.iter().any(|own| own.id == unwanted.id);
    let remove: &[Id] = if is_given { &[unwanted.id] } else { &[] };
    draft.change_grants(&user, &[], remove)?;
    if is_given {
        return Ok(user.id);
    }
    let sources = draft
        .snapshot
        .grant_edges()
        .get(unwanted.number.0, user.number.0);
    match sources {
        Some(_) => {
            let why = format!(
                "The role {} comes from a mapping rule: take the user out of the group, or change \
                 the rule.",
                unwanted.common_name()
            );
            Err(Refusal::Forbidden(Denial::by("mapping", why)))
        }
        None => Err(Refusal::NotFound("grant of the role to the user")),
    }
}

fn review(draft: &mut Draft<'_>, role: &RoleKey) -> Result<Id, Refusal> {
    let needed = draft.snapshot.catalogue().needs.change_roles.clone();
    draft.decide(Action::Use(&needed))?;
    let mut record = (*role_record(draft, role)?).clone();
    let shown = |record: &Record| match record.attributes.first(attr::REVIEWED) {
        Some(Value::Time(at)) => Some(at.to_rfc3339()),
        _ => None,
    };
    let before = shown(&record);
    record
        .attributes
        .set(attr::REVIEWED, vec![Value::Time(draft.ctx.now)]);
    let change = AuditChange {
        attribute: "reviewed".into(),
        before,
        after: shown(&record),
    };
    draft.tell(action::REVIEW_ROLE, Some(&record), vec![change]);
    let id = record.id;
    draft.push(Change::PutRecord(Arc::new(record)))?;
    Ok(id)
}

fn put(
    draft: &mut Draft<'_>,
    record: Record,
    action: &'static str,
    before: Option<&RoleDef>,
    after: &RoleDef,
) -> Result<Id, Refusal> {
    draft.tell(action, Some(&record), definition(before, Some(after)));
    let id = record.id;
    draft.push(Change::PutRecord(Arc::new(record)))?;
    Ok(id)
}

fn definition(before: Option<&RoleDef>, after: Option<&RoleDef>) -> Vec<AuditChange> {
    let shown = |def: Option<&RoleDef>| def.and_then(|def| serde_json::to_string(def).ok());
    vec![AuditChange {
        attribute: "definition".into(),
        before: shown(before),
        after: shown(after),
    }]
}

/// A role definition that the catalogue does not know what to make of is refused.
fn check(draft: &Draft<'_>, key: &RoleKey, def: &RoleDef) -> Result<(), Refusal> {
    if !key.is_valid() {
        return Err(Refusal::InvalidValue {
            path: "key".into(),
            problem: "lower-case letters, digits, hyphens and underscores, a letter first".into(),
        });
    }
    let roles = draft.snapshot.roles();
    let custom = roles.iter().filter(|role| role.is_custom());
    let mut all: BTreeMap<RoleKey, RoleDef> = custom
        .map(|role| (role.key().clone(), role.def().clone()))
        .collect();
    all.insert(key.clone(), def.clone());
    let own = format!("role.{key}");
    let is_own = |path: &str| {
        let rest = path.strip_prefix(&own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut problems = roles.catalogue().validate_custom(&all).into_iter();
    let Some(problem) = problems.find(|problem| is_own(&problem.path)) else {
        return Ok(());
    };
    let expected = problem
        .expected
        .map(|expected| format!("; expected {expected}"));
    Err(Refusal::InvalidValue {
        path: problem.path,
        problem: format!("{}{}", problem.message, expected.unwrap_or_default()),
    })
}

/// The record of a custom role that was made at run time; what the tenant's file declares changes
/// there.
fn own_record(draft: &Draft<'_>, key: &RoleKey) -> Result<Arc<Record>, Refusal> {
    let record = role_record(draft, key)?;
    match record.attributes.flag(attr::MADE_AT_RUN_TIME) {
        Some(true) => Ok(record),
        _ => {
            let why = format!(
                "The role {} is declared in the tenant's file, and changes there only.",
                record.common_name()
            );
            Err(Refusal::Forbidden(Denial::by("declared", why)))
        }
    }
}

fn role_record(draft: &Draft<'_>, key: &RoleKey) -> Result<Arc<Record>, Refusal> {
    let record = draft.snapshot.role_record(key.as_str());
    record.cloned().ok_or(Refusal::NotFound("role"))
}

fn user_record(draft: &Draft<'_>, id: Id) -> Result<Arc<Record>, Refusal> {
    let record = draft.snapshot.record(id);
    let user = record.filter(|record| record.kind == Kind::User);
    user.cloned().ok_or(Refusal::NotFound("user"))
}
