//! Why a user has a role, and what the roles come to.

use jackfield_access::{Deed, Permission, RoleKey};
use jackfield_directory::Snapshot;
use jackfield_model::{GrantSource, Id, Kind, Record};

use crate::error::Error;
use crate::session::Session;

/// Why a user has a role, or could have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The role's key.
    pub role: RoleKey,
    /// The role's title.
    pub title: String,
    /// Who gave it: `person`, `service`, `connection`, `mapping`, `retained`, `config`, `operator`, or
    /// `baseline` for what a user without a role is.
    pub source: &'static str,
    /// The name of the person, connection or rule.
    pub by: Option<String>,
    /// For a rule: the groups that lead to the one that it is about, that one last.
    pub groups: Vec<String>,
    /// Whether the user is seen to have the role by now: active, and not covered by a higher one.
    pub shown: bool,
}

impl Session {
    /// Each reason for which a user has a role, those too that a higher role covers.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Forbidden`] to people who may not view the user.
    pub fn why(&self, user: Id) -> Result<Vec<Why>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let record = self.ask_about(&snapshot, Deed::View, user)?;
        let effective = snapshot.effective_of(record);
        let mut all = Vec::new();
        for (role, sources) in snapshot.grants_of(record) {
            all.extend(
                sources
                    .iter()
                    .map(|source| why(&snapshot, record, role, source)),
            );
        }
        if let Some(baseline) = effective.baseline() {
            all.push(Why {
                role: baseline.key().clone(),
                title: baseline.title().to_owned(),
                source: "baseline",
                by: None,
                groups: Vec::new(),
                shown: record.is_active(),
            });
        }
        Ok(all)
    }

    /// What a user may do in the phone system, and by which roles; nothing while inactive.
    ///
    /// # Errors
    /// As [`why`](Self::why).
    pub fn permissions_of(&self, user: Id) -> Result<Vec<(Permission, Vec<RoleKey>)>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let record = self.ask_about(&snapshot, Deed::View, user)?;
        if !record.is_active() {
            return Ok(Vec::new());
        }
        let effective = snapshot.effective_of(record);
        let gives = |permission: &Permission| {
            let acting = effective.acting().iter();
            let giving = acting.filter(|role| role.permissions().contains(permission));
            giving.map(|role| role.key().clone()).collect()
        };
        let permissions = effective.permissions();
        let all = permissions.iter();
        Ok(all.map(|it| (it.clone(), gives(it))).collect())
    }
}

fn why(snapshot: &Snapshot, user: &Record, role: &Record, source: &GrantSource) -> Why {
    let name = |id: &Id| {
        let record = snapshot.record(*id);
        let login = record.and_then(|record| record.login()).map(str::to_owned);
        login.unwrap_or_else(|| id.to_string())
    };
    let (kind, by) = match source {
        GrantSource::Person(id) => {
            let is_service = snapshot
                .record(*id)
                .is_some_and(|record| record.kind == Kind::Service);
            let kind = if is_service { "service" } else { "person" };
            (kind, Some(name(id)))
        }
        GrantSource::Connection(id) => ("connection", Some(name(id))),
        GrantSource::Mapping(rule) => ("mapping", Some(rule.to_string())),
        GrantSource::Retained(rule) => ("retained", Some(rule.to_string())),
        GrantSource::Config => ("config", None),
        GrantSource::Operator => ("operator", None),
    };
    let path = match source {
        GrantSource::Mapping(rule) => snapshot.mapping_path(user, rule),
        _ => None,
    };
    let key = role.login().unwrap_or_default();
    Why {
        role: RoleKey::from(key),
        title: role.common_name().to_string(),
        source: kind,
        by,
        groups: path
            .unwrap_or_default()
            .iter()
            .map(|group| group.common_name().to_string())
            .collect(),
        shown: user.is_active() && snapshot.effective_of(user).shows(key),
    }
}
