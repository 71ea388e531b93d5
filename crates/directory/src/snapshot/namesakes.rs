//! Which names several records bear that are named by what people call them: such a name alone
//! says in the tree no longer which of them is meant.

use jackfield_model::{Kind, Record, text};
use smol_str::SmolStr;

use crate::hashed::HashMap;

/// The kinds whose records are named by what people call them.
const KINDS: [Kind; 3] = [Kind::Group, Kind::Role, Kind::Desk];

/// How many records bear each name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Namesakes {
    bearers: HashMap<(Kind, SmolStr), u32>,
    /// How many names have more than one.
    shared: usize,
}

impl Namesakes {
    /// Whether another record of this kind bears the name as well.
    pub(crate) fn has(&self, kind: Kind, name: &str) -> bool {
        // Most tenants have none, and need not look.
        self.shared > 0
            && text::with_case_ignore(name, |name| {
                let bearers = self.bearers.get(&(kind, SmolStr::new(name)));
                bearers.is_some_and(|bearers| *bearers > 1)
            })
    }

    /// Counts a record in the place of what it was before.
    pub(super) fn replace(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let key = |record: &Record| {
            let is_named_so = KINDS.contains(&record.kind);
            is_named_so.then(|| (record.kind, text::case_ignore(&record.common_name())))
        };
        let (before, after) = (before.and_then(key), after.and_then(key));
        if before == after {
            return;
        }
        if let Some(key) = before {
            self.remove(&key);
        }
        if let Some(key) = after {
            let bearers = self.bearers.entry(key).or_insert(0);
            *bearers += 1;
            self.shared += usize::from(*bearers == 2);
        }
    }

    fn remove(&mut self, key: &(Kind, SmolStr)) {
        match self.bearers.get_mut(key) {
            Some(bearers) if *bearers > 1 => {
                *bearers -= 1;
                self.shared -= usize::from(*bearers == 1);
            }
            _ => drop(self.bearers.remove(key)),
        }
    }
}
