//! What a search would look at, for people who ask why it finds what it finds.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::{AttrId, Filter, Id, Truth};

use super::candidates::{self, Candidates};
use super::{Query, Way};
use crate::entry::Entry;
use crate::evaluate::evaluate;
use crate::snapshot::Snapshot;
use crate::view::AccessView;

/// How a search goes about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// By what it comes to the records that it looks at.
    pub by: By,
    /// At how many it looks at the most.
    pub candidates: usize,
    /// How many there are of the kinds that it is for.
    pub records: usize,
}

/// By what a search comes to the records that it looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// By nothing: nothing is asked of them, and they are in order.
    Nothing,
    /// By all of them: no index can tell them apart.
    All,
    /// By their names, in order, until there are enough.
    Names,
    /// By the one record that it is about.
    One,
    /// By indexes.
    Indexes(Vec<Used>),
}

/// What one index is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Of which attribute.
    pub attr: AttrId,
    /// What is asked of its values, as they are compared.
    pub asked: String,
    /// About how many records that gives.
    pub candidates: usize,
}

impl Snapshot {
    /// How [`search`](Self::search) goes about a query.
    pub fn explain(&self, view: &AccessView, query: &Query<'_>) -> Explained {
        let records = query.kinds.iter().map(|kind| self.len(kind)).sum();
        let (by, candidates) = match self.way(view, query, usize::MAX) {
            None | Some(Way::Nothing) => (By::Nothing, query.limit),
            Some(Way::Names { candidates }) => (By::Names, candidates),
            Some(Way::Candidates(Candidates::All)) => (By::All, records),
            Some(Way::Candidates(Candidates::Some(numbers))) => {
                let by = match query.only {
                    Some(_) => By::One,
                    None => By::Indexes(candidates::used(self, view, query.filter)),
                };
                (by, numbers.len())
            }
        };
        Explained {
            by,
            candidates,
            records,
        }
    }

    /// What a filter is of one record, if the view shows it.
    pub fn truth(&self, view: &AccessView, filter: &Filter, id: Id) -> Option<Truth> {
        let record = self.record(id).filter(|record| view.sees(record))?;
        Some(evaluate(filter, Entry::new(self, view, record)))
    }
}

/// What an assertion asks, for people.
pub(super) fn asked(assertion: &Assertion) -> String {
    match assertion {
        Assertion::Equal(key) => format!("is {}", shown(key)),
        Assertion::NotEqual(key) => format!("is not {}", shown(key)),
        Assertion::Greater(key) => format!("is after {}", shown(key)),
        Assertion::GreaterOrEqual(key) => format!("is {} or after it", shown(key)),
        Assertion::Less(key) => format!("is before {}", shown(key)),
        Assertion::LessOrEqual(key) => format!("is {} or before it", shown(key)),
        Assertion::Substring(parts) => in_parts(parts),
        Assertion::Dialled(number) => {
            let written = std::iter::once(number.written());
            let mut all: Vec<String> = Vec::new();
            for asked in written.chain(number.meant()).map(asked) {
                // What is typed can be what is meant already.
                if !all.contains(&asked) {
                    all.push(asked);
                }
            }
            all.join(", or ")
        }
        Assertion::AllBits(mask) => format!("has all bits of {mask}"),
        Assertion::AnyBit(mask) => format!("has a bit of {mask}"),
    }
}

fn in_parts(parts: &Substring) -> String {
    let initial = parts
        .initial
        .iter()
        .map(|text| format!("begins with {text:?}"));
    let any = parts.any.iter().map(|text| format!("contains {text:?}"));
    let last = parts.last.iter().map(|text| format!("ends with {text:?}"));
    let all: Vec<String> = initial.chain(any).chain(last).collect();
    all.join(" and ")
}

fn shown(key: &Key) -> String {
    match key {
        Key::Text(text) => format!("{text:?}"),
        Key::Bool(value) => value.to_string(),
        Key::Int(value) => value.to_string(),
        Key::Time(at) => at.to_rfc3339(),
        Key::Bytes(octets) => format!("{} octets", octets.len()),
        Key::Id(id) => id.to_string(),
    }
}
