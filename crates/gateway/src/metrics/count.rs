//! Counters: atomic numbers, in no order with anything else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::family::Spread;

/// How often something happened.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Once more.
    pub fn one(&self) {
        self.add(1);
    }

    /// So often more.
    pub fn add(&self, times: u64) {
        self.0.fetch_add(times, Ordering::Relaxed);
    }

    /// How often by now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are of something that begins and ends.
#[derive(Debug, Default)]
pub struct Level(AtomicU64);

/// One of them, until it is dropped.
pub struct Within<'l>(&'l Level);

impl Level {
    /// One more, until what this gives is dropped.
    pub fn enter(&self) -> Within<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Within(self)
    }

    /// How many there are.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The bounds between which times are told apart, in nanoseconds: from 10 µs to 10 s.
const BOUNDS: [u64; 19] = [
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// How long something took, each time.
#[derive(Debug, Default)]
pub struct Timing {
    /// How often it took no longer than each bound and longer than the one before.
    counts: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Timing {
    /// It took so long once more.
    pub fn note(&self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let at = BOUNDS.partition_point(|bound| *bound < nanoseconds);
        let count = self.counts.get(at).unwrap_or(&self.longer);
        count.fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// How long it took by now.
    pub fn spread(&self) -> Spread {
        let mut count = 0;
        let bounds = BOUNDS.iter().zip(&self.counts).map(|(bound, own)| {
            count += own.load(Ordering::Relaxed);
            (Duration::from_nanos(*bound), count)
        });
        Spread {
            bounds: bounds.collect(),
            count: count + self.longer.load(Ordering::Relaxed),
            sum: Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_under_its_bound_and_all_above() {
        let timing = Timing::default();
        for took in [0, 10_000, 10_001, 3_000_000, 10_000_000_000, 11_000_000_000] {
            let (before, took) = (timing.spread(), Duration::from_nanos(took));
            timing.note(took);
            let after = timing.spread();
            assert_eq!(after.count, before.count + 1);
            assert_eq!(after.sum, before.sum + took);
            for ((bound, before), (_, after)) in before.bounds.iter().zip(&after.bounds) {
                assert_eq!(
                    after - before,
                    u64::from(took <= *bound),
                    "{took:?} {bound:?}"
                );
            }
        }
    }

    #[test]
    fn what_ended_is_no_longer_there() {
        let level = Level::default();
        let (one, _other) = (level.enter(), level.enter());
        assert_eq!(level.get(), 2);
        drop(one);
        assert_eq!(level.get(), 1);
    }
}
