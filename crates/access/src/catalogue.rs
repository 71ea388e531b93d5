//! A role system as the operator writes it in `config/catalogues/`.

mod resolve;
mod validate;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::password::PasswordPolicy;
use crate::permission::Permission;
use crate::role::{RoleDef, RoleKey};

pub use validate::Problem;

/// The description of one role system: its areas, actions, built-in roles and rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The name by which a tenant's file chooses it: lower-case letters, digits and hyphens.
    pub key: SmolStr,
    /// The product's name.
    pub title: SmolStr,
    /// One line about it.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub description: SmolStr,
    /// The actions of every area that names none itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<SmolStr>,
    /// What can be used or configured: the product's features, modules or categories.
    pub areas: BTreeMap<SmolStr, Area>,
    /// Named sets of actions, by which a role states what it may do in an area.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<SmolStr, Level>,
    /// Permissions that belong to no area: each is the permission `<key>:use`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub specials: BTreeMap<SmolStr, Special>,
    /// How roles sit on users.
    pub holding: Holding,
    /// The permission that each deed asks for.
    pub needs: Needs,
    /// What holds whatever the permissions say.
    #[serde(default)]
    pub rules: Rules,
    /// What a person's password must have.
    #[serde(default)]
    pub password: PasswordPolicy,
    /// Invitations.
    #[serde(default)]
    pub invite: Invite,
    /// The built-in roles. They can be changed here only.
    #[serde(rename = "role")]
    pub roles: BTreeMap<RoleKey, RoleDef>,
    /// Custom roles that people often make, to begin with. They are nobody's until a tenant makes
    /// one of them.
    #[serde(
        rename = "template",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub templates: BTreeMap<RoleKey, RoleDef>,
}

/// One feature, module or category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name.
    pub title: SmolStr,
    /// What can be done in it, where that is not the catalogue's `actions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<SmolStr>>,
    /// Which of its actions can also be granted for one's own data only, with the scope `own`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<SmolStr>,
}

/// A named set of actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name.
    pub title: SmolStr,
    /// The actions it permits in an area, as far as the area has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<SmolStr>,
    /// Another level, whose actions it permits too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherits: Option<SmolStr>,
}

/// A permission that belongs to no area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Special {
    /// Its name.
    pub title: SmolStr,
    /// What a holder may no longer do, whichever role would permit it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_away: Vec<Permission>,
}

/// How roles sit on users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// How many built-in roles one user holds: `"one"` (the highest rank wins) or `"any"`.
    pub built_in: HowMany,
    /// How many custom roles one user holds: `"none"`, `"one"` or `"any"`.
    pub custom: HowMany,
    /// What a custom role does to the built-in one.
    #[serde(default)]
    pub custom_role: CustomRole,
    /// The role of a user who holds no built-in role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<RoleKey>,
    /// The roles on whose holders a custom role has no effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unrestricted: Vec<RoleKey>,
    /// What every role permits, written like a role's `permissions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub everyone: Vec<SmolStr>,
    /// The roles whose active holders count against the licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<RoleKey>,
    /// The areas that make a role special: any permission there marks the role in lists of users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_areas: Vec<SmolStr>,
}

/// How many roles of a kind one user holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HowMany {
    /// None at all.
    None,
    /// One: where a user was granted several, the highest rank wins.
    One,
    /// Any number.
    Any,
}

/// What a custom role does to the built-in role of its holder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomRole {
    /// The holder has the permissions of both.
    #[default]
    Adds,
    /// The holder keeps the built-in role, and has exactly the custom role's permissions.
    Replaces,
    /// The holder has it in place of a built-in role.
    Instead,
}

/// The permission that each deed asks for. Where one may be left out, everybody may do the deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// To see users, beyond what the phone book shows.
    pub view_user: Permission,
    /// To create a user.
    pub create_user: Permission,
    /// To edit a user.
    pub edit_user: Permission,
    /// To activate or deactivate a user.
    pub disable_user: Permission,
    /// To delete a user.
    pub delete_user: Permission,
    /// To give a user a new password.
    pub reset_password: Permission,
    /// To give a user other roles.
    pub change_roles: Permission,
    /// To edit the own profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_own_profile: Option<Permission>,
    /// To change the own password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_own_password: Option<Permission>,
    /// To see how roles are defined. Only the roles in `rules.role_editors` do, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_roles: Option<Permission>,
    /// To create a custom role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_role: Option<Permission>,
    /// To edit a custom role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_role: Option<Permission>,
    /// To delete a custom role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_role: Option<Permission>,
    /// To give an extension another SIP secret, or none. Where it is left out, nobody but the
    /// operator does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_sip_secret: Option<Permission>,
    /// To look after extensions.
    #[serde(default, skip_serializing_if = "Upkeep::is_empty")]
    pub extensions: Upkeep,
    /// To look after desks.
    #[serde(default, skip_serializing_if = "Upkeep::is_empty")]
    pub desks: Upkeep,
    /// To look after contacts, the phone book's outside numbers.
    #[serde(default, skip_serializing_if = "Upkeep::is_empty")]
    pub contacts: Upkeep,
}

/// The permissions to look after records of a kind. Where one is left out, nobody but provisioning
/// clients and the operator does it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Upkeep {
    /// To make one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<Permission>,
    /// To change one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Permission>,
    /// To delete one. Where a user has it, it also takes what it takes to edit the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete: Option<Permission>,
}

impl Upkeep {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What holds whatever the permissions say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The built-in roles that always keep at least one active holder.
    pub keep_holder: Vec<RoleKey>,
    /// Whether people may change their own roles.
    pub change_own_role: bool,
    /// Whether people may delete their own account.
    pub delete_own_account: bool,
    /// The changes of role that nobody makes in one step.
    pub forbidden_transitions: Vec<Transition>,
    /// Whether forbidden transitions bind provisioning clients too, not people alone.
    pub transitions_bind_connections: bool,
    /// The roles whose holders may see, create, edit and delete custom roles, given the permission
    /// in `needs`; `"*"` for every role that has it.
    pub role_editors: Vec<RoleKey>,
    /// The attributes that make up the own profile, by their SCIM names.
    pub own_profile: Vec<SmolStr>,
}

/// A change from one role to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The role before.
    pub from: RoleKey,
    /// The role after.
    pub to: RoleKey,
}

/// Invitations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Invite {
    /// For how many days an invitation can be accepted: 1 to 365.
    pub lifetime_days: u16,
}

impl Default for Invite {
    fn default() -> Self {
        Self { lifetime_days: 7 }
    }
}
