//! What is counted of an operation of a protocol.

use std::ops::Range;
use std::time::Duration;

use super::count::{Counter, Timing};

/// One operation of a protocol: how often it ended how, and how long it took.
#[derive(Debug)]
pub struct Operation {
    pub(super) protocol: &'static str,
    pub(super) name: &'static str,
    first: u16,
    counts: Box<[Counter]>,
    /// With codes beyond those that are told apart.
    others: Counter,
    pub(super) duration: Timing,
}

impl Operation {
    pub(super) fn new(protocol: &'static str, name: &'static str, codes: Range<u16>) -> Self {
        Self {
            protocol,
            name,
            first: codes.start,
            counts: codes.map(|_| Counter::default()).collect(),
            others: Counter::default(),
            duration: Timing::default(),
        }
    }

    /// It ended with this code, after so long.
    pub fn count(&self, code: u16, took: Duration) {
        let at = code.checked_sub(self.first).map(usize::from);
        let counter = at.and_then(|at| self.counts.get(at));
        counter.unwrap_or(&self.others).one();
        self.duration.note(took);
    }

    /// The codes that it ended with, and how often; none for those that are not told apart.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = (Option<u16>, u64)> {
        let codes = (self.first..).zip(&self.counts);
        codes
            .map(|(code, count)| (Some(code), count.get()))
            .chain([(None, self.others.get())])
            .filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_apart_by_their_codes() {
        let operation = Operation::new("scim", "get", 200..300);
        for code in [200, 299, 200, 300, 199, 0, u16::MAX] {
            operation.count(code, Duration::ZERO);
        }
        let outcomes: Vec<_> = operation.outcomes().collect();
        assert_eq!(outcomes, [(Some(200), 2), (Some(299), 1), (None, 4)]);
        assert_eq!(operation.duration.spread().count, 7);
    }
}
