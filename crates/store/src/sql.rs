//! The store over a relational database: everything that the SQL backends share.
//!
//! A backend implements [`Engine`] and [`Transaction`] (connections, transactions, its driver's
//! errors) and is thereby a [`Store`](crate::Store). The statements, the order in which they run
//! and how rows are written and read are the same for all, so that all answer alike.
//!
//! No statement matches, orders or folds text: keys are compared as bytes.
//!
//! | module | holds |
//! | --- | --- |
//! | [`tenant`] | a tenant's row, and what a commit makes of it |
//! | [`row`] | one change as one row of one statement |
//! | [`shape`] | the statement of each row |
//! | [`batch`] | rows that one statement takes together |
//! | `locked` | a tenant whose row is locked: committing and following
//! | `audit_log` | the audit log in its table |
//! | `exchange` | the statements about exchanges |
//! | [`read`] | rows back into the words of the model |
//! | `store` | the store itself |

mod audit_log;
pub mod batch;
mod exchange;
mod locked;
pub mod read;
pub mod row;
pub mod shape;
mod store;
pub mod tenant;

use std::borrow::Cow;

use async_trait::async_trait;
use jackfield_model::{Revision, TenantId};
use uuid::Uuid;

use crate::audit::AuditKey;
use crate::{Error, Hints, Result};

/// A database that a backend opened; a clone is another handle to the same one.
#[async_trait]
pub trait Engine: Clone + Send + Sync + 'static {
    /// Its transactions.
    type Transaction: Transaction;

    /// What makes a `SELECT` keep its row from others until the transaction ends.
    const LOCK: &'static str;

    /// The key that audit entries are sealed with.
    fn audit_key(&self) -> &AuditKey;

    /// Begins a transaction that reads everything as of one moment.
    async fn begin_read(&self) -> Result<Self::Transaction>;

    /// Begins a transaction that writes.
    async fn begin_write(&self) -> Result<Self::Transaction>;

    /// Gives each row of one statement that reads, outside of any transaction.
    async fn fetch_alone(
        &self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()>;

    /// As [`Store::listen`](crate::Store::listen).
    async fn hints(&self) -> Result<Option<Box<dyn Hints>>> {
        Ok(None)
    }

    /// Gives up the database, after the transactions that are under way; no other begins then.
    async fn disconnect(&self);
}

/// What stands for values in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholders {
    /// `$1`, `$2` and so on.
    Numbered,
    /// `?`, which SQLite need not look up one by one among all that have names.
    Plain,
}

/// A transaction; dropping it takes everything back.
#[async_trait]
pub trait Transaction: Send + 'static {
    /// What stands for the values of a statement of many rows.
    const PLACEHOLDERS: Placeholders;

    /// Runs a statement that returns nothing; returns how many rows it touched.
    async fn execute(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
    ) -> std::result::Result<u64, Fault>;

    /// Runs a query and hands over its rows as they come.
    async fn fetch(
        &mut self,
        sql: Cow<'static, str>,
        args: Vec<Arg>,
        each: &mut EachRow<'_>,
    ) -> Result<()>;

    /// Lets other nodes know, once this is committed, that the tenant moved.
    async fn announce(&mut self, tenant: TenantId, revision: Revision) -> Result<()>;

    /// Commits.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it may or may not have been committed.
    async fn commit(self) -> Result<()>;
}

/// What is done with each row of a query.
pub type EachRow<'e> = dyn FnMut(&dyn Columns) -> Result<()> + Send + 'e;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A key that must be unique is taken.
    #[error("a key that must be unique is taken")]
    Taken,
    /// The tenant that the row belongs to is not there.
    #[error("there is no such tenant")]
    Orphan,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Taken => Self::Corrupt("a key that must be unique is taken".to_owned()),
            Fault::Orphan => Self::NoTenant,
            Fault::Other(error) => error,
        }
    }
}

/// A value for a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// An id.
    Uuid(Uuid),
    /// A number, a time in microseconds, or NULL.
    Int(Option<i64>),
    /// A boolean.
    Bool(bool),
    /// Text without U+0000: JSON, or one of our own words.
    Text(Cow<'static, str>),
    /// Bytes, or NULL.
    Bytes(Option<Vec<u8>>),
}

impl Arg {
    /// A number.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is beyond what a database holds.
    pub fn number(number: u64) -> Result<Self> {
        i64::try_from(number)
            .map(|number| Self::Int(Some(number)))
            .map_err(|_| Error::Corrupt(format!("{number} is beyond what a database holds")))
    }
}

/// A row of a query, by the position of its columns.
pub trait Columns {
    /// An id.
    fn uuid(&self, at: usize) -> Result<Uuid>;
    /// A number.
    fn int(&self, at: usize) -> Result<i64>;
    /// A boolean.
    fn bool(&self, at: usize) -> Result<bool>;
    /// Text.
    fn text(&self, at: usize) -> Result<&str>;
    /// Bytes or NULL.
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>>;
}
