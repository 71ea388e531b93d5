//! The operations of one connection that go on: searches being looked for, and searches whose
//! entries are being sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::Semaphore;
use tokio::task::{self, AbortHandle, JoinSet};

use crate::counted::Counted;
use crate::search::{Search, Turn};
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
    task: AbortHandle,
    cancelled: Arc<AtomicBool>,
}

impl Operations {
    /// How many take up room: those that go on, and those that were abandoned and are not over.
    pub(crate) fn held(&self) -> usize {
        self.sending.len() + self.tasks.len()
    }

    /// Whether none goes on.
    pub(crate) fn is_empty(&self) -> bool {
        self.sending.is_empty() && self.looking.is_empty()
    }

    /// Whether one with this message ID goes on.
    pub(crate) fn contains(&self, id: i32) -> bool {
        self.sending.iter().any(|search| search.id == id)
            || self.looking.iter().any(|looking| looking.id == id)
    }

    /// Ends one without a word (RFC 4511 §4.11): what waits for a thread is dropped, and what has
    /// one leaves it.
    pub(crate) fn abandon(&mut self, id: i32) {
        self.sending.retain(|search| search.id != id);
        self.looking.retain(|looking| {
            let stays = looking.id != id;
            if !stays {
                looking.cancelled.store(true, Ordering::Relaxed);
                looking.task.abort();
            }
            stays
        });
    }

    /// Adds a search whose entries are to be sent.
    pub(crate) fn send(&mut self, search: Search) {
        self.sending.push_back(search);
    }

    /// Looks for the entries of a long search on a thread of its own, once there is one. `run` is
    /// told when nobody waits for them.
    pub(crate) fn look(
        &mut self,
        id: i32,
        threads: &Arc<Semaphore>,
        run: impl FnOnce(&AtomicBool) -> Search + Send + 'static,
    ) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let (threads, stop) = (Arc::clone(threads), Arc::clone(&cancelled));
        let task = self.tasks.spawn(async move {
            // The semaphore is never closed; without a permit the search would run all the same.
            let permit = threads.acquire_owned().await;
            let looked = task::spawn_blocking(move || {
                let _permit = permit;
                run(&stop)
            });
            match looked.await {
                Ok(search) => search,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        });
        self.looking.push(Looking {
            id,
            task,
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
    /// failed, or nothing of one that was abandoned and is over. Never ready while there is none.
    pub(crate) fn poll_found(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Box<Search>, i32>>> {
        let (task, search) = match ready!(self.tasks.poll_join_next_with_id(cx)) {
            None => return Poll::Pending,
            Some(Ok((task, search))) => (task, Some(search)),
            Some(Err(error)) => (error.id(), None),
        };
        let mut looking = self.looking.iter();
        let at = looking.position(|looking| looking.task.id() == task);
        let found = at.map(|at| {
            let id = self.looking.swap_remove(at).id;
            search.map(Box::new).ok_or(id)
        });
        Poll::Ready(found)
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn nothing_is_left_of_what_was_abandoned_while_it_waited() {
        let (threads, plan) = (Arc::new(Semaphore::new(0)), Arc::new(()));
        let mut operations = Operations::default();
        for id in 1..=40 {
            let held = Arc::clone(&plan);
            operations.look(id, &threads, move |_| {
                drop(held);
                unreachable!("there is no thread for it")
            });
            operations.abandon(id);
            assert!(operations.is_empty() && !operations.contains(id));
            assert!(operations.held() > 0, "it counts until it is over");
            let over = poll_fn(|cx| operations.poll_found(cx)).await;
            assert!(over.is_none());
            assert_eq!((operations.held(), Arc::strong_count(&plan)), (0, 1));
        }
    }

    #[tokio::test]
    async fn what_was_abandoned_while_it_ran_is_told_so() {
        let threads = Arc::new(Semaphore::new(1));
        let mut operations = Operations::default();
        let (begun, begins) = mpsc::channel();
        operations.look(7, &threads, move |stop| {
            begun.send(()).unwrap();
            while !stop.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            panic!("nobody waits for it")
        });
        let begun = task::spawn_blocking(move || begins.recv());
        begun.await.unwrap().unwrap();
        operations.abandon(7);
        assert!(poll_fn(|cx| operations.poll_found(cx)).await.is_none());
        drop(threads.acquire().await.unwrap());
    }
}
