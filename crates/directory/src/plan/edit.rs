//! What making and changing a user or group have in common: splitting what a client sent,
//! storing attributes, links, passwords.

use std::sync::Arc;

use jackfield_access::{Action, Deed, RoleKey, Subject};
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, AuditChange, Change, Id, Kind, Link, Record, Registry, Value, text,
};
use smol_str::SmolStr;

use super::authority::Care;
use super::draft::Draft;
use super::shown::shown;
use super::{Note, Refusal, action, bounds};

/// What a client sent, apart: what the record keeps, and what relates it to others. `None` leaves
/// a relation as it is.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) stored: Attributes,
    pub(super) roles: Option<Vec<Value>>,
    pub(super) extensions: Option<Vec<Value>>,
    pub(super) desks: Option<Vec<Value>>,
    pub(super) members: Option<Vec<Value>>,
    pub(super) external_id: Option<SmolStr>,
}

impl Wanted {
    pub(super) fn of(mut bag: Attributes, registry: &Registry) -> Self {
        let mut take = |attr| Some(bag.take(attr)).filter(|values| !values.is_empty());
        let roles = take(attr::ROLES);
        let extensions = take(attr::EXTENSIONS);
        let desks = take(attr::DESKS);
        let members = take(attr::MEMBERS);
        let external_id = take(attr::EXTERNAL_ID)
            .and_then(|values| values.first().and_then(Value::as_str).map(SmolStr::new));
        let derived: Vec<AttrId> = bag
            .iter()
            .map(|(attr, _)| attr)
            .filter(|attr| registry.get(*attr).is_none_or(|def| def.derived))
            .collect();
        for attr in derived {
            bag.set(attr, Vec::new());
        }
        Self {
            stored: bag,
            roles,
            extensions,
            desks,
            members,
            external_id,
        }
    }
}

impl Draft<'_> {
    /// Whether the actor's attribute writes to this record count: a connection that does not own
    /// it writes its own links and grants only. A record without an owner is adopted.
    pub(super) fn writes_attributes(&self, record: Id) -> bool {
        let Some(connection) = self.connection() else {
            return true;
        };
        self.snapshot
            .links()
            .of(record)
            .all(|link| !link.owner || link.connection == connection)
    }

    /// Notes whose record it is, if its attributes are not the actor's to write.
    pub(super) fn note_owner(&mut self, record: &Record) {
        if self.writes_attributes(record.id) {
            return;
        }
        let owner = self.snapshot.links().owner(record.id);
        let owner = owner.and_then(|owner| self.snapshot.record(owner)?.login());
        let owner = owner.unwrap_or_default().to_owned();
        self.note(Note::Foreign { owner });
    }

    /// Puts the attributes in place of what the record has, if they differ.
    pub(super) fn store(
        &mut self,
        before: &Record,
        attributes: Attributes,
    ) -> Result<Arc<Record>, Refusal> {
        if attributes == before.attributes || !self.writes_attributes(before.id) {
            return Ok(Arc::new(before.clone()));
        }
        let (modified, version) = (self.ctx.now, self.version());
        let after = Record {
            attributes,
            modified,
            version,
            ..before.clone()
        };
        self.try_to(action::edit(before.kind), before.id);
        self.authorise(before, &after)?;
        if before.login() != after.login() {
            self.check_name(&after)?;
        }
        bounds::check_texts(
            self.snapshot.registry(),
            &before.attributes,
            &after.attributes,
        )?;
        self.check_own(Some(before), &after)?;
        if before.is_active() && !after.is_active() {
            self.count_loss(before)?;
        }
        let after = Arc::new(after);
        self.push(Change::PutRecord(Arc::clone(&after)))?;
        self.tell(
            action::edit(after.kind),
            Some(&after),
            self.differences(&before.attributes, &after.attributes),
        );
        Ok(after)
    }

    /// Refuses people what they may not change, though it would stay as it is: whether it does tells
    /// what they may not read. Their own they read.
    pub(super) fn authorise_unchanged(&self, record: &Record) -> Result<(), Refusal> {
        match self.is_watched(record) {
            true => self.authorise(record, record),
            false => Ok(()),
        }
    }

    /// Whether the actor learns what it may not read if a write that changes nothing is not refused.
    pub(super) fn is_watched(&self, record: &Record) -> bool {
        self.is_bound_by_catalogue() && !self.is_self(record)
    }

    fn authorise(&self, before: &Record, after: &Record) -> Result<(), Refusal> {
        if before.kind != Kind::User {
            return self.require_for(before.kind, Care::Edit);
        }
        match (before.is_active(), after.is_active()) {
            (true, false) => self.decide_user(Deed::Deactivate, before)?,
            (false, true) => self.decide_user(Deed::Activate, before)?,
            _ => {}
        }
        if self.is_self(before) && self.is_own_profile(before, after) {
            let own = self.ask_about(before, edit_own_profile);
            return own
                .or_else(|refusal| self.decide_user(Deed::Edit, before).map_err(|_| refusal));
        }
        self.decide_user(Deed::Edit, before)
    }

    pub(super) fn is_self(&self, user: &Record) -> bool {
        self.ctx.actor.record() == Some(user.id)
    }

    /// Whether nothing differs but what the catalogue counts to the own profile.
    fn is_own_profile(&self, before: &Record, after: &Record) -> bool {
        let own = &self.snapshot.catalogue().rules.own_profile;
        let (before, after) = (&before.attributes, &after.attributes);
        let mut differing = before
            .iter()
            .chain(after.iter())
            .map(|(attr, _)| attr)
            .filter(|attr| before.values(*attr) != after.values(*attr));
        differing.all(|attr| {
            let name = Registry::core().get(attr).map(|def| &def.name);
            name.is_some_and(|name| own.contains(name))
        })
    }

    /// Asks the catalogue about a deed to a user who is there.
    pub(super) fn decide_user(&self, deed: Deed, user: &Record) -> Result<(), Refusal> {
        self.ask_about(user, |subject| Action::User(deed, subject))
    }

    pub(super) fn ask_about(
        &self,
        user: &Record,
        action: impl FnOnce(Subject<'_>) -> Action<'_>,
    ) -> Result<(), Refusal> {
        let roles = self.snapshot.effective_of(user);
        let others = |key: &RoleKey| self.other_holders(key, user);
        let subject = Subject {
            roles: &roles,
            is_self: self.is_self(user),
            is_active: user.is_active(),
            other_holders: &others,
        };
        self.decide(action(subject))
    }

    /// How many active users other than this one have a role.
    pub(super) fn other_holders(&self, key: &RoleKey, user: &Record) -> usize {
        let Some(role) = self.snapshot.role_record(key.as_str()) else {
            return 0;
        };
        let is_holder = self
            .snapshot
            .held_edges()
            .contains(role.number.0, user.number.0);
        self.snapshot
            .holder_count(role)
            .saturating_sub(usize::from(is_holder))
    }

    /// Refuses a name that is empty or that another record of the kind has.
    pub(super) fn check_name(&self, record: &Record) -> Result<(), Refusal> {
        let attribute = match record.kind {
            Kind::User => "userName",
            Kind::Group | Kind::Role | Kind::Desk => "displayName",
            Kind::Extension => "number",
            Kind::Contact => return Ok(()),
            Kind::Service | Kind::Device | Kind::Connection => "name",
        };
        let name = record.login().unwrap_or_default();
        if text::case_ignore(name).trim().is_empty() {
            let problem = "must not be empty".to_owned();
            return Err(Refusal::InvalidValue {
                path: attribute.into(),
                problem,
            });
        }
        let kind = match record.unique_key() {
            Some(key) => self.namesake(record, &key),
            None => Some(record.kind).filter(|_| self.is_group_name_taken(record, name)),
        };
        match kind.map(Kind::name) {
            Some(kind) => Err(Refusal::Taken {
                kind,
                attribute: attribute.into(),
            }),
            None => Ok(()),
        }
    }

    /// Puts in place what relates a user to others, as far as it was named, and the password.
    pub(super) fn relate(
        &mut self,
        user: &Record,
        roles: Option<Vec<Value>>,
        extensions: Option<Vec<Value>>,
        desks: Option<Vec<Value>>,
    ) -> Result<(), Refusal> {
        if let Some(roles) = roles {
            self.set_roles(user, roles)?;
        }
        if extensions.is_some() || desks.is_some() {
            let action = match extensions {
                Some(_) => action::EXTENSIONS,
                None => action::DESKS,
            };
            self.try_to(action, user.id);
            self.decide_user(Deed::Edit, user)?;
        }
        self.set_extensions(user, extensions)?;
        self.set_desks(user, desks)?;
        self.set_password(user)
    }

    /// Puts in place what the acting connection knows the record by; it becomes the owner of a
    /// record that has none. Nobody owns a role.
    pub(super) fn link(&mut self, record: Id, external_id: Option<SmolStr>) -> Result<(), Refusal> {
        let Some(connection) = self.connection() else {
            return Ok(());
        };
        let is_role = self
            .snapshot
            .record(record)
            .is_some_and(|record| record.kind == Kind::Role);
        let owner = !is_role && self.writes_attributes(record);
        let before = self.snapshot.links().get(record, connection).cloned();
        if before.is_none() && !owner && external_id.is_none() {
            return Ok(());
        }
        self.check_external_id(record, external_id.as_ref())?;
        let link = Link {
            record,
            connection,
            external_id,
            owner,
        };
        if before.as_deref() == Some(&link) {
            return Ok(());
        }
        let name = link.external_id.clone();
        let renamed = before.and_then(|link| link.external_id.clone()) != name;
        self.push(Change::PutLink(link))?;
        if renamed {
            self.touch(record)?;
        }
        match name.filter(|_| renamed) {
            Some(name) => self.join_by_name(record, &text::case_exact(&name)),
            None => Ok(()),
        }
    }

    /// The external id that the acting connection gave the record.
    pub(super) fn external_id(&self, record: Id) -> Option<SmolStr> {
        self.snapshot
            .links()
            .get(record, self.connection()?)?
            .external_id
            .clone()
    }

    /// What differs between two bags, for the audit log.
    pub(super) fn differences(&self, before: &Attributes, after: &Attributes) -> Vec<AuditChange> {
        let registry = self.snapshot.registry();
        registry
            .iter()
            .filter(|def| def.parent.is_none() && before.values(def.id) != after.values(def.id))
            .map(|def| AuditChange {
                attribute: registry.path(def.id).into(),
                before: shown(registry, before.values(def.id)),
                after: shown(registry, after.values(def.id)),
            })
            .collect()
    }
}

// A function, since the constructor itself is not for every lifetime.
fn edit_own_profile(own: Subject<'_>) -> Action<'_> {
    Action::EditOwnProfile(own)
}
