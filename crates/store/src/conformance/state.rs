//! What a tenant holds: the plainest thing that change sets can be folded into.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{
    Change, ChangeSet, Credential, Edge, EdgeKind, Grant, Id, Link, OwnSchemas, Pending, Record,
    Settings, TenantId,
};

use crate::{Head, Store};

/// Everything that a tenant holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) settings: Option<Settings>,
    pub(super) catalogue: Option<String>,
    pub(super) schemas: Option<OwnSchemas>,
    pub(super) records: BTreeMap<Id, Record>,
    pub(super) edges: BTreeMap<(EdgeKind, Id, Id), Edge>,
    pub(super) grants: BTreeSet<Grant>,
    pub(super) links: BTreeMap<(Id, Id), Link>,
    pub(super) pending: BTreeSet<Pending>,
    pub(super) credentials: BTreeMap<Id, Credential>,
}

impl State {
    /// What the store loads.
    pub(super) async fn load(store: &dyn Store, tenant: TenantId) -> (Head, Self) {
        let mut state = Self::default();
        let head = store
            .load(tenant, &mut |change| state.apply(&change))
            .await
            .unwrap();
        (head, state)
    }

    /// What the change sets make of nothing.
    pub(super) fn fold<'a>(sets: impl IntoIterator<Item = &'a ChangeSet>) -> Self {
        let mut state = Self::default();
        sets.into_iter()
            .flat_map(|set| &set.changes)
            .for_each(|change| state.apply(change));
        state
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::PutRecord(record) => {
                self.records.insert(record.id, Record::clone(record));
            }
            Change::Touch {
                id,
                modified,
                version,
            } => {
                if let Some(record) = self.records.get_mut(id) {
                    (record.modified, record.version) = (*modified, *version);
                }
            }
            Change::DeleteRecord(id) => {
                self.records.remove(id);
            }
            Change::PutEdge(edge) => {
                self.edges.insert((edge.kind, edge.from, edge.to), *edge);
            }
            Change::RemoveEdge(edge) => {
                self.edges.remove(&(edge.kind, edge.from, edge.to));
            }
            Change::Grant(grant) => {
                self.grants.insert(grant.clone());
            }
            Change::Revoke(grant) => {
                self.grants.remove(grant);
            }
            Change::PutLink(link) => {
                self.links
                    .insert((link.record, link.connection), link.clone());
            }
            Change::RemoveLink { record, connection } => {
                self.links.remove(&(*record, *connection));
            }
            Change::PutPending(pending) => {
                self.pending.insert(pending.clone());
            }
            Change::RemovePending(pending) => {
                self.pending.remove(pending);
            }
            Change::PutCredential(credential) => {
                self.credentials.insert(credential.id, credential.clone());
            }
            Change::RemoveCredential(id) => {
                self.credentials.remove(id);
            }
            Change::PutSettings(settings) => self.settings = Some((**settings).clone()),
            Change::PutCatalogue(text) => self.catalogue = Some(text.clone()),
            Change::PutSchemas(schemas) => self.schemas = Some(schemas.clone()),
        }
    }
}
