//! Giving and taking roles. A grant has a source, and an actor changes only its own grants.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jackfield_access::{Action, Role, RoleKey, Subject};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, AuditChange, Change, Grant, GrantSource, Id, Kind, Principal, Record, Value, text,
};
use smol_str::SmolStr;

use super::draft::Draft;
use super::{Refusal, action, scope};

/// A role that a client named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedRole {
    pub(super) id: Id,
    pub(super) key: SmolStr,
}

impl Draft<'_> {
    /// The roles that values of `roles` name, by key, title or id, each once; others are plain
    /// data.
    pub(super) fn known_roles(&self, values: &[Value]) -> Vec<NamedRole> {
        let mut roles: Vec<NamedRole> = Vec::new();
        for role in values.iter().filter_map(|value| self.named_role(value)) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }

    /// Gives a new user the roles that came with it; what names no role is kept as data.
    pub(super) fn set_new_roles(
        &mut self,
        user: &Record,
        values: Vec<Value>,
    ) -> Result<(), Refusal> {
        let wanted = self.known_roles(&values);
        self.keep_unknown(user, values)?;
        self.try_to(action::ROLES, user.id);
        let grants: Vec<Id> = wanted.iter().map(|role| role.id).collect();
        if !grants.is_empty() {
            self.require_scope(scope::ROLES)?;
        }
        self.commit_grants(user, &grants, &[])
    }

    /// Makes these the roles that the actor gives the user. What it sees because of others, and
    /// the baseline, is neither given nor taken by naming it or not.
    pub(super) fn set_roles(&mut self, user: &Record, values: Vec<Value>) -> Result<(), Refusal> {
        let wanted = self.known_roles(&values);
        self.keep_unknown(user, values)?;
        self.try_to(action::ROLES, user.id);
        let baseline = self
            .snapshot
            .effective_of(user)
            .baseline()
            .and_then(|role| {
                self.snapshot
                    .role_record(role.key().as_str())
                    .map(|role| role.id)
            });
        let granted = self.snapshot.grants_of(user).map(|(role, _)| role.id);
        let known: HashSet<Id> = granted.chain(baseline).collect();
        let own: Vec<Id> = self.own_grants(user);
        let add: Vec<Id> = wanted
            .iter()
            .map(|role| role.id)
            .filter(|id| !known.contains(id))
            .collect();
        let remove: Vec<Id> = own
            .into_iter()
            .filter(|id| !wanted.iter().any(|role| role.id == *id))
            .collect();
        if !(add.is_empty() && remove.is_empty()) {
            self.require_scope(scope::ROLES)?;
        }
        self.change_grants(user, &add, &remove)
    }

    /// What a PUT of `roles` means: the roles that are shown, and no others, stand for all that were
    /// granted, since one that a higher one covers is not shown.
    pub(super) fn as_granted(&self, user: &Record, mut values: Vec<Value>) -> Vec<Value> {
        let named: BTreeSet<SmolStr> = self
            .known_roles(&values)
            .into_iter()
            .map(|role| role.key)
            .collect();
        let effective = self.snapshot.effective_of(user);
        let baseline = effective.baseline().map(Role::key);
        let shown = effective.shown().iter().map(|role| role.key());
        let shown: BTreeSet<SmolStr> = shown
            .filter(|key| Some(*key) != baseline)
            .map(|key| key.as_str().into())
            .collect();
        if named == shown {
            values.extend(effective.granted().map(|role| role.key().as_str().into()));
        }
        values
    }

    /// What a patch of `roles` starts from: every role that was granted, though the user be
    /// inactive or a higher one cover it, and the values that name no role.
    pub(super) fn granted_roles(&self, user: &Record) -> Vec<Value> {
        let effective = self.snapshot.effective_of(user);
        let top = effective.top().map(|role| role.key().clone());
        let granted = effective.granted().map(|role| {
            let value = Attributes::new()
                .with(attr::ROLES_VALUE, role.key().as_str())
                .with(attr::ROLES_DISPLAY, role.title());
            match top.as_ref() == Some(role.key()) {
                true => value.with(attr::ROLES_PRIMARY, true).into(),
                false => value.into(),
            }
        });
        granted
            .chain(user.attributes.values(attr::ROLES).iter().cloned())
            .collect()
    }

    /// Gives a role to users, and takes it from others, through its group.
    pub(super) fn change_grantees(
        &mut self,
        role: &Record,
        add: &[Id],
        remove: &[Id],
    ) -> Result<(), Refusal> {
        for (ids, adds) in [(add, true), (remove, false)] {
            for id in ids {
                let Some(user) = self.snapshot.record(*id).cloned() else {
                    continue;
                };
                if self.is_own_grant(&user, role) == adds {
                    continue;
                }
                if user.kind != Kind::User {
                    let problem = "only users hold roles".to_owned();
                    return Err(Refusal::InvalidValue {
                        path: "members.value".into(),
                        problem,
                    });
                }
                let (gained, lost): (&[Id], &[Id]) = if adds {
                    (&[role.id], &[])
                } else {
                    (&[], &[role.id])
                };
                self.change_grants(&user, gained, lost)?;
            }
        }
        Ok(())
    }

    /// Whether the record has the role already, given by anybody, or by nobody as the baseline.
    pub(super) fn has_role(&self, user: u32, role: &Record) -> bool {
        let is_granted = self
            .snapshot
            .grant_edges()
            .get(role.number.0, user)
            .is_some();
        let is_baseline = |user: &Arc<Record>| {
            let effective = self.snapshot.effective_of(user);
            let baseline = effective.baseline().map(|role| role.key().as_str());
            user.kind == Kind::User && baseline.is_some() && baseline == role.login()
        };
        is_granted || self.snapshot.numbered(user).is_some_and(is_baseline)
    }

    /// The users to whom the actor gave the role.
    pub(super) fn own_grantees(&self, role: &Record) -> Vec<Id> {
        self.snapshot
            .grantees(role)
            .filter(|user| self.is_own_grant(user, role))
            .map(|user| user.id)
            .collect()
    }

    /// Whether the role was given to the user by the actor, or, for the operator, by anybody.
    fn is_own_grant(&self, user: &Record, role: &Record) -> bool {
        let sources = self
            .snapshot
            .grant_edges()
            .get(role.number.0, user.number.0);
        sources.is_some_and(|sources| sources.iter().any(|source| self.is_own(source)))
    }

    /// Whether a grant is the actor's to take: its own, and for the operator anybody's but those
    /// of mapping rules, which give again what is taken by hand.
    pub(super) fn is_own(&self, source: &GrantSource) -> bool {
        match source {
            rule if rule.is_by_rule() => false,
            // What a person may change, the catalogue says, not who gave it.
            _ if self.is_system() || self.is_bound_by_catalogue() => true,
            other => *other == self.source(),
        }
    }

    /// Whether the user would, without this grant, leave a role that must keep a holder without one.
    pub(super) fn is_last_grant(&self, user: &Record, role: Id, source: &GrantSource) -> bool {
        let roles = self.snapshot.roles();
        let key = self.snapshot.record(role).and_then(|role| role.login());
        let Some(key) = key.map(RoleKey::from).filter(|key| roles.is_kept(key)) else {
            return false;
        };
        let user = self
            .snapshot
            .record(user.id)
            .filter(|user| user.is_active());
        let Some(user) = user else { return false };
        let rest = self
            .snapshot
            .grants_of(user)
            .filter(|(own, sources)| own.id != role || sources.iter().any(|other| other != source));
        let rest = roles.effective(rest.filter_map(|(role, _)| role.login()));
        self.snapshot.effective_of(user).shows(key.as_str())
            && !rest.shows(key.as_str())
            && self.other_holders(&key, user) == 0
    }

    /// Takes every grant of the user that is the actor's own.
    pub(super) fn drop_own_grants(&mut self, user: &Record) -> Result<(), Refusal> {
        let own = self.own_grants(user);
        self.change_grants(user, &[], &own)
    }

    pub(super) fn change_grants(
        &mut self,
        user: &Record,
        add: &[Id],
        remove: &[Id],
    ) -> Result<(), Refusal> {
        if add.is_empty() && remove.is_empty() && !self.is_watched(user) {
            return Ok(());
        }
        self.try_to(action::ROLES, user.id);
        self.authorise_grants(user, add, remove)?;
        self.commit_grants(user, add, remove)
    }

    fn authorise_grants(&self, user: &Record, add: &[Id], remove: &[Id]) -> Result<(), Refusal> {
        let keeps = |(role, sources): &(&Arc<Record>, &[GrantSource])| {
            let others = sources.iter().any(|other| !self.is_own(other));
            others || !remove.contains(&role.id)
        };
        let kept = self
            .snapshot
            .grants_of(user)
            .filter(keeps)
            .map(|(role, _)| role.id);
        let after: Vec<Id> = kept.chain(add.iter().copied()).collect();
        let keys = after
            .iter()
            .filter_map(|id| self.snapshot.record(*id)?.login());
        let after = self.snapshot.roles().effective(keys);
        let before = self.snapshot.effective_of(user);
        let others = |key: &RoleKey| self.other_holders(key, user);
        let subject = Subject {
            roles: &before,
            is_self: self.ctx.actor.record() == Some(user.id),
            is_active: user.is_active(),
            other_holders: &others,
        };
        self.decide(Action::ChangeRoles(subject, &after))?;
        let has = |id: &Id| {
            self.snapshot
                .grants_of(user)
                .any(|(role, _)| role.id == *id)
        };
        if !add.iter().any(has) {
            return Ok(());
        }
        // What others gave, too, would stay when theirs goes: it is given as if they had not.
        let rest = self.snapshot.grants_of(user);
        let rest = rest.filter(|(role, _)| !add.contains(&role.id));
        let rest = self
            .snapshot
            .roles()
            .effective(rest.filter_map(|(role, _)| role.login()));
        let subject = Subject {
            roles: &rest,
            ..subject
        };
        self.decide(Action::ChangeRoles(subject, &after))
    }

    fn commit_grants(&mut self, user: &Record, add: &[Id], remove: &[Id]) -> Result<(), Refusal> {
        let before = self.titles(user);
        let mut changes = Vec::new();
        for role in add {
            let grant = Grant {
                user: user.id,
                role: *role,
                source: self.source(),
            };
            changes.push(Change::Grant(grant));
        }
        for role in remove {
            for source in self.sources_to_revoke(user, *role) {
                changes.push(Change::Revoke(Grant {
                    user: user.id,
                    role: *role,
                    source,
                }));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.push_all(changes)?;
        let after = self.titles(user);
        let change = AuditChange {
            attribute: "roles".into(),
            before,
            after,
        };
        self.tell(action::ROLES, Some(user), vec![change]);
        let mut roles = add.iter().chain(remove);
        roles.try_for_each(|role| self.touch(*role))
    }

    /// Connections revoke what they granted; people and the operator, anybody's grant.
    fn sources_to_revoke(&self, user: &Record, role: Id) -> Vec<GrantSource> {
        let mut grants = self.snapshot.grants_of(user);
        grants
            .find(|(own, _)| own.id == role)
            .map(|(_, sources)| sources.iter().filter(|s| self.is_own(s)).cloned().collect())
            .unwrap_or_default()
    }

    /// The roles of a user that the actor may take.
    pub(super) fn hand_given(&self, user: &Record) -> Vec<Arc<Record>> {
        self.snapshot
            .grants_of(user)
            .filter(|(_, sources)| sources.iter().any(|source| self.is_own(source)))
            .map(|(role, _)| Arc::clone(role))
            .collect()
    }

    fn own_grants(&self, user: &Record) -> Vec<Id> {
        self.hand_given(user).iter().map(|role| role.id).collect()
    }

    fn source(&self) -> GrantSource {
        match self.ctx.actor {
            Principal::Connection(id) => GrantSource::Connection(id),
            Principal::Person(id) | Principal::Service(id) | Principal::Device(id) => {
                GrantSource::Person(id)
            }
            Principal::Config | Principal::System => GrantSource::Config,
            Principal::Operator | Principal::Anonymous => GrantSource::Operator,
        }
    }

    pub(super) fn titles(&self, user: &Record) -> Option<String> {
        let effective = self.snapshot.effective_of(user);
        let titles: Vec<&str> = effective.shown().iter().map(|role| role.title()).collect();
        Some(titles.join(", ")).filter(|text| !text.is_empty())
    }

    fn named_role(&self, value: &Value) -> Option<NamedRole> {
        let named = match value {
            Value::Complex(role) => role.text(attr::ROLES_VALUE)?,
            other => other.as_str()?,
        };
        let by_id = || Id::parse(named).and_then(|id| self.snapshot.record(id));
        let key = text::case_ignore(named);
        let record = self
            .snapshot
            .keyed(Kind::Role, &key)
            .or_else(by_id)
            .or_else(|| {
                let role = self
                    .snapshot
                    .roles()
                    .iter()
                    .find(|role| text::eq_case_ignore(role.title(), &key))?;
                self.snapshot.role_record(role.key().as_str())
            })?;
        (record.kind == Kind::Role).then(|| NamedRole {
            id: record.id,
            key: record.login().unwrap_or_default().into(),
        })
    }

    /// Stores the values that name no role beside the user's own attributes.
    fn keep_unknown(&mut self, user: &Record, mut values: Vec<Value>) -> Result<(), Refusal> {
        values.retain(|value| self.named_role(value).is_none());
        let Some(current) = self.snapshot.record(user.id).cloned() else {
            return Ok(());
        };
        let mut attributes = current.attributes.clone();
        attributes.set(attr::ROLES, values);
        self.store(&current, attributes).map(drop)
    }
}
