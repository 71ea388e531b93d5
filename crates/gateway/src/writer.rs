//! The one writer of a tenant on this node.
//!
//! It takes the commands that wait, plans them one after the other, each against the outcome of
//! the one before, commits them in one transaction, publishes once, and answers each for itself.
//! A refused command costs its neighbours nothing. Commands that are done together are planned while
//! those before them are being committed (`ahead`).

mod ahead;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jackfield_directory::{ApplyError, Snapshot};
use jackfield_model::{AuditEntry, Change, ChangeSet, Id, Revision, TenantId};
use jackfield_store::{self as store, Store, Tail};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::beside::beside;
use crate::error::Error;
use crate::load::load;
use crate::metrics::{Metrics, between};
use crate::names::Renames;
use crate::planning::{Answer, Batch, Manner, Planner, Write};
use ahead::Flight;

/// How many commands one transaction takes at the most.
const BATCH: usize = 256;

/// How long a command waits for company at the most.
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// Where the answer to a command goes.
pub(crate) type Reply = oneshot::Sender<Result<Answer, Error>>;

/// What the writer is asked for.
pub(crate) enum Job {
    /// To do a command.
    Write { write: Write, reply: Reply },
    /// To do commands in their order and in one transaction.
    Series {
        writes: Vec<(Write, Reply)>,
        manner: Manner,
    },
    /// To publish what others wrote.
    CatchUp {
        reply: Option<oneshot::Sender<Result<bool, Error>>>,
    },
}

/// Who may be about to ask for more: those who were just answered write again, one after the other,
/// and a commit that begins with the first of them leaves all others to the next.
#[derive(Clone, Copy, Default)]
struct Company {
    /// How many were answered by the last commit, or came during it.
    count: usize,
    /// How long waiting for them pays.
    patience: Duration,
}

/// Commands that are done in one transaction.
struct Group {
    writes: Arc<[Write]>,
    replies: Vec<Reply>,
    manner: Manner,
}

/// Single commands are done each for itself.
const SINGLE: Manner = Manner::Each { errors: usize::MAX };

pub(crate) struct Writer {
    pub(crate) id: TenantId,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) planner: Planner,
    pub(crate) published: Arc<ArcSwap<Snapshot>>,
    pub(crate) renames: Renames,
    pub(crate) metrics: Arc<Metrics>,
}

impl Writer {
    /// Works until nobody can send any more, or, once stopped, until everybody who waits has an
    /// answer.
    pub(crate) async fn run(
        self: Arc<Self>,
        mut jobs: mpsc::Receiver<Job>,
        stop: CancellationToken,
    ) {
        let mut waiting = Vec::with_capacity(BATCH);
        let mut company = Company::default();
        let mut aloft = None;
        loop {
            let taken = tokio::select! {
                biased;
                () = stop.cancelled(), if !jobs.is_closed() => {
                    jobs.close();
                    continue;
                }
                taken = jobs.recv_many(&mut waiting, BATCH) => taken,
            };
            if taken == 0 {
                return Flight::land(aloft).await;
            }
            company.gather(&mut jobs, &mut waiting).await;
            let (begun, answered) = (Instant::now(), waiting.len());
            self.work(waiting.drain(..), &mut aloft).await;
            company = Company {
                count: answered + jobs.len(),
                patience: (begun.elapsed() / 2).min(LONGEST_WAIT),
            };
        }
    }

    async fn work(self: &Arc<Self>, jobs: impl Iterator<Item = Job>, aloft: &mut Option<Flight>) {
        let mut groups: Vec<(Vec<(Write, Reply)>, Manner)> = Vec::new();
        let mut catch_ups = Vec::new();
        for job in jobs {
            match job {
                Job::Write { write, reply } => match groups.last_mut() {
                    Some((writes, SINGLE)) => writes.push((write, reply)),
                    _ => groups.push((vec![(write, reply)], SINGLE)),
                },
                Job::Series { writes, manner } => groups.push((writes, manner)),
                Job::CatchUp { reply } => catch_ups.push(reply),
            }
        }
        if !catch_ups.is_empty() {
            Flight::land(aloft.take()).await;
            let outcome = self.catch_up().await;
            for reply in catch_ups.into_iter().flatten() {
                // Nobody waits any more: nothing to tell.
                let _ = reply.send(outcome.clone());
            }
        }
        for (writes, manner) in groups {
            let (group, before) = (Group::of(writes, manner), aloft.take());
            match manner {
                Manner::Each { .. } => {
                    Flight::land(before).await;
                    self.write(group).await;
                }
                Manner::Together => *aloft = Some(self.write_ahead(group, before).await),
            }
        }
    }

    async fn write(&self, group: Group) {
        let base = self.published.load_full();
        let batch = self.plan(&base, &group).await;
        self.complete(base, batch, group).await;
    }

    async fn plan(&self, base: &Arc<Snapshot>, group: &Group) -> Batch {
        self.planner.plan(base, &group.writes, group.manner).await
    }

    /// Commits what was planned on what is published, publishes it, and answers.
    async fn complete(&self, mut base: Arc<Snapshot>, mut batch: Batch, group: Group) {
        // A commit would show that another process was faster; where there is none, it is asked.
        if batch.sets.is_empty() && self.catch_up().await == Ok(true) {
            base = self.published.load_full();
            batch = self.plan(&base, &group).await;
        }
        let counted = &self.metrics.writes;
        let begun = Instant::now();
        let committed = match self.commit(&base, &batch.sets).await {
            Err(store::Error::Conflict { .. }) => {
                counted.conflicts.one();
                self.write_locked(&group, &mut batch).await
            }
            other => other.map(drop),
        };
        if let Err(error) = committed {
            tracing::error!(tenant = %self.planner.tenant, %error, "writes were not committed");
            for reply in group.replies {
                counted.failed.one();
                let _ = reply.send(Err(Error::Unavailable));
            }
            return;
        }
        if !batch.sets.is_empty() {
            counted.commit.note(begun.elapsed());
            let committed = Instant::now();
            self.publish(&batch.snapshot);
            self.forget_uses(&batch.sets);
            counted.publish.note(committed.elapsed());
        }
        for outcome in &batch.outcomes {
            let counter = match outcome {
                Ok(_) => &counted.committed,
                Err(_) => &counted.refused,
            };
            counter.one();
        }
        // Those that were not planned any more get no reply.
        for (reply, outcome) in group.replies.into_iter().zip(batch.outcomes) {
            let _ = reply.send(outcome);
        }
        self.tell_refused(&batch.refused).await;
    }

    async fn commit(&self, base: &Snapshot, sets: &[ChangeSet]) -> store::Result<Revision> {
        let Some(last) = sets.last() else {
            return Ok(base.revision());
        };
        match self.store.apply(self.id, base.revision(), sets).await {
            Err(store::Error::Unknown(reason)) => {
                match self.store.find_change_set(self.id, last.id).await? {
                    Some(revision) => Ok(revision),
                    None => Err(store::Error::Unavailable(reason)),
                }
            }
            other => other,
        }
    }

    /// Another process was faster: keeps it waiting, catches up, plans anew and commits.
    async fn write_locked(&self, group: &Group, batch: &mut Batch) -> store::Result<()> {
        let mut locked = self.store.lock(self.id).await?;
        let tail = locked.changes(self.published.load().revision()).await?;
        let base = match self.follow(tail).await {
            Some(base) => base,
            None => {
                drop(locked);
                self.reload().await?;
                locked = self.store.lock(self.id).await?;
                let tail = locked.changes(self.published.load().revision()).await?;
                let behind = store::Error::Unavailable("the tenant changes too fast".into());
                self.follow(tail).await.ok_or(behind)?
            }
        };
        self.publish(&base);
        *batch = self.plan(&base, group).await;
        let Some(last) = batch.sets.last().map(|set| set.id) else {
            return Ok(());
        };
        match locked.commit(&batch.sets).await {
            Err(store::Error::Unknown(reason)) => {
                let found = self.store.find_change_set(self.id, last).await?;
                found.map(drop).ok_or(store::Error::Unavailable(reason))
            }
            other => other.map(drop),
        }
    }

    async fn catch_up(&self) -> Result<bool, Error> {
        let revision = self.published.load().revision();
        self.follow_store(revision).await.map_err(|error| {
            tracing::warn!(tenant = %self.planner.tenant, %error, "could not follow the store");
            Error::Unavailable
        })?;
        Ok(self.published.load().revision() != revision)
    }

    async fn follow_store(&self, revision: Revision) -> store::Result<()> {
        let tail = self.store.changes(self.id, revision).await?;
        match self.follow(tail).await {
            Some(snapshot) => {
                self.publish(&snapshot);
                Ok(())
            }
            None => self.reload().await,
        }
    }

    fn publish(&self, snapshot: &Arc<Snapshot>) {
        let before = self.published.swap(Arc::clone(snapshot));
        self.renames.compare(&before, snapshot);
    }

    /// What is gone was used for the last time.
    fn forget_uses<'s>(&self, sets: impl IntoIterator<Item = &'s ChangeSet>) {
        let changes = sets.into_iter().flat_map(|set| &set.changes);
        let gone = changes.filter_map(|change| match change {
            Change::DeleteRecord(id) | Change::RemoveCredential(id) => Some(*id),
            _ => None,
        });
        let gone: Vec<Id> = gone.collect();
        self.published.load().last_use().forget(&gone);
    }

    /// What is published, with what others wrote; `None` if it must be loaded afresh.
    async fn follow(&self, tail: Tail) -> Option<Arc<Snapshot>> {
        let published = self.published.load_full();
        let Tail::Sets(sets) = tail else { return None };
        if sets.is_empty() {
            return Some(published);
        }
        let how_much = sets.iter().map(|(_, set)| set.changes.len()).sum();
        let followed = beside(how_much, move || {
            let mut snapshot = (*published).clone();
            for (revision, set) in &sets {
                snapshot.apply(set).map_err(|error| (*revision, error))?;
            }
            snapshot.settle();
            Ok::<_, (Revision, ApplyError)>((snapshot, sets))
        });
        let (snapshot, sets) = followed
            .await
            .ok()?
            .inspect_err(|(revision, error)| {
                tracing::error!(tenant = %self.planner.tenant, %revision, %error, "a change set does not fit");
            })
            .ok()?;
        self.forget_uses(sets.iter().map(|(_, set)| set));
        let now = self.planner.clock.now();
        for (_, set) in &sets {
            self.metrics.following.lag.note(between(set.at, now));
        }
        Some(Arc::new(snapshot))
    }

    /// Loads the tenant; what is published stays if that fails.
    async fn reload(&self) -> store::Result<()> {
        let mut snapshot = load(&*self.store, self.id).await?;
        snapshot.share_last_use(Arc::clone(self.published.load().last_use()));
        self.publish(&Arc::new(snapshot));
        Ok(())
    }

    async fn tell_refused(&self, refused: &[AuditEntry]) {
        if refused.is_empty() {
            return;
        }
        if let Err(error) = self.store.append_audit(self.id, refused).await {
            tracing::error!(tenant = %self.planner.tenant, %error, "refusals were not written to the audit log");
        }
    }
}

impl Company {
    /// Waits a little until as many wait as there were a moment ago. Nobody waits who was alone.
    async fn gather(self, jobs: &mut mpsc::Receiver<Job>, waiting: &mut Vec<Job>) {
        let until = Instant::now() + self.patience;
        let is_write = |job: &Job| matches!(job, Job::Write { .. });
        while waiting.len() < self.count.min(BATCH) && waiting.iter().all(is_write) {
            let room = BATCH - waiting.len();
            match timeout_at(until, jobs.recv_many(waiting, room)).await {
                Ok(taken) if taken > 0 => {}
                _ => return,
            }
        }
    }
}

impl Group {
    fn of(writes: Vec<(Write, Reply)>, manner: Manner) -> Self {
        let (writes, replies): (Vec<_>, _) = writes.into_iter().unzip();
        Self {
            writes: writes.into(),
            replies,
            manner,
        }
    }
}
