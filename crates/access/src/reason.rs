//! Why something was refused.

use std::fmt;

use smol_str::SmolStr;

use crate::permission::Permission;
use crate::role::{Power, RoleKey};

/// A role as a reason names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName {
    /// Its key.
    pub key: RoleKey,
    /// Its title, which the text shows.
    pub title: SmolStr,
}

/// Why something was refused, to be shown to whoever asked. It names no user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The actor lacks the permission that the deed needs.
    Permission(Permission),
    /// The actor's roles do not reach the holders of this role; `None`: nobody at all.
    Reach(Power, Option<RoleName>),
    /// Nobody changes the own role.
    OwnRole,
    /// Nobody deletes the own account.
    OwnAccount,
    /// The role would be left without an active holder.
    LastHolder(RoleName),
    /// This change of role is not made in one step.
    Transition {
        /// The role before.
        from: RoleName,
        /// The role after.
        to: RoleName,
    },
    /// The role is above the connection's ceiling.
    Ceiling(RoleName),
    /// Custom roles are defined by the holders of other roles.
    RoleEditors,
    /// The role is built in, and changes in the catalogue's file only.
    BuiltIn(RoleName),
    /// The role system has no custom roles.
    NoCustomRoles,
    /// The custom role would permit what the actor may not do.
    BeyondOwnPermissions(Permission),
    /// The custom role would reach holders of a role that the actor does not reach.
    BeyondOwnReach(Power, RoleName),
    /// The custom role ranks as high as the actor's own roles, none of which manages it, or higher.
    BeyondOwnRank(RoleName),
    /// Connections do not do this.
    PeopleOnly,
    /// Who acts here reads only.
    ReadsOnly,
}

impl Reason {
    /// The rule that refused, by the name of the catalogue's field where one states it. Stable.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Permission(_) => "needs",
            Self::Reach(Power::Assign, _) => "assigns",
            Self::Reach(..) => "manages",
            Self::OwnRole => "change_own_role",
            Self::OwnAccount => "delete_own_account",
            Self::LastHolder(_) => "keep_holder",
            Self::Transition { .. } => "forbidden_transitions",
            Self::Ceiling(_) => "ceiling",
            Self::RoleEditors => "role_editors",
            Self::BuiltIn(_) => "built_in",
            Self::NoCustomRoles => "custom",
            Self::BeyondOwnPermissions(_) | Self::BeyondOwnReach(..) | Self::BeyondOwnRank(_) => {
                "beyond_own"
            }
            Self::PeopleOnly => "people_only",
            Self::ReadsOnly => "reads_only",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(permission) => {
                write!(f, "Your roles do not give you the permission {permission}.")
            }
            Self::Reach(power, Some(role)) => {
                write!(f, "Your roles do not let you {}.", Towards(*power, role))
            }
            Self::Reach(..) => f.write_str("Your roles do not let you manage users."),
            Self::OwnRole => f.write_str("You cannot change your own role."),
            Self::OwnAccount => f.write_str("You cannot delete your own account."),
            Self::LastHolder(role) => {
                write!(
                    f,
                    "This is the last active {0}, and at least one must remain: make another user {0} first.",
                    role.title
                )
            }
            Self::Transition { from, to } => {
                write!(f, "{} cannot become {} in one step.", from.title, to.title)
            }
            Self::Ceiling(role) => {
                write!(
                    f,
                    "The role {} is above what this connection may reach.",
                    role.title
                )
            }
            Self::RoleEditors => f.write_str("Your roles do not let you define roles."),
            Self::BuiltIn(role) => {
                write!(
                    f,
                    "{} is a built-in role and cannot be changed or deleted.",
                    role.title
                )
            }
            Self::NoCustomRoles => f.write_str("This phone system has no custom roles."),
            Self::BeyondOwnRank(role) => {
                write!(f, "The role {} does not rank below yours.", role.title)
            }
            Self::BeyondOwnPermissions(permission) => {
                write!(
                    f,
                    "The role has the permission {permission}, which you do not have."
                )
            }
            Self::BeyondOwnReach(power, role) => {
                write!(
                    f,
                    "The role lets its holders {}; yours do not.",
                    Towards(*power, role)
                )
            }
            Self::PeopleOnly => f.write_str("Only a person can do this."),
            Self::ReadsOnly => f.write_str("This account can only read."),
        }
    }
}

/// A power towards a role, as the end of "may …".
struct Towards<'a>(Power, &'a RoleName);

impl fmt::Display for Towards<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(power, RoleName { title, .. }) = self;
        match power {
            Power::Create => write!(f, "create users with the role {title}"),
            Power::Edit => write!(f, "edit users with the role {title}"),
            Power::Disable => write!(f, "activate or deactivate users with the role {title}"),
            Power::Delete => write!(f, "delete users with the role {title}"),
            Power::ResetPassword => write!(f, "reset passwords of users with the role {title}"),
            Power::ChangeRoles => write!(f, "change the role of users with the role {title}"),
            Power::Assign => write!(f, "assign the role {title}"),
        }
    }
}
