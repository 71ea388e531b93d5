//! The indexes of a tenant, one for each attribute whose definition asks for one.

use std::sync::Arc;

use jackfield_model::schema::{Index as Wish, attr};
use jackfield_model::{AttrId, MatchingRule, Record, Registry, Value};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::index::Index;

/// The indexes, in the order of the attributes. Cloning shares all of them; changing one copies
/// that one's upper nodes only.
#[derive(Clone, Debug)]
pub(crate) struct Indexes(Vec<(AttrId, Arc<Index>)>);

type Keys = SmallVec<[SmolStr; 4]>;

impl Indexes {
    pub(super) fn new() -> Self {
        let wanted = Registry::core()
            .iter()
            .filter(|def| def.index != Wish::None);
        Self(
            wanted
                .map(|def| {
                    let rule = match def.id {
                        attr::PHONE_NUMBERS_VALUE => MatchingRule::Telephone,
                        _ => MatchingRule::CaseIgnore,
                    };
                    (def.id, Arc::new(Index::new(rule, def.index == Wish::Text)))
                })
                .collect(),
        )
    }

    /// The index of an attribute.
    pub(crate) fn get(&self, attr: AttrId) -> Option<&Index> {
        let at = self.0.binary_search_by_key(&attr, |(id, _)| *id).ok()?;
        self.0.get(at).map(|(_, index)| &**index)
    }

    /// Moves a record from what it was to what it is.
    pub(super) fn replace(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let Some(number) = before.or(after).map(|record| record.number.0) else {
            return;
        };
        for (attr, index) in &mut self.0 {
            let old = before
                .map(|record| keys(index, *attr, record))
                .unwrap_or_default();
            let new = after
                .map(|record| keys(index, *attr, record))
                .unwrap_or_default();
            if old == new {
                continue;
            }
            let index = Arc::make_mut(index);
            for key in old.iter().filter(|key| !new.contains(key)) {
                index.remove(key, number, &new);
            }
            for key in new.iter().filter(|key| !old.contains(key)) {
                index.insert(key, number);
            }
        }
    }
}

fn keys(index: &Index, attr: AttrId, record: &Record) -> Keys {
    if attr == attr::COMMON_NAME {
        // Without a name, too: it comes first where names are gone through in order.
        return Keys::from_iter([index.key(&record.common_name())]);
    }
    let mut keys = Keys::new();
    let mut add = |value: &Value| {
        let Some(text) = value.as_str() else { return };
        let key = index.key(text);
        if !keys.contains(&key) {
            keys.push(key);
        }
    };
    match Registry::core().get(attr).and_then(|def| def.parent) {
        None => record.attributes.values(attr).iter().for_each(add),
        Some(parent) => {
            for element in record.attributes.values(parent) {
                element
                    .as_complex()
                    .into_iter()
                    .flat_map(|e| e.values(attr))
                    .for_each(&mut add);
            }
        }
    }
    keys
}
