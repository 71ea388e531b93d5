//! One role as it is written, in a catalogue, in a tenant's file or at run time: one form for all.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A role's key, such as `pbx_admin`: lower-case letters, digits, hyphens and underscores. In lists
/// of roles `*` stands for every role.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RoleKey(SmolStr);

impl RoleKey {
    /// The key of this text, its form unchecked; [`RoleKey::is_valid`] tells.
    pub fn new(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// The key as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a role may have this key.
    pub fn is_valid(&self) -> bool {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        self.0.starts_with(|first: char| first.is_ascii_lowercase()) && self.0.bytes().all(word)
    }

    /// Whether this is `*`, which stands for every role.
    pub fn is_every(&self) -> bool {
        self.0 == "*"
    }
}

impl From<&str> for RoleKey {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl AsRef<str> for RoleKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RoleKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a role may do to the holders of another role, or with that role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Power {
    /// Create a user who holds it.
    Create,
    /// Edit a holder.
    Edit,
    /// Activate and deactivate a holder.
    Disable,
    /// Delete a holder.
    Delete,
    /// Reset a holder's password.
    ResetPassword,
    /// Give a holder other roles.
    ChangeRoles,
    /// Give it to somebody.
    Assign,
}

impl Power {
    /// Every power.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Edit,
        Self::Disable,
        Self::Delete,
        Self::ResetPassword,
        Self::ChangeRoles,
        Self::Assign,
    ];
}

/// A role, built in or custom. What a user may do in the phone system is said by `permissions`,
/// `levels` and `specials`, which add up. What a user may do to other users takes two things: the
/// permission that the catalogue's `needs` names, and a reach that covers every role of the other.
///
/// The reach is said once by `manages`, and where one deed differs by the list of that deed. A
/// list names roles, or `"*"` for all of them; a role without `manages` reaches the roles of lower
/// rank, custom ones too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleDef {
    /// Its name, shown everywhere and used as the name of its group. Unique, ignoring case.
    pub title: SmolStr,
    /// One line that says what it is for.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub description: SmolStr,
    /// Where one role must win, the highest rank does. A built-in role states it; a custom role
    /// without one ranks just above the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u16>,
    /// Permissions, such as `"extensions:edit"` or `"reports:view:own"`; `*` may stand for the area
    /// or the action (`"reports:*"`, `"*:view"`), and alone for everything but the specials that
    /// take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<SmolStr>,
    /// A level for each area, such as `cdr = "read_only"` or, for one's own data only,
    /// `cdr = "read_only:own"`. The area `"*"` stands for every area not named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<SmolStr, SmolStr>,
    /// Special permissions, those that take something away included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specials: Vec<SmolStr>,
    /// The roles whose holders it may create, edit, activate, deactivate and delete, whose
    /// passwords it may reset, whose roles it may change, and which it may assign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manages: Option<Vec<RoleKey>>,
    /// The roles with which it may create users, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creates: Option<Vec<RoleKey>>,
    /// The roles whose holders it may edit, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Vec<RoleKey>>,
    /// The roles whose holders it may activate and deactivate, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disables: Option<Vec<RoleKey>>,
    /// The roles whose holders it may delete, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletes: Option<Vec<RoleKey>>,
    /// The roles whose holders' passwords it may reset, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_passwords: Option<Vec<RoleKey>>,
    /// The roles whose holders it may give other roles, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_roles: Option<Vec<RoleKey>>,
    /// The roles it may give to somebody, where not those of `manages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigns: Option<Vec<RoleKey>>,
}

impl RoleDef {
    /// The roles that a power reaches; `None` where the role does not say: those of lower rank.
    pub fn reach(&self, power: Power) -> Option<&[RoleKey]> {
        let own = match power {
            Power::Create => &self.creates,
            Power::Edit => &self.edits,
            Power::Disable => &self.disables,
            Power::Delete => &self.deletes,
            Power::ResetPassword => &self.resets_passwords,
            Power::ChangeRoles => &self.changes_roles,
            Power::Assign => &self.assigns,
        };
        own.as_ref().or(self.manages.as_ref()).map(Vec::as_slice)
    }

    /// Every list of roles it states, with the name of its field.
    pub(crate) fn role_lists(&self) -> impl Iterator<Item = (&'static str, &[RoleKey])> {
        [
            ("manages", &self.manages),
            ("creates", &self.creates),
            ("edits", &self.edits),
            ("disables", &self.disables),
            ("deletes", &self.deletes),
            ("resets_passwords", &self.resets_passwords),
            ("changes_roles", &self.changes_roles),
            ("assigns", &self.assigns),
        ]
        .into_iter()
        .filter_map(|(field, list)| Some((field, list.as_deref()?)))
    }
}
