//! Whether users may do something: for software that would rather ask than read.
//!
//! The answer is the one that LDAP gives by Compare and by its permission groups, and SCIM by a
//! user's entitlements, at the same revision.

use std::sync::Arc;

use jackfield_access::{
    Action, Actor, Decision, Deed, Effective, Permission, Role, RoleKey, Subject, decide,
};
use jackfield_directory::Snapshot;
use jackfield_model::{GrantSource, Id, Kind, Principal, Record, Revision};

use crate::bind::Name;
use crate::error::Error;
use crate::session::Session;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'q> {
    /// The user: an id, a user name, or another name by which people log in, such as an extension.
    pub user: &'q str,
    /// What the user would do.
    pub asked: Asked<'q>,
    /// The user whose data it is about, or to whom it is done, named as `user` is.
    pub target: Option<&'q str>,
}

/// What somebody would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'q> {
    /// Use a permission in the phone system. Where the target is the user, one for the own data is
    /// enough.
    Permission(&'q str),
    /// Something to the target.
    Deed(Deed),
    /// Create a user with this role.
    Create(&'q str),
    /// Give the target this role.
    Assign(&'q str),
    /// Take this role from the target.
    Unassign(&'q str),
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The user whom the question means, if there is one.
    pub user: Option<Id>,
    /// Whether the user may.
    pub allowed: bool,
    /// The rule that says so. Stable: `granted`, `unknown_user`, `unknown_target`,
    /// `unknown_permission`, `unknown_role`, `inactive`, `taken_away`, `not_granted`, `mapping`, or
    /// that of a [`Reason`](jackfield_access::Reason).
    pub rule: &'static str,
    /// Why, in a sentence.
    pub reason: String,
    /// The roles of which each would be enough.
    pub roles: Vec<RoleKey>,
}

impl Session {
    /// Answers questions, all at one revision.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to people who ask about others and may not view users; as
    /// [`read`](Self::read).
    pub fn check(&self, questions: &[Question<'_>]) -> Result<(Revision, Vec<Answer>), Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let mut may_ask_of_all = !matches!(self.principal(), Principal::Person(_));
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            let user = named(&snapshot, question.user);
            let is_self = user.is_some_and(|user| self.principal().record() == Some(user.id));
            if !(may_ask_of_all || is_self) {
                self.ask_to_view_users(&snapshot)?;
                may_ask_of_all = true;
            }
            answers.push(answer(&snapshot, question, user));
        }
        Ok((snapshot.revision(), answers))
    }
}

fn answer(snapshot: &Snapshot, question: &Question<'_>, user: Option<&Arc<Record>>) -> Answer {
    let Some(user) = user else {
        return no(None, "unknown_user", "There is no such user.");
    };
    let target = question.target.map(|target| named(snapshot, target));
    let target = match target {
        Some(None) => {
            return no(
                Some(user),
                "unknown_target",
                "There is no such user as the target.",
            );
        }
        Some(target) => target,
        None => None,
    };
    if !user.is_active() {
        return no(
            Some(user),
            "inactive",
            "The user is inactive, and may do nothing.",
        );
    }
    let own = snapshot.effective_of(user);
    match question.asked {
        Asked::Permission(text) => {
            let is_about_self = target.is_some_and(|target| target.id == user.id);
            permission(snapshot, user, &own, text, is_about_self)
        }
        Asked::Create(role) => create(snapshot, user, &own, role),
        Asked::Deed(_) | Asked::Assign(_) | Asked::Unassign(_) => match target {
            Some(target) => done(snapshot, user, &own, question.asked, target),
            None => no(
                Some(user),
                "unknown_target",
                "It is not said to whom it is done.",
            ),
        },
    }
}

fn permission(
    snapshot: &Snapshot,
    user: &Record,
    own: &Effective<'_>,
    text: &str,
    is_about_self: bool,
) -> Answer {
    let known = snapshot.roles().permissions();
    let wanted = text.parse::<Permission>().ok();
    let Some(wanted) = wanted.filter(|wanted| known.contains(wanted)) else {
        let reason = "The role system has no such permission.";
        return no(Some(user), "unknown_permission", reason);
    };
    let narrower = Some(wanted.to_own()).filter(|_| is_about_self);
    let enough: Vec<Permission> = [Some(wanted.clone()), narrower]
        .into_iter()
        .flatten()
        .filter(|permission| own.allows(permission))
        .collect();
    let gives = |role: &&&Role| {
        enough
            .iter()
            .any(|permission| role.permissions().contains(permission))
    };
    let roles: Vec<&Role> = own.acting().iter().filter(gives).copied().collect();
    if !roles.is_empty() {
        return yes(user, &roles);
    }
    let taken = own
        .acting()
        .iter()
        .find(|role| role.taken().contains(&wanted));
    match taken {
        Some(role) => {
            let reason = format!("The role {} takes {wanted} away.", role.title());
            no(Some(user), "taken_away", &reason)
        }
        None => {
            let reason = format!("None of the user's roles gives the permission {wanted}.");
            no(Some(user), "needs", &reason)
        }
    }
}

fn done(
    snapshot: &Snapshot,
    user: &Record,
    own: &Effective<'_>,
    asked: Asked<'_>,
    target: &Record,
) -> Answer {
    let roles = snapshot.effective_of(target);
    let others = |key: &RoleKey| {
        let role = snapshot.role_record(key.as_str());
        let all = role.map_or(0, |role| snapshot.holder_count(role));
        let is_holder = target.is_active() && roles.shows(key.as_str());
        all.saturating_sub(usize::from(is_holder))
    };
    let subject = Subject {
        roles: &roles,
        is_self: user.id == target.id,
        is_active: target.is_active(),
        other_holders: &others,
    };
    let (Asked::Assign(role) | Asked::Unassign(role)) = asked else {
        return match asked {
            Asked::Deed(deed) => decided(snapshot, user, own, Action::User(deed, subject)),
            _ => no(Some(user), "unknown_target", "It is done to nobody."),
        };
    };
    let Some(role) = snapshot.roles().get(role).map(Role::key) else {
        return no(Some(user), "unknown_role", "There is no such role.");
    };
    let after = match asked {
        Asked::Unassign(_) => match why_not_taken(snapshot, target, role) {
            Some((rule, reason)) => return no(Some(user), rule, reason),
            None => snapshot.effective_without(target, role),
        },
        _ => snapshot.effective_with(target, role),
    };
    decided(snapshot, user, own, Action::ChangeRoles(subject, &after))
}

/// Why a role cannot be taken from somebody, whoever asks.
fn why_not_taken(
    snapshot: &Snapshot,
    target: &Record,
    role: &RoleKey,
) -> Option<(&'static str, &'static str)> {
    let mut grants = snapshot.grants_of(target);
    match grants.find(|(own, _)| own.login() == Some(role.as_str())) {
        None => Some(("not_granted", "The target was not given this role.")),
        Some((_, sources)) if sources.iter().all(GrantSource::is_by_rule) => Some((
            "mapping",
            "The target has the role by a mapping rule: it goes with the membership or the rule.",
        )),
        Some(_) => None,
    }
}

fn create(snapshot: &Snapshot, user: &Record, own: &Effective<'_>, role: &str) -> Answer {
    let all = snapshot.roles();
    if all.get(role).is_none() {
        return no(Some(user), "unknown_role", "There is no such role.");
    }
    let roles = all.effective([role]);
    let subject = Subject {
        roles: &roles,
        is_self: false,
        is_active: true,
        other_holders: &|_| 0,
    };
    decided(snapshot, user, own, Action::User(Deed::Create, subject))
}

fn decided(snapshot: &Snapshot, user: &Record, own: &Effective<'_>, action: Action<'_>) -> Answer {
    let all = snapshot.roles();
    let verdict = |own: &Effective<'_>| decide(all, Actor::Person(own), action);
    match verdict(own) {
        Decision::Permit => {
            let is_enough =
                |role: &&&Role| verdict(&all.effective([role.key().as_str()])).is_permit();
            let roles: Vec<&Role> = own.acting().iter().filter(is_enough).copied().collect();
            yes(user, &roles)
        }
        Decision::Deny(reason) => no(Some(user), reason.rule(), &reason.to_string()),
    }
}

/// The user of an id, or of a name by which people log in.
fn named<'s>(snapshot: &'s Snapshot, name: &str) -> Option<&'s Arc<Record>> {
    let by_id = Id::parse(name).and_then(|id| snapshot.record(id));
    by_id
        .or_else(|| Name::of(name).bearer(snapshot))
        .filter(|record| record.kind == Kind::User)
}

fn yes(user: &Record, roles: &[&Role]) -> Answer {
    let titles: Vec<&str> = roles.iter().map(|role| role.title()).collect();
    Answer {
        user: Some(user.id),
        allowed: true,
        rule: "granted",
        reason: match titles.as_slice() {
            [] => "The user's roles together permit it.".to_owned(),
            [one] => format!("The role {one} permits it."),
            several => format!("The roles {} permit it.", several.join(", ")),
        },
        roles: roles.iter().map(|role| role.key().clone()).collect(),
    }
}

fn no(user: Option<&Record>, rule: &'static str, reason: &str) -> Answer {
    Answer {
        user: user.map(|user| user.id),
        allowed: false,
        rule,
        reason: reason.to_owned(),
        roles: Vec::new(),
    }
}
