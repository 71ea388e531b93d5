//! The indexes of a tenant, one for each attribute whose definition asks for one.

use std::sync::Arc;

use imbl::Vector;
use jackfield_model::schema::{Index as Wish, attr};
use jackfield_model::{AttrDef, AttrId, MatchingRule, Numbering, Record, Registry, Value};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::index::Index;

use lagging::Lagging;

mod lagging;

/// The indexes. Cloning shares all of them; changing one copies that one's upper nodes only.
///
/// What moves is written down, and each index takes it when it is first asked, or all do in
/// [`settle`](Self::settle): the commands of a batch, each of which is planned on a copy, then
/// cost the indexes once and not each.
#[derive(Clone, Debug)]
pub(crate) struct Indexes {
    /// In the order of the attributes.
    values: Vec<Indexed>,
    /// Of attributes that hold telephone numbers: the forms in which each is dialled.
    dialled: Vec<(AttrId, Lagging)>,
    numbering: Arc<Numbering>,
    moves: Vector<Move>,
}

/// What a record was and is.
#[derive(Clone, Debug)]
struct Move {
    number: u32,
    before: Option<Arc<Record>>,
    after: Option<Arc<Record>>,
}

/// What holds telephone numbers that are looked for in any form.
const DIALLED: [AttrId; 2] = [attr::PHONE_NUMBERS_VALUE, attr::EXTENSION_NUMBER];

/// What people see is one of these nearly always.
const NAMES: [AttrId; 2] = [attr::DISPLAY_NAME, attr::NAME_FORMATTED];

/// The index of one attribute.
#[derive(Clone, Debug)]
struct Indexed {
    of: Indexable,
    index: Lagging,
}

/// What an index is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Indexable {
    attr: AttrId,
    /// The attribute that it is a sub-attribute of.
    parent: Option<AttrId>,
    wish: Wish,
}

type Keys = SmallVec<[SmolStr; 4]>;

/// What can be done beside other work.
pub type Work<'w> = Box<dyn FnOnce() + Send + 'w>;

/// Does work, one piece after the other.
pub fn in_turn(work: Vec<Work<'_>>) {
    for it in work {
        it();
    }
}

impl Indexes {
    pub(super) fn new() -> Self {
        Self {
            values: wanted(Registry::core()).collect(),
            dialled: no_numbers(),
            numbering: Arc::default(),
            moves: Vector::new(),
        }
    }

    /// Takes another numbering plan: every number is read anew.
    pub(super) fn renumber<'r>(
        &mut self,
        numbering: &Arc<Numbering>,
        records: impl Iterator<Item = &'r Record>,
    ) {
        self.settle();
        self.numbering = Arc::clone(numbering);
        self.dialled = no_numbers();
        for record in records {
            for (attr, index) in &mut self.dialled {
                index.add(record.number.0, |_| numbers(numbering, *attr, record));
            }
        }
    }

    /// Makes them those that the registry asks for, out of all records of the tenant where there
    /// was none like it.
    pub(super) fn adopt<'r>(
        &mut self,
        registry: &Registry,
        records: &(impl Iterator<Item = &'r Record> + Clone),
    ) {
        self.settle();
        let before = std::mem::take(&mut self.values);
        for mut new in wanted(registry) {
            match before.iter().find(|old| old.is_like(&new)) {
                Some(old) => new.index = old.index.clone(),
                None => records.clone().for_each(|record| {
                    new.index
                        .add(record.number.0, |index| new.of.keys(index, record));
                }),
            }
            self.values.push(new);
        }
    }

    /// The index over the forms in which the attribute's numbers are dialled.
    pub(crate) fn dialled(&self, attr: AttrId) -> Option<&Index> {
        let mut all = self.dialled.iter();
        let (_, index) = all.find(|(id, _)| *id == attr)?;
        Some(index.get(&self.moves, |_, record| {
            numbers(&self.numbering, attr, record)
        }))
    }

    /// The indexes that together have every value of an attribute, all by one rule: its own, and
    /// for a name that of the names people see, which are not indexed twice.
    pub(crate) fn of(&self, attr: AttrId) -> impl Iterator<Item = &Index> {
        let names = NAMES.contains(&attr).then_some(attr::COMMON_NAME);
        let all = [Some(attr), names].into_iter().flatten();
        all.filter_map(|attr| self.get(attr))
    }

    /// The index of an attribute; [`of`](Self::of) for one of the [`NAMES`].
    pub(crate) fn get(&self, attr: AttrId) -> Option<&Index> {
        let at = self
            .values
            .binary_search_by_key(&attr, |indexed| indexed.of.attr)
            .ok()?;
        let Indexed { of, index } = self.values.get(at)?;
        Some(index.get(&self.moves, |index, record| of.keys(index, record)))
    }

    /// Moves a record from what it was to what it is.
    pub(super) fn replace(&mut self, before: Option<Arc<Record>>, after: Option<Arc<Record>>) {
        let Some(number) = before.as_ref().or(after.as_ref()).map(|it| it.number.0) else {
            return;
        };
        let dialled = self.dialled.iter_mut().map(|(_, index)| index);
        let values = self.values.iter_mut().map(|indexed| &mut indexed.index);
        dialled.chain(values).for_each(Lagging::absorb);
        self.moves.push_back(Move {
            number,
            before,
            after,
        });
    }

    /// Brings every index up to date.
    pub(super) fn settle(&mut self) {
        let moves = std::mem::take(&mut self.moves);
        self.work(&moves).for_each(|it| it());
    }

    /// What brings every index up to date, in pieces that do not depend on each other.
    fn work<'w>(&'w mut self, moves: &'w Vector<Move>) -> impl Iterator<Item = Work<'w>> {
        let numbering = &self.numbering;
        let values = self.values.iter_mut().map(|Indexed { of, index }| {
            let work = || index.settle(moves, |index, record| of.keys(index, record));
            Box::new(work) as Work<'_>
        });
        let dialled = self.dialled.iter_mut().map(|(attr, index)| {
            let work = || index.settle(moves, |_, record| numbers(numbering, *attr, record));
            Box::new(work) as Work<'_>
        });
        values.chain(dialled)
    }

    /// Brings every index up to date, and makes each as fast as it gets; `share` does the work,
    /// which may be much.
    pub(super) fn catch_up(&mut self, share: impl FnOnce(Vec<Work<'_>>)) {
        let moves = std::mem::take(&mut self.moves);
        share(self.work(&moves).collect());
        let dialled = self.dialled.iter_mut().map(|(_, index)| index);
        let values = self.values.iter_mut().map(|indexed| &mut indexed.index);
        dialled.chain(values).for_each(Lagging::catch_up);
    }
}

/// An empty index for each attribute whose definition asks for one, in the order of the ids.
fn wanted(registry: &Registry) -> impl Iterator<Item = Indexed> {
    let wanted = registry.iter().filter(|def| def.index != Wish::None);
    wanted.map(|def| Indexed {
        of: Indexable {
            attr: def.id,
            parent: def.parent,
            wish: def.index,
        },
        index: Lagging::new(Index::new(rule_of(def), def.index == Wish::Text)),
    })
}

impl Indexed {
    /// Whether both hold the same keys of any record.
    fn is_like(&self, other: &Self) -> bool {
        self.of == other.of && self.index.rule() == other.index.rule()
    }
}

impl Indexable {
    /// The keys under which a record stands, as the index's rule has them.
    fn keys(self, index: &Index, record: &Record) -> Keys {
        if self.attr == attr::COMMON_NAME {
            // Without a name, too: it comes first where names are gone through in order.
            return Keys::from_iter([index.key(&record.common_name())]);
        }
        let mut keys = Keys::new();
        let seen = NAMES.contains(&self.attr).then(|| record.common_name());
        let values = record.leaf(self.parent, self.attr);
        let values = values.filter(|value| seen.is_none() || value.as_str() != seen.as_deref());
        for key in values.filter_map(|value| index.key_of_value(value)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

fn no_numbers() -> Vec<(AttrId, Lagging)> {
    let empty = |attr| {
        (
            attr,
            Lagging::new(Index::new(MatchingRule::CaseExact, true)),
        )
    };
    DIALLED.into_iter().map(empty).collect()
}

/// The coarsest rule by which the attribute's values are looked for.
fn rule_of(def: &AttrDef) -> MatchingRule {
    match def.id {
        attr::PHONE_NUMBERS_VALUE | attr::EXTENSION_NUMBER => MatchingRule::Telephone,
        attr::COMMON_NAME
        | attr::DISPLAY_NAME
        | attr::NAME_FORMATTED
        | attr::NAME_FAMILY_NAME
        | attr::NAME_GIVEN_NAME => MatchingRule::AccentIgnore,
        _ => match def.rule() {
            rule @ (MatchingRule::Integer | MatchingRule::Time) => rule,
            _ => MatchingRule::CaseIgnore,
        },
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
