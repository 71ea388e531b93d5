//! Searches that keep no thread from serving others, and end when nobody waits for them any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jackfield_directory::{Found, Order, Query, Start, Stopped};
use jackfield_model::{Filter, KindSet};

use crate::error::Error;
use crate::reader::Reader;

/// A search that looks at more records than this does so beside the threads that serve others.
const MANY: usize = 5_000;

/// What is looked for, and which of it is wanted.
pub struct Search {
    /// The kinds of record.
    pub kinds: KindSet,
    /// Which of them.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start,
    /// How many it has at the most.
    pub limit: usize,
}

impl Search {
    fn query<'q>(&'q self, stop: &'q (dyn Fn() -> bool + Sync)) -> Query<'q> {
        Query {
            kinds: self.kinds,
            only: None,
            filter: &self.filter,
            order: self.order,
            start: self.start.clone(),
            limit: self.limit,
            count: true,
            stop,
        }
    }
}

impl Reader {
    /// Searches, on a thread of its own if there is much to look at; all that match are counted. Dropping
    /// the future ends the search.
    ///
    /// # Errors
    /// [`Error::TimeLimit`] if it was ended, [`Error::Internal`].
    pub async fn search_beside(&self, search: Search) -> Result<Found, Error> {
        let ended = |Stopped| Error::TimeLimit;
        let at_once = self.search_among(&search.query(&|| false), MANY);
        if let Some(found) = at_once.map_err(ended)? {
            return Ok(found);
        }
        let reader = self.clone();
        let found = beside(move |stop| reader.search(&search.query(stop))).await?;
        found.map_err(ended)
    }
}

/// Works on a blocking thread, and tells the work when nobody waits for it any more.
async fn beside<T: Send + 'static>(
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> T + Send + 'static,
) -> Result<T, Error> {
    let gone = Gone::default();
    let is_gone = Arc::clone(&gone.0);
    let work = tokio::task::spawn_blocking(move || work(&|| is_gone.load(Ordering::Relaxed)));
    work.await.map_err(|_| Error::Internal)
}

/// Says that nobody waits any more, once it is dropped.
#[derive(Default)]
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = mpsc::channel();
        let work = beside(move |stop| {
            begun.send(()).unwrap();
            while !stop() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
        });
        tokio::select! {
            _ = work => panic!("it has no end of its own"),
            begun = has_begun => begun.unwrap(),
        }
        has_ended.recv().unwrap();
    }
}
