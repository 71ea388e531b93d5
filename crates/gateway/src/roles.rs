//! Roles as people see and change them: what there is, who has it and why, what a tenant's file
//! would change.

mod change;
mod preview;
mod why;

use jackfield_access::{Action, Role, RoleDef, RoleKey};
use jackfield_directory::Snapshot;
use jackfield_model::schema::attr;
use jackfield_model::{Id, Principal, Timestamp, Value};

use crate::error::Error;
use crate::session::Session;

pub use change::RoleChange;
pub use preview::Shift;
pub use why::Why;

/// A role of a tenant.
#[derive(Clone, Debug)]
pub struct RoleInfo {
    /// Its key.
    pub key: RoleKey,
    /// The role as it is written.
    pub def: RoleDef,
    /// Its rank, stated or not.
    pub rank: u16,
    /// Where it is defined.
    pub origin: RoleOrigin,
    /// Whether lists of users mark it.
    pub is_special: bool,
    /// How many active users are seen to have it.
    pub holders: usize,
    /// What it permits.
    pub permissions: Vec<String>,
    /// When somebody last noted that its holders are right.
    pub reviewed: Option<Timestamp>,
    /// The version of its record.
    pub version: u64,
}

/// Where a role is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleOrigin {
    /// In the catalogue.
    BuiltIn,
    /// In the tenant's file, and changes there only.
    Declared,
    /// Here, at run time.
    RunTime,
}

impl Session {
    /// All roles, the highest rank first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to people whose roles do not let them see how roles are defined.
    pub fn roles(&self) -> Result<Vec<RoleInfo>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask(&snapshot, Action::ViewRoles)?;
        let mut all: Vec<RoleInfo> = snapshot
            .roles()
            .iter()
            .filter_map(|role| info(&snapshot, role))
            .collect();
        all.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.key.cmp(&b.key)));
        Ok(all)
    }

    /// The role with this key.
    ///
    /// # Errors
    /// As [`roles`](Self::roles), and [`Error::NotFound`].
    pub fn role(&self, key: &str) -> Result<RoleInfo, Error> {
        let mut all = self.roles()?.into_iter();
        all.find(|role| role.key.as_str() == key)
            .ok_or_else(|| no_role(key))
    }

    /// The custom roles that people often make, which the catalogue brings along.
    ///
    /// # Errors
    /// As [`roles`](Self::roles).
    pub fn role_templates(&self) -> Result<Vec<(RoleKey, RoleDef)>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask(&snapshot, Action::ViewRoles)?;
        let templates = snapshot.catalogue().templates.iter();
        Ok(templates
            .map(|(key, def)| (key.clone(), def.clone()))
            .collect())
    }

    /// The keys of the roles that a person is seen to have, or as whose holder a service account
    /// acts.
    pub fn own_roles(&self) -> Vec<RoleKey> {
        let snapshot = self.snapshot();
        let record = self.principal().record().and_then(|id| snapshot.record(id));
        match (self.principal(), record) {
            (Principal::Person(_), Some(person)) => {
                let own = snapshot.effective_of(person);
                own.shown().iter().map(|role| role.key().clone()).collect()
            }
            (Principal::Service(_), Some(service)) => {
                let role = service.attributes.text(attr::ACTS_AS);
                role.map(RoleKey::from).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The active holders of a role, by their user names.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Forbidden`] to people who may not view users.
    pub fn role_holders(&self, key: &str) -> Result<Vec<(Id, String)>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask_to_view_users(&snapshot)?;
        let role = snapshot.role_record(key).ok_or_else(|| no_role(key))?;
        let mut holders: Vec<(Id, String)> = snapshot
            .holders(role)
            .map(|user| (user.id, user.login().unwrap_or_default().to_owned()))
            .collect();
        holders.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(holders)
    }
}

fn info(snapshot: &Snapshot, role: &Role) -> Option<RoleInfo> {
    let record = snapshot.role_record(role.key().as_str())?;
    let origin = match (
        role.is_custom(),
        record.attributes.flag(attr::MADE_AT_RUN_TIME),
    ) {
        (false, _) => RoleOrigin::BuiltIn,
        (true, Some(true)) => RoleOrigin::RunTime,
        (true, _) => RoleOrigin::Declared,
    };
    Some(RoleInfo {
        key: role.key().clone(),
        def: role.def().clone(),
        rank: role.rank(),
        origin,
        is_special: role.is_special(),
        holders: snapshot.holder_count(record),
        permissions: role.permissions().iter().map(ToString::to_string).collect(),
        reviewed: match record.attributes.first(attr::REVIEWED) {
            Some(Value::Time(at)) => Some(*at),
            _ => None,
        },
        version: record.version,
    })
}

fn no_role(key: &str) -> Error {
    Error::not_found(format_args!("the role {key:?}"))
}
