//! The store in one SQLite file: the embedded default.
//!
//! One connection writes, a few read; the file is in WAL mode, so readers and the writer do not
//! wait for each other, and `synchronous=FULL`, so what is acknowledged is on disk. Several
//! processes of one machine may use the file at the same time.
//!
//! It must never match or compare text: what is written and asked is [`jackfield_store::sql`]'s.
//!
//! | module | holds |
//! | --- | --- |
//! | `transaction` | running statements |
//! | `error` | the driver's errors in the store's words |

mod error;
mod transaction;

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jackfield_store::audit::AuditKey;
use jackfield_store::sql::{Arg, EachRow, Engine};
use jackfield_store::{Error, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqlStr, SqliteConnection};
use tokio::fs;
use tokio::time::{Instant, sleep};

use crate::error::{is_busy, migration_failed, unavailable};
use crate::transaction::{SqliteTransaction, fetch};

/// The migrations, oldest first. A released one never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "foundation",
        include_str!("../../../migrations/sqlite/0001_foundation.sql"),
    ),
    (
        2,
        "pending members",
        include_str!("../../../migrations/sqlite/0002_pending_members.sql"),
    ),
    (
        3,
        "exchanges",
        include_str!("../../../migrations/sqlite/0003_exchanges.sql"),
    ),
    (
        5,
        "used once",
        include_str!("../../../migrations/sqlite/0005_used_once.sql"),
    ),
    (
        6,
        "audit retention",
        include_str!("../../../migrations/sqlite/0006_audit_retention.sql"),
    ),
    (
        8,
        "lockouts",
        include_str!("../../../migrations/sqlite/0008_lockouts.sql"),
    ),
];

/// How long a statement waits for another process, and a caller for the writing connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before trying again what does not wait by itself.
const PAUSE: Duration = Duration::from_millis(10);

/// So long the write-ahead log becomes before what stands in it goes into the file, in pages of 4 KiB:
/// pages that many commits write then go there once. The default, 1,000, is reached after a few dozen
/// commits that create users.
const CHECKPOINT_PAGES: &str = "8000";

/// So much of the file the writing connection holds in memory, in KiB: the pages that a commit of many
/// records touches, several times each. The default, 2,000, has them written and read again meanwhile.
const WRITER_CACHE: &str = "-32000";

/// How many read at the same time.
const READERS: u32 = 4;

/// A store in one SQLite file; a clone is another handle to the same one.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    audit_key: AuditKey,
}

impl SqliteStore {
    /// Opens the file, makes it and its directory if need be (mode 0600 and 0700), and brings its
    /// tables up to date.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the file cannot be opened, [`Error::Corrupt`] if it is no
    /// database, or one of a later version.
    pub async fn open(path: &Path, audit_key: AuditKey) -> Result<Self> {
        create_privately(path).await.map_err(|error| {
            Error::Unavailable(format!("cannot create {}: {error}", path.display()))
        })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .disable_statement_logging();
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("cache_size", WRITER_CACHE)
            .optimize_on_close(true, None);
        let writer = connect_writer(writing).await.map_err(unavailable)?;
        migrate(&writer).await?;
        let readers = pool()
            .max_connections(READERS)
            .connect_lazy_with(options.read_only(true));
        Ok(Self {
            writer,
            readers,
            audit_key,
        })
    }
}

#[async_trait]
impl Engine for SqliteStore {
    type Transaction = SqliteTransaction;

    /// Nothing: the one who writes has the whole file.
    const LOCK: &'static str = "";

    fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    async fn begin_read(&self) -> Result<SqliteTransaction> {
        let begun = self.readers.begin().await;
        begun.map(SqliteTransaction).map_err(unavailable)
    }

    /// `IMMEDIATE`: a transaction that began as a reader's would fail at once, without waiting,
    /// when it writes after somebody else has written.
    async fn begin_write(&self) -> Result<SqliteTransaction> {
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        begun.map(SqliteTransaction).map_err(unavailable)
    }

    async fn fetch_alone(
        &self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()> {
        fetch(&self.readers, sql, args, each).await
    }

    /// The writer goes last: of the connections of all processes, the last one that may write
    /// brings the write-ahead log into the file and removes it.
    async fn disconnect(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Makes the file if it is not there. An existing one is not touched: opening and closing it here
/// would drop the locks that this process holds on it.
async fn create_privately(path: &Path) -> std::io::Result<()> {
    if let Some(directory) = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
    {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .await?;
    }
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .await
    {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Opens the writing connection. Unlike everything after it, the switch of a new file to the
/// write-ahead log does not wait by itself for a process that does the same.
async fn connect_writer(options: SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match pool()
            .max_connections(1)
            .after_release(|connection, _| Box::pin(has_ended(connection)))
            .connect_with(options.clone())
            .await
        {
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(PAUSE).await,
            connected => return connected,
        }
    }
}

/// Whether the transaction of a connection is over. Where the disk is full SQLite rolls back by
/// itself, and the connection would be thought to be in a transaction for ever: it is replaced.
async fn has_ended(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // What was dropped is being rolled back.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Runs the migrations that are missing, all in one transaction, so that two processes that start
/// at the same time do it once.
async fn migrate(writer: &SqlitePool) -> Result<()> {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let (name, sql) = ((*name).into(), SqlStr::from_static(sql));
        Migration::new(*version, name, MigrationType::Simple, sql, false)
    });
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    let migrator = Migrator::with_migrations(migrations.collect());
    // `run` is the same, but its future cannot be sent between threads.
    migrator
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(migration_failed)?;
    transaction.commit().await.map_err(unavailable)
}
