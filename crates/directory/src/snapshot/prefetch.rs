//! Bringing records near before they are looked at.
//!
//! A record is some steps away from its number, and of a million records each step waits for
//! memory. Whoever looks at one record after the other waits for all steps of all of them; taken one
//! step at a time for many records, the processor waits for many at once.

use std::hint::black_box;

use jackfield_model::Record;
use smallvec::SmallVec;

use super::Snapshot;

/// How much of a record is brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The record and its bag: what testing it takes.
    Bag,
    /// And what its values keep outside of the bag: what writing it takes.
    Values,
}

impl Snapshot {
    /// Brings the records with these numbers, some dozens at the most, near.
    pub fn prefetch(&self, numbers: &[u32], depth: Depth) {
        let records = numbers.iter().filter_map(|number| self.numbered(*number));
        let records: SmallVec<[&Record; 16]> = records.map(|record| &**record).collect();
        let each = |touch: fn(&Record) -> usize| {
            let touched = records.iter().map(|record| touch(record));
            black_box(touched.fold(0, usize::wrapping_add));
        };
        each(|record| record.attributes.is_empty().into());
        each(|record| record.attributes.touch());
        if depth == Depth::Values {
            each(|record| record.attributes.touch_values());
        }
    }
}
