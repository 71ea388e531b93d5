//! The roles of one tenant, resolved to permissions, and what a user's roles come to.

mod effective;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, CustomRole, HowMany};
use crate::permission::{Permission, PermissionSet};
use crate::reason::RoleName;
use crate::role::{Power, RoleDef, RoleKey};

pub use effective::Effective;

/// The roles of one tenant: its catalogue's and its own. Made anew when one of them changes;
/// immutable in between, so a snapshot shares it.
#[derive(Debug, Clone)]
pub struct Roles {
    catalogue: Arc<Catalogue>,
    permissions: PermissionSet,
    by_key: BTreeMap<RoleKey, Role>,
    lowest_kept: Option<u16>,
}

impl Roles {
    /// The catalogue's built-in roles and these custom ones. A custom role with the key of a
    /// built-in one is left out; names that the catalogue does not know grant nothing.
    pub fn new(
        catalogue: Arc<Catalogue>,
        custom: impl IntoIterator<Item = (RoleKey, RoleDef)>,
    ) -> Self {
        let mut roles = Self {
            permissions: catalogue.permissions(),
            by_key: BTreeMap::new(),
            lowest_kept: catalogue.lowest_kept(),
            catalogue,
        };
        for (key, def) in custom {
            roles.by_key.insert(key.clone(), roles.define(key, def));
        }
        for (key, def) in &Arc::clone(&roles.catalogue).roles {
            let role = Role {
                is_custom: false,
                ..roles.define(key.clone(), def.clone())
            };
            roles.by_key.insert(key.clone(), role);
        }
        roles
    }

    /// The role system.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Every permission there is.
    pub fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }

    /// The role with this key.
    pub fn get(&self, key: &str) -> Option<&Role> {
        self.by_key.get(key)
    }

    /// All roles, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.by_key.values()
    }

    /// The roles that always keep at least one active holder.
    pub fn kept(&self) -> impl Iterator<Item = &Role> {
        self.catalogue
            .rules
            .keep_holder
            .iter()
            .filter_map(|key| self.by_key.get(key))
    }

    /// Whether the role always keeps at least one active holder.
    pub fn is_kept(&self, key: &RoleKey) -> bool {
        self.catalogue.rules.keep_holder.contains(key)
    }

    /// A custom role as it would be, were it among these.
    pub fn define(&self, key: RoleKey, def: RoleDef) -> Role {
        let granted = self.catalogue.granted(&def, &self.permissions);
        let taken = self.catalogue.taken(&granted, &self.permissions);
        let special_areas = &self.catalogue.holding.special_areas;
        let is_special = granted
            .iter()
            .any(|permission| special_areas.iter().any(|area| area == permission.area()));
        Role {
            rank: def.rank.unwrap_or_else(|| self.catalogue.custom_rank()),
            permissions: granted.without(&taken),
            is_blank: self.catalogue.is_blank(&def, &self.permissions),
            is_custom: true,
            is_special,
            taken,
            key,
            def,
        }
    }

    /// Whether a user who is given one role by hand loses the other for it, both named by their keys.
    pub fn is_instead(&self, one: &str, other: &str) -> bool {
        let holding = &self.catalogue.holding;
        let is_custom = |key| self.get(key).map(Role::is_custom);
        match (is_custom(one), is_custom(other)) {
            (Some(true), Some(true)) => holding.custom == HowMany::One,
            (Some(false), Some(false)) => holding.built_in == HowMany::One,
            _ => holding.custom_role == CustomRole::Instead,
        }
    }

    /// Whether an active user with these roles counts against the licence.
    pub fn takes_seat(&self, roles: &Effective<'_>) -> bool {
        roles
            .shown()
            .iter()
            .any(|role| self.catalogue.holding.seats.contains(role.key()))
    }

    /// The lowest rank among the roles that must keep a holder.
    pub(crate) fn lowest_kept(&self) -> Option<u16> {
        self.lowest_kept
    }
}

/// One role, resolved.
#[derive(Debug, Clone)]
pub struct Role {
    key: RoleKey,
    def: RoleDef,
    rank: u16,
    permissions: PermissionSet,
    taken: PermissionSet,
    is_custom: bool,
    is_special: bool,
    is_blank: bool,
}

impl Role {
    /// Its key.
    pub fn key(&self) -> &RoleKey {
        &self.key
    }

    /// Its name.
    pub fn title(&self) -> &str {
        &self.def.title
    }

    /// The role as it was written.
    pub fn def(&self) -> &RoleDef {
        &self.def
    }

    /// Its rank, stated or not.
    pub fn rank(&self) -> u16 {
        self.rank
    }

    /// What a user with this role alone may do.
    pub fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }

    /// What a user with this role may not do, whatever the other roles permit.
    pub fn taken(&self) -> &PermissionSet {
        &self.taken
    }

    /// Whether the tenant made it.
    pub fn is_custom(&self) -> bool {
        self.is_custom
    }

    /// Whether lists of users mark it, for a permission in one of the special areas.
    pub fn is_special(&self) -> bool {
        self.is_special
    }

    /// Whether it permits nothing but what every role does; its holder sees an almost empty
    /// dashboard, which deserves a warning.
    pub fn is_blank(&self) -> bool {
        self.is_blank
    }

    /// Whether a power of this role, given the permission for it, reaches the other role.
    pub fn reaches(&self, power: Power, other: &Role) -> bool {
        match self.def.reach(power) {
            Some(list) => list.iter().any(|key| key.is_every() || *key == other.key),
            None => other.rank < self.rank,
        }
    }

    /// Whether it reaches anybody at all, and so a user without any role.
    pub(crate) fn reaches_somebody(&self, power: Power) -> bool {
        self.def
            .reach(power)
            .map_or(self.rank > 0, |list| !list.is_empty())
    }

    pub(crate) fn permits(&self, permission: &Permission) -> bool {
        self.permissions.contains(permission)
    }

    pub(crate) fn name(&self) -> RoleName {
        RoleName {
            key: self.key.clone(),
            title: self.def.title.clone(),
        }
    }
}

impl Catalogue {
    /// The lowest rank among the roles that must keep a holder.
    pub(crate) fn lowest_kept(&self) -> Option<u16> {
        let kept = self
            .rules
            .keep_holder
            .iter()
            .filter_map(|key| self.roles.get(key));
        kept.filter_map(|role| role.rank).min()
    }

    /// The rank of a custom role that states none: just above the baseline.
    pub(crate) fn custom_rank(&self) -> u16 {
        let baseline = self
            .holding
            .baseline
            .as_ref()
            .and_then(|key| self.roles.get(key)?.rank);
        baseline.unwrap_or(0).saturating_add(1)
    }
}
