//! A refusal as it is told: by which rule, why, and who could do it instead.

use std::cmp::Reverse;
use std::fmt;

use smol_str::SmolStr;

use crate::decide::{Action, Actor, Deed, Subject, decide};
use crate::reason::Reason;
use crate::roles::{Role, Roles};

/// How many roles are named whose holders could do it.
const NAMED: usize = 5;

/// That the licence has no seat for one more user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSeat {
    /// How many seats there are.
    pub limit: u32,
    /// The titles of the roles whose holders can free one, the highest first.
    pub deactivators: Vec<SmolStr>,
}

impl NoSeat {
    /// With those who may deactivate a user who has a seat.
    pub fn of(roles: &Roles, limit: u32) -> Self {
        let seated = roles.catalogue().holding.seats.iter();
        let holders = seated.map(|key| roles.effective([key.as_str()]));
        let lists = holders.map(|roles_of_one| {
            let subject = Subject {
                roles: &roles_of_one,
                is_self: false,
                is_active: true,
                other_holders: &|_| 1,
            };
            match instead(roles, Action::User(Deed::Deactivate, subject)) {
                Instead::Holders { titles, .. } => titles,
                Instead::Nobody | Instead::Operator => Vec::new(),
            }
        });
        Self {
            limit,
            deactivators: lists.max_by_key(Vec::len).unwrap_or_default(),
        }
    }
}

impl fmt::Display for NoSeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit,
            deactivators,
        } = self;
        write!(f, "all {limit} seats of the licence are taken: ")?;
        if !deactivators.is_empty() {
            let able = listed(deactivators);
            write!(
                f,
                "a holder of {able} can free one by deactivating a user, and "
            )?;
        }
        f.write_str("the operator of the directory can raise the licence")
    }
}

/// A refusal by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule that refused. Stable, for programs.
    pub rule: &'static str,
    /// Why, to be shown to whoever asked.
    pub why: String,
    /// Who could do it instead.
    pub instead: Instead,
}

/// Who could do what was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Instead {
    /// Nobody as things are, or the reason says who.
    #[default]
    Nobody,
    /// The operator only.
    Operator,
    /// The holders of any of these roles, the highest first.
    Holders {
        /// The titles of the roles.
        titles: Vec<SmolStr>,
        /// Whether whoever asked holds one of them: no such rule keeps another from it.
        another: bool,
    },
}

impl Denial {
    /// A refusal that the catalogue has no part in; the reason says who could do it, if somebody
    /// could.
    pub fn by(rule: &'static str, why: impl Into<String>) -> Self {
        Self {
            rule,
            why: why.into(),
            instead: Instead::Nobody,
        }
    }

    /// The refusal of an action. Asks for each role whether its holders could do it: not for where
    /// a permission is a matter of a microsecond.
    pub fn of(reason: &Reason, roles: &Roles, action: Action<'_>) -> Self {
        Self {
            rule: reason.rule(),
            why: reason.to_string(),
            instead: instead(roles, action),
        }
    }
}

fn instead(roles: &Roles, action: Action<'_>) -> Instead {
    let asker = asker(action);
    let action = by_another(action);
    let mut all: Vec<&Role> = roles.iter().collect();
    all.sort_by_key(|role| Reverse(role.rank()));
    let is_able = |role: &&Role| {
        let own = roles.effective([role.key()]);
        decide(roles, Actor::Person(&own), action).is_permit()
    };
    let able: Vec<&Role> = all.into_iter().filter(is_able).take(NAMED).collect();
    if able.is_empty() {
        return match decide(roles, Actor::System, action).is_permit() {
            true => Instead::Operator,
            false => Instead::Nobody,
        };
    }
    let held = |role: &&Role| asker.is_some_and(|own| own.roles.shows(role.key().as_str()));
    Instead::Holders {
        another: able.iter().any(held),
        titles: able.iter().map(|role| role.title().into()).collect(),
    }
}

/// Whoever asks to do something to the own account.
fn asker(action: Action<'_>) -> Option<Subject<'_>> {
    subject(action).filter(|subject| subject.is_self)
}

fn subject(action: Action<'_>) -> Option<Subject<'_>> {
    match action {
        Action::User(_, subject)
        | Action::ChangeRoles(subject, _)
        | Action::EditOwnProfile(subject)
        | Action::ChangeOwnPassword(subject) => Some(subject),
        _ => None,
    }
}

/// The same, done by somebody else.
fn by_another(action: Action<'_>) -> Action<'_> {
    let other = |subject| Subject {
        is_self: false,
        ..subject
    };
    match action {
        Action::User(deed, subject) => Action::User(deed, other(subject)),
        Action::EditOwnProfile(subject) => Action::User(Deed::Edit, other(subject)),
        Action::ChangeOwnPassword(subject) => Action::User(Deed::ResetPassword, other(subject)),
        Action::ChangeRoles(subject, after) => Action::ChangeRoles(other(subject), after),
        action => action,
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match &self.instead {
            Instead::Nobody => Ok(()),
            Instead::Operator => f.write_str(" Ask the operator of the directory."),
            Instead::Holders { titles, another } => {
                let article = if *another { "another" } else { "a" };
                write!(f, " Ask {article} holder of {}.", listed(titles))
            }
        }
    }
}

fn listed(titles: &[SmolStr]) -> String {
    match titles {
        [some @ .., one, last] if !some.is_empty() => {
            format!("{}, {one} or {last}", some.join(", "))
        }
        titles => titles.join(" or "),
    }
}
