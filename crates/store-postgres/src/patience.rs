//! How long the server is waited for.
//!
//! A connection to a server that is gone, or behind a network that is, may say nothing for a quarter
//! of an hour. Whoever waits longer than here is told so, and the connection ends.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Result};
use tokio::time::timeout;

/// How long a caller waits for a connection, or for the answer to a question of one row.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long the server may say nothing in the middle of a transaction; longer than it waits for a
/// lock itself.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// How long a connection that does nothing may take to say that it is there.
const PROMPT: Duration = Duration::from_secs(2);

/// Waits for an answer of the server, and not for ever.
pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    timeout(limit, answer).await.unwrap_or_else(|_| {
        let silent = Error::new(ErrorKind::TimedOut, "the server does not answer");
        Err(silent.into())
    })
}

/// Asks whether a connection is there still.
pub(crate) async fn ping(connection: &mut PgConnection) -> Result<()> {
    within(PROMPT, connection.ping()).await
}
