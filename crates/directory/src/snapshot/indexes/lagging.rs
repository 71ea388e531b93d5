//! An index that takes what moved when it is first asked.

use std::sync::{Arc, OnceLock};

use imbl::Vector;
use jackfield_model::{MatchingRule, Record};

use super::{Keys, Move};
use crate::index::Index;

/// So many moves are what a tenant is loaded by, and more than one that is served has at once.
const MUCH: usize = 5_000;

/// An index that knows of the first moves only, and of all once it was asked.
#[derive(Clone, Debug)]
pub(super) struct Lagging {
    index: Arc<Index>,
    /// How many of the moves it knows of.
    seen: usize,
    /// The index with all moves, and how many these are.
    current: OnceLock<(Arc<Index>, usize)>,
}

impl Lagging {
    pub(super) fn new(index: Index) -> Self {
        Self {
            index: Arc::new(index),
            seen: 0,
            current: OnceLock::new(),
        }
    }

    pub(super) fn rule(&self) -> MatchingRule {
        self.index.rule()
    }

    /// Adds a record at once.
    pub(super) fn add(&mut self, number: u32, keys: impl Fn(&Index) -> Keys) {
        let keys = keys(&self.index);
        exchange(&mut self.index, number, &Keys::new(), &keys);
    }

    /// The index as it is after all moves; `keys` are those under which a record stands in it.
    pub(super) fn get(
        &self,
        moves: &Vector<Move>,
        keys: impl Fn(&Index, &Record) -> Keys,
    ) -> &Index {
        if self.seen == moves.len() {
            return &self.index;
        }
        let (index, _) = self.current.get_or_init(|| {
            let mut index = Arc::clone(&self.index);
            follow(&mut index, moves, self.seen, keys);
            (index, moves.len())
        });
        index
    }

    /// Keeps what it was brought up to, before there are more moves.
    pub(super) fn absorb(&mut self) {
        if let Some((index, seen)) = self.current.take() {
            (self.index, self.seen) = (index, seen);
        }
    }

    /// Takes all moves, which are then forgotten.
    pub(super) fn settle(&mut self, moves: &Vector<Move>, keys: impl Fn(&Index, &Record) -> Keys) {
        self.absorb();
        let is_first = self.index.is_empty() && moves.iter().all(|moved| moved.before.is_none());
        if is_first && moves.len() >= MUCH {
            let records = moves.iter().filter_map(|moved| moved.after.as_deref());
            let index = &*self.index;
            let keys = records.flat_map(|record| {
                let keys = keys(index, record).into_iter();
                keys.map(|key| (key, record.number.0))
            });
            let keys = keys.collect();
            Arc::make_mut(&mut self.index).fill(keys);
        } else {
            follow(&mut self.index, moves, self.seen, keys);
        }
        self.seen = 0;
    }

    /// As [`Index::catch_up`]; all moves were taken before.
    pub(super) fn catch_up(&mut self) {
        Arc::make_mut(&mut self.index).catch_up();
    }
}

fn follow(
    index: &mut Arc<Index>,
    moves: &Vector<Move>,
    seen: usize,
    keys: impl Fn(&Index, &Record) -> Keys,
) {
    for moved in moves.iter().skip(seen) {
        let of = |record: &Option<Arc<Record>>| {
            let record = record.as_deref();
            record.map(|record| keys(index, record)).unwrap_or_default()
        };
        let (old, new) = (of(&moved.before), of(&moved.after));
        exchange(index, moved.number, &old, &new);
    }
}

/// Moves a number from under its old keys to its new ones.
fn exchange(index: &mut Arc<Index>, number: u32, old: &Keys, new: &Keys) {
    if old == new {
        return;
    }
    let index = Arc::make_mut(index);
    for key in old.iter().filter(|key| !new.contains(key)) {
        index.remove(key, number, new);
    }
    for key in new.iter().filter(|key| !old.contains(key)) {
        index.insert(key, number);
    }
}
