//! The trigrams of an index's values, by which parts of them are found.
//!
//! A value has many trigrams, and the set of each is copied when it changes while a snapshot holds
//! it. So changes are only written down at first, and every so many of them go into the sets
//! together; until then, what is written down is looked through.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use imbl::{OrdMap, Vector};
use jackfield_model::filter::Substring;
use roaring::RoaringBitmap;
use smol_str::SmolStr;

use crate::numbers::{join, split};

/// So many changes go into the sets together, at the most.
const LATE: usize = 128;

/// Which numbers have which trigrams in their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Grams {
    /// By trigram and the numbers' upper 16 bits.
    sets: OrdMap<u64, Arc<RoaringBitmap>>,
    /// What is not in the sets yet, in its order.
    late: Vector<Late>,
}

/// A value that came or went.
#[derive(Clone, Debug)]
struct Late {
    number: u32,
    key: SmolStr,
    /// Of one that went: the number's other values, whose trigrams stay.
    went: Option<Arc<[SmolStr]>>,
}

impl Grams {
    /// Those of values, whose numbers ascend.
    pub(super) fn of(values: &[(SmolStr, u32)]) -> Self {
        let mut gathering = Gathering::new();
        let upper = |number| split(number).0;
        for piece in values.chunk_by(|(_, a), (_, b)| upper(*a) == upper(*b)) {
            gathering.gather(piece);
        }
        let mut sets = gathering.sets;
        sets.sort_unstable_by_key(|(slot, _)| *slot);
        Self {
            sets: sets.into_iter().collect(),
            late: Vector::new(),
        }
    }

    pub(super) fn insert(&mut self, key: &SmolStr, number: u32) {
        self.put(Late {
            number,
            key: key.clone(),
            went: None,
        });
    }

    /// Takes a value of the number; `remaining` are its others.
    pub(super) fn remove(&mut self, key: &SmolStr, number: u32, remaining: &[SmolStr]) {
        self.put(Late {
            number,
            key: key.clone(),
            went: Some(remaining.into()),
        });
    }

    /// About how many [`find`](Self::find) gives.
    pub(super) fn count(&self, grams: &[u64]) -> usize {
        let rarest = grams.iter().map(|gram| self.len(*gram)).min();
        rarest.unwrap_or(0) + self.late.len()
    }

    /// The numbers that may have a value with every one of the trigrams, rarest trigram first;
    /// `parts` are what these were made of.
    pub(super) fn find(&self, grams: &[u64], parts: &Substring, out: &mut Vec<u32>) {
        let came = self.late.iter().filter(|late| late.went.is_none());
        let fitting = came.filter(|late| parts.matches(&late.key));
        out.extend(fitting.map(|late| late.number));
        let mut ranked: Vec<(usize, u64)> =
            grams.iter().map(|gram| (self.len(*gram), *gram)).collect();
        ranked.sort_unstable();
        let Some(((_, rarest), others)) = ranked.split_first() else {
            return;
        };
        for (slot, set) in self.sets.range(*rarest..=*rarest | 0xffff) {
            let high = slot & 0xffff;
            let mut left = (**set).clone();
            for (_, gram) in others {
                match self.sets.get(&(gram | high)) {
                    Some(other) => left &= &**other,
                    None => left.clear(),
                }
                if left.len() < 16 {
                    break;
                }
            }
            let high = u16::try_from(high).unwrap_or(u16::MAX);
            out.extend(left.iter().map(|low| join(high, low)));
        }
    }

    fn len(&self, gram: u64) -> usize {
        let sets = self.sets.range(gram..=gram | 0xffff);
        sets.map(|(_, set)| usize::try_from(set.len()).unwrap_or(usize::MAX))
            .sum()
    }

    fn put(&mut self, late: Late) {
        self.late.push_back(late);
        // Earlier in one index than in another, so that they do not all do it at one write.
        let early = self.sets.len() % (LATE / 2);
        if self.late.len() >= LATE - early {
            self.catch_up();
        }
    }

    /// Puts what is written down into the sets, each of which is fetched once for all that came.
    pub(super) fn catch_up(&mut self) {
        let mut came = Vec::new();
        for late in std::mem::take(&mut self.late) {
            match &late.went {
                None => {
                    let (high, low) = split(late.number);
                    let slots = trigrams(&late.key).map(|gram| gram | u64::from(high));
                    came.extend(slots.map(|slot| (slot, low)));
                }
                Some(remaining) => {
                    self.add(&mut came);
                    self.take(&late.key, late.number, remaining);
                }
            }
        }
        self.add(&mut came);
    }

    fn add(&mut self, came: &mut Vec<(u64, u32)>) {
        came.sort_unstable();
        for same in came.chunk_by(|(one, _), (other, _)| one == other) {
            let lows = same.iter().map(|(_, low)| *low);
            let Some((slot, _)) = same.first() else {
                continue;
            };
            match self.sets.get_mut(slot) {
                Some(set) => Arc::make_mut(set).extend(lows),
                None => drop(self.sets.insert(*slot, Arc::new(lows.collect()))),
            }
        }
        came.clear();
    }

    fn take(&mut self, key: &str, number: u32, remaining: &[SmolStr]) {
        let (high, low) = split(number);
        for gram in trigrams(key) {
            let is_kept = |other: &SmolStr| trigrams(other).any(|kept| kept == gram);
            if remaining.iter().any(is_kept) {
                continue;
            }
            let slot = gram | u64::from(high);
            let Some(set) = self.sets.get_mut(&slot) else {
                continue;
            };
            let set = Arc::make_mut(set);
            set.remove(low);
            if set.is_empty() {
                self.sets.remove(&slot);
            }
        }
    }
}

/// Makes the sets of very many values, one piece of the numbers after the other.
struct Gathering {
    sets: Vec<(u64, Arc<RoaringBitmap>)>,
    /// By trigram the lower bits of the numbers in this piece.
    lists: HashMap<u64, Vec<u32>, BuildHasherDefault<Spread>>,
}

/// Spreads trigrams well enough: who chooses them badly makes a start slower, and no more.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64(u64::from(*octet));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0 ^ value)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(32);
    }
}

impl Gathering {
    fn new() -> Self {
        Self {
            sets: Vec::new(),
            lists: HashMap::default(),
        }
    }

    /// Takes the values of numbers that have their upper bits in common.
    fn gather(&mut self, values: &[(SmolStr, u32)]) {
        let high = values.first().map_or(0, |(_, number)| split(*number).0);
        for (key, number) in values {
            let low = split(*number).1;
            for gram in trigrams(key) {
                let list = self.lists.entry(gram).or_default();
                if list.last() != Some(&low) {
                    list.push(low);
                }
            }
        }
        for (gram, list) in self.lists.drain() {
            let set = RoaringBitmap::from_iter(list);
            // A copy takes no more than is in it.
            let slot = gram | u64::from(high);
            self.sets.push((slot, Arc::new(set.clone())));
        }
    }
}

/// Each three bytes of the text, in the upper bits; the lower 16 are left for the numbers'.
pub(super) fn trigrams(text: &str) -> impl Iterator<Item = u64> {
    text.as_bytes().windows(3).map(|window| {
        window
            .iter()
            .fold(0u64, |gram, byte| gram << 8 | u64::from(*byte))
            << 16
    })
}
