//! What the roles that a user was granted come to.

use std::cmp::Reverse;

use super::{Role, Roles};
use crate::catalogue::{CustomRole, HowMany};
use crate::permission::{Permission, PermissionSet};

/// The roles of one user: those granted, those shown (in the roles' groups, in `roles`), and among
/// the latter those that act, whose permissions the user has.
#[derive(Debug, Clone, Default)]
pub struct Effective<'a> {
    /// First those that act, then the others that are shown, then the others that are granted.
    roles: Vec<&'a Role>,
    acting: usize,
    shown: usize,
    baseline: Option<&'a Role>,
}

impl Roles {
    /// What grants of these roles come to, from whichever sources and however often.
    ///
    /// Where one built-in role is allowed, the highest rank wins, as it does among custom roles;
    /// the baseline is there for whoever has no built-in role. An inactive user holds nothing and
    /// has no baseline either: that is [`Effective::default`].
    pub fn effective<K: AsRef<str>>(&self, granted: impl IntoIterator<Item = K>) -> Effective<'_> {
        let holding = &self.catalogue.holding;
        let mut granted: Vec<&Role> = granted
            .into_iter()
            .filter_map(|key| self.get(key.as_ref()))
            .collect();
        granted.sort_by_key(|role| (Reverse(role.rank), &role.key));
        granted.dedup_by_key(|role| &role.key);

        let (custom, mut built_in): (Vec<_>, Vec<_>) =
            granted.iter().copied().partition(|role| role.is_custom);
        let mut custom = up_to(holding.custom, custom);
        built_in = up_to(holding.built_in, built_in);
        if holding.custom_role == CustomRole::Instead {
            leave_the_higher(&mut built_in, &mut custom);
        }
        let stands_instead = holding.custom_role == CustomRole::Instead && !custom.is_empty();
        let baseline = holding
            .baseline
            .as_ref()
            .and_then(|key| self.by_key.get(key));
        let baseline = baseline.filter(|_| built_in.is_empty() && !stands_instead);
        built_in.extend(baseline);

        let is_unrestricted = built_in
            .iter()
            .any(|role| holding.unrestricted.contains(&role.key));
        let replaces = holding.custom_role == CustomRole::Replaces && !custom.is_empty();
        let (acting, idle) = match (is_unrestricted, replaces) {
            (true, _) => (built_in, custom),
            (false, true) => (custom, built_in),
            (false, false) => ([built_in, custom].concat(), Vec::new()),
        };
        Effective::of(acting, idle, granted, baseline)
    }
}

impl<'a> Effective<'a> {
    fn of(
        acting: Vec<&'a Role>,
        idle: Vec<&'a Role>,
        granted: Vec<&'a Role>,
        baseline: Option<&'a Role>,
    ) -> Self {
        let (mut roles, count) = (acting, idle.len());
        let acting = roles.len();
        roles.extend(idle);
        let shown = acting + count;
        for role in granted {
            if !roles.iter().any(|other| other.key == role.key) {
                roles.push(role);
            }
        }
        Self {
            roles,
            acting,
            shown,
            baseline,
        }
    }

    /// The roles whose permissions the user has.
    pub fn acting(&self) -> &[&'a Role] {
        self.roles.get(..self.acting).unwrap_or_default()
    }

    /// The roles the user is seen to have: the acting ones, and one that has no effect.
    pub fn shown(&self) -> &[&'a Role] {
        self.roles.get(..self.shown).unwrap_or_default()
    }

    /// The roles the user was granted, those included that a higher one covers; not the baseline.
    pub fn granted(&self) -> impl Iterator<Item = &'a Role> {
        let baseline = self.baseline.map(Role::key);
        self.roles
            .iter()
            .copied()
            .filter(move |role| Some(&role.key) != baseline)
    }

    /// The baseline role, where the user has it for want of another.
    pub fn baseline(&self) -> Option<&'a Role> {
        self.baseline
    }

    /// The shown role with the highest rank.
    pub fn top(&self) -> Option<&'a Role> {
        self.shown().iter().copied().max_by_key(|role| role.rank)
    }

    /// Whether the user is seen to have the role with this key.
    pub fn shows(&self, key: &str) -> bool {
        self.shown().iter().any(|role| role.key.as_str() == key)
    }

    /// Custom roles that have no effect, since the user's built-in role cannot be restricted; that
    /// deserves a warning.
    pub fn without_effect(&self) -> impl Iterator<Item = &'a Role> {
        let idle = self.roles.get(self.acting..self.shown).unwrap_or_default();
        idle.iter().copied().filter(|role| role.is_custom)
    }

    /// Whether the user may do this. Does not allocate.
    pub fn allows(&self, permission: &Permission) -> bool {
        let mut acting = self.acting().iter();
        acting.any(|role| role.permits(permission))
            && !self
                .acting()
                .iter()
                .any(|role| role.taken.contains(permission))
    }

    /// Everything the user may do.
    pub fn permissions(&self) -> PermissionSet {
        let all = self.acting().iter().flat_map(|role| &role.permissions);
        all.filter(|permission| self.allows(permission))
            .cloned()
            .collect()
    }

    /// Every role this user has or was granted, the baseline included.
    pub(crate) fn all(&self) -> &[&'a Role] {
        &self.roles
    }
}

/// As many of the roles as are allowed, the highest first.
fn up_to(how_many: HowMany, mut roles: Vec<&Role>) -> Vec<&Role> {
    match how_many {
        HowMany::None => roles.clear(),
        HowMany::One => roles.truncate(1),
        HowMany::Any => {}
    }
    roles
}

/// Where a custom role stands in place of a built-in one, the higher of the two remains.
fn leave_the_higher(built_in: &mut Vec<&Role>, custom: &mut Vec<&Role>) {
    let rank = |roles: &[&Role]| roles.first().map(|role| role.rank);
    if rank(custom) >= rank(built_in) {
        built_in.clear();
    } else {
        custom.clear();
    }
}
