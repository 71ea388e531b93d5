//! Relations between records, by their numbers, found from both ends.
//!
//! A relation is a set of pairs in two persistent ordered maps: adding one pair to a group of a
//! million touches a few tree nodes, and everything of one end is a range.

use std::ops::RangeInclusive;

use imbl::{HashMap, OrdMap, OrdSet};

use crate::visits::visit;

/// A relation, with a mark on each pair.
#[derive(Clone, Debug)]
pub(crate) struct Edges<M: Clone = ()> {
    forward: OrdMap<(u32, u32), M>,
    backward: OrdSet<(u32, u32)>,
    counts: HashMap<u32, u32>,
}

impl<M: Clone> Default for Edges<M> {
    fn default() -> Self {
        Self {
            forward: OrdMap::new(),
            backward: OrdSet::new(),
            counts: HashMap::new(),
        }
    }
}

impl<M: Clone> Edges<M> {
    /// Adds the pair, or changes its mark.
    pub(crate) fn insert(&mut self, from: u32, to: u32, mark: M) {
        visit();
        if self.forward.insert((from, to), mark).is_none() {
            self.backward.insert((to, from));
            *self.counts.entry(from).or_insert(0) += 1;
        }
    }

    /// Removes the pair.
    pub(crate) fn remove(&mut self, from: u32, to: u32) {
        visit();
        if self.forward.remove(&(from, to)).is_some() {
            self.backward.remove(&(to, from));
            match self.counts.get(&from).copied() {
                Some(count) if count > 1 => drop(self.counts.insert(from, count - 1)),
                _ => drop(self.counts.remove(&from)),
            }
        }
    }

    /// The pair's mark, if the pair is there.
    pub(crate) fn get(&self, from: u32, to: u32) -> Option<&M> {
        visit();
        self.forward.get(&(from, to))
    }

    /// Whether the pair is there.
    pub(crate) fn contains(&self, from: u32, to: u32) -> bool {
        visit();
        self.forward.contains_key(&(from, to))
    }

    /// What `from` points at, in the order of the numbers.
    pub(crate) fn of(&self, from: u32) -> impl Iterator<Item = (u32, &M)> {
        self.forward
            .range(all_of(from))
            .inspect(|_| visit())
            .map(|((_, to), mark)| (*to, mark))
    }

    /// What points at `to`, in the order of the numbers.
    pub(crate) fn onto(&self, to: u32) -> impl Iterator<Item = u32> {
        let all = self.backward.range(all_of(to));
        all.inspect(|_| visit()).map(|(_, from)| *from)
    }

    /// Every pair with its mark.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, &M)> {
        self.forward
            .iter()
            .map(|((from, to), mark)| (*from, *to, mark))
    }

    /// How many `from` points at.
    pub(crate) fn count(&self, from: u32) -> usize {
        self.counts
            .get(&from)
            .map_or(0, |count| usize::try_from(*count).unwrap_or(usize::MAX))
    }
}

fn all_of(number: u32) -> RangeInclusive<(u32, u32)> {
    (number, 0)..=(number, u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_from_both_ends_and_counted() {
        let mut edges = Edges::default();
        for (from, to) in [(1, 7), (1, 8), (2, 7), (1, 7)] {
            edges.insert(from, to, ());
        }
        assert_eq!(edges.of(1).map(|(to, ())| to).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(edges.onto(7).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((edges.count(1), edges.count(2), edges.count(3)), (2, 1, 0));
        edges.remove(1, 7);
        edges.remove(1, 7);
        assert_eq!(edges.onto(7).collect::<Vec<_>>(), [2]);
        assert_eq!(edges.count(1), 1);
    }
}
