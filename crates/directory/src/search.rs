//! Searching: candidates from the indexes, each tested, put in order, cut to a page.

mod candidates;
mod explain;
mod page;
mod probe;

use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Filter, Id, Kind, KindSet, Truth};
use smallvec::SmallVec;

use crate::entry::Entry;
use crate::evaluate::evaluate;
use crate::snapshot::{Depth, Snapshot};
use crate::view::AccessView;

use candidates::Candidates;
pub use explain::{By, Explained, Used};
pub use page::{Mark, Start};

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
    /// From here on.
    pub start: Start,
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
    /// How many of them come before the page.
    pub skipped: usize,
    /// The numbers of those on the page.
    pub numbers: Vec<u32>,
}

/// The search was ended by its [`Query::stop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was stopped")]
pub struct Stopped;

/// How to go about a search.
enum Way {
    /// Nothing is asked of the records, and they are in order.
    Nothing,
    /// Through all names in order, until the page is full.
    Names {
        /// How many there are that an index, or nothing, leaves.
        candidates: usize,
    },
    /// These are tested.
    Candidates(Candidates),
}

/// Above so many candidates a search by name goes through the names in order, and may end early.
const FEW: usize = 2_000;

/// So many records are brought near at once.
const AT_ONCE: usize = 64;

impl Snapshot {
    /// Searches what the view shows.
    ///
    /// # Errors
    /// [`Stopped`] if [`Query::stop`] said so.
    pub fn search(&self, view: &AccessView, query: &Query<'_>) -> Result<Found, Stopped> {
        let found = self.search_among(view, query, usize::MAX)?;
        Ok(found.unwrap_or_default())
    }

    /// As [`search`](Self::search), if it has no more than `most` records to look at: `None`
    /// otherwise, at once. A search of many belongs on a blocking thread.
    ///
    /// # Errors
    /// As `search`.
    pub fn search_among(
        &self,
        view: &AccessView,
        query: &Query<'_>,
        most: usize,
    ) -> Result<Option<Found>, Stopped> {
        let Some(way) = self.way(view, query, most) else {
            return Ok(None);
        };
        let found = match way {
            Way::Nothing => Ok(self.page_of_all(query)),
            Way::Names { .. } => self.search_by_name(view, query),
            Way::Candidates(candidates) => self.search_candidates(view, query, candidates),
        };
        found.map(Some)
    }

    fn search_candidates(
        &self,
        view: &AccessView,
        query: &Query<'_>,
        candidates: Candidates,
    ) -> Result<Found, Stopped> {
        let mut matching = Vec::new();
        let mut look = Look {
            snapshot: self,
            view,
            query,
            seen: 0,
        };
        match candidates {
            Candidates::Some(numbers) => look.at_all(numbers.into_iter(), &mut matching)?,
            Candidates::All => {
                for kind in query.kinds.iter() {
                    look.at_all(self.of_kind(kind), &mut matching)?;
                }
                matching.sort_unstable();
            }
        }
        self.sort(view, query.order, &mut matching);
        Ok(self.cut(view, query, matching))
    }

    /// How to go about a search, unless it has more than `most` records to look at.
    fn way(&self, view: &AccessView, query: &Query<'_>, most: usize) -> Option<Way> {
        if wants_all(view, query) {
            return (query.limit <= most).then_some(Way::Nothing);
        }
        let candidates = Candidates::of(self, view, query, most)?;
        let many = match (query.order, query.count, &query.start) {
            (Order::Name, false, Start::At(_) | Start::After(_)) => {
                Some(candidates.len(self, query.kinds)).filter(|many| *many > FEW)
            }
            _ => None,
        };
        Some(match many {
            Some(candidates) => Way::Names { candidates },
            None => Way::Candidates(candidates),
        })
    }

    /// Goes through all names in order, until the page is full.
    fn search_by_name(&self, view: &AccessView, query: &Query<'_>) -> Result<Found, Stopped> {
        let (from, wanted) = match &query.start {
            Start::At(offset) => ("", offset.saturating_add(query.limit)),
            Start::After(mark) | Start::Before(mark) => (mark.name(), query.limit),
        };
        let mut matching = Vec::new();
        let mut look = Look {
            snapshot: self,
            view,
            query,
            seen: 0,
        };
        let Some(names) = self.indexes().get(attr::COMMON_NAME) else {
            return Ok(Found::default());
        };
        for mut numbers in names.in_order(from) {
            if let Start::After(mark) = &query.start {
                numbers.retain(|number| self.is_behind(*number, mark));
            }
            // Hardly ever more than one: nothing to bring near together.
            for number in numbers {
                look.at(number, &mut matching)?;
            }
            if matching.len() > wanted {
                break;
            }
        }
        Ok(self.cut(view, query, matching))
    }
}

/// Whether nothing is to be tested and nothing to be put in order.
fn wants_all(view: &AccessView, query: &Query<'_>) -> bool {
    *query.filter == Filter::Const(Truth::True)
        && query.order == Order::Number
        && query.only.is_none()
        && query.kinds.iter().all(|kind| view.kinds.contains(kind))
        && view.attributes.contains(attr::ACTIVE)
}

/// Tests candidates.
struct Look<'a> {
    snapshot: &'a Snapshot,
    view: &'a AccessView,
    query: &'a Query<'a>,
    seen: u32,
}

impl Look<'_> {
    fn at_all(
        &mut self,
        mut numbers: impl Iterator<Item = u32>,
        matching: &mut Vec<u32>,
    ) -> Result<(), Stopped> {
        let mut next = SmallVec::<[u32; AT_ONCE]>::new();
        loop {
            next.clear();
            next.extend(numbers.by_ref().take(AT_ONCE));
            if next.is_empty() {
                return Ok(());
            }
            self.snapshot.prefetch(&next, Depth::Bag);
            for number in &next {
                self.at(*number, matching)?;
            }
        }
    }

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
