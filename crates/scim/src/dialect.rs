//! How one request is to be read: the tenant's attributes, and the repairs that the kind of its
//! connection has. Made once a request and handed to everything that reads names or values.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::http::request::Parts;
use axum::response::Response;
use jackfield_gateway::Session;
use jackfield_gateway::directory::Note;
use jackfield_model::{ConnectionKind, OwnSchemas, Registry};

use crate::repair::Repair;
use crate::suggest::suggest;

/// So many names of what was ignored are kept, of one request.
const MAX_IGNORED: usize = 32;
/// And so many characters of each.
const MAX_NAME: usize = 200;

/// How one request is to be read, and what was noted while it was.
pub(crate) struct Dialect {
    registry: Arc<Registry>,
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
    aliases: Mutex<BTreeSet<&'static str>>,
    kind: OnceLock<ConnectionKind>,
}

/// What was done to a request so that it could be answered: an extension of each response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The kind of the connection that sent it, once it was logged in.
    pub kind: Option<ConnectionKind>,
    /// The kind that it looks like.
    pub suggested: Option<ConnectionKind>,
    /// The names of the repairs that acted.
    pub repairs: Vec<&'static str>,
    /// The attributes and schemas that were ignored, the first of them.
    pub ignored: Vec<String>,
    /// The other names of our schemas by which they were called.
    pub aliases: Vec<&'static str>,
}

impl Dialect {
    /// For a client that is logged in.
    pub(crate) fn of(session: &Session, notes: Notes) -> Self {
        let kind = session.connection_kind();
        // A request has one session.
        let _ = notes.0.kind.set(kind);
        Self {
            registry: session.tenant().registry(),
            ..Self::new(kind, notes)
        }
    }

    /// For a connection of this kind, to a tenant without attributes of its own.
    pub(crate) fn new(kind: ConnectionKind, notes: Notes) -> Self {
        Self {
            registry: Registry::with(&OwnSchemas::default()),
            kind,
            notes,
        }
    }

    /// The attributes that there are.
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whether what only this repair makes sense of is taken. Asked where there is something to
    /// repair, and noted: never ask for curiosity.
    pub(crate) fn takes(&self, repair: Repair) -> bool {
        let is_taken = self.has(repair);
        if is_taken {
            self.notes.0.acted.fetch_or(bit(repair), Ordering::Relaxed);
        }
        is_taken
    }

    /// The kind of the connection.
    pub(crate) fn kind(&self) -> ConnectionKind {
        self.kind
    }

    /// Whether connections of this kind have the repair.
    pub(crate) fn has(&self, repair: Repair) -> bool {
        repair.is_of(self.kind)
    }

    /// Whether a schema is known by this other name.
    pub(crate) fn takes_alias(&self, alias: &'static str) -> bool {
        let is_taken = self.takes(Repair::SchemaAlias);
        if is_taken {
            lock(&self.notes.0.aliases).insert(alias);
        }
        is_taken
    }

    /// Notes the repairs that show only once a request is done.
    pub(crate) fn heed(&self, notes: &[Note]) {
        if notes.contains(&Note::ElementMade) {
            self.takes(Repair::MissingElement);
        }
    }

    /// Whether what has this name is passed over by the repair.
    pub(crate) fn ignores(&self, repair: Repair, name: &str) -> bool {
        let is_ignored = self.takes(repair);
        if is_ignored {
            self.left_out(name);
        }
        is_ignored
    }

    /// Notes that what has this name is passed over, as SCIM says.
    pub(crate) fn left_out(&self, name: &str) {
        let mut ignored = lock(&self.notes.0.ignored);
        if ignored.len() < MAX_IGNORED {
            ignored.insert(name.chars().take(MAX_NAME).collect());
        }
    }
}

impl Notes {
    /// Whether the connection wants plain JSON unless it says otherwise; noted if so.
    pub(crate) fn wants_plain_json(&self) -> bool {
        let kind = self.0.kind.get();
        let is_wanted = kind.is_some_and(|kind| Repair::PlainJson.is_of(*kind));
        if is_wanted {
            self.0
                .acted
                .fetch_or(bit(Repair::PlainJson), Ordering::Relaxed);
        }
        is_wanted
    }

    /// What was noted until now.
    pub(crate) fn repaired(&self) -> Repaired {
        let acted = self.0.acted.load(Ordering::Relaxed);
        let has_acted = |repair: &Repair| acted & bit(*repair) != 0;
        Repaired {
            kind: self.0.kind.get().copied(),
            suggested: None,
            repairs: Repair::ALL
                .into_iter()
                .filter(has_acted)
                .map(Repair::name)
                .collect(),
            ignored: lock(&self.0.ignored).iter().cloned().collect(),
            aliases: lock(&self.0.aliases).iter().copied().collect(),
        }
    }
}

/// Gives a response what was noted of its request.
pub(crate) fn report(request: &Parts, notes: &Notes, response: &mut Response) {
    let mut repaired = notes.repaired();
    let query = request.uri.query().unwrap_or_default();
    repaired.suggested = suggest(&request.headers, query, &repaired);
    response.extensions_mut().insert(repaired);
}

impl Default for Dialect {
    fn default() -> Self {
        Self::new(ConnectionKind::default(), Notes::default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bit(repair: Repair) -> u32 {
    1 << repair as u32
}
