//! One tenant: its published snapshot, and the way to its writer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::HashMap;
use jackfield_access::Roles;
use jackfield_directory::Snapshot;
use jackfield_model::{Dn, Id, Registry, Revision, Settings, TenantId, TenantName, Timestamp};
use jackfield_store::Activity;
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;
use crate::planning::{Answer, Manner, Write};
use crate::registrations::Registrations;
use crate::writer::Job;

/// A tenant that is served. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Tenant(Arc<Inner>);

struct Inner {
    id: TenantId,
    name: TenantName,
    published: Arc<ArcSwap<Snapshot>>,
    writer: mpsc::Sender<Job>,
    /// Uses that the store has not been told yet.
    uses: Mutex<HashMap<Id, Timestamp>>,
    registrations: Arc<Registrations>,
    opened: tokio::time::Instant,
}

/// An answer that is coming.
pub(crate) type Coming = oneshot::Receiver<Result<Answer, Error>>;

/// How often the store is asked at the most for those who show wrong credentials all the time.
const LOOK: Duration = Duration::from_millis(100);

impl Tenant {
    pub(crate) fn new(
        id: TenantId,
        name: TenantName,
        published: Arc<ArcSwap<Snapshot>>,
        writer: mpsc::Sender<Job>,
    ) -> Self {
        Self(Arc::new(Inner {
            id,
            name,
            published,
            writer,
            uses: Mutex::default(),
            registrations: Arc::default(),
            opened: tokio::time::Instant::now(),
        }))
    }

    /// Its name.
    pub fn name(&self) -> &TenantName {
        &self.0.name
    }

    /// Where its LDAP tree hangs.
    pub fn suffix(&self) -> Dn {
        self.snapshot().suffix().clone()
    }

    /// Its settings.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(self.snapshot().settings())
    }

    /// The attributes that its records have.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(self.snapshot().registry())
    }

    /// Its role system and roles.
    pub fn roles(&self) -> Arc<Roles> {
        Arc::clone(self.snapshot().roles())
    }

    /// Whether nobody has put anything in yet.
    pub fn is_unused(&self) -> bool {
        self.snapshot().is_unused()
    }

    /// What is published now. It stays in here: records are read through a session, which obeys
    /// the principal's view.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.0.published.load_full()
    }

    pub(crate) fn id(&self) -> TenantId {
        self.0.id
    }

    /// Where its phones are registered.
    pub(crate) fn registrations(&self) -> &Arc<Registrations> {
        &self.0.registrations
    }

    /// Notes that a user or credential was used.
    pub(crate) fn note_use(&self, id: Id, at: Timestamp) {
        if self.0.published.load().last_use().note(id, at) {
            self.0
                .uses
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(id, at);
        }
    }

    /// The uses that were noted since the last call, of what is there still.
    pub(crate) fn take_uses(&self) -> Vec<Activity> {
        let uses = std::mem::take(&mut *self.0.uses.lock().unwrap_or_else(PoisonError::into_inner));
        let snapshot = self.snapshot();
        let is_there = |id| snapshot.record(id).is_some() || snapshot.credential(id).is_some();
        uses.into_iter()
            .filter(|(subject, _)| is_there(*subject))
            .map(|(subject, last_used)| Activity { subject, last_used })
            .collect()
    }

    /// Takes back uses that could not be told; those that were noted meanwhile are newer.
    pub(crate) fn give_back_uses(&self, untold: Vec<Activity>) {
        let mut uses = self.0.uses.lock().unwrap_or_else(PoisonError::into_inner);
        for Activity { subject, last_used } in untold {
            uses.entry(subject).or_insert(last_used);
        }
    }

    /// Hands a command to the tenant's writer and waits for its answer.
    pub(crate) async fn write(&self, write: Write) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Write { write, reply };
        self.0
            .writer
            .send(job)
            .await
            .map_err(|_| Error::Unavailable)?;
        answer.await.map_err(|_| Error::Internal)?
    }

    /// Hands a series of commands to the tenant's writer, to be done in their order and in one
    /// commit; gives where the answers come. None comes to those that were not done any more.
    pub(crate) async fn hand_over(
        &self,
        writes: Vec<Write>,
        manner: Manner,
    ) -> Result<Vec<Coming>, Error> {
        let (writes, answers): (Vec<_>, Vec<_>) = writes
            .into_iter()
            .map(|write| {
                let (reply, answer) = oneshot::channel();
                ((write, reply), answer)
            })
            .unzip();
        self.0
            .writer
            .send(Job::Series { writes, manner })
            .await
            .map_err(|_| Error::Unavailable)?;
        Ok(answers)
    }

    /// Has a series of commands done: each for itself, and no more of them once so many were refused.
    pub(crate) async fn write_all(
        &self,
        writes: Vec<Write>,
        errors: usize,
    ) -> Result<Vec<Result<Answer, Error>>, Error> {
        let answers = self.hand_over(writes, Manner::Each { errors }).await?;
        let mut outcomes = Vec::with_capacity(answers.len());
        for answer in answers {
            match answer.await {
                Ok(outcome) => outcomes.push(outcome),
                Err(_) => break,
            }
        }
        Ok(outcomes)
    }

    /// Makes sure that what is published is at least what the store has now; says whether it was
    /// not before.
    pub(crate) async fn catch_up(&self) -> Result<bool, Error> {
        let (reply, done) = oneshot::channel();
        let job = Job::CatchUp { reply: Some(reply) };
        self.0
            .writer
            .send(job)
            .await
            .map_err(|_| Error::Unavailable)?;
        done.await.map_err(|_| Error::Internal)?
    }

    /// Whether the store has something newer than this revision, which is then published. It may
    /// have been published meanwhile by itself.
    pub(crate) async fn has_moved_from(&self, revision: Revision) -> bool {
        // If the store cannot be asked, what is published is all that can be known.
        let _ = self.catch_up().await;
        self.snapshot().revision() != revision
    }

    /// Waits for the next of the moments at which all those look at the store who are to do it
    /// together.
    pub(crate) async fn next_look(&self) {
        let since = self.0.opened.elapsed().as_nanos() % LOOK.as_nanos();
        let since = u64::try_from(since).map_or(LOOK, Duration::from_nanos);
        tokio::time::sleep(LOOK.saturating_sub(since)).await;
    }

    /// Says that the store has something new, if the writer is not busy anyway.
    pub(crate) fn hint(&self) {
        // A full queue means that the writer is about to see it by itself.
        let _ = self.0.writer.try_send(Job::CatchUp { reply: None });
    }
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenant({})", self.0.name)
    }
}
