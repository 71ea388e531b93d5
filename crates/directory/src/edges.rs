//! Relations between records, by their numbers, found from both ends.
//!
//! A relation leads from what may point at a million others (a group, a role, a place) to what few
//! point at. Its pairs stand in a persistent ordered map, so that adding one touches a few tree
//! nodes and everything of one end is a range; what points at a record, which every entry shows,
//! is listed with the record's number.

mod few;

use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use crate::hashed::HashMap;
use crate::pages::Pages;
use crate::visits::visit;
use few::Few;

/// A relation, with a mark on each pair.
#[derive(Clone, Debug)]
pub(crate) struct Edges<M: Clone = ()> {
    forward: OrdMap<(u32, u32), M>,
    backward: Pages<Few>,
    ends: HashMap<u32, End>,
}

/// One end that points at others.
#[derive(Clone, Debug, Default)]
struct End {
    count: u32,
    /// Of an end that points at [`MANY`].
    kept: Option<Arc<Kept>>,
}

/// From so many others on, what is made of them is kept.
const MANY: u32 = 1_000;

/// Octets that were made of all that one end points at, for as long as that stays as it is.
///
/// Snapshots share what they have in common, so what one of them has made is there for those that
/// follow.
#[derive(Debug, Default)]
pub(crate) struct Kept([OnceLock<Option<Arc<[u8]>>>; 2]);

impl Kept {
    /// What `make` makes, in one of two variants.
    pub(crate) fn get(
        &self,
        variant: bool,
        make: impl FnOnce() -> Option<Arc<[u8]>>,
    ) -> Option<Arc<[u8]>> {
        let Self([first, second]) = self;
        let kept = if variant { second } else { first };
        kept.get_or_init(make).clone()
    }
}

impl<M: Clone> Default for Edges<M> {
    fn default() -> Self {
        Self {
            forward: OrdMap::new(),
            backward: Pages::default(),
            ends: HashMap::default(),
        }
    }
}

impl<M: Clone> Edges<M> {
    /// Adds the pair, or changes its mark.
    pub(crate) fn insert(&mut self, from: u32, to: u32, mark: M) {
        visit();
        if self.forward.insert((from, to), mark).is_none() {
            self.backward
                .change(place(to), |origins| origins.insert(from));
            let end = self.ends.entry(from).or_default();
            end.count += 1;
            end.forget();
        }
    }

    /// Removes the pair.
    pub(crate) fn remove(&mut self, from: u32, to: u32) {
        visit();
        if self.forward.remove(&(from, to)).is_some() {
            self.backward
                .change(place(to), |origins| origins.remove(from));
            match self.ends.get_mut(&from) {
                Some(end) if end.count > 1 => {
                    end.count -= 1;
                    end.forget();
                }
                _ => drop(self.ends.remove(&from)),
            }
        }
    }

    /// The pair's mark, if the pair is there.
    pub(crate) fn get(&self, from: u32, to: u32) -> Option<&M> {
        visit();
        self.forward.get(&(from, to))
    }

    /// Whether the pair is there.
    pub(crate) fn contains(&self, from: u32, to: u32) -> bool {
        visit();
        self.forward.contains_key(&(from, to))
    }

    /// What `from` points at, in the order of the numbers.
    pub(crate) fn of(&self, from: u32) -> impl Iterator<Item = (u32, &M)> {
        self.forward
            .range(all_of(from))
            .inspect(|_| visit())
            .map(|((_, to), mark)| (*to, mark))
    }

    /// What points at `to`, in the order of the numbers.
    pub(crate) fn onto(&self, to: u32) -> impl Iterator<Item = u32> + Clone {
        let origins = self.backward.get(place(to));
        let all = origins.map_or(&[][..], Few::as_slice).iter();
        all.inspect(|_| visit()).copied()
    }

    /// Every pair with its mark.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, &M)> {
        self.forward
            .iter()
            .map(|((from, to), mark)| (*from, *to, mark))
    }

    /// How many `from` points at.
    pub(crate) fn count(&self, from: u32) -> usize {
        self.ends
            .get(&from)
            .map_or(0, |end| usize::try_from(end.count).unwrap_or(usize::MAX))
    }

    /// What is kept of all that `from` points at, if it points at many.
    pub(crate) fn kept(&self, from: u32) -> Option<&Kept> {
        self.ends.get(&from)?.kept.as_deref()
    }

    /// Forgets what was made of `to`, which is no longer what it was.
    pub(crate) fn changed(&mut self, to: u32) {
        let origins: Vec<u32> = self.onto(to).collect();
        for from in origins {
            if let Some(end) = self.ends.get_mut(&from) {
                end.forget();
            }
        }
    }

    /// Forgets all that was made of anything.
    pub(crate) fn all_changed(&mut self) {
        self.ends.iter_mut().for_each(|(_, end)| end.forget());
    }
}

impl End {
    /// Begins anew, since what it points at is no longer what it was.
    fn forget(&mut self) {
        if self.count < MANY {
            self.kept = None;
        } else if let Some(own) = self.kept.as_mut().and_then(Arc::get_mut) {
            *own = Kept::default();
        } else {
            self.kept = Some(Arc::default());
        }
    }
}

/// Where what points at a record is listed.
fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn all_of(number: u32) -> RangeInclusive<(u32, u32)> {
    (number, 0)..=(number, u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_kept_of_many_until_they_change() {
        let mut edges = Edges::default();
        (1..MANY).for_each(|to| edges.insert(7, to, ()));
        assert!(edges.kept(7).is_none(), "few");
        edges.insert(7, MANY, ());
        let made = |edges: &Edges, octet: u8| {
            let kept = edges.kept(7).unwrap();
            kept.get(true, || Some(Arc::from([octet]))).unwrap()
        };
        let before = edges.clone();
        assert_eq!(*made(&before, 1), [1]);
        assert_eq!(*made(&edges, 2), [1], "a copy has what the other has made");
        edges.changed(1);
        assert_eq!(*made(&edges, 3), [3]);
        assert_eq!(*made(&before, 4), [1]);
        edges.insert(7, MANY + 1, ());
        assert_eq!(*made(&edges, 5), [5]);
        edges.remove(7, 1);
        edges.remove(7, 2);
        assert!(edges.kept(7).is_none() && before.kept(7).is_some());
    }

    #[test]
    fn pairs_are_found_from_both_ends_and_counted() {
        let mut edges = Edges::default();
        for (from, to) in [(1, 7), (1, 8), (2, 7), (1, 7)] {
            edges.insert(from, to, ());
        }
        assert_eq!(edges.of(1).map(|(to, ())| to).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(edges.onto(7).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((edges.count(1), edges.count(2), edges.count(3)), (2, 1, 0));
        edges.remove(1, 7);
        edges.remove(1, 7);
        assert_eq!(edges.onto(7).collect::<Vec<_>>(), [2]);
        assert_eq!(edges.count(1), 1);
    }
}
