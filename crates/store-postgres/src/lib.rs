//! The store in PostgreSQL: for several nodes on one database.
//!
//! A writer locks the tenant's row, so writes to one tenant come one after the other and writes to
//! different tenants do not meet. What is acknowledged is on the server's disk
//! (`synchronous_commit` is at least `on`). Each commit notifies the other nodes, as a hint only:
//! what holds is the revision in the tenant's row.
//!
//! It must never match or compare text: what is written and asked is [`jackfield_store::sql`]'s.
//! Text of clients may hold U+0000, which PostgreSQL's text may not: it is in JSON, where it is
//! escaped, or in `BYTEA`.
//!
//! | module | holds |
//! | --- | --- |
//! | `at_hand` | connections for what is asked all the time |
//! | `hint` | what other nodes committed |
//! | `patience` | how long the server is waited for |
//! | `transaction` | running statements |
//! | `error` | the driver's errors in the store's words |

mod at_hand;
mod error;
mod hint;
mod patience;
mod transaction;

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use jackfield_store::audit::AuditKey;
use jackfield_store::sql::{Arg, EachRow, Engine};
use jackfield_store::{Hints, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Executor as _, SqlStr};
use uuid::Uuid;

use crate::at_hand::AtHand;
use crate::error::{migration_failed, unavailable};
use crate::hint::PgHints;
use crate::patience::{PATIENCE, SILENCE, ping, within};
use crate::transaction::{PgTransaction, fetch};

/// The migrations, oldest first. A released one never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "foundation",
        include_str!("../../../migrations/postgres/0001_foundation.sql"),
    ),
    (
        2,
        "pending members",
        include_str!("../../../migrations/postgres/0002_pending_members.sql"),
    ),
    (
        3,
        "exchanges",
        include_str!("../../../migrations/postgres/0003_exchanges.sql"),
    ),
    (
        5,
        "used once",
        include_str!("../../../migrations/postgres/0005_used_once.sql"),
    ),
    (
        6,
        "audit retention",
        include_str!("../../../migrations/postgres/0006_audit_retention.sql"),
    ),
    (
        8,
        "lockouts",
        include_str!("../../../migrations/postgres/0008_lockouts.sql"),
    ),
];

/// A connection that was used so recently is taken to be there still, without a question.
const FRESH: Duration = Duration::from_secs(1);

/// How many connections a node uses at most.
const CONNECTIONS: u32 = 16;

/// What every session begins with. A commit waits for the disk, or for what the server demands
/// beyond that; nobody waits for a lock for ever, and a node that stops in the middle of a
/// transaction does not keep its locks.
const SESSION: &str = "SELECT \
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') \
         THEN set_config('synchronous_commit', 'on', false) END, \
    set_config('lock_timeout', '10s', false), \
    set_config('idle_in_transaction_session_timeout', '60s', false)";

/// A store in a PostgreSQL database; a clone is another handle to the same one.
#[derive(Clone, Debug)]
pub struct PgStore {
    pool: PgPool,
    at_hand: AtHand,
    /// Which of the nodes on the database this is.
    node: Uuid,
    audit_key: AuditKey,
}

impl PgStore {
    /// Connects to `postgres://user:password@host:port/database`, and brings the tables in the
    /// first schema of the user's search path up to date.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_store::Error::Unavailable) if the server cannot be reached or
    /// refuses, [`Corrupt`](jackfield_store::Error::Corrupt) if the tables are of a later version.
    pub async fn connect(url: &str, audit_key: AuditKey) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(unavailable)?;
        let options = options
            .application_name("jackfield")
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, of| {
                Box::pin(async move {
                    if of.idle_for > FRESH {
                        ping(connection).await?;
                    }
                    Ok(true)
                })
            })
            // The pool asks again, without an end: one that says nothing must not come so far.
            .after_release(|connection, _| {
                Box::pin(async move { ping(connection).await.map(|()| true) })
            })
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(SESSION).await.map(drop) })
            })
            .connect_with(options)
            .await
            .map_err(unavailable)?;
        migrate(&pool).await?;
        let node = sqlx::query_scalar("SELECT gen_random_uuid()");
        let node = node.fetch_one(&pool).await.map_err(unavailable)?;
        Ok(Self {
            pool,
            at_hand: AtHand::new(),
            node,
            audit_key,
        })
    }
}

impl PgStore {
    async fn begin(&self, how: &'static str) -> Result<PgTransaction> {
        let begun = within(SILENCE, self.pool.begin_with(how)).await;
        let begun = begun.map_err(unavailable)?;
        Ok(PgTransaction::new(begun, self.node))
    }
}

#[async_trait]
impl Engine for PgStore {
    type Transaction = PgTransaction;

    /// Not `FOR UPDATE`, which would also keep those waiting who only refer to the tenant.
    const LOCK: &'static str = " FOR NO KEY UPDATE";

    fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    async fn begin_read(&self) -> Result<PgTransaction> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await
    }

    /// `READ COMMITTED`: who waited for the tenant's row then sees what was committed meanwhile.
    async fn begin_write(&self) -> Result<PgTransaction> {
        self.begin("BEGIN ISOLATION LEVEL READ COMMITTED").await
    }

    async fn hints(&self) -> Result<Option<Box<dyn Hints>>> {
        let hints = PgHints::listen(&self.pool, self.node).await?;
        Ok(Some(Box::new(hints)))
    }

    async fn fetch_alone(
        &self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()> {
        let mut connection = self.at_hand.take(&self.pool).await?;
        fetch(&mut *connection, PATIENCE, sql, args, each).await?;
        self.at_hand.keep(connection);
        Ok(())
    }

    async fn disconnect(&self) {
        self.at_hand.end();
        self.pool.close().await;
    }
}

/// Runs the migrations that are missing; nodes that start at the same time wait for each other.
async fn migrate(pool: &PgPool) -> Result<()> {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let (name, sql) = ((*name).into(), SqlStr::from_static(sql));
        Migration::new(*version, name, MigrationType::Simple, sql, false)
    });
    let mut connection = pool.acquire().await.map_err(unavailable)?;
    let migrator = Migrator::with_migrations(migrations.collect());
    // `run` is the same, but its future cannot be sent between threads.
    migrator
        .run_direct(None, &mut *connection, false)
        .await
        .map_err(migration_failed)
}
