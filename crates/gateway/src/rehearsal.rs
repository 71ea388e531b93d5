//! Writes that are planned as real ones and never committed.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_directory::Snapshot;
use jackfield_model::AuditEntry;

use crate::error::Error;
use crate::planning::{Answer, Manner, Planner, Write};

/// What a session would have written, on a copy of the tenant of its own.
pub(crate) struct Rehearsal {
    planner: Planner,
    one_at_a_time: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    snapshot: Arc<Snapshot>,
    told: Vec<AuditEntry>,
}

impl Rehearsal {
    pub(crate) fn new(planner: Planner, snapshot: Arc<Snapshot>) -> Self {
        Self {
            planner,
            one_at_a_time: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                snapshot,
                told: Vec::new(),
            }),
        }
    }

    /// The tenant as it would be.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.with(|state| Arc::clone(&state.snapshot))
    }

    /// What the audit log would have been told since the last call.
    pub(crate) fn take_told(&self) -> Vec<AuditEntry> {
        self.with(|state| std::mem::take(&mut state.told))
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Answer, Error> {
        let alone = Manner::Each { errors: 1 };
        let mut answers = self.write_all(vec![write], alone).await;
        answers.pop().unwrap_or(Err(Error::Internal))
    }

    /// As many writes one after the other.
    pub(crate) async fn write_all(
        &self,
        writes: Vec<Write>,
        manner: Manner,
    ) -> Vec<Result<Answer, Error>> {
        let _turn = self.one_at_a_time.lock().await;
        let batch = self
            .planner
            .plan(&self.snapshot(), &writes.into(), manner)
            .await;
        self.with(|state| {
            state.snapshot = batch.snapshot;
            let done = batch.sets.into_iter().flat_map(|set| set.audit);
            state.told.extend(done.chain(batch.refused));
        });
        batch.outcomes
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
