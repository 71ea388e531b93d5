//! What connections know records by.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jackfield_model::{Id, Link, text};
use smol_str::SmolStr;

/// The links of a tenant, found by record and by a connection's own name for it, in the form that
/// `caseExactMatch` compares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    by_record: OrdMap<(Id, Id), Arc<Link>>,
    by_external: OrdSet<(Id, SmolStr, Id)>,
}

impl Links {
    pub(super) fn put(&mut self, link: &Link) {
        self.remove(link.record, link.connection);
        if let Some(external) = &link.external_id {
            self.by_external
                .insert((link.connection, text::case_exact(external), link.record));
        }
        self.by_record
            .insert((link.record, link.connection), Arc::new(link.clone()));
    }

    pub(super) fn remove(&mut self, record: Id, connection: Id) {
        let Some(link) = self.by_record.remove(&(record, connection)) else {
            return;
        };
        if let Some(external) = &link.external_id {
            self.by_external
                .remove(&(connection, text::case_exact(external), record));
        }
    }

    /// The link of a record to a connection.
    pub(crate) fn get(&self, record: Id, connection: Id) -> Option<&Arc<Link>> {
        self.by_record.get(&(record, connection))
    }

    /// The links of a record.
    pub(crate) fn of(&self, record: Id) -> impl Iterator<Item = &Arc<Link>> {
        let (from, to) = (Id(uuid::Uuid::nil()), Id(uuid::Uuid::max()));
        self.by_record
            .range((record, from)..=(record, to))
            .map(|(_, link)| link)
    }

    /// The connection that owns a record.
    pub(crate) fn owner(&self, record: Id) -> Option<Id> {
        let owner = self.of(record).find(|link| link.owner)?;
        Some(owner.connection)
    }

    /// The records that are linked to a connection.
    pub(crate) fn to(&self, connection: Id) -> impl Iterator<Item = Id> {
        self.by_record
            .keys()
            .filter(move |(_, other)| *other == connection)
            .map(|(record, _)| *record)
    }

    /// The records that a connection knows by this name, which is prepared already.
    pub(crate) fn named(&self, connection: Id, external: &SmolStr) -> impl Iterator<Item = Id> {
        let name = external.clone();
        let (from, to) = (Id(uuid::Uuid::nil()), Id(uuid::Uuid::max()));
        self.by_external
            .range((connection, name.clone(), from)..=(connection, name, to))
            .map(|(_, _, record)| *record)
    }
}
