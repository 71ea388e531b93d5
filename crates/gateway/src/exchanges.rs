//! What provisioning clients asked for and what came of it, kept for a while for operators.
//!
//! It is written beside the requests and never in their way: nobody waits for it, and what comes
//! too fast, or while the store fails, is left out and counted.

mod keeper;
mod pace;
mod reading;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_model::{AuditEntry, Deed, Exchange, Id, IdSource, Revision, Timestamp};
use tokio::sync::{Notify, mpsc, oneshot};
use uuid::Uuid;

use crate::gateway::Gateway;
use crate::tenant::Tenant;

pub(crate) use keeper::Keeper;
use pace::Pace;
pub(crate) use reading::before;

pub use jackfield_store::ExchangeQuery;

/// How much of what was exchanged is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// How many exchanges of a connection; none at all, if 0.
    pub count: u32,
    /// How many bytes of a connection's, as they are stored.
    pub bytes: u64,
    /// For how long.
    pub age: Duration,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            count: 10_000,
            bytes: 64 << 20,
            age: Duration::from_hours(7 * 24),
        }
    }
}

/// How many exchanges wait to be kept at the most.
const QUEUE: usize = 4_096;
/// And how many bytes of requests with them.
const QUEUE_BYTES: usize = 64 << 20;

/// Where exchanges are handed in. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Exchanges(Arc<Inner>);

struct Inner {
    is_on: bool,
    ids: Arc<dyn IdSource>,
    queue: mpsc::Sender<Job>,
    /// Bytes of requests in the queue.
    waiting: Arc<AtomicUsize>,
    hurry: Arc<Notify>,
    pace: Mutex<Pace>,
}

/// What the keeper is asked for.
enum Job {
    Keep(Box<Note>),
    /// To say when all before it is kept.
    Flush(oneshot::Sender<()>),
}

/// An exchange that is to be kept.
struct Note {
    tenant: Tenant,
    stamp: Stamp,
    weight: usize,
    finish: Box<dyn FnOnce(Stamp) -> Exchange + Send>,
}

/// What an exchange is given when it is handed in.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Its identity.
    pub id: Uuid,
    /// When it was answered.
    pub at: Timestamp,
    /// How many before it were left out.
    pub skipped: u64,
}

impl Exchanges {
    /// Hands in an exchange of a connection, or of nobody, which failed or not. It never waits:
    /// `finish` is called later, elsewhere, and may take its time. `weight` is how many bytes it
    /// holds on to until then.
    pub fn note(
        &self,
        gateway: &Gateway,
        tenant: &Tenant,
        (connection, failed): (Option<Id>, bool),
        weight: usize,
        finish: impl FnOnce(Stamp) -> Exchange + Send + 'static,
    ) {
        if !self.0.is_on {
            return;
        }
        let at = gateway.now();
        let who = (tenant.id(), connection);
        let Some(skipped) = self.pace(|pace| pace.admit(who, failed, at)) else {
            return;
        };
        let stamp = Stamp {
            id: self.0.ids.id(),
            at,
            skipped,
        };
        let note = Note {
            tenant: tenant.clone(),
            stamp,
            weight,
            finish: Box::new(finish),
        };
        let waiting = self.0.waiting.fetch_add(weight, Ordering::Relaxed);
        let fits = waiting < QUEUE_BYTES;
        if !fits || self.0.queue.try_send(Job::Keep(Box::new(note))).is_err() {
            self.0.waiting.fetch_sub(weight, Ordering::Relaxed);
            self.pace(|pace| pace.skip(who, skipped + 1));
        }
    }

    /// Waits until all that was handed in before is kept, or lost.
    pub async fn flush(&self) {
        let (done, kept) = oneshot::channel();
        if self.0.queue.send(Job::Flush(done)).await.is_ok() {
            self.0.hurry.notify_one();
            // A keeper that has stopped has kept everything.
            let _ = kept.await;
        }
    }

    fn pace<T>(&self, work: impl FnOnce(&mut Pace) -> T) -> T {
        work(&mut self.0.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a session changed. Cloning gives another handle to the same.
#[derive(Clone, Debug, Default)]
pub struct Deeds(Arc<Mutex<Vec<Deed>>>);

/// How many deeds of a session are kept.
const MOST_DEEDS: usize = 200;

impl Deeds {
    /// What was changed since the last call.
    pub fn take(&self) -> Vec<Deed> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn tell(&self, revision: Revision, entries: Vec<AuditEntry>) {
        let mut deeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_DEEDS.saturating_sub(deeds.len());
        let told = entries.into_iter().take(room);
        deeds.extend(told.map(|entry| Deed::new(revision, entry)));
    }
}
