//! The one function that decides who may do what.
//!
//! Everything here is about one tenant: the caller never mixes roles or users of two.

mod person;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::catalogue::HowMany;
use crate::permission::Permission;
use crate::reason::Reason;
use crate::role::{Power, RoleKey};
use crate::roles::{Effective, Role, Roles};

/// Who acts.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// A user, with these roles.
    Person(&'a Effective<'a>),
    /// A provisioning client, up to this ceiling.
    Connection(&'a Ceiling),
    /// The program itself, its operator or the configuration: bound by what binds everybody.
    System,
    /// A service account, a device or nobody in particular: they read what their credential lets
    /// them, which is not decided here, and do nothing else.
    Reader,
}

/// Up to which roles a connection gives roles and sets passwords.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceiling {
    /// All of them.
    Full,
    /// Those that rank below every role that must keep a holder.
    #[default]
    BelowKept,
    /// Those that rank no higher than this one.
    Role(RoleKey),
}

impl Ceiling {
    /// As it is written: `full`, or a role's key; nothing is the default.
    pub fn named(text: &str) -> Self {
        match text {
            "" => Self::BelowKept,
            "full" => Self::Full,
            role => Self::Role(RoleKey::new(SmolStr::new(role))),
        }
    }
}

/// What is done to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// See the user, beyond what the phone book shows.
    View,
    /// Create a user with these roles.
    Create,
    /// Edit the record.
    Edit,
    /// Let the user in again.
    Activate,
    /// Let the user in no longer.
    Deactivate,
    /// Delete the user.
    Delete,
    /// Set a new password.
    ResetPassword,
}

/// The user to whom something is done.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What the user's grants come to while active, though the user be inactive now; for
    /// [`Deed::Create`], what they will come to.
    pub roles: &'a Effective<'a>,
    /// Whether it is the actor.
    pub is_self: bool,
    /// Whether the user is active, and so counts as a holder.
    pub is_active: bool,
    /// How many other active users are seen to have a role. Asked only about roles that must keep a
    /// holder and that this user would lose.
    pub other_holders: &'a dyn Fn(&RoleKey) -> usize,
}

/// What is to be done.
#[derive(Clone, Copy)]
pub enum Action<'a> {
    /// Something to a user.
    User(Deed, Subject<'a>),
    /// Give a user other roles: those granted before are the subject's, those after are these.
    ChangeRoles(Subject<'a>, &'a Effective<'a>),
    /// Edit the own profile, which is what the catalogue's `rules.own_profile` lists.
    EditOwnProfile(Subject<'a>),
    /// Change the own password.
    ChangeOwnPassword(Subject<'a>),
    /// See how the roles are defined.
    ViewRoles,
    /// Define this new custom role.
    CreateRole(&'a Role),
    /// Define a role anew.
    EditRole {
        /// As it is.
        before: &'a Role,
        /// As it is to be.
        after: &'a Role,
    },
    /// Delete a custom role.
    DeleteRole(&'a Role),
    /// Use this permission in the phone system.
    Use(&'a Permission),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Permit,
    /// No.
    Deny(Reason),
}

impl Decision {
    /// Whether the answer is yes.
    pub fn is_permit(&self) -> bool {
        *self == Self::Permit
    }
}

/// Decides whether the actor may do this. Takes well under a microsecond, and a permission costs no
/// allocation; the definition of roles, which compares them with all others, takes longer.
pub fn decide(roles: &Roles, actor: Actor<'_>, action: Action<'_>) -> Decision {
    let verdict = match actor {
        Actor::Person(own) => person::may(roles, own, action),
        Actor::Connection(ceiling) => connection_may(roles, ceiling, action),
        Actor::System => Ok(()),
        Actor::Reader => Err(Reason::ReadsOnly),
    };
    match verdict.and_then(|()| anybody_may(roles, action)) {
        Ok(()) => Decision::Permit,
        Err(reason) => Decision::Deny(reason),
    }
}

/// What binds everybody, the program itself included.
fn anybody_may(roles: &Roles, action: Action<'_>) -> Result<(), Reason> {
    let has_custom = roles.catalogue().holding.custom != HowMany::None;
    match action {
        Action::User(Deed::Deactivate | Deed::Delete, subject) => {
            keep_holders(roles, subject, None)
        }
        Action::ChangeRoles(subject, after) => {
            if !has_custom && gained(subject.roles, after).any(Role::is_custom) {
                return Err(Reason::NoCustomRoles);
            }
            keep_holders(roles, subject, Some(after))
        }
        Action::User(Deed::Create, subject) => {
            let is_custom = !has_custom && subject.roles.granted().any(Role::is_custom);
            if is_custom {
                Err(Reason::NoCustomRoles)
            } else {
                Ok(())
            }
        }
        Action::EditRole { before: role, .. } | Action::DeleteRole(role) if !role.is_custom() => {
            Err(Reason::BuiltIn(role.name()))
        }
        Action::CreateRole(_) | Action::EditRole { .. } if !has_custom => {
            Err(Reason::NoCustomRoles)
        }
        _ => Ok(()),
    }
}

/// A connection does what identity providers do. Their users are theirs to edit and to let go,
/// whatever roles others gave them; the ceiling is about what could raise somebody.
fn connection_may(roles: &Roles, ceiling: &Ceiling, action: Action<'_>) -> Result<(), Reason> {
    let below = |role: &Role| {
        let is_below = is_below(roles, ceiling, role);
        if is_below {
            Ok(())
        } else {
            Err(Reason::Ceiling(role.name()))
        }
    };
    match action {
        Action::User(Deed::Create, subject) => subject.roles.granted().try_for_each(below),
        Action::User(Deed::ResetPassword, subject) => {
            subject.roles.shown().iter().copied().try_for_each(below)
        }
        Action::User(..) => Ok(()),
        Action::ChangeRoles(subject, after) => {
            let is_granted = |role: &&Role| after.baseline().map(Role::key) != Some(role.key());
            gained(subject.roles, after)
                .filter(is_granted)
                .try_for_each(below)?;
            if roles.catalogue().rules.transitions_bind_connections {
                no_forbidden_transition(roles, subject.roles, after)?;
            }
            Ok(())
        }
        _ => Err(Reason::PeopleOnly),
    }
}

fn is_below(roles: &Roles, ceiling: &Ceiling, role: &Role) -> bool {
    match ceiling {
        Ceiling::Full => true,
        Ceiling::BelowKept => roles
            .lowest_kept()
            .is_none_or(|lowest| role.rank() < lowest),
        Ceiling::Role(key) => roles
            .get(key.as_str())
            .is_some_and(|highest| role.rank() <= highest.rank()),
    }
}

/// The roles that a change gives: those newly granted, though a higher one may cover them, and those
/// newly shown, as the baseline is to whoever loses the last role.
fn gained<'a>(
    before: &'a Effective<'a>,
    after: &'a Effective<'a>,
) -> impl Iterator<Item = &'a Role> {
    let had = move |role: &&&Role| before.all().iter().any(|other| other.key() == role.key());
    after.all().iter().filter(move |role| !had(role)).copied()
}

fn no_forbidden_transition(
    roles: &Roles,
    before: &Effective<'_>,
    after: &Effective<'_>,
) -> Result<(), Reason> {
    let forbidden = roles
        .catalogue()
        .rules
        .forbidden_transitions
        .iter()
        .find(|step| {
            before.shows(step.from.as_str())
                && !before.shows(step.to.as_str())
                && after.shows(step.to.as_str())
        });
    let Some(step) = forbidden else { return Ok(()) };
    match (roles.get(step.from.as_str()), roles.get(step.to.as_str())) {
        (Some(from), Some(to)) => Err(Reason::Transition {
            from: from.name(),
            to: to.name(),
        }),
        _ => Ok(()),
    }
}

/// A role that must keep a holder does not lose its last active one. `after` are the user's roles
/// after the change; none when the user goes.
fn keep_holders(
    roles: &Roles,
    subject: Subject<'_>,
    after: Option<&Effective<'_>>,
) -> Result<(), Reason> {
    let is_lost = |role: &&&Role| {
        subject.is_active
            && roles.is_kept(role.key())
            && after.is_none_or(|after| !after.shows(role.key().as_str()))
            && (subject.other_holders)(role.key()) == 0
    };
    match subject.roles.shown().iter().find(is_lost) {
        Some(role) => Err(Reason::LastHolder(role.name())),
        None => Ok(()),
    }
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 7] = [
        Self::View,
        Self::Create,
        Self::Edit,
        Self::Activate,
        Self::Deactivate,
        Self::Delete,
        Self::ResetPassword,
    ];

    /// The power it takes; to see somebody takes the permission alone.
    fn power(self) -> Option<Power> {
        match self {
            Self::View => None,
            Self::Create => Some(Power::Create),
            Self::Edit => Some(Power::Edit),
            Self::Activate | Self::Deactivate => Some(Power::Disable),
            Self::Delete => Some(Power::Delete),
            Self::ResetPassword => Some(Power::ResetPassword),
        }
    }
}
