//! Searching: candidates from the indexes, each tested, put in order, cut to a page.

mod candidates;

use std::cmp::Ordering;

use jackfield_model::{AttrId, Filter, Id, Kind, KindSet, Truth, text};
use smol_str::SmolStr;

use crate::entry::{Entry, Flow, ValueRef};
use crate::evaluate::evaluate;
use crate::snapshot::Snapshot;
use crate::view::AccessView;

use candidates::Candidates;

/// What to search for.
pub struct Query<'q> {
    /// Records of these kinds.
    pub kinds: KindSet,
    /// This record only.
    pub only: Option<Id>,
    /// Those that match this.
    pub filter: &'q Filter,
    /// In this order.
    pub order: Order,
    /// Leaving out so many of the first.
    pub offset: usize,
    /// And giving no more than so many.
    pub limit: usize,
    /// Whether all matches must be counted. Without it a search may end with its page.
    pub count: bool,
    /// Asked now and then; `true` ends the search.
    pub stop: &'q (dyn Fn() -> bool + Sync),
}

/// The order of what is found. Ties go by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In which the records were made.
    Number,
    /// Of the names people see.
    Name,
    /// Of the values of a leaf; entries without one come last, or, descending, first
    /// (RFC 7644 §3.4.2.3).
    By {
        /// The leaf.
        attr: AttrId,
        /// Whether the greatest comes first.
        descending: bool,
    },
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many match; without [`Query::count`] at least as many as are known to.
    pub total: usize,
    /// The numbers of those on the page.
    pub numbers: Vec<u32>,
}

/// The search was ended by its [`Query::stop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was stopped")]
pub struct Stopped;

/// Above so many candidates a search by name goes through the names in order, and may end early.
const FEW: usize = 2_000;

impl Snapshot {
    /// Searches what the view shows.
    ///
    /// # Errors
    /// [`Stopped`] if [`Query::stop`] said so.
    pub fn search(&self, view: &AccessView, query: &Query<'_>) -> Result<Found, Stopped> {
        let candidates = Candidates::of(self, view, query);
        if query.order == Order::Name && !query.count && candidates.len(self, query.kinds) > FEW {
            return self.search_by_name(view, query);
        }
        let mut matching = Vec::new();
        let mut look = Look {
            snapshot: self,
            view,
            query,
            seen: 0,
        };
        match candidates {
            Candidates::Some(numbers) => {
                for number in numbers {
                    look.at(number, &mut matching)?;
                }
            }
            Candidates::All => {
                for kind in query.kinds.iter() {
                    for number in self.of_kind(kind) {
                        look.at(number, &mut matching)?;
                    }
                }
                matching.sort_unstable();
            }
        }
        self.sort(view, query.order, &mut matching);
        let total = matching.len();
        let page = matching
            .into_iter()
            .skip(query.offset)
            .take(query.limit)
            .collect();
        Ok(Found {
            total,
            numbers: page,
        })
    }

    /// How many candidates a search looks at.
    pub fn cost(&self, view: &AccessView, query: &Query<'_>) -> usize {
        candidates::cost(self, view, query)
    }

    /// Goes through all names in order, until the page is full.
    fn search_by_name(&self, view: &AccessView, query: &Query<'_>) -> Result<Found, Stopped> {
        let wanted = query.offset.saturating_add(query.limit);
        let mut matching = Vec::new();
        let mut look = Look {
            snapshot: self,
            view,
            query,
            seen: 0,
        };
        let Some(names) = self
            .indexes()
            .get(jackfield_model::schema::attr::COMMON_NAME)
        else {
            return Ok(Found::default());
        };
        for (_, numbers) in names.in_order() {
            for number in numbers {
                look.at(number, &mut matching)?;
            }
            if matching.len() > wanted {
                break;
            }
        }
        let total = matching.len();
        let page = matching
            .into_iter()
            .skip(query.offset)
            .take(query.limit)
            .collect();
        Ok(Found {
            total,
            numbers: page,
        })
    }

    fn sort(&self, view: &AccessView, order: Order, numbers: &mut [u32]) {
        match order {
            Order::Number => {}
            Order::Name => numbers.sort_by(|a, b| {
                let key = |number: u32| self.slot(number).map(|slot| &slot.name_key);
                key(*a).cmp(&key(*b))
            }),
            Order::By { attr, descending } => {
                let mut keyed: Vec<(Option<SortKey>, u32)> = numbers
                    .iter()
                    .map(|n| (self.sort_key(view, attr, *n), *n))
                    .collect();
                keyed.sort_by(|(a, _), (b, _)| {
                    let order = match (a, b) {
                        (Some(a), Some(b)) => a.cmp(b),
                        (Some(_), None) => Ordering::Less,
                        (None, Some(_)) => Ordering::Greater,
                        (None, None) => Ordering::Equal,
                    };
                    if descending { order.reverse() } else { order }
                });
                for (slot, (_, number)) in numbers.iter_mut().zip(keyed) {
                    *slot = number;
                }
            }
        }
    }

    fn sort_key(&self, view: &AccessView, attr: AttrId, number: u32) -> Option<SortKey> {
        let entry = Entry::new(self, view, self.numbered(number)?);
        let exact = jackfield_model::Registry::core()
            .get(attr)
            .is_some_and(|def| def.case_exact);
        let mut key = None;
        let _ = entry.leaf(attr, &mut |value| {
            key = Some(match value {
                ValueRef::Str(text) if exact => SortKey::Text(text.into()),
                ValueRef::Str(text) => SortKey::Text(text::case_ignore(text)),
                ValueRef::Bool(value) => SortKey::Int(value.into()),
                ValueRef::Int(value) => SortKey::Int(value),
                ValueRef::Time(at) => SortKey::Int(at.0),
                ValueRef::Bytes(bytes) => SortKey::Bytes(bytes.to_vec()),
                ValueRef::Id(id) => SortKey::Id(id),
            });
            Flow::Break(())
        });
        key
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Text(SmolStr),
    Int(i64),
    Bytes(Vec<u8>),
    Id(Id),
}

/// Tests candidates.
struct Look<'a> {
    snapshot: &'a Snapshot,
    view: &'a AccessView,
    query: &'a Query<'a>,
    seen: u32,
}

impl Look<'_> {
    fn at(&mut self, number: u32, matching: &mut Vec<u32>) -> Result<(), Stopped> {
        self.seen = self.seen.wrapping_add(1);
        if self.seen.is_multiple_of(1_024) && (self.query.stop)() {
            return Err(Stopped);
        }
        let Some(record) = self.snapshot.numbered(number) else {
            return Ok(());
        };
        let wanted = self.query.kinds.contains(record.kind)
            && self.query.only.is_none_or(|only| only == record.id)
            && self.view.sees(record);
        let entry = Entry::new(self.snapshot, self.view, record);
        if wanted && evaluate(self.query.filter, entry) == Truth::True {
            matching.push(number);
        }
        Ok(())
    }
}

/// The kinds of record that SCIM calls groups.
pub const GROUP_KINDS: KindSet = KindSet::of(&[Kind::Group, Kind::Role]);
