//! What is kept on disk: the trait that every backend implements, and the suite that it must pass.
//!
//! A backend stores and returns; it never matches, compares or interprets. Keys are computed by
//! [`jackfield_model`] and compared as bytes, so that every engine answers alike. A write is
//! acknowledged when it is on disk.
//!
//! | module | holds |
//! | --- | --- |
//! | [`audit`] | how audit entries are numbered and chained |
//! | `hint` | what a store tells of its own accord |
//! | [`sql`] | what the backends over relational databases share |
//! | `conformance` | the suite (feature `testing`) |

pub mod audit;
#[cfg(feature = "testing")]
pub mod conformance;
mod hint;
pub mod sql;

pub use hint::{Hint, Hints};

use std::net::IpAddr;

use async_trait::async_trait;
use jackfield_model::{
    AuditEntry, Change, ChangeSet, Exchange, Id, Kind, Revision, TenantId, TenantName, Timestamp,
};
use uuid::Uuid;

/// How many of a tenant's newest change sets are kept at least; whoever is further behind loads
/// afresh ([`Tail::Gone`]), and a change set older than that is not found by its id.
pub const CHANGE_SETS_KEPT: u64 = 10_000;

/// As [`CHANGE_SETS_KEPT`], of wide ones: while more such come, as an import's do, those of a thousand
/// records that are further behind are dropped. Whoever would follow them is faster loading afresh.
pub const WIDE_CHANGE_SETS_KEPT: u64 = 100;

/// A tenant as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its identity.
    pub id: TenantId,
    /// Its name.
    pub name: TenantName,
    /// Its revision.
    pub revision: Revision,
    /// The number that the next record gets; numbers below it are never used again.
    pub next_number: u32,
}

/// The change sets behind a revision.
#[derive(Clone, Debug, PartialEq)]
pub enum Tail {
    /// All of them, in order, each with the revision it made and without what was told about it.
    Sets(Vec<(Revision, ChangeSet)>),
    /// Some are no longer kept: load afresh.
    Gone,
}

/// Something that a principal did which is not worth a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The record or credential it is about.
    pub subject: Id,
    /// When it last happened.
    pub last_used: Timestamp,
}

/// Which exchanges are asked for; all conditions together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeQuery {
    /// Those of this connection.
    pub connection: Option<Id>,
    /// Those that were refused or failed.
    pub failed: bool,
    /// Those at this moment and later.
    pub since: Option<Timestamp>,
    /// So many of the newest.
    pub limit: u32,
}

/// How much is kept of exchanges; the newest stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeLimits {
    /// How many of a connection.
    pub count: u32,
    /// How many bytes of a connection, as they are stored.
    pub bytes: u64,
    /// From when on, of the whole tenant.
    pub since: Timestamp,
}

/// What is left of a record that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// What kind it was.
    pub kind: Kind,
    /// When it was deleted.
    pub deleted: Timestamp,
}

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tenant is at another revision than expected; nothing was written.
    #[error("the tenant is at revision {actual}")]
    Conflict {
        /// Where it is.
        actual: Revision,
    },
    /// Something else has this key already; nothing was written.
    #[error("another {space} is called {key:?}")]
    Duplicate {
        /// The kind of record, or what else is there once only: `tenant`, `change set`,
        /// `holder of extension`, `owner of record`.
        space: String,
        /// The key in its normalised form, the number or the id.
        key: String,
    },
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NoTenant,
    /// The outcome of a commit is not known: look the change set up before trying again.
    #[error("the outcome of the commit is unknown: {0}")]
    Unknown(String),
    /// The database cannot be reached or is full; nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// What the database holds makes no sense to this version.
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// An account that is locked for one network after too many wrong passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedOut {
    /// Whose account.
    pub account: Id,
    /// An IPv4 address, or an IPv6 prefix of 64 bits.
    pub network: IpAddr,
    /// Since when.
    pub since: Timestamp,
    /// Until when, if nobody lifts it.
    pub until: Timestamp,
}

/// What is kept on disk. Every method is atomic.
///
/// # Errors
/// Of every method: [`Error::Unavailable`] if the database cannot be used, [`Error::Corrupt`] if what it
/// holds cannot be read.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Keeps a value beside the tenants, under one of our own names, unless there is one already;
    /// returns the one that is kept. The first writer wins, also of several processes at once.
    async fn keep(&self, name: &str, value: &[u8]) -> Result<Vec<u8>>;

    /// Keeps a value under one of our own names in place of the one that is kept, if any.
    async fn replace_kept(&self, name: &str, value: &[u8]) -> Result<()>;

    /// Every tenant, in the order of the names; also how a node notices what others wrote.
    async fn tenants(&self) -> Result<Vec<Head>>;

    /// Listens to what other nodes commit; `None` if the store does not tell, so that only looking
    /// shows it. Drop the hints before the store is closed, which waits for their connection.
    async fn listen(&self) -> Result<Option<Box<dyn Hints>>>;

    /// Makes an empty tenant at revision 0.
    ///
    /// # Errors
    /// [`Error::Duplicate`] if the name is taken.
    async fn create_tenant(&self, id: TenantId, name: &TenantName, at: Timestamp) -> Result<Head>;

    /// Removes a tenant and everything in it; without effect if there is none.
    async fn delete_tenant(&self, id: TenantId) -> Result<()>;

    /// Gives everything that the tenant holds, as the changes that make it from nothing, all of
    /// one revision: settings and catalogue first, then records, then what relates them.
    ///
    /// # Errors
    /// [`Error::NoTenant`]. The sink may have been given a part then, or after any other error.
    async fn load(&self, tenant: TenantId, sink: &mut (dyn FnMut(Change) + Send)) -> Result<Head>;

    /// The change sets that came after a revision.
    ///
    /// # Errors
    /// [`Error::NoTenant`].
    async fn changes(&self, tenant: TenantId, after: Revision) -> Result<Tail>;

    /// Commits the change sets, their audit entries and their change rows in one transaction, if
    /// the tenant is at `expected`; returns the new revision, one higher for each set.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is elsewhere, [`Error::Unknown`] if the commit was cut off.
    async fn apply(
        &self,
        tenant: TenantId,
        expected: Revision,
        sets: &[ChangeSet],
    ) -> Result<Revision>;

    /// Takes the tenant's row and keeps everybody else's writes waiting, so that a writer that
    /// lost against another process can catch up, plan and commit without losing again.
    ///
    /// # Errors
    /// [`Error::NoTenant`]; [`Error::Unavailable`] if others hold it for too long.
    async fn lock(&self, tenant: TenantId) -> Result<Box<dyn Locked>>;

    /// The revision that a change set made, if it was committed.
    async fn find_change_set(&self, tenant: TenantId, id: Uuid) -> Result<Option<Revision>>;

    /// Adds audit entries that belong to no change: refusals.
    ///
    /// # Errors
    /// [`Error::NoTenant`]; [`Error::Unknown`] if the commit was cut off.
    async fn append_audit(&self, tenant: TenantId, entries: &[AuditEntry]) -> Result<()>;

    /// The audit entries after a sequence number, in order, at most `limit`.
    async fn audit(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<audit::Sealed>>;

    /// Where a tenant's audit log begins and ends.
    ///
    /// # Errors
    /// [`Error::NoTenant`].
    async fn audit_extent(&self, tenant: TenantId) -> Result<audit::Extent>;

    /// The number of the last audit entry before a moment; 0 if there is none.
    async fn audit_before(&self, tenant: TenantId, at: Timestamp) -> Result<u64>;

    /// Drops the audit entries up to the last one before a moment; returns how many. What is left
    /// can still be proved.
    ///
    /// # Errors
    /// [`Error::NoTenant`]; [`Error::Unknown`] if the commit was cut off.
    async fn trim_audit(&self, tenant: TenantId, before: Timestamp) -> Result<u64>;

    /// Holds a tenant's whole audit log against its chain.
    ///
    /// # Errors
    /// Those of reading; that the log is broken is the inner one.
    async fn verify_audit(
        &self,
        tenant: TenantId,
    ) -> Result<std::result::Result<audit::Verified, audit::Broken>>;

    /// What is left of a record that was deleted.
    async fn tombstone(&self, tenant: TenantId, id: Id) -> Result<Option<Tombstone>>;

    /// Notes activity; later moments win. A commit forgets that of what it removes.
    ///
    /// # Errors
    /// [`Error::NoTenant`]; [`Error::Unknown`] if the commit was cut off.
    async fn note_activity(&self, tenant: TenantId, activity: &[Activity]) -> Result<()>;

    /// All activity of the tenant.
    async fn activity(&self, tenant: TenantId) -> Result<Vec<Activity>>;

    /// Keeps exchanges.
    async fn note_exchanges(&self, tenant: TenantId, exchanges: &[Exchange]) -> Result<()>;

    /// Exchanges, in the order in which they happened.
    async fn exchanges(&self, tenant: TenantId, query: ExchangeQuery) -> Result<Vec<Exchange>>;

    /// The exchange with this id.
    async fn find_exchange(&self, tenant: TenantId, id: Uuid) -> Result<Option<Exchange>>;

    /// Drops the tenant's exchanges that are too old, and those of a connection, or of nobody, that
    /// are too much.
    async fn trim_exchanges(
        &self,
        tenant: TenantId,
        connection: Option<Id>,
        limits: ExchangeLimits,
    ) -> Result<()>;

    /// Notes the use of something that may be used once only, by its name; says whether it was not
    /// used before. It is remembered until it expires, whichever process asks.
    async fn use_once(
        &self,
        tenant: TenantId,
        name: &[u8; 32],
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// Notes that an account is locked for a network, in place of what was noted of the two before,
    /// and forgets locks that were over by then.
    async fn note_lockout(&self, tenant: TenantId, lockout: &LockedOut) -> Result<()>;

    /// The locks that were noted and not lifted, the oldest first, of one account if it is named.
    /// Some of them may be over.
    async fn lockouts(&self, tenant: TenantId, account: Option<Id>) -> Result<Vec<LockedOut>>;

    /// Takes away the locks of an account; returns how many.
    async fn lift_lockouts(&self, tenant: TenantId, account: Id) -> Result<u64>;

    /// Closes the store, after what is under way; every later call but this one is answered with
    /// [`Error::Unavailable`]. Dropping a store without it loses nothing.
    async fn close(&self);
}

/// A tenant whose row is locked; dropping it releases the lock and writes nothing.
#[async_trait]
pub trait Locked: Send {
    /// The tenant's revision, which now nobody else can move.
    fn revision(&self) -> Revision;

    /// The change sets that came after a revision.
    async fn changes(&mut self, after: Revision) -> Result<Tail>;

    /// As [`Store::apply`] at the locked revision; releases the lock.
    async fn commit(self: Box<Self>, sets: &[ChangeSet]) -> Result<Revision>;
}
