//! The indexes of a tenant, one for each attribute whose definition asks for one.

use std::sync::Arc;

use jackfield_model::schema::{Index as Wish, attr};
use jackfield_model::{AttrDef, AttrId, MatchingRule, Numbering, Record, Registry, Value};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::index::Index;

/// The indexes. Cloning shares all of them; changing one copies that one's upper nodes only.
#[derive(Clone, Debug)]
pub(crate) struct Indexes {
    /// In the order of the attributes.
    values: Vec<Indexed>,
    /// Of attributes that hold telephone numbers: the forms in which each is dialled.
    dialled: Vec<(AttrId, Arc<Index>)>,
    numbering: Arc<Numbering>,
}

/// What holds telephone numbers that are looked for in any form.
const DIALLED: [AttrId; 2] = [attr::PHONE_NUMBERS_VALUE, attr::EXTENSION_NUMBER];

/// The index of one attribute.
#[derive(Clone, Debug)]
struct Indexed {
    attr: AttrId,
    /// The attribute that it is a sub-attribute of.
    parent: Option<AttrId>,
    wish: Wish,
    index: Arc<Index>,
}

type Keys = SmallVec<[SmolStr; 4]>;

impl Indexes {
    pub(super) fn new() -> Self {
        Self {
            values: wanted(Registry::core()).collect(),
            dialled: no_numbers(),
            numbering: Arc::default(),
        }
    }

    /// Takes another numbering plan: every number is read anew.
    pub(super) fn renumber<'r>(
        &mut self,
        numbering: &Arc<Numbering>,
        records: impl Iterator<Item = &'r Record>,
    ) {
        self.numbering = Arc::clone(numbering);
        self.dialled = no_numbers();
        for record in records {
            self.redial(record.number.0, None, Some(record));
        }
    }

    /// Makes them those that the registry asks for, out of all records of the tenant where there
    /// was none like it.
    pub(super) fn adopt<'r>(
        &mut self,
        registry: &Registry,
        records: &(impl Iterator<Item = &'r Record> + Clone),
    ) {
        let before = std::mem::take(&mut self.values);
        for mut new in wanted(registry) {
            match before.iter().find(|old| old.is_like(&new)) {
                Some(old) => new.index = Arc::clone(&old.index),
                None => records
                    .clone()
                    .for_each(|record| new.replace(record.number.0, None, Some(record))),
            }
            self.values.push(new);
        }
    }

    /// The index over the forms in which the attribute's numbers are dialled.
    pub(crate) fn dialled(&self, attr: AttrId) -> Option<&Index> {
        let mut all = self.dialled.iter();
        let (_, index) = all.find(|(id, _)| *id == attr)?;
        Some(index)
    }

    /// The index of an attribute.
    pub(crate) fn get(&self, attr: AttrId) -> Option<&Index> {
        let at = self
            .values
            .binary_search_by_key(&attr, |indexed| indexed.attr)
            .ok()?;
        self.values.get(at).map(|indexed| &*indexed.index)
    }

    /// Moves a record from what it was to what it is.
    pub(super) fn replace(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let Some(number) = before.or(after).map(|record| record.number.0) else {
            return;
        };
        for indexed in &mut self.values {
            indexed.replace(number, before, after);
        }
        self.redial(number, before, after);
    }

    fn redial(&mut self, number: u32, before: Option<&Record>, after: Option<&Record>) {
        for (attr, index) in &mut self.dialled {
            let of = |record| numbers(&self.numbering, *attr, record);
            let old = before.map(of).unwrap_or_default();
            let new = after.map(of).unwrap_or_default();
            exchange(index, number, &old, &new);
        }
    }
}

/// An empty index for each attribute whose definition asks for one, in the order of the ids.
fn wanted(registry: &Registry) -> impl Iterator<Item = Indexed> {
    let wanted = registry.iter().filter(|def| def.index != Wish::None);
    wanted.map(|def| Indexed {
        attr: def.id,
        parent: def.parent,
        wish: def.index,
        index: Arc::new(Index::new(rule_of(def), def.index == Wish::Text)),
    })
}

impl Indexed {
    /// Whether both hold the same keys of any record.
    fn is_like(&self, other: &Self) -> bool {
        (self.attr, self.parent, self.wish) == (other.attr, other.parent, other.wish)
            && self.index.rule() == other.index.rule()
    }

    /// Moves a record from what it was to what it is.
    fn replace(&mut self, number: u32, before: Option<&Record>, after: Option<&Record>) {
        let old = before.map(|record| self.keys(record)).unwrap_or_default();
        let new = after.map(|record| self.keys(record)).unwrap_or_default();
        exchange(&mut self.index, number, &old, &new);
    }

    fn keys(&self, record: &Record) -> Keys {
        if self.attr == attr::COMMON_NAME {
            // Without a name, too: it comes first where names are gone through in order.
            return Keys::from_iter([self.index.key(&record.common_name())]);
        }
        let mut keys = Keys::new();
        let values = record.leaf(self.parent, self.attr);
        for key in values.filter_map(|value| self.index.key_of_value(value)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

fn no_numbers() -> Vec<(AttrId, Arc<Index>)> {
    let empty = |attr| (attr, Arc::new(Index::new(MatchingRule::CaseExact, true)));
    DIALLED.into_iter().map(empty).collect()
}

/// The coarsest rule by which the attribute's values are looked for.
fn rule_of(def: &AttrDef) -> MatchingRule {
    match def.id {
        attr::PHONE_NUMBERS_VALUE | attr::EXTENSION_NUMBER => MatchingRule::Telephone,
        attr::COMMON_NAME | attr::DISPLAY_NAME | attr::NAME_FAMILY_NAME | attr::NAME_GIVEN_NAME => {
            MatchingRule::AccentIgnore
        }
        _ => match def.rule() {
            rule @ (MatchingRule::Integer | MatchingRule::Time) => rule,
            _ => MatchingRule::CaseIgnore,
        },
    }
}

/// Moves a number from under its old keys to its new ones.
fn exchange(index: &mut Arc<Index>, number: u32, old: &Keys, new: &Keys) {
    if old == new {
        return;
    }
    let index = Arc::make_mut(index);
    for key in old.iter().filter(|key| !new.contains(key)) {
        index.remove(key, number, new);
    }
    for key in new.iter().filter(|key| !old.contains(key)) {
        index.insert(key, number);
    }
}

fn numbers(numbering: &Numbering, attr: AttrId, record: &Record) -> Keys {
    let parent = Registry::core().get(attr).and_then(|def| def.parent);
    let texts = record.leaf(parent, attr).filter_map(Value::as_str);
    let mut keys = Keys::new();
    for form in texts.flat_map(|text| numbering.forms(text)) {
        if !keys.contains(&form) {
            keys.push(form);
        }
    }
    keys
}
