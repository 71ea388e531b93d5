//! Loading the tenants of the store.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jackfield_directory::Snapshot;
use jackfield_model::TenantId;
use jackfield_store::Head;
use tokio::sync::mpsc;

use super::Gateway;
use crate::error::Error;
use crate::load::load;
use crate::tenant::Tenant;
use crate::writer::Writer;

impl Gateway {
    pub(super) async fn look_or_tell(&self) -> Result<(), Error> {
        self.look().await.map_err(|error| untold(&error))
    }

    /// Loads tenants that are new in the store, and lets go of those that are gone. One that cannot
    /// be loaded keeps no other waiting.
    pub(super) async fn look(&self) -> Result<(), jackfield_store::Error> {
        let _one_at_a_time = self.0.opening.lock().await;
        let heads = self.0.store.tenants().await?;
        let mut tenants = BTreeMap::clone(&self.0.tenants.load());
        let there: HashSet<TenantId> = heads.iter().map(|head| head.id).collect();
        tenants.retain(|_, tenant| there.contains(&tenant.id()));
        let mut is_same = tenants.len() == self.0.tenants.load().len();
        let (mut outcome, mut behind) = (Ok(()), 0);
        for head in heads {
            match tenants.get(&head.name) {
                Some(tenant) => {
                    let published = tenant.snapshot().revision();
                    if published < head.revision {
                        behind += head.revision.0 - published.0;
                        tenant.hint();
                    }
                }
                None => match self.open(&head).await {
                    Ok(tenant) => {
                        tenants.insert(head.name, tenant);
                        is_same = false;
                    }
                    Err(error) => outcome = Err(error),
                },
            }
        }
        if !is_same {
            self.0.tenants.store(Arc::new(tenants));
            self.0.renames.note();
        }
        self.0.metrics.following.looked(self.now(), behind);
        outcome
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

/// The store's error goes to the log.
pub(super) fn untold(error: &jackfield_store::Error) -> Error {
    tracing::error!(%error, "the store cannot be read");
    Error::Unavailable
}
