//! What is done again and again: following the store, telling it what was used.

use std::time::Duration;

use jackfield_store::Hint;

use super::Gateway;
use crate::tenant::Tenant;

/// How often old audit entries are dropped.
const TRIM: Duration = Duration::from_hours(1);

impl Gateway {
    pub(super) async fn follow(&self, poll: Duration) {
        let mut is_lost = false;
        let (mut trimmed, mut is_first) = (tokio::time::Instant::now(), true);
        let mut ticks = tokio::time::interval(poll);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self
            .0
            .stop
            .run_until_cancelled(ticks.tick())
            .await
            .is_some()
        {
            // What is published stays, whatever happens to the store; once is enough to say so.
            let looked = self.look().await;
            if looked.is_err() {
                self.0.metrics.following.failed_looks.one();
            }
            match (looked, is_lost) {
                (Err(error), false) => {
                    tracing::error!(%error, "the store cannot be read any more");
                    is_lost = true;
                }
                (Ok(()), true) => {
                    tracing::info!("the store can be read again");
                    is_lost = false;
                }
                _ => {}
            }
            self.tell_uses().await;
            if trimmed.elapsed() >= TRIM || is_first {
                (trimmed, is_first) = (tokio::time::Instant::now(), false);
                self.trim_audit().await;
            }
        }
        self.tell_uses().await;
    }

    /// Hears from the store what other nodes commit, where it tells, and follows at once. What is
    /// not heard is found by looking.
    pub(super) async fn listen(&self) {
        let stop = &self.0.stop;
        let mut hints = match stop.run_until_cancelled(self.0.store.listen()).await {
            Some(Ok(Some(hints))) => hints,
            Some(Err(error)) => {
                tracing::warn!(%error, "the store cannot be listened to; it is only looked at");
                return;
            }
            Some(Ok(None)) | None => return,
        };
        while let Some(hint) = stop.run_until_cancelled(hints.next()).await {
            if let Hint::Moved(id, revision) = hint {
                let tenants = self.0.tenants.load();
                let moved = tenants.values().find(|tenant| tenant.id() == id);
                let is_behind = |tenant: &&Tenant| tenant.snapshot().revision() < revision;
                moved.filter(is_behind).into_iter().for_each(Tenant::hint);
            }
        }
    }

    /// Tells the store what was used since the last time.
    pub(super) async fn tell_uses(&self) {
        let tenants = self.0.tenants.load_full();
        for tenant in tenants.values() {
            let uses = tenant.take_uses();
            if uses.is_empty() {
                continue;
            }
            if let Err(error) = self.0.store.note_activity(tenant.id(), &uses).await {
                tracing::warn!(tenant = %tenant.name(), %error, "last uses were not kept");
            }
        }
    }
}
