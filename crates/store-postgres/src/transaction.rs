//! Running statements.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use jackfield_model::{Revision, TenantId};
use jackfield_store::sql::{Arg, Columns, EachRow, Fault, Placeholders, Transaction};
use jackfield_store::{Error, Result};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Decode, PgExecutor, Postgres, Row as _, Type};
use uuid::Uuid;

use crate::error::{commit_failed, statement_failed, unavailable};
use crate::hint::{CHANNEL, payload};
use crate::patience::{SILENCE, within};

/// A transaction; dropping it rolls back.
pub struct PgTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
    node: Uuid,
}

impl PgTransaction {
    /// One that this node began.
    pub(crate) fn new(inner: sqlx::Transaction<'static, Postgres>, node: Uuid) -> Self {
        Self { inner, node }
    }
}

#[async_trait]
impl Transaction for PgTransaction {
    const PLACEHOLDERS: Placeholders = Placeholders::Numbered;

    async fn execute(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
    ) -> std::result::Result<u64, Fault> {
        let done = within(SILENCE, query(sql, args).execute(&mut *self.inner)).await;
        done.map(|done| done.rows_affected())
            .map_err(statement_failed)
    }

    async fn fetch(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()> {
        fetch(&mut *self.inner, SILENCE, sql, args, each).await
    }

    async fn announce(&mut self, tenant: TenantId, revision: Revision) -> Result<()> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)");
        let notify = notify
            .bind(CHANNEL)
            .bind(payload(tenant, revision, self.node));
        within(SILENCE, notify.execute(&mut *self.inner))
            .await
            .map(drop)
            .map_err(unavailable)
    }

    async fn commit(self) -> Result<()> {
        let committed = within(SILENCE, self.inner.commit()).await;
        committed.map_err(commit_failed)
    }
}

/// Gives each row of a statement, if none is so long in coming.
pub(crate) async fn fetch<'e>(
    executor: impl PgExecutor<'e>,
    limit: Duration,
    sql: Cow<'static, str>,
    args: Vec<Arg>,
    each: &mut EachRow<'_>,
) -> Result<()> {
    let mut rows = query(sql, args).fetch(executor);
    while let Some(row) = within(limit, rows.try_next()).await.map_err(unavailable)? {
        each(&Found(row))?;
    }
    Ok(())
}

/// The statement comes from [`jackfield_store::sql`], which puts nothing but placeholders in it.
fn query(sql: Cow<'static, str>, args: Vec<Arg>) -> Query<'static, Postgres, PgArguments> {
    args.into_iter()
        .fold(sqlx::query(AssertSqlSafe(sql)), |query, arg| match arg {
            Arg::Uuid(id) => query.bind(id),
            Arg::Int(number) => query.bind(number),
            Arg::Bool(flag) => query.bind(flag),
            Arg::Text(text) => query.bind(text),
            Arg::Bytes(bytes) => query.bind(bytes),
        })
}

struct Found(PgRow);

impl Found {
    fn column<'r, T: Decode<'r, Postgres> + Type<Postgres>>(&'r self, at: usize) -> Result<T> {
        self.0
            .try_get(at)
            .map_err(|error| Error::Corrupt(error.to_string()))
    }
}

impl Columns for Found {
    fn uuid(&self, at: usize) -> Result<Uuid> {
        self.column(at)
    }

    fn int(&self, at: usize) -> Result<i64> {
        self.column(at)
    }

    fn bool(&self, at: usize) -> Result<bool> {
        self.column(at)
    }

    fn text(&self, at: usize) -> Result<&str> {
        self.column(at)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>> {
        self.column(at)
    }
}
