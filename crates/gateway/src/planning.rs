//! Planning commands one after the other, each against the outcome of the one before.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use jackfield_access::Mandate;
use jackfield_directory::plan::{self, Context, Done, Refusal, Refused, Together};
use jackfield_directory::{Command, Note, Snapshot};
use jackfield_model::{
    AuditEntry, ChangeSet, Clock, Id, IdSource, Origin, Principal, TenantName, Verifier,
};

use crate::beside::beside;
use crate::error::Error;

/// What somebody asks for.
pub(crate) struct Write {
    pub(crate) actor: Principal,
    pub(crate) mandate: Mandate,
    pub(crate) origin: Origin,
    pub(crate) command: Box<Command>,
    pub(crate) password: Option<Verifier>,
}

/// How commands are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Each for itself, until so many were refused.
    Each { errors: usize },
    /// As one write, all of one actor; each for itself if that cannot be. Their answers neither say
    /// what the audit log is told nor have notes.
    Together,
}

/// The answer to a command that was done.
pub(crate) struct Answer {
    pub(crate) id: Option<Id>,
    pub(crate) changed: bool,
    pub(crate) notes: Vec<Note>,
    pub(crate) snapshot: Arc<Snapshot>,
    /// What the audit log is told.
    pub(crate) told: Vec<AuditEntry>,
}

/// What planning commands came to.
pub(crate) struct Batch {
    pub(crate) sets: Vec<ChangeSet>,
    /// The tenant with all of them done.
    pub(crate) snapshot: Arc<Snapshot>,
    /// One for each command that was planned.
    pub(crate) outcomes: Vec<Result<Answer, Error>>,
    /// What is told of those that a rule refused.
    pub(crate) refused: Vec<AuditEntry>,
}

/// Plans a tenant's commands.
#[derive(Clone)]
pub(crate) struct Planner {
    pub(crate) tenant: TenantName,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl Planner {
    /// Plans the commands; on a thread where they keep nobody waiting, if they are much work.
    pub(crate) async fn plan(
        &self,
        base: &Arc<Snapshot>,
        writes: &Arc<[Write]>,
        manner: Manner,
    ) -> Batch {
        let work = writes.iter().map(|write| write.command.work(base)).sum();
        let work = match manner {
            Manner::Each { .. } => work,
            Manner::Together => usize::MAX,
        };
        let (planner, snapshot, all) = (self.clone(), Arc::clone(base), Arc::clone(writes));
        let planned = beside(work, move || planner.plan_here(&snapshot, &all, manner)).await;
        planned.unwrap_or_else(|_| Batch {
            outcomes: writes.iter().map(|_| Err(Error::Internal)).collect(),
            ..Batch::on(base)
        })
    }

    fn plan_here(&self, base: &Arc<Snapshot>, writes: &[Write], manner: Manner) -> Batch {
        match manner {
            Manner::Each { errors } => self.plan_each(base, writes, errors),
            Manner::Together => self
                .plan_together(base, writes)
                .unwrap_or_else(|| self.plan_each(base, writes, usize::MAX)),
        }
    }

    fn plan_together(&self, base: &Arc<Snapshot>, writes: &[Write]) -> Option<Batch> {
        let ctx = self.context(writes.first()?);
        let commands = writes.iter().map(|it| (&*it.command, it.password.as_ref()));
        let planned =
            panic::catch_unwind(AssertUnwindSafe(|| plan::together(base, &ctx, commands)));
        let Together {
            set,
            snapshot,
            outcomes,
        } = planned.ok().flatten()?;
        let mut batch = Batch::on(base);
        if set.is_some() {
            batch.snapshot = Arc::new(snapshot);
        }
        batch.sets.extend(set);
        for outcome in outcomes {
            let answer = match outcome {
                Ok(Done { id, changed }) => Ok(Answer {
                    id,
                    changed,
                    notes: Vec::new(),
                    snapshot: Arc::clone(&batch.snapshot),
                    told: Vec::new(),
                }),
                Err(Refused { refusal, told }) => {
                    batch.refused.extend(told.map(|entry| *entry));
                    Err(self.error(refusal))
                }
            };
            batch.outcomes.push(answer);
        }
        Some(batch)
    }

    fn plan_each(&self, base: &Arc<Snapshot>, writes: &[Write], errors: usize) -> Batch {
        let mut batch = Batch::on(base);
        let mut left = errors;
        for write in writes {
            if left == 0 {
                break;
            }
            let outcome = self.plan_one(&mut batch, write);
            left -= usize::from(outcome.is_err());
            batch.outcomes.push(outcome);
        }
        batch.settle();
        batch
    }

    fn context<'c>(&'c self, write: &'c Write) -> Context<'c> {
        Context {
            actor: write.actor,
            mandate: &write.mandate,
            origin: &write.origin,
            now: self.clock.now(),
            ids: &*self.ids,
            password: write.password.as_ref(),
        }
    }

    fn plan_one(&self, batch: &mut Batch, write: &Write) -> Result<Answer, Error> {
        let ctx = self.context(write);
        // A plan works on a copy: one that panics leaves nothing half-done, and costs its
        // neighbours nothing.
        let planned = panic::catch_unwind(AssertUnwindSafe(|| {
            plan::plan(&batch.snapshot, &ctx, &write.command)
        }));
        match planned.map_err(|_| Error::Internal)? {
            Ok(planned) => {
                let changed = planned.set.is_some();
                let told = planned.set.as_ref().map(|set| set.audit.clone());
                if changed {
                    batch.sets.extend(planned.set);
                    batch.snapshot = Arc::new(planned.snapshot);
                }
                // At the revision that it made, though others of the batch went further.
                Ok(Answer {
                    id: planned.id,
                    changed,
                    notes: planned.notes,
                    snapshot: Arc::clone(&batch.snapshot),
                    told: told.unwrap_or_default(),
                })
            }
            Err(Refused { refusal, told }) => {
                if let (Refusal::Held { .. }, Some(connection)) = (&refusal, write.actor.record()) {
                    self.hold(batch, write, connection)?;
                }
                batch.refused.extend(told.map(|entry| *entry));
                Err(self.error(refusal))
            }
        }
    }

    /// Holds a connection for all nodes to know.
    fn hold(&self, batch: &mut Batch, write: &Write, connection: Id) -> Result<(), Error> {
        let ctx = Context {
            actor: Principal::System,
            origin: &write.origin,
            now: self.clock.now(),
            ids: &*self.ids,
            mandate: &Mandate::default(),
            password: None,
        };
        let planned = plan::plan(&batch.snapshot, &ctx, &Command::Hold(connection))
            .map_err(|refused| self.error(refused.refusal))?;
        if planned.set.is_some() {
            tracing::warn!(tenant = %self.tenant, %connection, "a connection is held");
            batch.sets.extend(planned.set);
            batch.snapshot = Arc::new(planned.snapshot);
        }
        Ok(())
    }

    fn error(&self, refusal: Refusal) -> Error {
        match refusal {
            Refusal::NotFound(what) => Error::not_found(format_args!("the {what}")),
            Refusal::Taken { kind, attribute } => Error::Taken { kind, attribute },
            Refusal::InvalidValue { path, problem } => Error::InvalidValue { path, problem },
            Refusal::NoTarget { path } => Error::NoTarget { path },
            Refusal::Mutability { path, problem } => Error::Mutability { path, problem },
            Refusal::VersionMismatch => Error::VersionMismatch,
            Refusal::Forbidden(denial) => Error::Forbidden(denial),
            Refusal::Protected(denial) => Error::Protected(denial),
            Refusal::NoSeat(full) => Error::NoSeat(full),
            Refusal::Held { connection } => Error::Held {
                connection,
                retry_after: RETRY_HELD,
            },
            Refusal::Mistake(mistake) => {
                tracing::error!(tenant = %self.tenant, %mistake, "a plan does not fit its snapshot");
                Error::Internal
            }
        }
    }
}

impl Batch {
    fn on(base: &Arc<Snapshot>) -> Self {
        Self {
            sets: Vec::new(),
            snapshot: Arc::clone(base),
            outcomes: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// What is to be published has indexes that are up to date.
    fn settle(&mut self) {
        if !self.sets.is_empty() {
            let mut snapshot = (*self.snapshot).clone();
            snapshot.settle();
            self.snapshot = Arc::new(snapshot);
        }
    }
}

/// After how many seconds a connection that is held is to try again. Okta doubles it ten times,
/// which leaves an operator some days.
const RETRY_HELD: u32 = 600;
