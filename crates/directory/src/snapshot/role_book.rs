//! Which record stands for which role of the catalogue, and what users' grants come to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;
use jackfield_access::catalogue::{CustomRole, Holding, HowMany, Invite, Needs, Rules, Upkeep};
use jackfield_access::password::PasswordPolicy;
use jackfield_access::{Catalogue, Effective, Permission, RoleDef, RoleKey, Roles};
use jackfield_model::schema::attr;
use jackfield_model::{GrantSource, Kind, Record};
use smol_str::SmolStr;

use super::Snapshot;

/// The roles' records, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct RoleBook {
    numbers: OrdMap<SmolStr, u32>,
}

impl RoleBook {
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    pub(super) fn put(&mut self, record: &Record) {
        if let Some(key) = role_key(record) {
            self.numbers.insert(key.into(), record.number.0);
        }
    }

    pub(super) fn remove(&mut self, record: &Record) {
        if let Some(key) = role_key(record) {
            self.numbers.remove(key);
        }
    }
}

impl Snapshot {
    /// What a user's grants come to, or would if the user were active.
    pub fn effective_of(&self, user: &Record) -> Effective<'_> {
        let granted = self.grants.onto(user.number.0);
        self.roles()
            .effective(granted.filter_map(|role| role_key(self.numbered(role)?)))
    }

    /// The active users who have a permission.
    pub fn permission_holders(&self, permission: &str) -> impl Iterator<Item = &Arc<Record>> {
        let with_it = self
            .roles
            .iter()
            .filter(move |role| role.permissions().contains_str(permission));
        let numbers = with_it.filter_map(|role| self.role_book.number(role.key().as_str()));
        let users: BTreeSet<u32> = numbers
            .flat_map(|role| self.held.of(role).map(|(user, _)| user))
            .collect();
        let wanted = self
            .roles
            .permissions()
            .iter()
            .find(move |p| p.as_str() == permission);
        users
            .into_iter()
            .filter_map(|user| self.numbered(user))
            .filter(move |user| wanted.is_some_and(|wanted| self.effective_of(user).allows(wanted)))
    }

    /// Resolves the catalogue's and the custom roles anew.
    pub(super) fn resolve_roles(&mut self, catalogue: Arc<Catalogue>) {
        let custom: Vec<(RoleKey, RoleDef)> = self
            .of_kind(Kind::Role)
            .filter_map(|number| {
                let record = self.numbered(number)?;
                let definition = record.attributes.text(attr::ROLE_DEFINITION)?;
                let def = serde_json::from_str(definition).ok()?;
                Some((RoleKey::new(role_key(record)?), def))
            })
            .collect();
        self.roles = Arc::new(Roles::new(catalogue, custom));
    }

    /// Brings up to date what users are seen to hold.
    pub(super) fn refresh_held(&mut self, users: impl IntoIterator<Item = u32>) {
        for user in users {
            let after = self.holding_of(user);
            let before: Vec<u32> = self.held.onto(user).collect();
            for role in before {
                if !after.iter().any(|(kept, _)| *kept == role) {
                    self.held.remove(role, user);
                }
            }
            let has_seat = after.iter().any(|(role, _)| self.is_seat(*role));
            for (role, is_baseline) in after {
                self.held.insert(role, user, is_baseline);
            }
            if has_seat {
                self.seated.insert(user);
            } else {
                self.seated.remove(user);
            }
        }
    }

    /// Whether it is the record of the baseline role.
    pub(super) fn is_baseline(&self, role: &Record) -> bool {
        let baseline = self.catalogue().holding.baseline.as_ref();
        baseline.map(RoleKey::as_str) == role_key(role)
    }

    /// The users to whom roles were granted that came, went or changed their rank: what others
    /// are seen to hold does not depend on what a role permits.
    pub(super) fn users_of_moved_roles(&self, before: &Roles) -> BTreeSet<u32> {
        let place = |roles: &Roles, key: &str| {
            let role = roles.get(key)?;
            Some((role.rank(), role.is_custom()))
        };
        let places = self.role_book.numbers.iter().map(|(key, number)| {
            let (was, is) = (place(before, key), place(&self.roles, key));
            (was, is, *number)
        });
        let moved = places.filter(|(was, is, _)| was != is);
        moved
            .flat_map(|(was, is, role)| {
                let is_custom = |place: Option<(_, bool)>| place.map(|(_, is_custom)| is_custom);
                // Who has no other role is seen to have this one whatever its rank.
                let is_only_rank = is_custom(was) == is_custom(is);
                let holders = self.grants.of(role).map(|(user, _)| user);
                holders.filter(move |user| !is_only_rank || self.grants.onto(*user).count() > 1)
            })
            .collect()
    }

    fn is_seat(&self, role: u32) -> bool {
        let key = self.numbered(role).and_then(|role| role_key(role));
        let seats = &self.catalogue().holding.seats;
        key.is_some_and(|key| seats.iter().any(|seat| seat.as_str() == key))
    }

    /// The users who have grants by mapping rules.
    pub(crate) fn mapped_users(&self) -> BTreeSet<u32> {
        let is_mapped = |source: &GrantSource| {
            matches!(source, GrantSource::Mapping(_) | GrantSource::Retained(_))
        };
        let all = self.grants.iter();
        all.filter(|(_, _, sources)| sources.iter().any(is_mapped))
            .map(|(_, user, _)| user)
            .collect()
    }

    /// The numbers of the roles that a user is seen to have, and which of them is the baseline.
    fn holding_of(&self, user: u32) -> BTreeSet<(u32, bool)> {
        let Some(record) = self.numbered(user) else {
            return BTreeSet::new();
        };
        if record.kind != Kind::User || !record.is_active() {
            return BTreeSet::new();
        }
        let effective = self.effective_of(record);
        let baseline = effective.baseline().map(|role| role.key().clone());
        effective
            .shown()
            .iter()
            .filter_map(|role| {
                let number = self.role_book.number(role.key().as_str())?;
                Some((number, baseline.as_ref() == Some(role.key())))
            })
            .collect()
    }
}

fn role_key(record: &Record) -> Option<&str> {
    (record.kind == Kind::Role)
        .then(|| record.attributes.text(attr::ROLE_KEY))
        .flatten()
}

/// A role system without roles, of a tenant whose own has not been declared yet.
pub(super) fn blank_catalogue() -> Catalogue {
    let nothing = || Permission::special("nothing");
    Catalogue {
        key: SmolStr::default(),
        title: SmolStr::default(),
        description: SmolStr::default(),
        actions: Vec::new(),
        areas: BTreeMap::default(),
        levels: BTreeMap::default(),
        specials: BTreeMap::default(),
        holding: Holding {
            built_in: HowMany::None,
            custom: HowMany::None,
            custom_role: CustomRole::default(),
            baseline: None,
            unrestricted: Vec::new(),
            everyone: Vec::new(),
            seats: Vec::new(),
            special_areas: Vec::new(),
        },
        needs: Needs {
            view_user: nothing(),
            create_user: nothing(),
            edit_user: nothing(),
            disable_user: nothing(),
            delete_user: nothing(),
            reset_password: nothing(),
            change_roles: nothing(),
            edit_own_profile: None,
            change_own_password: None,
            view_roles: None,
            create_role: None,
            edit_role: None,
            delete_role: None,
            set_sip_secret: None,
            extensions: Upkeep::default(),
            desks: Upkeep::default(),
            contacts: Upkeep::default(),
        },
        rules: Rules::default(),
        password: PasswordPolicy::default(),
        invite: Invite::default(),
        roles: BTreeMap::default(),
        templates: BTreeMap::default(),
    }
}
