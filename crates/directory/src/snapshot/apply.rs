//! Applying change sets: the same fold that the store's tables went through.

use std::collections::BTreeSet;
use std::sync::Arc;

use jackfield_access::Catalogue;
use jackfield_model::{
    Change, ChangeSet, Credential, Edge, EdgeKind, Grant, GrantSource, Id, Kind, Link, Number,
    OwnSchemas, Record, Registry, Timestamp,
};

use super::{Slot, Snapshot, place};
use crate::index::name_key;
use crate::mapping::Mappings;
use crate::tree::Container;

/// A change does not fit the snapshot: it was planned against another one, or the catalogue is not
/// one. The snapshot must be thrown away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A change names a record that is not there.
    #[error("a change names the record {0}, which is not there")]
    NoRecord(Id),
    /// The catalogue cannot be read.
    #[error("the stored catalogue cannot be read: {0}")]
    Catalogue(String),
}

/// What changes of one fold make it necessary to look at again.
#[derive(Default)]
pub(super) struct Stale {
    users: BTreeSet<u32>,
    roles: bool,
    /// Whether the record of the baseline role came or went.
    baseline: bool,
    catalogue: Option<Arc<Catalogue>>,
}

impl Snapshot {
    /// Applies a change set; the revision is then one higher.
    ///
    /// # Errors
    /// [`ApplyError`] if it does not fit; the snapshot must then be thrown away.
    pub fn apply(&mut self, set: &ChangeSet) -> Result<(), ApplyError> {
        self.apply_changes(&set.changes)?;
        self.advance();
        Ok(())
    }

    /// Applies changes without making a revision: loading, and the parts of a plan.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub fn apply_changes<'c>(
        &mut self,
        changes: impl IntoIterator<Item = &'c Change>,
    ) -> Result<(), ApplyError> {
        let mut stale = Stale::default();
        for change in changes {
            self.apply_change(change, &mut stale)?;
        }
        if stale.roles || stale.catalogue.is_some() {
            let is_other = stale.catalogue.is_some();
            let catalogue = stale
                .catalogue
                .unwrap_or_else(|| Arc::clone(self.roles.catalogue()));
            let before = Arc::clone(&self.roles);
            self.resolve_roles(catalogue);
            if is_other || stale.baseline {
                stale.users.extend(self.of_kind(Kind::User));
            } else {
                stale.users.extend(self.users_of_moved_roles(&before));
            }
        }
        self.refresh_held(stale.users);
        Ok(())
    }

    /// Brings the indexes up to date, which otherwise happens when they are first asked, and for
    /// this snapshot alone: what is published or filled by many changes is settled.
    pub fn settle(&mut self) {
        self.indexes.settle();
    }

    fn apply_change(&mut self, change: &Change, stale: &mut Stale) -> Result<(), ApplyError> {
        match change {
            Change::PutRecord(record) => self.put_record(record, stale),
            Change::Touch {
                id,
                modified,
                version,
            } => self.touch(*id, *modified, *version)?,
            Change::DeleteRecord(id) => self.delete_record(*id, stale)?,
            Change::PutEdge(edge) => self.put_edge(*edge)?,
            Change::RemoveEdge(edge) => self.remove_edge(*edge)?,
            Change::Grant(grant) => self.grant(grant, stale)?,
            Change::Revoke(grant) => self.revoke(grant, stale)?,
            Change::PutLink(link) => self.put_link(link),
            Change::RemoveLink { record, connection } => self.remove_link(*record, *connection),
            Change::PutPending(pending) => self.expected.put(pending),
            Change::RemovePending(pending) => self.expected.remove(pending),
            Change::PutCredential(credential) => self.put_credential(credential),
            Change::RemoveCredential(id) => self.remove_credential(*id),
            Change::PutSettings(settings) => {
                self.branch_texts = Arc::new(Container::texts(&settings.suffix));
                self.members.all_changed();
                self.held.all_changed();
                if self.settings.mappings != settings.mappings {
                    self.mappings = Arc::new(Mappings::new(&settings.mappings));
                }
                if self.settings.numbering != settings.numbering {
                    let records = self.records.iter().map(|slot| &*slot.record);
                    self.indexes.renumber(&settings.numbering, records);
                }
                self.settings = Arc::new((**settings).clone());
            }
            Change::PutCatalogue(body) => {
                let catalogue = serde_json::from_str(body)
                    .map_err(|error| ApplyError::Catalogue(error.to_string()))?;
                stale.catalogue = Some(Arc::new(catalogue));
            }
            Change::PutSchemas(schemas) => self.put_schemas(schemas),
        }
        Ok(())
    }

    fn put_schemas(&mut self, schemas: &OwnSchemas) {
        self.registry = Registry::with(schemas);
        self.schemas = Arc::new(schemas.clone());
        let records = self.records.iter().map(|slot| &*slot.record);
        self.indexes.adopt(&self.registry, &records);
    }

    fn put_record(&mut self, record: &Arc<Record>, stale: &mut Stale) {
        let Number(number) = record.number;
        let before = self.numbered(number).cloned();
        if let Some(before) = &before {
            self.forget_names(before);
        }
        self.count_owned(before.as_deref(), -1);
        self.count_owned(Some(record), 1);
        self.namesakes.replace(before.as_deref(), Some(record));
        if before
            .as_deref()
            .is_some_and(|old| is_listed_otherwise(old, record))
        {
            self.members.changed(number);
            self.held.changed(number);
        }
        self.indexes
            .replace(before.clone(), Some(Arc::clone(record)));
        self.by_id.insert(&record.id, number);
        if let Some(key) = record.unique_key() {
            self.by_key.insert(&(record.kind, key.as_str()), number);
        }
        self.set_slot(
            number,
            Some(Slot {
                record: Arc::clone(record),
                name_key: name_key(&record.common_name()),
            }),
        );
        self.kinds.entry(record.kind).or_default().insert(number);
        self.next_number = self.next_number.max(number.saturating_add(1));
        match record.kind {
            Kind::Role => {
                self.role_book.put(record);
                stale.roles = true;
                stale.baseline |= before.is_none() && self.is_baseline(record);
            }
            Kind::User if before.is_none_or(|old| old.is_active() != record.is_active()) => {
                stale.users.insert(number);
            }
            _ => {}
        }
    }

    fn touch(&mut self, id: Id, modified: Timestamp, version: u64) -> Result<(), ApplyError> {
        let number = self.number(id)?;
        let slot = self.slot(number).ok_or(ApplyError::NoRecord(id))?;
        let record = Arc::new(Record {
            modified,
            version,
            ..(*slot.record).clone()
        });
        let slot = Slot {
            record,
            name_key: slot.name_key.clone(),
        };
        self.set_slot(number, Some(slot));
        Ok(())
    }

    fn delete_record(&mut self, id: Id, stale: &mut Stale) -> Result<(), ApplyError> {
        let number = self.number(id)?;
        let Some(record) = self.numbered(number).cloned() else {
            return Ok(());
        };
        self.forget_names(&record);
        self.count_owned(Some(&record), -1);
        self.namesakes.replace(Some(&record), None);
        self.members.changed(number);
        self.held.changed(number);
        self.indexes.replace(Some(Arc::clone(&record)), None);
        self.by_id.remove(&id, number);
        self.set_slot(number, None);
        self.kinds.entry(record.kind).or_default().remove(number);
        match record.kind {
            Kind::Role => {
                self.role_book.remove(&record);
                stale.roles = true;
                stale.baseline |= self.is_baseline(&record);
            }
            Kind::User => {
                stale.users.insert(number);
            }
            _ => {}
        }
        Ok(())
    }

    fn forget_names(&mut self, record: &Record) {
        if let Some(key) = record.unique_key() {
            self.by_key
                .remove(&(record.kind, key.as_str()), record.number.0);
        }
    }

    fn put_edge(&mut self, edge: Edge) -> Result<(), ApplyError> {
        let (from, to) = (self.number(edge.from)?, self.number(edge.to)?);
        match edge.kind {
            EdgeKind::Member => self.members.insert(from, to, ()),
            EdgeKind::Extension => self.extensions.insert(from, to, edge.primary),
            EdgeKind::Desk => self.desks.insert(from, to, edge.primary),
        }
        Ok(())
    }

    fn remove_edge(&mut self, edge: Edge) -> Result<(), ApplyError> {
        let (from, to) = (self.number(edge.from)?, self.number(edge.to)?);
        match edge.kind {
            EdgeKind::Member => self.members.remove(from, to),
            EdgeKind::Extension => self.extensions.remove(from, to),
            EdgeKind::Desk => self.desks.remove(from, to),
        }
        Ok(())
    }

    fn grant(&mut self, grant: &Grant, stale: &mut Stale) -> Result<(), ApplyError> {
        let (user, role) = (self.number(grant.user)?, self.number(grant.role)?);
        let mut sources = self.grants.get(role, user).cloned().unwrap_or_default();
        if !sources.contains(&grant.source) {
            sources.push(grant.source.clone());
        }
        if matches!(grant.source, GrantSource::Retained(_)) {
            self.retained.insert((user, role));
        }
        self.grants.insert(role, user, sources);
        stale.users.insert(user);
        Ok(())
    }

    fn revoke(&mut self, grant: &Grant, stale: &mut Stale) -> Result<(), ApplyError> {
        let (user, role) = (self.number(grant.user)?, self.number(grant.role)?);
        let mut sources = self.grants.get(role, user).cloned().unwrap_or_default();
        sources.retain(|source| *source != grant.source);
        if !sources
            .iter()
            .any(|source| matches!(source, GrantSource::Retained(_)))
        {
            self.retained.remove(&(user, role));
        }
        if sources.is_empty() {
            self.grants.remove(role, user);
        } else {
            self.grants.insert(role, user, sources);
        }
        stale.users.insert(user);
        Ok(())
    }

    fn put_link(&mut self, link: &Link) {
        self.remove_link(link.record, link.connection);
        self.links.put(link);
        if link.owner {
            self.count_owned(self.record(link.record).cloned().as_deref(), 1);
        }
    }

    fn remove_link(&mut self, record: Id, connection: Id) {
        if self.links.owner(record) == Some(connection) {
            self.count_owned(self.record(record).cloned().as_deref(), -1);
        }
        self.links.remove(record, connection);
    }

    /// Counts an active user for its owner, or no more.
    fn count_owned(&mut self, user: Option<&Record>, change: i32) {
        let active = user.filter(|user| user.kind == Kind::User && user.is_active());
        if let Some(owner) = active.and_then(|user| self.links.owner(user.id)) {
            let count = self.active_users.entry(owner).or_insert(0);
            *count = count.saturating_add_signed(change);
        }
    }

    fn put_credential(&mut self, credential: &Credential) {
        self.remove_credential(credential.id);
        self.credentials_of
            .insert((credential.principal, credential.id));
        self.credentials
            .insert(credential.id, Arc::new(credential.clone()));
    }

    fn remove_credential(&mut self, id: Id) {
        if let Some(credential) = self.credentials.remove(&id) {
            self.credentials_of.remove(&(credential.principal, id));
        }
    }

    fn number(&self, id: Id) -> Result<u32, ApplyError> {
        self.number_of(id).ok_or(ApplyError::NoRecord(id))
    }

    fn set_slot(&mut self, number: u32, slot: Option<Slot>) {
        if let Some(at) = place(number) {
            self.records.set(at, slot);
        }
    }
}

/// Whether lists of members show a record otherwise than before.
fn is_listed_otherwise(before: &Record, after: &Record) -> bool {
    before.login() != after.login() || before.is_active() != after.is_active()
}
