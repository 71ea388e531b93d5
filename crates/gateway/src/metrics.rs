//! What a node counts, for whoever watches it.
//!
//! Counters are atomic numbers at fixed places: to count costs some nanoseconds, takes no lock and
//! looks nothing up. Whoever serves a protocol asks once for the place of each operation
//! ([`Metrics::operation`]) and keeps it. Nothing is counted by tenant, client or name: there may be
//! any number of those, and what watches a node should not know them.
//!
//! | module | holds |
//! | --- | --- |
//! | `count` | the counters |
//! | `operation` | what is counted of an operation of a protocol |
//! | [`family`] | counters as data, to be written down by somebody else |
//! | `families` | all that a gateway has to tell |

mod count;
mod families;
pub mod family;
mod operation;

use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_model::Timestamp;

pub use self::count::{Counter, Level, Timing};
pub use self::operation::Operation;

use crate::error::Error;

/// What a node counts.
#[derive(Default)]
pub struct Metrics {
    operations: Mutex<Vec<Arc<Operation>>>,
    refused: [Counter; REASONS.len()],
    pub(crate) lockouts: Counter,
    /// Passwords that wait to be hashed.
    pub(crate) hashes_waiting: Level,
    pub(crate) hashing: Timing,
    pub(crate) writes: Writes,
    pub(crate) following: Following,
}

/// What became of commands.
#[derive(Default)]
pub(crate) struct Writes {
    pub(crate) committed: Counter,
    pub(crate) refused: Counter,
    /// Neither, since the store could not be written.
    pub(crate) failed: Counter,
    /// Another process was faster.
    pub(crate) conflicts: Counter,
    pub(crate) commit: Timing,
    /// From the commit on, until every reader sees it.
    pub(crate) publish: Timing,
}

/// How the node keeps up with what others write to the store.
#[derive(Default)]
pub(crate) struct Following {
    pub(crate) looks: Counter,
    pub(crate) failed_looks: Counter,
    /// When the store last said what there is, in microseconds since 1970; 0 before the first time.
    last_look: AtomicI64,
    /// How many revisions the store had at that time that were not published here.
    behind: AtomicU64,
    /// How long ago what was followed had been planned elsewhere.
    pub(crate) lag: Timing,
}

impl Following {
    /// Notes that the store has said what there is, how many revisions of it were not published, and
    /// whether all tenants are loaded: else it was looked at without success.
    pub(crate) fn looked(&self, now: Timestamp, behind: u64, is_all: bool) {
        self.behind.store(behind, Ordering::Relaxed);
        if is_all {
            self.looks.one();
            self.last_look.store(now.0, Ordering::Relaxed);
        } else {
            self.failed_looks.one();
        }
    }
}

/// Why somebody was not let in, as far as it is told apart.
const REASONS: [&str; 6] = [
    "wrong",
    "locked",
    "too_often",
    "in_the_clear",
    "no_password",
    "other",
];

impl Metrics {
    /// The place of an operation of a protocol, with the numbers by which its outcomes are told
    /// apart. Who asks again is given the same.
    pub fn operation(
        &self,
        protocol: &'static str,
        name: &'static str,
        codes: Range<u16>,
    ) -> Arc<Operation> {
        let mut all = self.operations();
        let known = all
            .iter()
            .find(|it| (it.protocol, it.name) == (protocol, name));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        let operation = Arc::new(Operation::new(protocol, name, codes));
        all.push(Arc::clone(&operation));
        operation
    }

    /// Notes that somebody was not let in.
    pub(crate) fn not_let_in(&self, error: &Error) {
        let reason = match error {
            Error::InvalidCredentials => 0,
            Error::LockedOut => 1,
            Error::TooBusy { .. } => 2,
            Error::ConfidentialityRequired => 3,
            Error::UnauthenticatedBind => 4,
            _ => 5,
        };
        if let Some(counter) = self.refused.get(reason) {
            counter.one();
        }
    }

    fn operations(&self) -> MutexGuard<'_, Vec<Arc<Operation>>> {
        // Nothing can leave the list half changed.
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a moment is ago; nothing, if it is still to come.
pub(crate) fn between(before: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(now.0.saturating_sub(before.0)).unwrap_or(0))
}
