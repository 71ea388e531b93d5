//! The one writer of a tenant on this node.
//!
//! It takes the commands that wait, plans them one after the other, each against the outcome of
//! the one before, commits them in one transaction, publishes once, and answers each for itself.
//! A refused command costs its neighbours nothing.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jackfield_directory::plan::{self, Context, Refusal};
use jackfield_directory::{ApplyError, Command, Snapshot};
use jackfield_model::{
    AuditEntry, Change, ChangeSet, Clock, Id, IdSource, Origin, Outcome, Principal, Revision,
    TenantId, TenantName, Verifier,
};
use jackfield_store::{self as store, Store, Tail};
use smol_str::SmolStr;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// How many commands one transaction takes at the most.
const BATCH: usize = 256;

/// What the writer is asked for.
pub(crate) enum Job {
    /// To do a command.
    Write {
        actor: Principal,
        origin: Origin,
        command: Box<Command>,
        password: Option<Verifier>,
        reply: oneshot::Sender<Result<Answer, Error>>,
    },
    /// To publish what others wrote.
    CatchUp {
        reply: Option<oneshot::Sender<Result<bool, Error>>>,
    },
}

/// The answer to a command that was done.
pub(crate) struct Answer {
    pub(crate) id: Option<Id>,
    pub(crate) changed: bool,
    pub(crate) snapshot: Arc<Snapshot>,
}

pub(crate) struct Writer {
    pub(crate) id: TenantId,
    pub(crate) name: TenantName,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) published: Arc<ArcSwap<Snapshot>>,
}

struct Write {
    actor: Principal,
    origin: Origin,
    command: Box<Command>,
    password: Option<Verifier>,
    reply: oneshot::Sender<Result<Answer, Error>>,
}

/// What planning a batch came to.
struct Batch {
    sets: Vec<ChangeSet>,
    snapshot: Arc<Snapshot>,
    outcomes: Vec<Result<Answer, Error>>,
    refused: Vec<AuditEntry>,
}

impl Writer {
    /// Works until nobody can send any more, or, once stopped, until everybody who waits has an
    /// answer.
    pub(crate) async fn run(self, mut jobs: mpsc::Receiver<Job>, stop: CancellationToken) {
        let mut waiting = Vec::with_capacity(BATCH);
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
                return;
            }
            let mut writes = Vec::with_capacity(waiting.len());
            let mut catch_ups = Vec::new();
            for job in waiting.drain(..) {
                match job {
                    Job::Write {
                        actor,
                        origin,
                        command,
                        password,
                        reply,
                    } => {
                        writes.push(Write {
                            actor,
                            origin,
                            command,
                            password,
                            reply,
                        });
                    }
                    Job::CatchUp { reply } => catch_ups.push(reply),
                }
            }
            if !catch_ups.is_empty() {
                let outcome = self.catch_up().await;
                for reply in catch_ups.into_iter().flatten() {
                    // Nobody waits any more: nothing to tell.
                    let _ = reply.send(outcome.clone());
                }
            }
            if !writes.is_empty() {
                self.write(writes).await;
            }
        }
    }

    async fn write(&self, writes: Vec<Write>) {
        let mut base = self.published.load_full();
        let mut batch = self.plan(&base, &writes);
        // A commit would show that another process was faster; where there is none, it is asked.
        if batch.sets.is_empty() && self.catch_up().await == Ok(true) {
            base = self.published.load_full();
            batch = self.plan(&base, &writes);
        }
        let committed = match self.commit(&base, &batch.sets).await {
            Err(store::Error::Conflict { .. }) => self.write_locked(&writes, &mut batch).await,
            other => other.map(drop),
        };
        if let Err(error) = committed {
            tracing::error!(tenant = %self.name, %error, "writes were not committed");
            for write in writes {
                let _ = write.reply.send(Err(Error::Unavailable));
            }
            return;
        }
        if !batch.sets.is_empty() {
            self.published.store(batch.snapshot);
        }
        for (write, outcome) in writes.into_iter().zip(batch.outcomes) {
            let _ = write.reply.send(outcome);
        }
        self.tell_refused(&batch.refused).await;
    }

    fn plan(&self, base: &Arc<Snapshot>, writes: &[Write]) -> Batch {
        let mut batch = Batch {
            sets: Vec::new(),
            snapshot: Arc::clone(base),
            outcomes: Vec::with_capacity(writes.len()),
            refused: Vec::new(),
        };
        for write in writes {
            let ctx = Context {
                actor: write.actor,
                origin: &write.origin,
                now: self.clock.now(),
                ids: &*self.ids,
                password: write.password.as_ref(),
            };
            // A plan works on a copy: one that panics leaves nothing half-done, and costs its
            // neighbours nothing.
            let planned = panic::catch_unwind(AssertUnwindSafe(|| {
                plan::plan(&batch.snapshot, &ctx, &write.command)
            }));
            let Ok(planned) = planned else {
                batch.outcomes.push(Err(Error::Internal));
                continue;
            };
            let outcome = match planned {
                Ok(planned) => {
                    let changed = planned.set.is_some();
                    if changed {
                        batch.sets.extend(planned.set);
                        batch.snapshot = Arc::new(planned.snapshot);
                    }
                    // At the revision that it made, though others of the batch went further.
                    Ok(Answer {
                        id: planned.id,
                        changed,
                        snapshot: Arc::clone(&batch.snapshot),
                    })
                }
                Err(refusal) => {
                    batch
                        .refused
                        .extend(refused_entry(&ctx, write, &batch.snapshot, &refusal));
                    Err(self.error(refusal))
                }
            };
            batch.outcomes.push(outcome);
        }
        batch
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
    async fn write_locked(&self, writes: &[Write], batch: &mut Batch) -> store::Result<()> {
        let mut locked = self.store.lock(self.id).await?;
        let tail = locked.changes(self.published.load().revision()).await?;
        let base = match self.follow(tail) {
            Some(base) => base,
            None => {
                drop(locked);
                self.reload().await?;
                locked = self.store.lock(self.id).await?;
                let tail = locked.changes(self.published.load().revision()).await?;
                let behind = store::Error::Unavailable("the tenant changes too fast".into());
                self.follow(tail).ok_or(behind)?
            }
        };
        self.published.store(Arc::clone(&base));
        *batch = self.plan(&base, writes);
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
            tracing::warn!(tenant = %self.name, %error, "could not follow the store");
            Error::Unavailable
        })?;
        Ok(self.published.load().revision() != revision)
    }

    async fn follow_store(&self, revision: Revision) -> store::Result<()> {
        let tail = self.store.changes(self.id, revision).await?;
        match self.follow(tail) {
            Some(snapshot) => {
                self.published.store(snapshot);
                Ok(())
            }
            None => self.reload().await,
        }
    }

    /// What is published, with what others wrote; `None` if it must be loaded afresh.
    fn follow(&self, tail: Tail) -> Option<Arc<Snapshot>> {
        let published = self.published.load_full();
        let Tail::Sets(sets) = tail else { return None };
        if sets.is_empty() {
            return Some(published);
        }
        let mut snapshot = (*published).clone();
        for (revision, set) in &sets {
            if let Err(error) = snapshot.apply(set) {
                tracing::error!(tenant = %self.name, %revision, %error, "a change set does not fit");
                return None;
            }
        }
        Some(Arc::new(snapshot))
    }

    /// Loads the tenant; what is published stays if that fails.
    async fn reload(&self) -> store::Result<()> {
        let mut snapshot = load(&*self.store, self.id).await?;
        snapshot.share_last_use(Arc::clone(self.published.load().last_use()));
        self.published.store(Arc::new(snapshot));
        Ok(())
    }

    async fn tell_refused(&self, refused: &[AuditEntry]) {
        if refused.is_empty() {
            return;
        }
        if let Err(error) = self.store.append_audit(self.id, refused).await {
            tracing::error!(tenant = %self.name, %error, "refusals were not written to the audit log");
        }
    }

    fn error(&self, refusal: Refusal) -> Error {
        match refusal {
            Refusal::NotFound(what) => Error::not_found(format_args!("the {what}")),
            Refusal::Taken { kind, attribute } => Error::Taken { kind, attribute },
            Refusal::InvalidValue { path, problem } => Error::InvalidValue { path, problem },
            Refusal::NoTarget { path } => Error::NoTarget { path },
            Refusal::Mutability { path, problem } => Error::Mutability { path, problem },
            Refusal::VersionMismatch => Error::VersionMismatch,
            Refusal::Forbidden(rule) => Error::Forbidden(rule),
            Refusal::Protected(rule) => Error::Protected(rule),
            Refusal::Mistake(mistake) => {
                tracing::error!(tenant = %self.name, %mistake, "a plan does not fit its snapshot");
                Error::Internal
            }
        }
    }
}

/// Loads a tenant from nothing: the store reads while the snapshot is built beside it.
pub(crate) async fn load(store: &dyn Store, id: TenantId) -> store::Result<Snapshot> {
    let (sender, chunks) = std::sync::mpsc::channel::<Vec<Change>>();
    let building = tokio::task::spawn_blocking(move || {
        let mut snapshot = Snapshot::empty();
        for chunk in chunks {
            snapshot.apply_changes(&chunk)?;
        }
        Ok::<_, ApplyError>(snapshot)
    });
    let mut chunk = Vec::with_capacity(LOAD_CHUNK);
    let loaded = store
        .load(id, &mut |change| {
            chunk.push(change);
            if chunk.len() == LOAD_CHUNK {
                // Nobody takes it any more only if building failed, which is told below.
                let _ = sender.send(std::mem::replace(
                    &mut chunk,
                    Vec::with_capacity(LOAD_CHUNK),
                ));
            }
        })
        .await;
    let _ = sender.send(chunk);
    drop(sender);
    let built = building
        .await
        .map_err(|_| store::Error::Corrupt("it cannot be read".into()))?;
    let (head, mut snapshot) = (
        loaded?,
        built.map_err(|e| store::Error::Corrupt(e.to_string()))?,
    );
    snapshot.loaded(head.revision, head.next_number);
    for activity in store.activity(id).await? {
        snapshot
            .last_use()
            .note(activity.subject, activity.last_used);
    }
    Ok(snapshot)
}

/// Roles are resolved once for so many changes of a load.
const LOAD_CHUNK: usize = 2_000;

/// Refusals by a rule are told; a mistyped request is not.
fn refused_entry(
    ctx: &Context<'_>,
    write: &Write,
    snapshot: &Snapshot,
    refusal: &Refusal,
) -> Option<AuditEntry> {
    let (Refusal::Forbidden(rule) | Refusal::Protected(rule)) = refusal else {
        return None;
    };
    let (action, target) = match &*write.command {
        Command::Create { kind, .. } => (format!("{}.create", kind.name()), None),
        Command::Replace { id, kind, .. } | Command::Patch { id, kind, .. } => {
            (format!("{}.edit", kind.name()), Some(*id))
        }
        Command::Delete { id, kind, .. } => (format!("{}.delete", kind.name()), Some(*id)),
        Command::Declare(_) => ("tenant.declare".to_owned(), None),
        Command::Suspend(_) => ("tenant.suspend".to_owned(), None),
        Command::AddCredential(credential) => {
            ("credential.create".to_owned(), Some(credential.principal))
        }
        Command::RemoveCredential(_) => ("credential.revoke".to_owned(), None),
    };
    let name = target.and_then(|id| snapshot.record(id)?.login().map(str::to_owned));
    Some(AuditEntry {
        at: ctx.now,
        actor: ctx.actor,
        origin: ctx.origin.clone(),
        action: SmolStr::from(action),
        target,
        target_name: name.unwrap_or_default(),
        outcome: Outcome::Refused(rule.clone()),
        changes: Vec::new(),
    })
}
