//! How one request is to be read: the tenant's attributes, and the repairs that the kind of its
//! connection has. Made once a request and handed to everything that reads names or values.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use jackfield_gateway::Session;
use jackfield_model::{ConnectionKind, Registry};

use crate::repair::Repair;

/// So many names of what was ignored are kept, of one request.
const MAX_IGNORED: usize = 32;
/// And so many characters of each.
const MAX_NAME: usize = 200;

/// How one request is to be read, and what was noted while it was.
pub(crate) struct Dialect {
    registry: &'static Registry,
    kind: ConnectionKind,
    notes: Notes,
}

/// What was noted while a request was read. Cloning gives another handle to the same.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Noted>);

#[derive(Default)]
struct Noted {
    /// A bit for each repair that acted.
    acted: AtomicU32,
    ignored: Mutex<BTreeSet<String>>,
}

/// What was done to a request so that it could be answered: an extension of each response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The names of the repairs that acted.
    pub repairs: Vec<&'static str>,
    /// The attributes and schemas that were ignored, the first of them.
    pub ignored: Vec<String>,
}

impl Dialect {
    /// For a client that is logged in.
    pub(crate) fn of(session: &Session, notes: Notes) -> Self {
        Self::new(session.connection_kind(), notes)
    }

    /// For a connection of this kind.
    pub(crate) fn new(kind: ConnectionKind, notes: Notes) -> Self {
        Self {
            registry: Registry::core(),
            kind,
            notes,
        }
    }

    /// The attributes that there are.
    pub(crate) fn registry(&self) -> &Registry {
        self.registry
    }

    /// Whether what only this repair makes sense of is taken. Asked where there is something to
    /// repair, and noted: never ask for curiosity.
    pub(crate) fn takes(&self, repair: Repair) -> bool {
        let is_taken = repair.is_of(self.kind);
        if is_taken {
            self.notes.0.acted.fetch_or(bit(repair), Ordering::Relaxed);
        }
        is_taken
    }

    /// Whether what has this name is passed over by the repair.
    pub(crate) fn ignores(&self, repair: Repair, name: &str) -> bool {
        let is_ignored = self.takes(repair);
        if is_ignored {
            let ignored = &self.notes.0.ignored;
            let mut ignored = ignored.lock().unwrap_or_else(PoisonError::into_inner);
            if ignored.len() < MAX_IGNORED {
                ignored.insert(name.chars().take(MAX_NAME).collect());
            }
        }
        is_ignored
    }
}

impl Notes {
    /// What was noted until now.
    fn repaired(&self) -> Repaired {
        let acted = self.0.acted.load(Ordering::Relaxed);
        let has_acted = |repair: &Repair| acted & bit(*repair) != 0;
        let ignored = self
            .0
            .ignored
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Repaired {
            repairs: Repair::ALL
                .into_iter()
                .filter(has_acted)
                .map(Repair::name)
                .collect(),
            ignored: ignored.iter().cloned().collect(),
        }
    }
}

/// Gives each request its notes, and each response what was noted.
pub(crate) async fn report(mut request: Request, next: Next) -> Response {
    let notes = Notes::default();
    request.extensions_mut().insert(notes.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(notes.repaired());
    response
}

impl Default for Dialect {
    fn default() -> Self {
        Self::new(ConnectionKind::default(), Notes::default())
    }
}

fn bit(repair: Repair) -> u32 {
    1 << repair as u32
}
