//! Record numbers, found by the hash of what the records bear.
//!
//! What they bear is in the records and not kept here again: whoever looks something up gets the
//! numbers of those that may bear it, nearly always one, and looks at the record.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::quality::RandomState;
use imbl::shared_ptr::DefaultSharedPtr;
use imbl::{GenericHashMap, Vector};

/// A persistent map in no order.
pub(crate) type HashMap<K, V> = GenericHashMap<K, V, RandomState, DefaultSharedPtr>;

/// A persistent table that grows by one bucket at a time (linear hashing), so that no insertion
/// costs much more than another.
#[derive(Clone, Debug)]
pub(crate) struct Hashed {
    hasher: RandomState,
    /// A power of two of them, and some that halves were moved to already.
    buckets: Vector<Bucket>,
    len: usize,
}

/// Hashes with their numbers, in order.
type Bucket = Arc<[(u32, u32)]>;

/// How many a bucket has, on average.
const BUCKET: usize = 48;

impl Default for Hashed {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            buckets: Vector::unit(Bucket::default()),
            len: 0,
        }
    }
}

impl Hashed {
    /// Says that the record with this number bears `key`.
    pub(crate) fn insert(&mut self, key: &impl Hash, number: u32) {
        let entry = (self.hash(key), number);
        let Some(bucket) = self.bucket_mut(entry.0) else {
            return;
        };
        let Err(at) = bucket.binary_search(&entry) else {
            return;
        };
        let (before, behind) = bucket.split_at(at);
        let all = before.iter().chain([&entry]).chain(behind);
        *bucket = all.copied().collect();
        self.len += 1;
        if self.len > self.buckets.len() * BUCKET {
            self.grow();
        }
    }

    /// Says that it no longer does.
    pub(crate) fn remove(&mut self, key: &impl Hash, number: u32) {
        let entry = (self.hash(key), number);
        let Some(bucket) = self.bucket_mut(entry.0) else {
            return;
        };
        if bucket.binary_search(&entry).is_ok() {
            let others = bucket.iter().filter(|other| **other != entry);
            *bucket = others.copied().collect();
            self.len -= 1;
        }
    }

    /// The numbers of the records that may bear `key`.
    pub(crate) fn find<K: Hash>(&self, key: &K) -> impl Iterator<Item = u32> + use<'_, K> {
        let hash = self.hash(key);
        let bucket = self.buckets.get(place(hash, self.buckets.len()));
        let bucket = bucket.map_or(&[][..], |bucket| bucket);
        let first = bucket.partition_point(|(other, _)| *other < hash);
        let rest = bucket.iter().skip(first);
        rest.take_while(move |(other, _)| *other == hash)
            .map(|(_, number)| *number)
    }

    /// Adds a bucket, to which the half of another goes.
    fn grow(&mut self) {
        let count = self.buckets.len() + 1;
        let from = place(u32::try_from(count - 1).unwrap_or(u32::MAX), count - 1);
        let Some(bucket) = self.buckets.get_mut(from) else {
            return;
        };
        let (go, stay) = bucket
            .iter()
            .copied()
            .partition::<Vec<_>, _>(|(hash, _)| place(*hash, count) == count - 1);
        *bucket = stay.into();
        self.buckets.push_back(go.into());
    }

    fn bucket_mut(&mut self, hash: u32) -> Option<&mut Bucket> {
        self.buckets.get_mut(place(hash, self.buckets.len()))
    }

    fn hash(&self, key: &impl Hash) -> u32 {
        let [a, b, c, d, ..] = self.hasher.hash_one(key).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

/// Which of `count` buckets a hash belongs to.
fn place(hash: u32, count: usize) -> usize {
    let hash = usize::try_from(hash).unwrap_or(usize::MAX);
    let round = count.next_power_of_two();
    match hash & (round - 1) {
        place if place < count => place,
        beyond => beyond & (round / 2 - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_until_it_is_removed_and_copies_stay_as_they_were() {
        let mut table = Hashed::default();
        let has = |table: &Hashed, key: u32| table.find(&key).any(|number| number == key + 7);
        for key in 0..10_000 {
            table.insert(&key, key + 7);
            table.insert(&key, key + 7);
        }
        assert_eq!(table.len, 10_000);
        assert!(table.buckets.iter().all(|bucket| bucket.len() < 4 * BUCKET));
        let before = table.clone();
        for key in (0..10_000).step_by(3) {
            table.remove(&key, key + 7);
            table.remove(&key, key);
        }
        for key in 0..10_000 {
            assert!(has(&before, key));
            assert_eq!(has(&table, key), key % 3 != 0, "{key}");
        }
    }

    #[test]
    fn several_may_bear_the_same() {
        let mut table = Hashed::default();
        table.insert(&"anna", 1);
        table.insert(&"anna", 2);
        assert_eq!(table.find(&"anna").collect::<Vec<_>>(), [1, 2]);
        table.remove(&"anna", 1);
        assert_eq!(table.find(&"anna").collect::<Vec<_>>(), [2]);
        assert_eq!(table.find(&"berta").count(), 0);
    }
}
