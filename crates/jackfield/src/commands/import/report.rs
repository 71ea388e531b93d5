//! What is said of an import.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What came of an import.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) users: usize,
    pub(super) contacts: usize,
    pub(super) groups: usize,
    /// Extensions and desks.
    pub(super) others: usize,
    /// Members that were added to groups.
    pub(super) members: usize,
    /// People who were given their managers.
    pub(super) managers: usize,
    /// Records that were there before.
    pub(super) there: usize,
    /// Attributes without a place here, and how often they came.
    pub(super) ignored: BTreeMap<String, usize>,
    pub(super) refused: Vec<Refused>,
}

/// An entry that was not taken.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.name, self.reason)
    }
}
