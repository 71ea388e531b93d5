//! Users.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::patch::Patch;
use super::person::{Address, NameBody, Person, PostalAddress};
use super::record::Named;

/// A user, as far as the client may read it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[serde(flatten)]
    pub(crate) person: Person,
    /// The name to log in by, unique in the tenant.
    #[serde(rename = "userName")]
    pub(crate) login: String,
    /// Whether the user may log in and holds roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) active: Option<bool>,
    /// The number the organization gave the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) employee_number: Option<String>,
    /// The identity of the user's manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manager_id: Option<String>,
    /// The preferred languages, as in Accept-Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preferred_language: Option<String>,
    /// The locale, such as en-GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<String>,
    /// The time zone, such as Europe/Berlin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<String>,
    /// The roles that the user is seen to have; none while inactive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<HeldRole>>,
    /// The groups of which the user is a direct member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<Named>,
    /// The extensions, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) extensions: Vec<String>,
    /// The desks, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) desks: Vec<String>,
    /// Whether the e-mail address was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_verified: Option<bool>,
    /// Whether the user counts against the licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seat: Option<bool>,
    /// The attributes that the tenant's file adds, by their full names: the URN of the schema, a
    /// colon, the name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<String, Json>,
    /// When the user last logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_login: Option<String>,
}

/// A role that a user has.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRole {
    /// Its key.
    pub(crate) key: String,
    /// Its title.
    pub(crate) title: String,
    /// Whether it is a custom role.
    pub(crate) custom: bool,
    /// Whether the user has it only for want of another.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) baseline: bool,
}

/// What is said of a user: of a new one, or, as a merge patch (RFC 7396), of one who is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct UserBody {
    /// The name to log in by, unique in the tenant. A new user needs one.
    pub(crate) user_name: Patch<String>,
    /// The password of a new user, who cannot log in by one until it is set. Changed by
    /// `PUT …/password`.
    pub(crate) password: Patch<String>,
    /// The name shown to people.
    pub(crate) display_name: Patch<String>,
    /// The parts of the name.
    pub(crate) name: Patch<NameBody>,
    /// Whether the user may log in and holds roles; a new user may, if it is not said.
    pub(crate) active: Patch<bool>,
    /// E-mail addresses: all of them.
    pub(crate) emails: Patch<Vec<Address>>,
    /// Telephone numbers: all of them.
    pub(crate) phone_numbers: Patch<Vec<Address>>,
    /// Postal addresses: all of them.
    pub(crate) addresses: Patch<Vec<PostalAddress>>,
    /// The job title.
    pub(crate) title: Patch<String>,
    /// The department.
    pub(crate) department: Patch<String>,
    /// The organization.
    pub(crate) organization: Patch<String>,
    /// The number the organization gave the user.
    pub(crate) employee_number: Patch<String>,
    /// The identity of the user's manager.
    pub(crate) manager_id: Patch<String>,
    /// The preferred languages, as in Accept-Language.
    pub(crate) preferred_language: Patch<String>,
    /// The locale, such as en-GB.
    pub(crate) locale: Patch<String>,
    /// The time zone, such as Europe/Berlin.
    pub(crate) timezone: Patch<String>,
    /// Whether the e-mail address was verified.
    pub(crate) email_verified: Patch<bool>,
    /// The keys of all roles that are given by hand. Those that connections and rules give stay.
    pub(crate) roles: Patch<Vec<String>>,
    /// The numbers of all extensions, the primary one first; those that are not there are made.
    pub(crate) extensions: Patch<Vec<String>>,
    /// The names of all desks; those that are not there are made.
    pub(crate) desks: Patch<Vec<String>>,
    /// The attributes that the tenant's file adds, by their full names; `null` takes one away, and
    /// those that are not named stay.
    pub(crate) attributes: Patch<BTreeMap<String, Json>>,
}

/// Which users.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserQuery {
    /// A part of a name, user name, e-mail address, telephone number or extension.
    pub(crate) search: Option<String>,
    /// Only those who are active, or who are not.
    pub(crate) status: Option<Status>,
    /// Only those who are seen to have the role with this key.
    pub(crate) role: Option<String>,
    /// How many items a page has at the most: 1 to 500, and 50 if it is not said.
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: Option<usize>,
    /// What the `next` of another page has; nothing for the first.
    pub(crate) cursor: Option<String>,
}

/// Whether a user is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Those who may log in and hold roles.
    Active,
    /// Those who may not.
    Inactive,
}

/// A new password.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordBody {
    /// The password; one is made if it is not said.
    pub(crate) password: Option<String>,
}

/// What became of a password.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordSet {
    /// The password that was made, if one was; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    /// Whether it must be changed at the next login.
    pub(crate) must_change: bool,
}

/// A reason for which a user has a role, or could have it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reason {
    /// The role's key.
    pub(crate) role: String,
    /// The role's title.
    pub(crate) title: String,
    /// Who gave it: `person`, `service`, `connection`, `mapping`, `retained`, `config`, `operator`,
    /// or `baseline` for what a user without a role is.
    pub(crate) source: &'static str,
    /// The name of the person, account, connection or rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// For a rule: the groups that lead to the one that it is about, that one last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// Whether the user is seen to have the role by now.
    pub(crate) shown: bool,
}

/// A permission of a user.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HeldPermission {
    /// The permission.
    pub(crate) permission: String,
    /// The keys of the roles that give it.
    pub(crate) roles: Vec<String>,
}
