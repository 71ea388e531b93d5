//! A few numbers, in ascending order, in little room.

use std::sync::Arc;

/// How many stand in place.
const HERE: usize = 3;

/// A set of numbers that is mostly small. None of them is 0.
#[derive(Clone, Debug)]
pub(super) enum Few {
    /// In place; the rest is 0.
    Here([u32; HERE]),
    /// More than have room there.
    Apart(Arc<Vec<u32>>),
}

impl Default for Few {
    fn default() -> Self {
        Self::Here([0; HERE])
    }
}

impl Few {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::Here(numbers) => {
                let count = numbers.iter().take_while(|number| **number != 0).count();
                numbers.get(..count).unwrap_or_default()
            }
            Self::Apart(numbers) => numbers,
        }
    }

    pub(super) fn insert(&mut self, number: u32) {
        let Err(at) = self.as_slice().binary_search(&number) else {
            return;
        };
        match self {
            Self::Here([.., last @ 0]) => {
                *last = number;
                self.sort();
            }
            Self::Here(numbers) => {
                let mut numbers = numbers.to_vec();
                numbers.insert(at, number);
                *self = Self::Apart(Arc::new(numbers));
            }
            Self::Apart(numbers) => Arc::make_mut(numbers).insert(at, number),
        }
    }

    pub(super) fn remove(&mut self, number: u32) {
        let Ok(at) = self.as_slice().binary_search(&number) else {
            return;
        };
        match self {
            Self::Here(numbers) => {
                if let Some(slot) = numbers.get_mut(at) {
                    *slot = 0;
                }
                self.sort();
            }
            Self::Apart(numbers) => {
                let numbers = Arc::make_mut(numbers);
                numbers.remove(at);
                if let [a, b, c] = numbers[..] {
                    *self = Self::Here([a, b, c]);
                }
            }
        }
    }

    /// Puts what is in place in order, the empty room last.
    fn sort(&mut self) {
        if let Self::Here(numbers) = self {
            numbers.sort_unstable_by_key(|number| number.wrapping_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_in_ascending_order(steps in prop::collection::vec((any::<bool>(), 1..8u32), 0..40)) {
            let (mut few, mut set) = (Few::default(), BTreeSet::new());
            for (goes, number) in steps {
                if goes {
                    few.remove(number);
                    set.remove(&number);
                } else {
                    few.insert(number);
                    set.insert(number);
                }
                prop_assert!(few.as_slice().iter().eq(&set), "{:?} {:?}", few, set);
            }
        }
    }
}
