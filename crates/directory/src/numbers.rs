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
