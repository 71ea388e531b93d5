//! What is done again and again: following the store, telling it what was used, dropping what is
//! old.

use std::time::Duration;

use jackfield_store::Hint;
use tokio::time::{MissedTickBehavior, interval};

use super::Gateway;
use super::resting::Rest;
use crate::tenant::Tenant;

/// How often old audit entries are dropped.
const TRIM: Duration = Duration::from_hours(1);

impl Gateway {
    pub(super) async fn follow(&self, poll: Duration) {
        let mut is_lost = false;
        let mut ticks = interval(poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.goes_on(ticks.tick()).await {
            // What is published stays, whatever happens to the store; once is enough to say so.
            match (self.look().await, is_lost) {
                (Err(error), false) => {
                    tracing::error!(%error, "the store cannot be read any more");
                    is_lost = true;
                }
                (Ok(_), true) => {
                    tracing::info!("the store can be read again");
                    is_lost = false;
                }
                _ => {}
            }
            self.tell_uses().await;
        }
        self.tell_uses().await;
    }

    /// Hears from the store what other nodes commit, where it tells, and follows at once. What is
    /// not heard is found by looking.
    pub(super) async fn listen(&self) {
        let (stop, mut rest) = (&self.0.stop, None);
        let mut hints = loop {
            match stop.run_until_cancelled(self.0.store.listen()).await {
                Some(Ok(Some(hints))) => break hints,
                Some(Ok(None)) | None => return,
                Some(Err(error)) if rest.is_none() => {
                    tracing::warn!(%error, "the store cannot be listened to yet; it is only looked at");
                }
                Some(Err(_)) => {}
            }
            let next = Rest::after(rest);
            rest = Some(next);
            if !self.goes_on(next.end()).await {
                return;
            }
        };
        while let Some(hint) = stop.run_until_cancelled(hints.next()).await {
            match hint {
                Hint::Moved(id, revision) => {
                    let tenants = self.0.tenants.load();
                    let moved = tenants.values().find(|tenant| tenant.id() == id);
                    let is_behind = |tenant: &&Tenant| tenant.snapshot().revision() < revision;
                    moved.filter(is_behind).into_iter().for_each(Tenant::hint);
                }
                // A store that cannot be looked at the follower tells of.
                Hint::Missed => drop(self.look().await),
            }
        }
    }

    /// Drops audit entries from now on that are older than their tenants want, at once and then
    /// every hour. That is a server's to do, and not that of a command beside it.
    pub fn keep_audit_trimmed(&self) {
        let gateway = self.clone();
        self.0.tasks.spawn(async move {
            let mut ticks = interval(TRIM);
            while gateway.goes_on(ticks.tick()).await {
                gateway.trim_audit().await;
            }
        });
    }

    /// Waits for something; says whether that came before the gateway was stopped.
    async fn goes_on(&self, until: impl Future) -> bool {
        self.0.stop.run_until_cancelled(until).await.is_some()
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
                tracing::warn!(tenant = %tenant.name(), %error, "last uses are not kept yet");
                tenant.give_back_uses(uses);
            }
        }
    }
}
