//! A bounded pool whose places go round among those who wait, so that one who wants many places
//! keeps nobody else waiting.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The pool. `K` tells apart those among whom its places go round.
pub(super) struct Turns<K: Clone + Eq + Hash>(Mutex<State<K>>);

struct State<K: Clone + Eq + Hash> {
    free: usize,
    /// Who waits, in the order of their turns.
    order: VecDeque<K>,
    waiting: HashMap<K, VecDeque<oneshot::Sender<Turn<K>>>>,
}

/// A place in the pool, until it is dropped.
pub(super) struct Turn<K: Clone + Eq + Hash>(Option<Arc<Turns<K>>>);

impl<K: Clone + Eq + Hash> Turns<K> {
    /// With so many places.
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            free: places,
            order: VecDeque::new(),
            waiting: HashMap::new(),
        })))
    }

    /// Waits for a place.
    pub(super) async fn take(self: &Arc<Self>, key: &K) -> Turn<K> {
        let coming = {
            let mut state = self.state();
            if let Some(left) = state.free.checked_sub(1) {
                state.free = left;
                return Turn(Some(Arc::clone(self)));
            }
            let (sender, coming) = oneshot::channel();
            if !state.waiting.contains_key(key) {
                state.order.push_back(key.clone());
            }
            state
                .waiting
                .entry(key.clone())
                .or_default()
                .push_back(sender);
            coming
        };
        // A sender goes only with a turn; the pool is not dropped while somebody waits in it.
        coming.await.unwrap_or(Turn(None))
    }

    /// Whose turn is next.
    fn next(&self) -> Option<oneshot::Sender<Turn<K>>> {
        let mut state = self.state();
        let State {
            free,
            order,
            waiting,
        } = &mut *state;
        while let Some(key) = order.pop_front() {
            let queue = waiting.get_mut(&key);
            let sender = queue.and_then(VecDeque::pop_front);
            if waiting.get(&key).is_some_and(|rest| !rest.is_empty()) {
                order.push_back(key);
            } else {
                waiting.remove(&key);
            }
            if sender.is_some() {
                return sender;
            }
        }
        *free += 1;
        None
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        let Some(pool) = self.0.take() else { return };
        while let Some(next) = pool.next() {
            match next.send(Turn(Some(Arc::clone(&pool)))) {
                Ok(()) => return,
                // That one has gone away: the place is the next one's.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_go_round_among_those_who_wait() {
        let pool = Turns::new(1);
        let first = pool.take(&'x').await;
        let told = Arc::new(Mutex::new(String::new()));
        let mut all = tokio::task::JoinSet::new();
        for key in "aaaaaabbc".chars() {
            let (pool, told) = (Arc::clone(&pool), Arc::clone(&told));
            let before = pool.state().waiting.get(&key).map_or(0, VecDeque::len);
            let taking = Arc::clone(&pool);
            all.spawn(async move {
                let _turn = taking.take(&key).await;
                told.lock().unwrap().push(key);
            });
            // In this order.
            while pool.state().waiting.get(&key).map_or(0, VecDeque::len) == before {
                tokio::task::yield_now().await;
            }
        }
        drop(first);
        while all.join_next().await.is_some() {}
        assert_eq!(*told.lock().unwrap(), "abcabaaaa");
        assert_eq!(pool.state().free, 1);
    }

    #[tokio::test]
    async fn who_goes_away_loses_no_place() {
        let pool = Turns::new(2);
        let (one, other) = (pool.take(&1).await, pool.take(&1).await);
        for _ in 0..100 {
            let pool = Arc::clone(&pool);
            let waiting = tokio::spawn(async move { pool.take(&2).await });
            tokio::task::yield_now().await;
            waiting.abort();
            let _ = waiting.await;
        }
        drop((one, other));
        assert_eq!(pool.state().free, 2);
        let _three = (pool.take(&3).await, pool.take(&3).await);
        assert_eq!(pool.state().free, 0);
    }
}
