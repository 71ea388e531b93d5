//! Choosing candidates: the smallest set that an index can give for a filter.

use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, EdgeKind, Filter, Id, Kind, KindSet, MatchingRule, Principal, Record, Truth, text,
};

use super::explain::{Used, asked};
use super::{FEW, Query};
use crate::entry::composed;
use crate::index::Index;
use crate::snapshot::Snapshot;
use crate::view::AccessView;

/// So many candidates are not worth asking whether there could be fewer.
const HARDLY_ANYBODY: usize = 8;

/// The records to test.
pub(super) enum Candidates {
    /// Every record of the kinds asked for.
    All,
    /// These, ascending, each once.
    Some(Vec<u32>),
}

impl Candidates {
    /// `None` if there are more than `most`.
    pub(super) fn of(
        snapshot: &Snapshot,
        view: &AccessView,
        query: &Query<'_>,
        most: usize,
    ) -> Option<Self> {
        if let Some(only) = query.only {
            return Some(Self::Some(snapshot.number_of(only).into_iter().collect()));
        }
        let planner = Planner { snapshot, view };
        let everything = total(snapshot, query.kinds);
        let mut few = Vec::new();
        if planner
            .few(query.filter, FEW.min(most).min(everything), &mut few)
            .is_some()
        {
            return Some(Self::in_order(few));
        }
        let estimate = planner.estimate(query.filter);
        let narrowed = estimate.filter(|estimate| *estimate < everything);
        if narrowed.unwrap_or(everything) > most {
            return None;
        }
        Some(match narrowed {
            Some(_) => {
                let mut numbers = Vec::new();
                planner.collect(query.filter, &mut numbers);
                Self::in_order(numbers)
            }
            None => Self::All,
        })
    }

    fn in_order(mut numbers: Vec<u32>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        Self::Some(numbers)
    }

    pub(super) fn len(&self, snapshot: &Snapshot, kinds: KindSet) -> usize {
        match self {
            Self::All => total(snapshot, kinds),
            Self::Some(numbers) => numbers.len(),
        }
    }
}

/// What indexes are asked for a filter.
pub(super) fn used(snapshot: &Snapshot, view: &AccessView, filter: &Filter) -> Vec<Used> {
    let planner = Planner { snapshot, view };
    let mut used = Vec::new();
    planner.each_used(filter, &mut |attr, rule, assertion| {
        used.push(Used {
            attr,
            asked: asked(assertion),
            candidates: planner.estimate_match(attr, rule, assertion).unwrap_or(0),
        });
    });
    used
}

fn total(snapshot: &Snapshot, kinds: KindSet) -> usize {
    kinds.iter().map(|kind| snapshot.len(kind)).sum()
}

struct Planner<'a> {
    snapshot: &'a Snapshot,
    view: &'a AccessView,
}

impl Planner<'_> {
    /// About how many candidates the indexes give; `None` if they cannot narrow it down.
    fn estimate(&self, filter: &Filter) -> Option<usize> {
        match filter {
            Filter::Const(Truth::False | Truth::Undefined) => Some(0),
            Filter::Const(Truth::True) | Filter::Kind(_) | Filter::Not(_) | Filter::Present(_) => {
                None
            }
            Filter::And(parts) => parts.iter().filter_map(|part| self.estimate(part)).min(),
            Filter::Or(parts) => parts.iter().map(|part| self.estimate(part)).sum(),
            Filter::Element(_, inner) => self.estimate(inner),
            Filter::Match(attr, rule, assertion) => self.estimate_match(*attr, *rule, assertion),
            Filter::Composed(..) => self.estimate(&self.narrowed(filter)?),
        }
    }

    /// What an entry needs to have for a text that is made of its attributes to be this one.
    fn narrowed(&self, filter: &Filter) -> Option<Filter> {
        let rule = MatchingRule::CaseIgnore;
        let (template, whole) = match filter {
            Filter::Composed(template, own, Assertion::Equal(Key::Text(whole))) if *own == rule => {
                (template, whole)
            }
            _ => return None,
        };
        let (attr, keys) = composed::narrowed(template, self.snapshot.settings(), whole)?;
        let equal = |key| Filter::equal(attr, rule, Key::Text(key));
        Some(Filter::Or(keys.into_iter().map(equal).collect()))
    }

    fn estimate_match(
        &self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
    ) -> Option<usize> {
        if let Some(count) = self.estimate_edges(attr, rule, assertion) {
            return Some(count);
        }
        if attr == attr::EXTENSIONS_VALUE {
            // Those who have an extension of this number: seldom more than one each.
            return self.estimate_match(attr::EXTENSION_NUMBER, rule, assertion);
        }
        let mut indexes = self.snapshot.indexes().of(attr).peekable();
        indexes.peek()?;
        let counts = indexes.map(|index| self.estimate_in(index, attr, rule, assertion));
        counts.sum()
    }

    fn estimate_in(
        &self,
        index: &Index,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
    ) -> Option<usize> {
        match assertion {
            Assertion::Dialled(number) if index.serves(rule) => {
                let dialled = self.snapshot.indexes().dialled(attr)?;
                let meant = number.meant().iter().map(|one| count(dialled, one));
                Some(count(index, number.written()) + meant.sum::<usize>())
            }
            Assertion::Equal(Key::Id(_)) => Some(1),
            Assertion::Equal(key) if index.serves(rule) => {
                Some(index.key_of(key).map_or(0, |key| index.count_under(&key)))
            }
            Assertion::Substring(parts) if index.finds_parts(rule) => {
                Some(index.count_substring(parts))
            }
            Assertion::Greater(_)
            | Assertion::GreaterOrEqual(_)
            | Assertion::Less(_)
            | Assertion::LessOrEqual(_)
                if rule == index.rule() =>
            {
                // Another rule orders differently. A guess: half of what there is.
                Some(total(self.snapshot, KindSet::ALL) / 2)
            }
            _ => None,
        }
    }

    fn estimate_edges(
        &self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
    ) -> Option<usize> {
        use MatchingRule::{CaseExact, CaseIgnore};
        let Assertion::Equal(key) = assertion else {
            return None;
        };
        match (attr, key) {
            (attr::ID, _) | (attr::NUMBER, Key::Int(_)) => Some(1),
            (attr::EXTERNAL_ID, _) if rule == CaseExact => Some(1),
            (attr::EXTENSIONS_VALUE, Key::Text(_)) if matches!(rule, CaseIgnore | CaseExact) => {
                Some(1)
            }
            (attr::MEMBERS_VALUE | attr::HOLDERS, Key::Id(_)) => Some(16),
            (attr::GROUPS_VALUE, Key::Id(id)) => Some(self.snapshot.record(*id).map_or(
                0,
                |group| match group.kind {
                    Kind::Role => self.snapshot.holder_count(group),
                    _ => self.snapshot.member_edges().count(group.number.0),
                },
            )),
            _ => None,
        }
    }

    /// Adds the candidates of a filter that asks for whole values, as most do, without a look at
    /// how many there are before; `None` where it asks for something else, or finds more than
    /// `most`.
    fn few(&self, filter: &Filter, most: usize, out: &mut Vec<u32>) -> Option<()> {
        match filter {
            Filter::Or(parts) => parts
                .iter()
                .try_for_each(|part| self.few(part, most, out))?,
            Filter::Element(_, inner) => self.few(inner, most, out)?,
            Filter::And(parts) => {
                // A part that leaves hardly anybody will do; else they are compared.
                let mut own = Vec::new();
                let mut alone = parts.iter().filter(|part| {
                    own.clear();
                    self.few(part, HARDLY_ANYBODY.min(most), &mut own).is_some()
                });
                alone.next()?;
                out.append(&mut own);
            }
            Filter::Match(attr, rule, assertion) => {
                self.few_matches(*attr, *rule, assertion, most, out)?;
            }
            _ => return None,
        }
        (out.len() <= most).then_some(())
    }

    fn few_matches(
        &self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
        most: usize,
        out: &mut Vec<u32>,
    ) -> Option<()> {
        if let Some(count) = self.estimate_edges(attr, rule, assertion) {
            if count > most {
                return None;
            }
            self.collect_match(attr, rule, assertion, out);
            return Some(());
        }
        let mut indexes = self.snapshot.indexes().of(attr).peekable();
        indexes.peek()?;
        let mut all = indexes.map(|index| self.few_in(index, attr, rule, assertion, most, out));
        all.all(|few| few.is_some()).then_some(())
    }

    fn few_in(
        &self,
        index: &Index,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
        most: usize,
        out: &mut Vec<u32>,
    ) -> Option<()> {
        match assertion {
            _ if !index.serves(rule) => None,
            Assertion::Equal(Key::Id(_)) => None,
            Assertion::Equal(key) => match index.key_of(key) {
                Some(key) => index.few(&key, most, out),
                None => Some(()),
            },
            Assertion::Dialled(number) => {
                let dialled = self.snapshot.indexes().dialled(attr)?;
                few(index, rule, number.written(), most, out)?;
                let mut meant = number.meant().iter();
                // Its keys are such forms.
                meant.try_for_each(|one| few(dialled, dialled.rule(), one, most, out))
            }
            _ => None,
        }
    }

    /// Adds the candidates, possibly several times and in any order.
    fn collect(&self, filter: &Filter, out: &mut Vec<u32>) {
        self.each_used(filter, &mut |attr, rule, assertion| {
            self.collect_match(attr, rule, assertion, out);
        });
    }

    /// Gives the parts of a filter that indexes are asked for.
    fn each_used(&self, filter: &Filter, each: &mut dyn FnMut(AttrId, MatchingRule, &Assertion)) {
        match filter {
            Filter::Const(_) | Filter::Kind(_) | Filter::Not(_) | Filter::Present(_) => {}
            Filter::And(parts) => {
                let rated = parts
                    .iter()
                    .filter_map(|part| Some((self.estimate(part)?, part)));
                if let Some((_, best)) = rated.min_by_key(|(estimate, _)| *estimate) {
                    self.each_used(best, each);
                }
            }
            Filter::Or(parts) => parts.iter().for_each(|part| self.each_used(part, each)),
            Filter::Element(_, inner) => self.each_used(inner, each),
            Filter::Match(attr, rule, assertion) => each(*attr, *rule, assertion),
            Filter::Composed(..) => {
                if let Some(narrowed) = self.narrowed(filter) {
                    self.each_used(&narrowed, each);
                }
            }
        }
    }

    fn collect_match(
        &self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
        out: &mut Vec<u32>,
    ) {
        let edges = self.estimate_edges(attr, rule, assertion);
        if let (Some(_), Assertion::Equal(key)) = (edges, assertion) {
            return self.collect_edges(attr, key, out);
        }
        if attr == attr::EXTENSIONS_VALUE {
            let mut extensions = Vec::new();
            self.collect_match(attr::EXTENSION_NUMBER, rule, assertion, &mut extensions);
            let found = extensions
                .into_iter()
                .filter_map(|it| self.snapshot.numbered(it));
            return found.for_each(|extension| self.collect_holders(extension, out));
        }
        for index in self.snapshot.indexes().of(attr) {
            self.collect_in(index, attr, assertion, out);
        }
    }

    fn collect_in(&self, index: &Index, attr: AttrId, assertion: &Assertion, out: &mut Vec<u32>) {
        match assertion {
            Assertion::Dialled(number) => {
                gather(index, number.written(), out);
                if let Some(dialled) = self.snapshot.indexes().dialled(attr) {
                    for one in number.meant() {
                        gather(dialled, one, out);
                    }
                }
            }
            Assertion::Substring(parts) => index.substring(parts, out),
            Assertion::Equal(key)
            | Assertion::Greater(key)
            | Assertion::GreaterOrEqual(key)
            | Assertion::Less(key)
            | Assertion::LessOrEqual(key) => {
                let Some(key) = index.key_of(key) else { return };
                match assertion {
                    Assertion::Equal(_) => index.under(&key, out),
                    Assertion::Greater(_) | Assertion::GreaterOrEqual(_) => {
                        index.range(Some(&key), None, out);
                    }
                    _ => index.range(None, Some(&key), out),
                }
            }
            _ => {}
        }
    }

    fn collect_edges(&self, attr: AttrId, key: &Key, out: &mut Vec<u32>) {
        let snapshot = self.snapshot;
        let id = match key {
            Key::Id(id) => Some(*id),
            Key::Text(text) => Id::parse(text),
            _ => None,
        };
        let record = id.and_then(|id| snapshot.record(id));
        match (attr, key) {
            (attr::ID, _) => out.extend(record.map(|record| record.number.0)),
            (attr::NUMBER, Key::Int(number)) => out.extend(u32::try_from(*number)),
            (attr::EXTERNAL_ID, Key::Text(name)) => {
                let Principal::Connection(connection) = self.view.principal else {
                    return;
                };
                let named = snapshot.links().named(connection, name);
                out.extend(named.filter_map(|id| snapshot.number_of(id)));
            }
            (attr::MEMBERS_VALUE | attr::HOLDERS, _) => {
                let Some(member) = record else { return };
                out.extend(snapshot.member_edges().onto(member.number.0));
                out.extend(snapshot.grants_of(member).map(|(role, _)| role.number.0));
                out.extend(snapshot.roles_of(member).map(|role| role.number.0));
                for kind in [EdgeKind::Extension, EdgeKind::Desk] {
                    let places = snapshot.origins(kind, member).into_iter();
                    out.extend(places.map(|(place, _)| place.number.0));
                }
            }
            (attr::GROUPS_VALUE, _) => {
                let Some(group) = record else { return };
                match group.kind {
                    Kind::Role => out.extend(snapshot.holders(group).map(|user| user.number.0)),
                    _ => out.extend(
                        snapshot
                            .member_edges()
                            .of(group.number.0)
                            .map(|(to, ())| to),
                    ),
                }
            }
            (attr::EXTENSIONS_VALUE, Key::Text(number)) => {
                let key = text::case_ignore(number);
                let Some(extension) = snapshot.keyed(Kind::Extension, &key) else {
                    return;
                };
                self.collect_holders(extension, out);
            }
            _ => {}
        }
    }

    fn collect_holders(&self, extension: &Record, out: &mut Vec<u32>) {
        let holders = self.snapshot.targets(EdgeKind::Extension, extension);
        out.extend(holders.iter().map(|(user, _)| user.number.0));
    }
}

/// About how many numbers an index has for a whole value, or for parts of one.
fn count(index: &Index, assertion: &Assertion) -> usize {
    match assertion {
        Assertion::Equal(Key::Text(key)) => index.count(key),
        Assertion::Substring(parts) => index.count_substring(parts),
        _ => 0,
    }
}

/// Adds the numbers under what `rule` has prepared, if they are no more than `most`.
fn few(
    index: &Index,
    rule: MatchingRule,
    assertion: &Assertion,
    most: usize,
    out: &mut Vec<u32>,
) -> Option<()> {
    match assertion {
        Assertion::Equal(Key::Text(key)) => index.few(&index.key_of_prepared(rule, key), most, out),
        _ => None,
    }
}

fn gather(index: &Index, assertion: &Assertion, out: &mut Vec<u32>) {
    match assertion {
        Assertion::Equal(Key::Text(key)) => index.equal(key, out),
        Assertion::Substring(parts) => index.substring(parts, out),
        _ => {}
    }
}
