//! The task that writes exchanges to the store.

use std::collections::{BTreeMap, HashMap};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jackfield_model::{Clock, Exchange, Id, IdSource, SentBody, TenantId, Timestamp};
use jackfield_store::{ExchangeLimits, Store};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::reading::before;
use super::{Exchanges, Inner, Job, Keeping, Note, QUEUE};

/// How long the first exchange waits for others, so that many are written at once.
const COMPANY: Duration = Duration::from_millis(250);
/// How many are written at once.
const BATCH: usize = 512;
/// What is too old is looked for this often at least, in microseconds.
const SWEEP: i64 = 60 * 60 * 1_000_000;

/// Writes exchanges, and drops those that are beyond what is kept.
pub(crate) struct Keeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keeping: Keeping,
    queue: mpsc::Receiver<Job>,
    waiting: Arc<AtomicUsize>,
    hurry: Arc<Notify>,
    /// What was written since it was last looked at what is too much.
    written: HashMap<(TenantId, Option<Id>), Written>,
    is_failing: bool,
}

/// What of a connection was written.
struct Written {
    count: u64,
    bytes: u64,
    looked: Timestamp,
}

impl Keeper {
    /// A keeper, and where exchanges are handed in to it.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        keeping: Keeping,
    ) -> (Self, Exchanges) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let waiting = Arc::<AtomicUsize>::default();
        let hurry = Arc::<Notify>::default();
        let exchanges = Exchanges(Arc::new(Inner {
            is_on: keeping.count > 0,
            ids,
            queue: sender,
            waiting: Arc::clone(&waiting),
            hurry: Arc::clone(&hurry),
            pace: std::sync::Mutex::default(),
        }));
        let keeper = Self {
            store,
            clock,
            keeping,
            queue,
            waiting,
            hurry,
            written: HashMap::new(),
            is_failing: false,
        };
        (keeper, exchanges)
    }

    /// Works until it is stopped and everything that was handed in is written.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let taken = tokio::select! {
                biased;
                () = stop.cancelled(), if !self.queue.is_closed() => {
                    self.queue.close();
                    continue;
                }
                taken = self.queue.recv_many(&mut batch, BATCH) => taken,
            };
            if taken == 0 {
                return;
            }
            if batch.len() < BATCH && !batch.iter().any(is_flush) {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.hurry.notified() => {}
                    () = tokio::time::sleep(COMPANY) => {}
                }
                while batch.len() < BATCH
                    && let Ok(job) = self.queue.try_recv()
                {
                    batch.push(job);
                }
            }
            self.keep(std::mem::take(&mut batch)).await;
        }
    }

    async fn keep(&mut self, jobs: Vec<Job>) {
        let (mut notes, mut flushes) = (Vec::new(), Vec::new());
        for job in jobs {
            match job {
                Job::Keep(note) => notes.push(*note),
                Job::Flush(done) => flushes.push(done),
            }
        }
        let weight: usize = notes.iter().map(|note| note.weight).sum();
        // Making them out takes time that no other request should wait for.
        let count = notes.len();
        let finished = tokio::task::spawn_blocking(move || finish(notes)).await;
        self.waiting.fetch_sub(weight, Ordering::Relaxed);
        let finished = finished.unwrap_or_default();
        let lost = count - finished.values().map(Vec::len).sum::<usize>();
        if lost > 0 {
            tracing::error!(
                lost,
                "requests of provisioning clients could not be made out"
            );
        }
        for (tenant, exchanges) in finished {
            let outcome = self.write(tenant, &exchanges).await;
            self.tell(outcome, exchanges.len());
        }
        for done in flushes {
            // Who does not wait any more need not be told.
            let _ = done.send(());
        }
    }

    async fn write(
        &mut self,
        tenant: TenantId,
        exchanges: &[Exchange],
    ) -> jackfield_store::Result<()> {
        self.store.note_exchanges(tenant, exchanges).await?;
        let now = self.clock.now();
        let mut too_much = Vec::new();
        for exchange in exchanges {
            let who = (tenant, exchange.connection);
            let written = self.written.entry(who).or_insert(Written {
                count: u64::MAX / 2,
                bytes: 0,
                looked: now,
            });
            written.count += 1;
            written.bytes += length(exchange);
            let is_due = written.count > u64::from(self.keeping.count / 10)
                || written.bytes > self.keeping.bytes / 10
                || now.0.saturating_sub(written.looked.0) > SWEEP;
            if is_due {
                *written = Written {
                    count: 0,
                    bytes: 0,
                    looked: now,
                };
                too_much.push(exchange.connection);
            }
        }
        let limits = ExchangeLimits {
            count: self.keeping.count,
            bytes: self.keeping.bytes,
            since: before(now, self.keeping.age),
        };
        too_much.dedup();
        for connection in too_much {
            self.store
                .trim_exchanges(tenant, connection, limits)
                .await?;
        }
        Ok(())
    }

    /// Says once that exchanges are lost, and once that they are not any more.
    fn tell(&mut self, outcome: jackfield_store::Result<()>, count: usize) {
        match outcome {
            Err(error) if !self.is_failing => {
                tracing::warn!(%error, count, "requests of provisioning clients are not kept");
                self.is_failing = true;
            }
            Ok(()) if self.is_failing => {
                tracing::info!("requests of provisioning clients are kept again");
                self.is_failing = false;
            }
            _ => {}
        }
    }
}

fn is_flush(job: &Job) -> bool {
    matches!(job, Job::Flush(_))
}

fn finish(notes: Vec<Note>) -> BTreeMap<TenantId, Vec<Exchange>> {
    let mut finished = BTreeMap::<_, Vec<_>>::new();
    for note in notes {
        let (make_out, stamp) = (note.finish, note.stamp);
        // One that panics costs its neighbours nothing.
        if let Ok(exchange) = panic::catch_unwind(AssertUnwindSafe(|| make_out(stamp))) {
            finished.entry(note.tenant.id()).or_default().push(exchange);
        }
    }
    finished
}

/// About how long an exchange is as it is stored.
fn length(exchange: &Exchange) -> u64 {
    let body = match &exchange.body {
        SentBody::Json { text, .. } => text.len(),
        SentBody::None | SentBody::Left { .. } => 0,
    };
    u64::try_from(body + exchange.target.len() + 500).unwrap_or(u64::MAX)
}
