//! Questions as lines of text.
//!
//! A line is `who does what answer`. *Who* and *what* are a user's roles, joined by `+`, or `-` for
//! a user without any; *who* may be `system`, `reader` or `connection:<ceiling>`, *what* `self`. A
//! `!` behind the deed says that nobody else holds the roles. The answer is `yes` or the rule that
//! refuses.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_access::{
    Action, Actor, Catalogue, Ceiling, Decision, Deed, Denial, Effective, Permission, Role,
    RoleDef, RoleKey, Roles, Subject, decide,
};

pub(crate) const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");
pub(crate) const PBX_STATS: &str = include_str!("../../../../config/catalogues/pbx-stats.toml");
pub(crate) const PBX_IM: &str = include_str!("../../../../config/catalogues/pbx-im.toml");
pub(crate) const TENANT: &str = include_str!("../../../../config/catalogues/tenant.toml");

#[derive(serde::Deserialize)]
pub(crate) struct Custom {
    pub(crate) role: BTreeMap<RoleKey, RoleDef>,
}

pub(crate) fn catalogue(text: &str) -> Catalogue {
    toml::from_str(text).unwrap()
}

/// The roles of a catalogue without mistakes.
pub(crate) fn roles(text: &str) -> Roles {
    with_custom(text, "[role]")
}

/// The roles of a catalogue, edited as its comments say.
pub(crate) fn edited(text: &str, edits: &[(&str, &str)]) -> Roles {
    roles(&edit(text, edits))
}

pub(crate) fn edit(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

pub(crate) fn with_custom(text: &str, custom: &str) -> Roles {
    let catalogue = catalogue(text);
    assert_eq!(catalogue.validate(), []);
    let custom = toml::from_str::<Custom>(custom).unwrap().role;
    assert_eq!(catalogue.validate_custom(&custom), []);
    Roles::new(Arc::new(catalogue), custom)
}

/// Asks every question of the table.
pub(crate) fn check(roles: &Roles, table: &str) {
    let wrong: Vec<String> = table
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let (question, expected) = line.rsplit_once(' ').unwrap();
            let words: Vec<&str> = question.split_whitespace().collect();
            let answer = answer(
                roles,
                words[0],
                words[1],
                words.get(2).copied().unwrap_or("-"),
            );
            let said = match &answer {
                Decision::Permit => "yes",
                Decision::Deny(reason) => reason.rule(),
            };
            (said != expected).then(|| format!("{line}, but it was {said}: {answer:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The answer to one question.
pub(crate) fn answer(roles: &Roles, who: &str, deed: &str, what: &str) -> Decision {
    ask(roles, who, deed, what, |decision, _| decision)
}

/// A refusal, as it is told.
pub(crate) fn denial(roles: &Roles, who: &str, deed: &str, what: &str) -> String {
    ask(roles, who, deed, what, |decision, action| match decision {
        Decision::Permit => panic!("{who} may {deed} {what}"),
        Decision::Deny(reason) => Denial::of(&reason, roles, action).to_string(),
    })
}

fn ask<T>(
    roles: &Roles,
    who: &str,
    deed: &str,
    what: &str,
    told: impl FnOnce(Decision, Action<'_>) -> T,
) -> T {
    let own = user(roles, who);
    let ceiling = match who.strip_prefix("connection:") {
        Some("full") => Ceiling::Full,
        Some("below_kept") | None => Ceiling::BelowKept,
        Some(role) => Ceiling::Role(role.into()),
    };
    let actor = match who {
        "system" => Actor::System,
        "reader" => Actor::Reader,
        _ if who.starts_with("connection:") => Actor::Connection(&ceiling),
        _ => Actor::Person(&own),
    };
    let (deed, others) = deed.strip_suffix('!').map_or((deed, 1), |deed| (deed, 0));
    let other_holders = |_: &RoleKey| others;
    let (from, to) = what.split_once("->").unwrap_or((what, "-"));
    let is_self = from == "self";
    let before = if is_self {
        own.clone()
    } else {
        user(roles, from)
    };
    let after = user(roles, to);
    let subject = Subject {
        roles: &before,
        is_self,
        is_active: !deed.starts_with("inactive-"),
        other_holders: &other_holders,
    };
    let permission = Permission::all("users", "view");
    let permission = what.parse().unwrap_or(permission);
    let role = || -> &Role { roles.get(what).unwrap() };
    let action = match deed.trim_start_matches("inactive-") {
        "view" => Action::User(Deed::View, subject),
        "create" => Action::User(Deed::Create, subject),
        "edit" => Action::User(Deed::Edit, subject),
        "activate" => Action::User(Deed::Activate, subject),
        "deactivate" => Action::User(Deed::Deactivate, subject),
        "delete" => Action::User(Deed::Delete, subject),
        "reset" => Action::User(Deed::ResetPassword, subject),
        "change" => Action::ChangeRoles(subject, &after),
        "edit-own-profile" => Action::EditOwnProfile(subject),
        "change-own-password" => Action::ChangeOwnPassword(subject),
        "view-roles" => Action::ViewRoles,
        "create-role" => Action::CreateRole(role()),
        "edit-role" => Action::EditRole {
            before: role(),
            after: role(),
        },
        "delete-role" => Action::DeleteRole(role()),
        "use" => Action::Use(&permission),
        other => panic!("{other}"),
    };
    told(decide(roles, actor, action), action)
}

/// What grants of these roles come to.
pub(crate) fn user<'a>(roles: &'a Roles, granted: &str) -> Effective<'a> {
    roles.effective(granted.split('+').filter(|key| roles.get(key).is_some()))
}

pub(crate) fn keys<'a>(roles: impl IntoIterator<Item = &'a Role>) -> Vec<&'a str> {
    roles.into_iter().map(|role| role.key().as_str()).collect()
}
