//! Roles as people see and change them: what there is, who has it and why, what a tenant's file
//! would change.

use std::collections::BTreeSet;
use std::sync::Arc;

use jackfield_access::{
    Action, Actor, Decision, Deed, Denial, Permission, RoleDef, RoleKey, Subject, decide,
};
use jackfield_directory::plan::Declaration;
use jackfield_directory::{Command, Precondition, RoleCommand, Snapshot};
use jackfield_model::schema::attr;
use jackfield_model::{
    GrantSource, Id, Kind, MappingRule, Principal, Record, Settings, Timestamp, Value, text,
};
use smol_str::SmolStr;

use crate::error::Error;
use crate::session::Session;

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

/// What a change of roles came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The role's or user's record.
    pub id: Id,
    /// Whether anything changed.
    pub changed: bool,
    /// What deserves a second look, though it was done.
    pub warnings: Vec<String>,
}

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

/// What a tenant's file would change for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The user.
    pub user: Id,
    /// The user name.
    pub name: String,
    /// The titles of the roles now.
    pub before: Vec<String>,
    /// The titles of the roles then.
    pub after: Vec<String>,
    /// Whether a grant is kept then, for want of another holder.
    pub retained: bool,
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

    /// Makes a custom role.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn create_role(&self, key: RoleKey, def: RoleDef) -> Result<RoleChange, Error> {
        let named = key.clone();
        let made = self.change_roles(RoleCommand::Create { key, def }).await?;
        Ok(self.warn_of_role(made, &named))
    }

    /// Defines a custom role anew, if it is at this version.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn edit_role(
        &self,
        key: RoleKey,
        def: RoleDef,
        expect: Precondition,
    ) -> Result<RoleChange, Error> {
        let named = key.clone();
        let edit = RoleCommand::Edit { key, def, expect };
        let edited = self.change_roles(edit).await?;
        Ok(self.warn_of_role(edited, &named))
    }

    /// Deletes a custom role, if it is at this version; its holders keep their other roles.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn delete_role(
        &self,
        key: RoleKey,
        expect: Precondition,
    ) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Delete { key, expect }).await
    }

    /// Gives a user a role, in place of another where a user holds one.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn assign_role(&self, user: Id, role: RoleKey) -> Result<RoleChange, Error> {
        let key = role.clone();
        let assigned = self
            .change_roles(RoleCommand::Assign { user, role })
            .await?;
        Ok(self.warn_of_user(assigned, &key))
    }

    /// Takes a role from a user.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn unassign_role(&self, user: Id, role: RoleKey) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Unassign { user, role })
            .await
    }

    /// Notes that the holders of a role were looked at and are right.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn review_role(&self, role: RoleKey) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Review { role }).await
    }

    /// Each reason for which a user has a role, those too that a higher role covers.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Forbidden`] to people who may not view the user.
    pub fn why(&self, user: Id) -> Result<Vec<Why>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let record = self.viewed(&snapshot, user)?;
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
        let record = self.viewed(&snapshot, user)?;
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

    /// The user, if the principal may view it.
    fn viewed<'s>(&self, snapshot: &'s Snapshot, user: Id) -> Result<&'s Arc<Record>, Error> {
        let record = snapshot
            .record(user)
            .filter(|record| record.kind == Kind::User);
        let record = record.ok_or_else(|| Error::not_found("the user"))?;
        let subject = Subject {
            roles: &snapshot.effective_of(record),
            is_self: self.principal().record() == Some(user),
            is_active: record.is_active(),
            other_holders: &|_| 0,
        };
        self.ask(snapshot, Action::User(Deed::View, subject))?;
        Ok(record)
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

    /// The name of who acts.
    pub fn name(&self) -> String {
        self.snapshot().actor_name(self.principal())
    }

    /// What a declaration would change for whom. Nothing is changed.
    ///
    /// # Errors
    /// What would stand in its way.
    pub async fn preview(&self, declared: Declaration) -> Result<Vec<Shift>, Error> {
        let rehearsal = self.rehearse();
        let before = rehearsal.snapshot();
        rehearsal
            .write(Command::Declare(Box::new(declared)))
            .await?;
        let after = rehearsal.snapshot();
        let mut shifts = Vec::new();
        for user in before.all_of(Kind::User) {
            let (old, new) = (titles(&before, user), titles(&after, user));
            let retained = is_retained(&after, user);
            if old != new || retained && !is_retained(&before, user) {
                shifts.push(Shift {
                    user: user.id,
                    name: user.login().unwrap_or_default().to_owned(),
                    before: old,
                    after: new,
                    retained,
                });
            }
        }
        Ok(shifts)
    }

    /// What other mapping rules, in place of those there are, would change for whom. Nothing is
    /// changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to people who may not see roles and users; [`Error::InvalidValue`] for
    /// roles that there are not.
    pub async fn preview_rules(&self, rules: Vec<MappingRule>) -> Result<Vec<Shift>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask(&snapshot, Action::ViewRoles)?;
        self.ask(
            &snapshot,
            Action::Use(&snapshot.catalogue().needs.view_user),
        )?;
        let is_unknown = |key: &&SmolStr| snapshot.roles().get(key).is_none();
        if let Some(key) = rules.iter().flat_map(|rule| &rule.roles).find(is_unknown) {
            let problem = format!("there is no role {key:?}");
            return Err(Error::invalid_value("rules", problem));
        }
        let custom = self.roles()?.into_iter();
        let declared = custom.filter(|role| role.origin == RoleOrigin::Declared);
        let declaration = Declaration {
            settings: Settings {
                mappings: rules,
                ..(**snapshot.settings()).clone()
            },
            schemas: snapshot.schemas().declared(),
            catalogue: snapshot.catalogue().clone(),
            custom_roles: declared.map(|role| (role.key, role.def)).collect(),
        };
        let config = self.with_principal(Principal::Config);
        config.preview(declaration).await
    }

    /// The user of this id, user name or mail address.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or more than one.
    pub fn user(&self, named: &str) -> Result<Id, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let is_user = |id: &Id| {
            snapshot
                .record(*id)
                .is_some_and(|user| user.kind == Kind::User)
        };
        if let Some(id) = Id::parse(named).filter(is_user) {
            return Ok(id);
        }
        let key = text::case_ignore(named);
        if let Some(user) = snapshot.keyed(Kind::User, &key) {
            return Ok(user.id);
        }
        let has_address = |user: &Record| {
            let mut emails = user.attributes.values(attr::EMAILS).iter();
            emails.any(|email| {
                let address = email
                    .as_complex()
                    .and_then(|email| email.text(attr::EMAILS_VALUE));
                address.is_some_and(|address| text::eq_case_ignore(address, &key))
            })
        };
        let mut found = snapshot.all_of(Kind::User).filter(|user| has_address(user));
        match (found.next(), found.next()) {
            (Some(user), None) => Ok(user.id),
            _ => Err(Error::not_found(format_args!("the user {named:?}"))),
        }
    }

    /// The active holders of a role, by their user names.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Forbidden`] to people who may not view users.
    pub fn role_holders(&self, key: &str) -> Result<Vec<(Id, String)>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let needed = &snapshot.catalogue().needs.view_user;
        if matches!(self.principal(), Principal::Person(_)) {
            self.ask(&snapshot, Action::Use(needed))?;
        }
        let role = snapshot.role_record(key).ok_or_else(|| no_role(key))?;
        let mut holders: Vec<(Id, String)> = snapshot
            .holders(role)
            .map(|user| (user.id, user.login().unwrap_or_default().to_owned()))
            .collect();
        holders.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(holders)
    }

    async fn change_roles(&self, command: RoleCommand) -> Result<RoleChange, Error> {
        let written = self.write(Command::Role(command)).await?;
        Ok(RoleChange {
            id: written.id.ok_or(Error::Internal)?,
            changed: written.changed,
            warnings: Vec::new(),
        })
    }

    fn warn_of_role(&self, mut change: RoleChange, key: &RoleKey) -> RoleChange {
        let snapshot = self.snapshot();
        let role = snapshot.roles().get(key.as_str());
        if role.is_some_and(jackfield_access::Role::is_blank) {
            let warning = "The role permits nothing: its holders see an almost empty dashboard.";
            change.warnings.push(warning.to_owned());
        }
        change
    }

    fn warn_of_user(&self, mut change: RoleChange, key: &RoleKey) -> RoleChange {
        let snapshot = self.snapshot();
        let Some(user) = snapshot.record(change.id) else {
            return change;
        };
        let effective = snapshot.effective_of(user);
        for role in effective.without_effect() {
            change.warnings.push(format!(
                "{} has no effect: a custom role does not restrict {}.",
                role.title(),
                effective
                    .acting()
                    .iter()
                    .map(|role| role.title())
                    .collect::<Vec<_>>()
                    .join(", "),
            ));
        }
        if !effective.shows(key.as_str()) {
            let shown: Vec<&str> = effective.shown().iter().map(|role| role.title()).collect();
            change.warnings.push(format!(
                "The user is seen as {} still: a grant that ranks higher covers this one.",
                shown.join(", ")
            ));
        }
        change
    }

    /// Asks the catalogue about something that reads only; whoever is no person reads what its
    /// credential lets it.
    pub(crate) fn ask(&self, snapshot: &Snapshot, action: Action<'_>) -> Result<(), Error> {
        let Principal::Person(id) = self.principal() else {
            return Ok(());
        };
        let person = snapshot.record(id).ok_or(Error::InvalidCredentials)?;
        let own = snapshot.effective_of(person);
        match decide(snapshot.roles(), Actor::Person(&own), action) {
            Decision::Permit => Ok(()),
            Decision::Deny(reason) => Err(Error::Forbidden(Denial::of(
                &reason,
                snapshot.roles(),
                action,
            ))),
        }
    }
}

fn info(snapshot: &Snapshot, role: &jackfield_access::Role) -> Option<RoleInfo> {
    let record: &Arc<Record> = snapshot.role_record(role.key().as_str())?;
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

fn titles(snapshot: &Snapshot, user: &Record) -> Vec<String> {
    let titles: BTreeSet<String> = snapshot
        .roles_of(user)
        .map(|role| role.common_name().to_string())
        .collect();
    titles.into_iter().collect()
}

fn is_retained(snapshot: &Snapshot, user: &Record) -> bool {
    snapshot.grants_of(user).any(|(_, sources)| {
        sources
            .iter()
            .any(|source| matches!(source, GrantSource::Retained(_)))
    })
}

fn no_role(key: &str) -> Error {
    Error::not_found(format_args!("the role {key:?}"))
}
