//! Members that connections named before anybody was known by that name.

use imbl::OrdSet;
use jackfield_model::{Id, Pending};
use smol_str::SmolStr;
use uuid::Uuid;

use crate::hashed::HashMap;

/// The pending members of a tenant, found by their group and by what they are called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    by_group: OrdSet<Pending>,
    by_name: OrdSet<(SmolStr, Id, Id)>,
    counts: HashMap<Id, usize>,
}

impl Expected {
    pub(super) fn put(&mut self, pending: &Pending) {
        if self.by_group.insert(pending.clone()).is_none() {
            self.by_name.insert(by_name(pending));
            *self.counts.entry(pending.group).or_insert(0) += 1;
        }
    }

    pub(super) fn remove(&mut self, pending: &Pending) {
        if self.by_group.remove(pending).is_none() {
            return;
        }
        self.by_name.remove(&by_name(pending));
        match self.count(pending.group) {
            0 | 1 => drop(self.counts.remove(&pending.group)),
            several => drop(self.counts.insert(pending.group, several - 1)),
        }
    }

    pub(crate) fn contains(&self, pending: &Pending) -> bool {
        self.by_group.contains(pending)
    }

    /// How many a group has.
    pub(crate) fn count(&self, group: Id) -> usize {
        self.counts.get(&group).copied().unwrap_or(0)
    }

    /// Those of a group.
    pub(crate) fn of(&self, group: Id) -> impl Iterator<Item = &Pending> {
        let first = Pending {
            group,
            connection: Id(Uuid::nil()),
            name: SmolStr::default(),
        };
        self.by_group
            .range(first..)
            .take_while(move |pending| pending.group == group)
    }

    /// Those of this name, which is prepared already.
    pub(crate) fn named(&self, name: &SmolStr) -> impl Iterator<Item = Pending> {
        let (from, to) = (Id(Uuid::nil()), Id(Uuid::max()));
        self.by_name
            .range((name.clone(), from, from)..=(name.clone(), to, to))
            .map(|(name, connection, group)| Pending {
                group: *group,
                connection: *connection,
                name: name.clone(),
            })
    }

    /// All of them, by group.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.by_group.iter()
    }
}

fn by_name(pending: &Pending) -> (SmolStr, Id, Id) {
    (pending.name.clone(), pending.connection, pending.group)
}
