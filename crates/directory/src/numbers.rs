//! A persistent set of record numbers, kept in small pieces so that a change copies little.

use std::sync::Arc;

use imbl::OrdMap;
use roaring::RoaringBitmap;

/// A set of record numbers: by the upper 16 bits, then a bitmap of at most 8 KiB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pieces: OrdMap<u16, Arc<RoaringBitmap>>,
    len: usize,
}

impl Numbers {
    pub(crate) fn insert(&mut self, number: u32) {
        let (high, low) = split(number);
        if Arc::make_mut(self.pieces.entry(high).or_default()).insert(low) {
            self.len += 1;
        }
    }

    pub(crate) fn remove(&mut self, number: u32) {
        let (high, low) = split(number);
        let Some(piece) = self.pieces.get_mut(&high) else {
            return;
        };
        let piece = Arc::make_mut(piece);
        if piece.remove(low) {
            self.len -= 1;
        }
        if piece.is_empty() {
            self.pieces.remove(&high);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Those from `first` on, in ascending order.
    pub(crate) fn from(&self, first: u32) -> impl Iterator<Item = u32> {
        let (first, least) = split(first);
        self.pieces.range(first..).flat_map(move |(high, piece)| {
            let least = if *high == first { least } else { 0 };
            piece.range(least..).map(|low| join(*high, low))
        })
    }

    /// How many are less than `number`.
    pub(crate) fn rank(&self, number: u32) -> usize {
        let (high, low) = split(number);
        let whole: u64 = self
            .pieces
            .range(..high)
            .map(|(_, piece)| piece.len())
            .sum();
        let part = match self.pieces.get(&high) {
            Some(piece) => piece.rank(low) - u64::from(piece.contains(low)),
            None => 0,
        };
        usize::try_from(whole + part).unwrap_or(usize::MAX)
    }

    /// In ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.pieces
            .iter()
            .flat_map(|(high, piece)| piece.iter().map(|low| join(*high, low)))
    }
}

/// A number's upper and lower 16 bits.
pub(crate) fn split(number: u32) -> (u16, u32) {
    let [a, b, ..] = number.to_be_bytes();
    (u16::from_be_bytes([a, b]), number & 0xffff)
}

/// The number with these upper and lower bits.
pub(crate) fn join(high: u16, low: u32) -> u32 {
    (u32::from(high) << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_and_found_across_pieces() {
        let mut numbers = Numbers::default();
        let all = [1, 5, 65_535, 65_536, 200_000];
        for number in all {
            numbers.insert(number);
        }
        for (number, rank) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (65_536, 3),
            (65_537, 4),
            (u32::MAX, 5),
        ] {
            assert_eq!(numbers.rank(number), rank, "{number}");
            let rest: Vec<u32> = numbers.from(number).collect();
            assert_eq!(rest, all[rank..], "{number}");
        }
    }
}
