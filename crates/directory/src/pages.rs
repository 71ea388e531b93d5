//! A persistent array that is found in by position.
//!
//! Cloning shares all of it, and a change copies one page and what leads to it. A position is three
//! steps away at any size, which every entry of every answer takes at least once.

use std::sync::Arc;

/// How many values are on a page.
const PAGE: usize = 64;
/// How many pages are on a shelf.
const SHELF: usize = 128;

type Page<T> = [Option<T>; PAGE];
type Shelf<T> = [Option<Arc<Page<T>>>; SHELF];

/// Values by their positions, of which most have one.
#[derive(Clone, Debug)]
pub(crate) struct Pages<T> {
    shelves: Arc<Vec<Option<Arc<Shelf<T>>>>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self {
            shelves: Arc::default(),
        }
    }
}

impl<T> Pages<T> {
    /// The value at this position.
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        let (shelf, page, place) = split(at);
        let shelf = self.shelves.get(shelf)?.as_deref()?;
        shelf.get(page)?.as_deref()?.get(place)?.as_ref()
    }

    /// Every value, in the order of the positions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        let shelves = self.shelves.iter().flatten();
        let pages = shelves.flat_map(|shelf| shelf.iter().flatten());
        pages.flat_map(|page| page.iter().flatten())
    }
}

impl<T: Clone> Pages<T> {
    /// Puts a value in the place of what was at this position, or takes that away.
    pub(crate) fn set(&mut self, at: usize, value: Option<T>) {
        if let Some(slot) = self.slot(at) {
            *slot = value;
        }
    }

    /// Changes the value at this position.
    pub(crate) fn change(&mut self, at: usize, change: impl FnOnce(&mut T))
    where
        T: Default,
    {
        if let Some(slot) = self.slot(at) {
            change(slot.get_or_insert_default());
        }
    }

    /// Where the value at this position stands.
    fn slot(&mut self, at: usize) -> Option<&mut Option<T>> {
        let (shelf, page, place) = split(at);
        let shelves = Arc::make_mut(&mut self.shelves);
        if shelves.len() <= shelf {
            shelves.resize_with(shelf + 1, || None);
        }
        let empty = || Arc::new([const { None }; SHELF]);
        let shelf = Arc::make_mut(shelves.get_mut(shelf)?.get_or_insert_with(empty));
        let empty = || Arc::new([const { None }; PAGE]);
        let page = Arc::make_mut(shelf.get_mut(page)?.get_or_insert_with(empty));
        page.get_mut(place)
    }
}

/// The shelf, the page on it, and the place on the page.
fn split(at: usize) -> (usize, usize, usize) {
    (at / (PAGE * SHELF), at / PAGE % SHELF, at % PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_position_and_stay_in_clones() {
        let at = [0, 1, 63, 64, 8_191, 8_192, 100_000];
        let mut pages = Pages::default();
        for (value, at) in at.into_iter().enumerate() {
            pages.set(at, Some(value));
        }
        let before = pages.clone();
        pages.set(64, None);
        pages.set(63, Some(7));
        assert_eq!(
            at.map(|at| before.get(at).copied()),
            [0, 1, 2, 3, 4, 5, 6].map(Some)
        );
        assert_eq!(
            (pages.get(63), pages.get(64), pages.get(65)),
            (Some(&7), None, None)
        );
        assert_eq!(pages.get(1_000_000), None);
        assert_eq!(
            before.iter().copied().collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6]
        );
    }
}
