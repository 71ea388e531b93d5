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
    values: Vec<(AttrId, Arc<Index>)>,
    /// Of attributes that hold telephone numbers: the forms in which each is dialled.
    dialled: Vec<(AttrId, Arc<Index>)>,
    numbering: Arc<Numbering>,
}

/// What holds telephone numbers that are looked for in any form.
const DIALLED: [AttrId; 2] = [attr::PHONE_NUMBERS_VALUE, attr::EXTENSION_NUMBER];

type Keys = SmallVec<[SmolStr; 4]>;

impl Indexes {
    pub(super) fn new() -> Self {
        let wanted = Registry::core()
            .iter()
            .filter(|def| def.index != Wish::None);
        let of = |def: &AttrDef| {
            let index = Index::new(rule_of(def.id), def.index == Wish::Text);
            (def.id, Arc::new(index))
        };
        Self {
            values: wanted.map(of).collect(),
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
            .binary_search_by_key(&attr, |(id, _)| *id)
            .ok()?;
        self.values.get(at).map(|(_, index)| &**index)
    }

    /// Moves a record from what it was to what it is.
    pub(super) fn replace(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let Some(number) = before.or(after).map(|record| record.number.0) else {
            return;
        };
        for (attr, index) in &mut self.values {
            let of = |record| keys(index, *attr, record);
            let old = before.map(of).unwrap_or_default();
            let new = after.map(of).unwrap_or_default();
            exchange(index, number, &old, &new);
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

fn no_numbers() -> Vec<(AttrId, Arc<Index>)> {
    let empty = |attr| (attr, Arc::new(Index::new(MatchingRule::CaseExact, true)));
    DIALLED.into_iter().map(empty).collect()
}

/// The coarsest rule by which the attribute's values are looked for.
fn rule_of(attr: AttrId) -> MatchingRule {
    match attr {
        attr::PHONE_NUMBERS_VALUE | attr::EXTENSION_NUMBER => MatchingRule::Telephone,
        attr::COMMON_NAME | attr::DISPLAY_NAME | attr::NAME_FAMILY_NAME | attr::NAME_GIVEN_NAME => {
            MatchingRule::AccentIgnore
        }
        _ => MatchingRule::CaseIgnore,
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
    let mut keys = Keys::new();
    each_text(attr, record, &mut |text| {
        for form in numbering.forms(text) {
            if !keys.contains(&form) {
                keys.push(form);
            }
        }
    });
    keys
}

fn keys(index: &Index, attr: AttrId, record: &Record) -> Keys {
    if attr == attr::COMMON_NAME {
        // Without a name, too: it comes first where names are gone through in order.
        return Keys::from_iter([index.key(&record.common_name())]);
    }
    let mut keys = Keys::new();
    each_text(attr, record, &mut |text| {
        let key = index.key(text);
        if !keys.contains(&key) {
            keys.push(key);
        }
    });
    keys
}

/// Each text that the record's own attribute, or sub-attribute of its elements, has.
fn each_text(attr: AttrId, record: &Record, each: &mut dyn FnMut(&str)) {
    let mut one = |value: &Value| value.as_str().into_iter().for_each(&mut *each);
    match Registry::core().get(attr).and_then(|def| def.parent) {
        None => record.attributes.values(attr).iter().for_each(one),
        Some(parent) => {
            let elements = record.attributes.values(parent).iter();
            for element in elements.filter_map(Value::as_complex) {
                element.values(attr).iter().for_each(&mut one);
            }
        }
    }
}
