//! The operations of one connection that go on: searches being looked for, and searches whose
//! entries are being sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::Semaphore;
use tokio::task::{self, JoinSet};

use crate::counted::Counted;
use crate::search::{Plan, Search, Turn};
use crate::wire::Output;

/// Octets that one search writes before the next has its turn.
const TURN: usize = 16 * 1024;

/// The operations that go on.
#[derive(Default)]
pub(crate) struct Operations {
    /// In the order of their turns.
    sending: VecDeque<Search>,
    looking: Vec<Looking>,
    tasks: JoinSet<Search>,
}

/// A search that is being looked for on another thread.
#[derive(Debug)]
struct Looking {
    id: i32,
    task: task::Id,
    cancelled: Arc<AtomicBool>,
}

impl Operations {
    /// How many go on.
    pub(crate) fn len(&self) -> usize {
        self.sending.len() + self.looking.len()
    }

    /// Whether none goes on.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether one with this message ID goes on.
    pub(crate) fn contains(&self, id: i32) -> bool {
        self.sending.iter().any(|search| search.id == id)
            || self.looking.iter().any(|looking| looking.id == id)
    }

    /// Ends one without a word (RFC 4511 §4.11).
    pub(crate) fn abandon(&mut self, id: i32) {
        self.sending.retain(|search| search.id != id);
        self.looking.retain(|looking| {
            let stays = looking.id != id;
            looking.cancelled.fetch_or(!stays, Ordering::Relaxed);
            stays
        });
    }

    /// Adds a search whose entries are to be sent.
    pub(crate) fn send(&mut self, search: Search) {
        self.sending.push_back(search);
    }

    /// Looks for the entries of a long search on a thread of its own, once there is one.
    pub(crate) fn look(&mut self, id: i32, plan: Plan, threads: &Arc<Semaphore>) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let (threads, stop) = (Arc::clone(threads), Arc::clone(&cancelled));
        let task = self.tasks.spawn(async move {
            // The semaphore is never closed; without a permit the search would run all the same.
            let permit = threads.acquire_owned().await;
            let looked = task::spawn_blocking(move || {
                let _permit = permit;
                plan.run(&stop)
            });
            match looked.await {
                Ok(search) => search,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        });
        self.looking.push(Looking {
            id,
            task: task.id(),
            cancelled,
        });
    }

    /// Writes entries, each search in its turn, until `out` has `mark` octets, a turn took long, or
    /// there are none. Says whether a search ended.
    pub(crate) fn write(&mut self, out: &mut Output, mark: usize, counted: &Counted) -> Turn {
        let mut outcome = Turn::Full;
        while out.len() < mark {
            let Some(mut search) = self.sending.pop_front() else {
                break;
            };
            let turn = search.write(out, mark.min(out.len() + TURN));
            match turn {
                Turn::Ended => {
                    search.count(counted);
                    outcome = turn;
                    continue;
                }
                Turn::Full => {}
                Turn::Over => outcome = turn,
            }
            self.sending.push_back(search);
            if turn == Turn::Over {
                break;
            }
        }
        outcome
    }

    /// Waits for a search that is being looked for; gives it, or the message ID of one that
    /// failed. Never ready while there is none.
    pub(crate) fn poll_found(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<Search>, i32>> {
        loop {
            let (task, search) = match ready!(self.tasks.poll_join_next_with_id(cx)) {
                None => return Poll::Pending,
                Some(Ok((task, search))) => (task, Some(search)),
                Some(Err(error)) => (error.id(), None),
            };
            let Some(at) = self.looking.iter().position(|looking| looking.task == task) else {
                continue;
            };
            let id = self.looking.swap_remove(at).id;
            return Poll::Ready(search.map(Box::new).ok_or(id));
        }
    }
}

/// Nobody waits any more.
impl Drop for Operations {
    fn drop(&mut self) {
        for looking in &self.looking {
            looking.cancelled.store(true, Ordering::Relaxed);
        }
    }
}
