//! Running statements.

use std::borrow::Cow;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use jackfield_model::{Revision, TenantId};
use jackfield_store::sql::{Arg, Columns, EachRow, Fault, Placeholders, Transaction};
use jackfield_store::{Error, Result};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row as _, Sqlite, SqliteExecutor, Type};
use uuid::Uuid;

use crate::error::{commit_failed, statement_failed, unavailable};

/// A transaction; dropping it rolls back.
pub struct SqliteTransaction(pub(crate) sqlx::Transaction<'static, Sqlite>);

#[async_trait]
impl Transaction for SqliteTransaction {
    const PLACEHOLDERS: Placeholders = Placeholders::Plain;

    async fn execute(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
    ) -> std::result::Result<u64, Fault> {
        let done = query(sql, args).execute(&mut *self.0).await;
        done.map(|done| done.rows_affected())
            .map_err(statement_failed)
    }

    async fn fetch(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()> {
        fetch(&mut *self.0, sql, args, each).await
    }

    /// Nothing: other processes look for themselves.
    async fn announce(&mut self, _: TenantId, _: Revision) -> Result<()> {
        Ok(())
    }

    async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(|error| commit_failed(&error))
    }
}

/// Gives each row of a statement.
pub(crate) async fn fetch<'e>(
    executor: impl SqliteExecutor<'e>,
    sql: Cow<'static, str>,
    args: Vec<Arg>,
    each: &mut EachRow<'_>,
) -> Result<()> {
    let mut rows = query(sql, args).fetch(executor);
    while let Some(row) = rows.try_next().await.map_err(unavailable)? {
        each(&Found(row))?;
    }
    Ok(())
}

/// The statement comes from [`jackfield_store::sql`], which puts nothing but placeholders in it.
fn query(sql: Cow<'static, str>, args: Vec<Arg>) -> Query<'static, Sqlite, SqliteArguments> {
    args.into_iter()
        .fold(sqlx::query(AssertSqlSafe(sql)), |query, arg| match arg {
            Arg::Uuid(id) => query.bind(id),
            Arg::Int(number) => query.bind(number),
            Arg::Bool(flag) => query.bind(flag),
            Arg::Text(text) => query.bind(text),
            Arg::Bytes(bytes) => query.bind(bytes),
        })
}

struct Found(SqliteRow);

impl Found {
    fn column<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, at: usize) -> Result<T> {
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
