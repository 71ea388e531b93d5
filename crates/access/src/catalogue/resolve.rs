//! From names, levels and patterns to permissions.

use smol_str::SmolStr;

use super::{Catalogue, Needs};
use crate::permission::{Pattern, Permission, PermissionSet};
use crate::role::{Power, RoleDef};

impl Catalogue {
    /// Every permission there is, those of specials included.
    pub fn permissions(&self) -> PermissionSet {
        let areas = self.areas.iter().flat_map(|(key, area)| {
            let all = self
                .actions_of(key)
                .iter()
                .map(move |action| Permission::all(key, action));
            let own = area
                .own
                .iter()
                .map(move |action| Permission::own(key, action));
            all.chain(own)
        });
        areas
            .chain(self.specials.keys().map(|key| Permission::special(key)))
            .collect()
    }

    /// The permissions that each of a role's `permissions`, `levels` and `specials` adds up to,
    /// with those that every role has. `all` are the catalogue's permissions.
    pub(crate) fn granted(&self, role: &RoleDef, all: &PermissionSet) -> PermissionSet {
        select(all, |permission| {
            self.is_stated(role, permission) || self.matches(&self.holding.everyone, permission)
        })
    }

    /// What the specials among the permissions take away.
    pub(crate) fn taken(&self, granted: &PermissionSet, all: &PermissionSet) -> PermissionSet {
        let taken: PermissionSet = self
            .specials
            .iter()
            .filter(|(key, _)| granted.contains(&Permission::special(key)))
            .flat_map(|(_, special)| special.takes_away.iter().cloned())
            .collect();
        select(all, |permission| taken.contains(permission))
    }

    /// Whether a role states any permission of its own.
    pub(crate) fn is_blank(&self, role: &RoleDef, all: &PermissionSet) -> bool {
        !all.iter()
            .any(|permission| self.is_stated(role, permission))
    }

    /// Whether the permission is that of a special which takes something away.
    pub(crate) fn takes_away(&self, permission: &Permission) -> bool {
        self.specials
            .get(permission.area())
            .is_some_and(|special| !special.takes_away.is_empty())
    }

    /// The actions of an area.
    pub(crate) fn actions_of(&self, area: &str) -> &[SmolStr] {
        self.areas
            .get(area)
            .map_or(&[], |area| area.actions.as_ref().unwrap_or(&self.actions))
    }

    /// The actions that a level permits, its inheritance included; nothing for an unknown level.
    pub(crate) fn actions_at(&self, level: &str) -> impl Iterator<Item = &SmolStr> {
        let first = self.levels.get(level);
        std::iter::successors(first, |level| self.levels.get(level.inherits.as_deref()?))
            .take(self.levels.len()) // a circle ends, too
            .flat_map(|level| &level.actions)
    }

    fn is_stated(&self, role: &RoleDef, permission: &Permission) -> bool {
        self.matches(&role.permissions, permission)
            || self.is_at_level(role, permission)
            || role
                .specials
                .iter()
                .any(|key| Permission::special(key) == *permission)
    }

    /// A `*` for the area means what a role gains, never a special that takes away.
    fn matches(&self, patterns: &[SmolStr], permission: &Permission) -> bool {
        patterns
            .iter()
            .filter_map(|text| Pattern::parse(text))
            .any(|pattern| {
                pattern.matches(permission)
                    && (pattern.area().is_some() || !self.takes_away(permission))
            })
    }

    fn is_at_level(&self, role: &RoleDef, permission: &Permission) -> bool {
        let area = permission.area();
        let stated = role.levels.get(area);
        let Some(level) = stated.or_else(|| role.levels.get("*")) else {
            return false;
        };
        let (level, is_own) = split_level(level);
        self.areas.contains_key(area)
            && is_own == permission.is_own()
            && self
                .actions_at(level)
                .any(|action| action == permission.action())
    }
}

/// The permissions that were chosen, and those for one's own data that they imply.
fn select(all: &PermissionSet, is_chosen: impl Fn(&Permission) -> bool) -> PermissionSet {
    all.iter()
        .filter(|permission| {
            is_chosen(permission) || permission.is_own() && is_chosen(&permission.to_all())
        })
        .cloned()
        .collect()
}

/// A level as a role states it: its key, and whether it is about one's own data only.
pub(super) fn split_level(text: &str) -> (&str, bool) {
    text.strip_suffix(":own")
        .map_or((text, false), |level| (level, true))
}

impl Needs {
    /// The permission without which a power comes to nothing.
    pub(crate) fn of(&self, power: Power) -> &Permission {
        match power {
            Power::Create => &self.create_user,
            Power::Edit => &self.edit_user,
            Power::Disable => &self.disable_user,
            Power::Delete => &self.delete_user,
            Power::ResetPassword => &self.reset_password,
            Power::ChangeRoles | Power::Assign => &self.change_roles,
        }
    }

    /// Every permission asked for, with the name of its field.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, &Permission)> {
        [
            ("view_user", Some(&self.view_user)),
            ("create_user", Some(&self.create_user)),
            ("edit_user", Some(&self.edit_user)),
            ("disable_user", Some(&self.disable_user)),
            ("delete_user", Some(&self.delete_user)),
            ("reset_password", Some(&self.reset_password)),
            ("change_roles", Some(&self.change_roles)),
            ("edit_own_profile", self.edit_own_profile.as_ref()),
            ("change_own_password", self.change_own_password.as_ref()),
            ("view_roles", self.view_roles.as_ref()),
            ("create_role", self.create_role.as_ref()),
            ("edit_role", self.edit_role.as_ref()),
            ("delete_role", self.delete_role.as_ref()),
            ("set_sip_secret", self.set_sip_secret.as_ref()),
            ("extensions.create", self.extensions.create.as_ref()),
            ("extensions.edit", self.extensions.edit.as_ref()),
            ("extensions.delete", self.extensions.delete.as_ref()),
            ("desks.create", self.desks.create.as_ref()),
            ("desks.edit", self.desks.edit.as_ref()),
            ("desks.delete", self.desks.delete.as_ref()),
            ("contacts.create", self.contacts.create.as_ref()),
            ("contacts.edit", self.contacts.edit.as_ref()),
            ("contacts.delete", self.contacts.delete.as_ref()),
        ]
        .into_iter()
        .filter_map(|(field, permission)| Some((field, permission?)))
    }
}
