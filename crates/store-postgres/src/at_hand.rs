//! Connections kept for single statements, which nodes ask all the time.
//!
//! The pool tests each connection that it is given back, which is a second question for each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jackfield_store::Result;
use sqlx::Postgres;
use sqlx::postgres::PgPool;

use crate::FRESH;
use crate::error::unavailable;
use crate::patience::ping;

/// How many are kept at the most; whoever finds none takes one of the pool's.
const KEPT: usize = 2;

/// The connections, until the store is disconnected; a clone is another handle to the same ones.
#[derive(Clone, Debug)]
pub(crate) struct AtHand(Arc<Mutex<Option<Vec<Kept>>>>);

#[derive(Debug)]
struct Kept {
    connection: PoolConnection,
    since: Instant,
}

pub(crate) type PoolConnection = sqlx::pool::PoolConnection<Postgres>;

impl AtHand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(Vec::new()))))
    }

    /// One that works, or did a moment ago. Whoever has finished with it gives it to
    /// [`keep`](Self::keep); dropped in the middle of something, it goes to the pool, which tests it.
    pub(crate) async fn take(&self, pool: &PgPool) -> Result<PoolConnection> {
        while let Some(mut kept) = self.with(|all| all.as_mut()?.pop()) {
            if kept.since.elapsed() <= FRESH || ping(&mut kept.connection).await.is_ok() {
                return Ok(kept.connection);
            }
        }
        pool.acquire().await.map_err(unavailable)
    }

    /// Keeps a connection that has nothing left to tell.
    pub(crate) fn keep(&self, connection: PoolConnection) {
        let since = Instant::now();
        self.with(|all| {
            if let Some(all) = all.as_mut().filter(|all| all.len() < KEPT) {
                all.push(Kept { connection, since });
            }
        });
    }

    /// Gives all back to the pool, and keeps none from now on.
    pub(crate) fn end(&self) {
        drop(self.with(Option::take));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Option<Vec<Kept>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
