//! Loading the tenants of the store.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jackfield_directory::Snapshot;
use jackfield_model::{TenantId, TenantName};
use jackfield_store::Head;
use tokio::sync::mpsc;

use super::Gateway;
use super::resting::Rest;
use crate::error::Error;
use crate::load::load;
use crate::tenant::Tenant;
use crate::writer::Writer;

impl Gateway {
    pub(super) async fn look_or_tell(&self) -> Result<usize, Error> {
        self.look().await.map_err(|error| untold(&error))
    }

    /// Loads tenants that are new in the store, and lets go of those that are gone; returns how many
    /// are not loaded since they cannot be. Such a one keeps no other waiting, and is tried again
    /// after a rest.
    pub(super) async fn look(&self) -> Result<usize, jackfield_store::Error> {
        let mut resting = self.0.opening.lock().await;
        let heads = self.0.store.tenants().await.inspect_err(|_| {
            self.0.metrics.following.failed_looks.one();
        })?;
        let mut tenants = BTreeMap::clone(&self.0.tenants.load());
        let there: HashSet<TenantId> = heads.iter().map(|head| head.id).collect();
        tenants.retain(|_, tenant| there.contains(&tenant.id()));
        resting.retain(|id, _| there.contains(id));
        let mut is_same = tenants.len() == self.0.tenants.load().len();
        let (known, new): (Vec<Head>, Vec<Head>) = heads
            .into_iter()
            .partition(|head| tenants.contains_key(&head.name));
        let behind = hint_at(&tenants, &known);
        for head in new {
            if resting.get(&head.id).is_some_and(|rest| !rest.is_over()) {
                continue;
            }
            match self.open(&head).await {
                Ok(tenant) => {
                    resting.remove(&head.id);
                    tenants.insert(head.name, tenant);
                    is_same = false;
                }
                Err(error) => {
                    tracing::error!(tenant = %head.name, %error, "the tenant cannot be loaded");
                    let rest = Rest::after(resting.get(&head.id).copied());
                    resting.insert(head.id, rest);
                }
            }
        }
        if !is_same {
            self.0.tenants.store(Arc::new(tenants));
            self.0.renames.note();
        }
        let unloaded = resting.len();
        let following = &self.0.metrics.following;
        following.looked(self.now(), behind, unloaded == 0);
        Ok(unloaded)
    }

    /// Loads the one tenant that was just made, without a look at all others.
    pub(super) async fn take_in(&self, head: Head) -> Result<(), jackfield_store::Error> {
        let _one_at_a_time = self.0.opening.lock().await;
        if !self.0.tenants.load().contains_key(&head.name) {
            let tenant = self.open(&head).await?;
            let mut tenants = BTreeMap::clone(&self.0.tenants.load());
            tenants.insert(head.name, tenant);
            self.0.tenants.store(Arc::new(tenants));
            self.0.renames.note();
        }
        Ok(())
    }

    async fn open(&self, head: &Head) -> Result<Tenant, jackfield_store::Error> {
        let snapshot: Snapshot = load(&*self.0.store, head.id).await?;
        let published = Arc::new(ArcSwap::from_pointee(snapshot));
        let (sender, jobs) = mpsc::channel(1_024);
        let writer = Writer {
            id: head.id,
            store: Arc::clone(&self.0.store),
            planner: self.planner(&head.name),
            published: Arc::clone(&published),
            renames: self.0.renames.clone(),
            metrics: Arc::clone(&self.0.metrics),
        };
        let stop = self.0.stop.clone();
        self.0.tasks.spawn(Arc::new(writer).run(jobs, stop));
        Ok(Tenant::new(head.id, head.name.clone(), published, sender))
    }
}

/// Has those catch up of whom the store has something newer; returns how many revisions that are.
fn hint_at(tenants: &BTreeMap<TenantName, Tenant>, heads: &[Head]) -> u64 {
    let mut behind = 0;
    for head in heads {
        let Some(tenant) = tenants.get(&head.name) else {
            continue;
        };
        let missing = head
            .revision
            .0
            .saturating_sub(tenant.snapshot().revision().0);
        if missing > 0 {
            tenant.hint();
        }
        behind += missing;
    }
    behind
}

/// The store's error goes to the log.
pub(super) fn untold(error: &jackfield_store::Error) -> Error {
    tracing::error!(%error, "the store cannot be read");
    Error::Unavailable
}
