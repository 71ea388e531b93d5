//! The keys of an index in order, each with its numbers, in small packed blocks.
//!
//! A key that one record alone has, which most are, takes no more than its own letters and eight
//! octets.

use std::sync::Arc;

use imbl::OrdMap;
use smol_str::SmolStr;

use super::block::{Block, MOST, To};
use crate::numbers::Numbers;

/// Keys in order with their numbers.
#[derive(Clone, Debug)]
pub(super) struct Sorted {
    /// Each by a key that none in it is less than, and all in those before it are.
    blocks: OrdMap<SmolStr, Arc<Block>>,
    /// The numbers of those keys that have, or had, several.
    several: OrdMap<SmolStr, Box<Numbers>>,
    len: usize,
}

/// The numbers of a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Posting<'a> {
    One(u32),
    Several(&'a Numbers),
}

/// Stands in a block for numbers that are kept apart.
const SEVERAL: u32 = u32::MAX;

impl Default for Sorted {
    fn default() -> Self {
        Self {
            blocks: OrdMap::unit(SmolStr::default(), Arc::new(Block::of(&[]))),
            several: OrdMap::new(),
            len: 0,
        }
    }
}

impl Sorted {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, key: &str) -> Option<Posting<'_>> {
        let (_, block) = self.blocks.get_prev(key)?;
        let at = block.find(key).ok()?;
        self.posting(block, at)
    }

    pub(super) fn insert(&mut self, key: &str, number: u32) {
        let Some((_, block)) = self.blocks.get_prev_mut(key) else {
            return;
        };
        match block.find(key) {
            Err(at) => {
                *block = Arc::new(block.with(at, key, number));
                self.len += 1;
                if block.is_large() {
                    let block = Arc::clone(block);
                    self.divide(key, &block, at);
                }
            }
            Ok(at) => match block.number(at) {
                Some(SEVERAL) => {
                    if let Some(numbers) = self.several.get_mut(key) {
                        numbers.insert(number);
                    }
                }
                Some(other) if other != number => {
                    *block = Arc::new(block.with_number(at, SEVERAL));
                    let mut numbers = Box::<Numbers>::default();
                    numbers.insert(other);
                    numbers.insert(number);
                    self.several.insert(key.into(), numbers);
                }
                _ => {}
            },
        }
    }

    pub(super) fn remove(&mut self, key: &str, number: u32) {
        let Some((first, block)) = self.blocks.get_prev(key) else {
            return;
        };
        let Ok(at) = block.find(key) else { return };
        match block.number(at) {
            Some(SEVERAL) => {
                let Some(numbers) = self.several.get_mut(key) else {
                    return;
                };
                numbers.remove(number);
                if numbers.len() > 0 {
                    return;
                }
                self.several.remove(key);
            }
            only if only == Some(number) => {}
            _ => return,
        }
        self.len -= 1;
        let (first, block) = (first.clone(), Arc::new(block.without(at)));
        match block.len() == 0 && !first.is_empty() {
            true => self.blocks.remove(&first),
            false => self.blocks.insert(first, block),
        };
    }

    /// The numbers of each key in the range, in the order of the keys.
    pub(super) fn range<'a>(
        &'a self,
        from: &str,
        to: To<'a>,
    ) -> impl Iterator<Item = Posting<'a>> + use<'a> {
        self.places(from, to)
            .filter_map(|(block, at)| self.posting(block, at))
    }

    /// The numbers of each key for which something holds.
    pub(super) fn filter<'a>(
        &'a self,
        holds: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = Posting<'a>> {
        let mut key = String::new();
        let fitting = self.places("", To::End).filter(move |(block, at)| {
            key.clear();
            key.push_str(block.shared());
            key.push_str(block.rest(*at));
            holds(&key)
        });
        fitting.filter_map(|(block, at)| self.posting(block, at))
    }

    fn places<'a>(
        &'a self,
        from: &str,
        to: To<'a>,
    ) -> impl Iterator<Item = (&'a Block, usize)> + use<'a> {
        let first = self.blocks.get_prev(from);
        let skipped = first.map_or(0, |(_, block)| block.end(To::Before(from)));
        let first = first.map_or(SmolStr::default(), |(first, _)| first.clone());
        let blocks = self.blocks.range(first..);
        let within = blocks.take_while(move |(first, _)| to.admits(first));
        within.enumerate().flat_map(move |(nth, (_, block))| {
            let from = if nth == 0 { skipped } else { 0 };
            (from..block.end(to)).map(move |at| (&**block, at))
        })
    }

    fn posting(&self, block: &Block, at: usize) -> Option<Posting<'_>> {
        match block.number(at)? {
            SEVERAL => {
                let numbers = self.several.get(&block.key(at))?;
                Some(Posting::Several(numbers))
            }
            number => Some(Posting::One(number)),
        }
    }

    /// Makes two blocks of one, to which the key at this place was just added. What comes in order
    /// leaves full blocks behind.
    fn divide(&mut self, key: &str, block: &Block, at: usize) {
        let middle = match at + 1 == block.len() {
            true => at,
            false => block.len() / 2,
        };
        if let Some((_, left)) = self.blocks.get_prev_mut(key) {
            *left = Arc::new(block.part(0, middle));
        }
        let right = block.part(middle, block.len());
        self.blocks.insert(right.key(0), Arc::new(right));
    }
}

impl FromIterator<(SmolStr, u32)> for Sorted {
    /// Of keys in order, and the numbers of each in order.
    fn from_iter<T: IntoIterator<Item = (SmolStr, u32)>>(all: T) -> Self {
        let mut sorted = Self::default();
        let mut block: Vec<(SmolStr, u32)> = Vec::with_capacity(MOST);
        for (key, number) in all {
            match block.last_mut() {
                Some((last, SEVERAL)) if *last == key => {
                    if let Some(numbers) = sorted.several.get_mut(&key) {
                        numbers.insert(number);
                    }
                }
                Some((last, other)) if *last == key => {
                    let mut numbers = Box::<Numbers>::default();
                    numbers.insert(*other);
                    numbers.insert(number);
                    sorted.several.insert(key, numbers);
                    *other = SEVERAL;
                }
                _ => {
                    if block.len() == FILLED {
                        sorted.append(&block);
                        block.clear();
                    }
                    block.push((key, number));
                }
            }
        }
        sorted.append(&block);
        sorted
    }
}

/// How many keys a block has to begin with.
const FILLED: usize = MOST * 7 / 8;

impl Sorted {
    fn append(&mut self, block: &[(SmolStr, u32)]) {
        let first = match self.len {
            0 => SmolStr::default(),
            _ => block
                .first()
                .map(|(key, _)| key.clone())
                .unwrap_or_default(),
        };
        self.len += block.len();
        self.blocks.insert(first, Arc::new(Block::of(block)));
    }
}

impl To<'_> {
    /// Whether a key can lie before the end.
    fn admits(self, key: &str) -> bool {
        match self {
            Self::End => true,
            Self::Including(end) => key <= end,
            Self::Before(end) => key < end,
            Self::Prefix(prefix) => key <= prefix || key.starts_with(prefix),
        }
    }
}

impl Posting<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Several(numbers) => numbers.len(),
        }
    }

    pub(super) fn extend(self, out: &mut Vec<u32>) {
        match self {
            Self::One(number) => out.push(number),
            Self::Several(numbers) => out.extend(numbers.iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    type Model = BTreeMap<SmolStr, BTreeSet<u32>>;

    /// Few letters, so that keys are alike, begin alike and are long now and then.
    fn key() -> impl Strategy<Value = SmolStr> {
        let letters = proptest::sample::select(vec!["", "a", "ä", "b", "aa", "aä", "ba", "bb"]);
        let long = prop_oneof![9 => Just(0usize), 1 => 100usize..1_000];
        (letters.clone(), long, letters).prop_map(|(first, long, last)| {
            SmolStr::from(format!("{first}{}{last}", "ä".repeat(long)))
        })
    }

    fn listed<'a>(postings: impl Iterator<Item = Posting<'a>>) -> Vec<Vec<u32>> {
        let numbers = |posting: Posting<'_>| {
            let mut out = Vec::new();
            posting.extend(&mut out);
            assert_eq!(out.len(), posting.len());
            out
        };
        postings.map(numbers).collect()
    }

    fn expected(model: &Model, holds: impl Fn(&str) -> bool) -> Vec<Vec<u32>> {
        let held = model.iter().filter(|(key, _)| holds(key));
        held.map(|(_, numbers)| numbers.iter().copied().collect())
            .collect()
    }

    fn agree(sorted: &Sorted, model: &Model, from: &str, to: &str) {
        assert_eq!(sorted.len(), model.len());
        let all = listed(sorted.range("", To::End));
        assert_eq!(all, expected(model, |_| true));
        assert_eq!(all, listed(sorted.filter(|_| true)));
        assert_eq!(
            listed(sorted.filter(|key| key.contains('b'))),
            expected(model, |key| key.contains('b'))
        );
        assert_eq!(
            listed(sorted.range(from, To::Before(to))),
            expected(model, |key| from <= key && key < to)
        );
        assert_eq!(
            listed(sorted.range(from, To::Including(to))),
            expected(model, |key| from <= key && key <= to)
        );
        assert_eq!(
            listed(sorted.range(from, To::Prefix(from))),
            expected(model, |key| key.starts_with(from))
        );
        assert_eq!(
            listed(sorted.get(from).into_iter()),
            expected(model, |key| key == from)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_as_a_map_of_sets_is(
            begin in proptest::collection::btree_set((key(), 0u32..9), 0..400),
            changes in proptest::collection::vec((any::<bool>(), key(), 0u32..9), 0..400),
            from in key(),
            to in key(),
        ) {
            let mut model = Model::new();
            for (key, number) in &begin {
                model.entry(key.clone()).or_default().insert(*number);
            }
            let mut sorted: Sorted = begin.into_iter().collect();
            agree(&sorted, &model, &from, &to);
            let (before, was) = (sorted.clone(), model.clone());
            for (comes, key, number) in changes {
                if comes {
                    sorted.insert(&key, number);
                    model.entry(key).or_default().insert(number);
                } else {
                    sorted.remove(&key, number);
                    if let Some(numbers) = model.get_mut(&key) {
                        numbers.remove(&number);
                        if numbers.is_empty() {
                            model.remove(&key);
                        }
                    }
                }
            }
            agree(&sorted, &model, &from, &to);
            agree(&before, &was, &from, &to);
        }
    }

    #[test]
    fn what_comes_in_order_fills_the_blocks() {
        let mut sorted = Sorted::default();
        for number in 0..10_000 {
            sorted.insert(&format!("{number:05}"), number);
        }
        assert!(sorted.blocks.len() < 10_000 / MOST + 2);
        for number in 0..10_000 {
            sorted.remove(&format!("{number:05}"), number);
        }
        assert_eq!((sorted.len(), sorted.blocks.len()), (0, 1));
    }
}
