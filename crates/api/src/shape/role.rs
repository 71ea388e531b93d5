//! Roles.

use jackfield_gateway::access::RoleDef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Role {
    /// Its key.
    pub(crate) key: String,
    /// Its title, which is the name of its group.
    pub(crate) title: String,
    /// One line that says what it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// The highest rank wins where one role must.
    pub(crate) rank: u16,
    /// Where it is defined: only what was made at run time can be changed here.
    pub(crate) defined: Defined,
    /// Whether lists of users mark it.
    pub(crate) special: bool,
    /// How many active users are seen to have it.
    pub(crate) holders: usize,
    /// When somebody last noted that its holders are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reviewed: Option<String>,
    /// What it permits.
    pub(crate) permissions: Vec<String>,
    /// The role as it is written.
    pub(crate) definition: RoleDef,
}

/// Where a role is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Defined {
    /// In the catalogue.
    BuiltIn,
    /// In the tenant's file.
    File,
    /// At run time.
    RunTime,
}

/// A new custom role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// Its key: lower-case letters, digits, hyphens and underscores, a letter first.
    pub(crate) key: String,
    /// The template of the catalogue that it is made of, in place of a definition.
    #[serde(default)]
    pub(crate) template: Option<String>,
    /// What it is.
    #[serde(default)]
    pub(crate) definition: Option<RoleDef>,
}

/// A custom role that people often make.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Template {
    /// Its key.
    pub(crate) key: String,
    /// What a role made of it is.
    pub(crate) definition: RoleDef,
}

/// A holder of a role.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder {
    /// The user's identity.
    pub(crate) id: String,
    /// The user's name to log in by.
    pub(crate) user_name: String,
}

/// What a change of roles came to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// Whether anything changed.
    pub(crate) changed: bool,
    /// What deserves a second look, though it was done.
    pub(crate) warnings: Vec<String>,
}

/// A role and what deserves a second look about its change.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RoleChanged {
    /// The role as it is now.
    pub(crate) role: Role,
    /// Whether anything changed.
    pub(crate) changed: bool,
    /// What deserves a second look, though it was done.
    pub(crate) warnings: Vec<String>,
}

/// Mapping rules, in place of those that the tenant's file has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// The rules.
    pub(crate) rules: Vec<Rule>,
}

/// A mapping rule: members of a group have roles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rule {
    /// Its name.
    pub(crate) name: String,
    /// The group's name. One of `group`, `groupId` and `groupPattern` says which group.
    #[serde(default)]
    pub(crate) group: Option<String>,
    /// The group's id, or the `externalId` by which a connection knows it.
    #[serde(default)]
    pub(crate) group_id: Option<String>,
    /// Every group whose name fits: `*` stands for any text, `?` for one character.
    #[serde(default)]
    pub(crate) group_pattern: Option<String>,
    /// The name of the connection that must own the group; any group if it is not said.
    #[serde(default)]
    pub(crate) connection: Option<String>,
    /// The keys of the roles that it gives.
    pub(crate) roles: Vec<String>,
    /// Whether members of groups within the group are meant, too; so it is if it is not said.
    #[serde(default = "yes")]
    pub(crate) nested: bool,
    /// Where a user holds one role and several rules match, those with the highest number count.
    #[serde(default)]
    pub(crate) precedence: i32,
}

fn yes() -> bool {
    true
}

/// What rules would change for whom.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Shifts {
    /// Each user whose roles would be others.
    pub(crate) items: Vec<Shift>,
}

/// What rules would change for one user.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shift {
    /// The user's identity.
    pub(crate) id: String,
    /// The user's name to log in by.
    pub(crate) user_name: String,
    /// The titles of the roles now.
    pub(crate) before: Vec<String>,
    /// The titles of the roles then.
    pub(crate) after: Vec<String>,
    /// Whether a grant is kept then, for want of another holder.
    pub(crate) retained: bool,
}
