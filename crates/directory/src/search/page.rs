//! Pages of what is found: by how many come before, or next to a place in the order.

use std::cmp::Ordering;

use jackfield_model::{AttrId, Id, text};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Found, Order, Query};
use crate::entry::{Entry, Flow, ValueRef};
use crate::snapshot::Snapshot;
use crate::view::AccessView;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Behind so many of the first.
    At(usize),
    /// Behind this place.
    After(Mark),
    /// As far ahead of this place as the page is long.
    Before(Mark),
}

impl Start {
    /// The first page.
    pub const FIRST: Self = Self::At(0);
}

/// A place in an order: where one record stood. It stays where it is when records come and go,
/// the one it was made of too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    key: Option<SortKey>,
    number: u32,
}

/// What values are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum SortKey {
    /// The beginning of a prepared text.
    Text(SmolStr),
    /// A number, a moment, a truth value.
    Int(i64),
    Bytes(Vec<u8>),
    Id(Id),
}

/// Values are ordered by so many of their first octets, so that a mark stays small.
const COMPARED: usize = 256;

impl Mark {
    /// Of a place in the order of names, the name; empty in other orders.
    pub(super) fn name(&self) -> &str {
        match &self.key {
            Some(SortKey::Text(name)) => name,
            _ => "",
        }
    }
}

impl Snapshot {
    /// Whether a record comes behind this place in the order of names.
    pub(super) fn is_behind(&self, number: u32, mark: &Mark) -> bool {
        let name = self.slot(number).map_or("", |slot| slot.name_key.as_str());
        (name, number) > (mark.name(), mark.number)
    }

    /// The place of a record in an order.
    pub fn mark(&self, view: &AccessView, order: Order, number: u32) -> Mark {
        Mark {
            key: self.key(view, order, number),
            number,
        }
    }

    /// Puts numbers, which are ascending, in order.
    pub(super) fn sort(&self, view: &AccessView, order: Order, numbers: &mut [u32]) {
        match order {
            Order::Number => {}
            Order::Name => {
                let key = |number: u32| self.slot(number).map_or("", |slot| slot.name_key.as_str());
                let named = numbers.iter().map(|number| (key(*number), *number));
                let mut keyed: Vec<_> = named
                    .map(|(key, number)| (lead(key), key, number))
                    .collect();
                keyed.sort_unstable();
                for (slot, (.., number)) in numbers.iter_mut().zip(keyed) {
                    *slot = number;
                }
            }
            Order::By { .. } => {
                let mut keyed: Vec<(Option<SortKey>, u32)> = numbers
                    .iter()
                    .map(|n| (self.key(view, order, *n), *n))
                    .collect();
                keyed.sort_by(|(a, _), (b, _)| compare(order, a.as_ref(), b.as_ref()));
                for (slot, (_, number)) in numbers.iter_mut().zip(keyed) {
                    *slot = number;
                }
            }
        }
    }

    /// Cuts what matches, in order, to a page.
    pub(super) fn cut(&self, view: &AccessView, query: &Query<'_>, matching: Vec<u32>) -> Found {
        let order = query.order;
        let against = |number: u32, mark: &Mark| {
            compare(
                order,
                self.key(view, order, number).as_ref(),
                mark.key.as_ref(),
            )
            .then(number.cmp(&mark.number))
        };
        let (skipped, limit) = match &query.start {
            Start::At(offset) => ((*offset).min(matching.len()), query.limit),
            Start::After(mark) => {
                let behind = matching.partition_point(|n| against(*n, mark).is_le());
                (behind, query.limit)
            }
            Start::Before(mark) => {
                let end = matching.partition_point(|n| against(*n, mark).is_lt());
                let skipped = end.saturating_sub(query.limit);
                (skipped, end - skipped)
            }
        };
        Found {
            total: matching.len(),
            skipped,
            numbers: matching.into_iter().skip(skipped).take(limit).collect(),
        }
    }

    /// A page of everything there is, in the order of the numbers: without looking at the rest.
    pub(super) fn page_of_all(&self, query: &Query<'_>) -> Found {
        let total = query.kinds.iter().map(|kind| self.len(kind)).sum();
        let before =
            |number: u32| -> usize { query.kinds.iter().map(|k| self.rank(k, number)).sum() };
        let (skipped, limit) = match &query.start {
            Start::At(offset) => ((*offset).min(total), query.limit),
            Start::After(mark) => (before(mark.number.saturating_add(1)), query.limit),
            Start::Before(mark) => {
                let end = before(mark.number);
                let skipped = end.saturating_sub(query.limit);
                (skipped, end - skipped)
            }
        };
        let limit = limit.min(total - skipped);
        let first = least(|number| before(number) > skipped).map(|above| above - 1);
        let mut numbers: Vec<u32> = Vec::new();
        if let (Some(first), 1..) = (first, limit) {
            for kind in query.kinds.iter() {
                numbers.extend(self.of_kind_from(kind, first).take(limit));
            }
            numbers.sort_unstable();
            numbers.truncate(limit);
        }
        Found {
            total,
            skipped,
            numbers,
        }
    }

    fn key(&self, view: &AccessView, order: Order, number: u32) -> Option<SortKey> {
        match order {
            Order::Number => None,
            Order::Name => self
                .slot(number)
                .map(|slot| SortKey::Text(slot.name_key.clone())),
            Order::By { attr, .. } => self.value_key(view, attr, number),
        }
    }

    fn value_key(&self, view: &AccessView, attr: AttrId, number: u32) -> Option<SortKey> {
        let entry = Entry::new(self, view, self.numbered(number)?);
        let exact = self.registry().get(attr).is_some_and(|def| def.case_exact);
        let mut key = None;
        let _ = entry.leaf(attr, &mut |value| {
            key = Some(match value {
                ValueRef::Str(text) if exact => SortKey::Text(beginning(text).into()),
                ValueRef::Str(text) => {
                    SortKey::Text(beginning(&text::case_ignore(beginning(text))).into())
                }
                ValueRef::Bool(value) => SortKey::Int(value.into()),
                ValueRef::Int(value) => SortKey::Int(value),
                ValueRef::Time(at) => SortKey::Int(at.0),
                ValueRef::Bytes(bytes) => {
                    SortKey::Bytes(bytes.iter().take(COMPARED).copied().collect())
                }
                ValueRef::Id(id) => SortKey::Id(id),
            });
            Flow::Break(())
        });
        key
    }
}

fn compare(order: Order, a: Option<&SortKey>, b: Option<&SortKey>) -> Ordering {
    let ascending = match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    match order {
        Order::By {
            descending: true, ..
        } => ascending.reverse(),
        _ => ascending,
    }
}

/// The first octets of a key, which mostly tell already which of two comes first.
fn lead(key: &str) -> u64 {
    let mut lead = [0; 8];
    lead.iter_mut()
        .zip(key.bytes())
        .for_each(|(to, from)| *to = from);
    u64::from_be_bytes(lead)
}

fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(COMPARED))
        .unwrap_or(text)
}

/// The least number for which something holds that holds for all greater ones too.
fn least(holds: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (0, u32::MAX);
    if !holds(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_number_is_found() {
        assert_eq!(least(|number| number >= 7), Some(7));
        assert_eq!(least(|_| true), Some(0));
        assert_eq!(least(|_| false), None);
    }

    #[test]
    fn a_beginning_ends_between_characters() {
        let long = "ä".repeat(COMPARED);
        assert_eq!(beginning(&long).len(), COMPARED);
        assert_eq!(beginning(&format!("a{long}")).len(), COMPARED - 1);
        assert_eq!(beginning("a"), "a");
    }
}
