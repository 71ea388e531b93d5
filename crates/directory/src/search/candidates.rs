//! Choosing candidates: the smallest set that an index can give for a filter.

use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::{AttrId, Filter, KindSet, MatchingRule, Truth};

use super::explain::{self, Used};
use super::probe::Asked;
use super::{FEW, Query};
use crate::entry::composed;
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
        let asked = Asked { snapshot, view };
        let everything = total(snapshot, query.kinds);
        let mut few = Vec::new();
        if asked
            .few(query.filter, FEW.min(most).min(everything), &mut few)
            .is_some()
        {
            return Some(Self::in_order(few));
        }
        let estimate = asked.estimate(query.filter);
        let narrowed = estimate.filter(|estimate| *estimate < everything);
        if narrowed.unwrap_or(everything) > most {
            return None;
        }
        Some(match narrowed {
            Some(_) => {
                let mut numbers = Vec::new();
                asked.collect(query.filter, &mut numbers);
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
    let asked = Asked { snapshot, view };
    let mut used = Vec::new();
    asked.each_used(filter, &mut |attr, rule, assertion| {
        used.push(Used {
            attr,
            asked: explain::asked(assertion),
            candidates: asked.estimate_match(attr, rule, assertion).unwrap_or(0),
        });
    });
    used
}

fn total(snapshot: &Snapshot, kinds: KindSet) -> usize {
    kinds.iter().map(|kind| snapshot.len(kind)).sum()
}

impl Asked<'_> {
    /// About how many candidates the indexes give; `None` if they cannot narrow it down.
    fn estimate(self, filter: &Filter) -> Option<usize> {
        match filter {
            Filter::Const(Truth::False | Truth::Undefined) => Some(0),
            Filter::Const(Truth::True)
            | Filter::Kind(_)
            | Filter::Not(_)
            | Filter::Present(_)
            | Filter::Credential(_) => None,
            Filter::And(parts) => parts.iter().filter_map(|part| self.estimate(part)).min(),
            Filter::Or(parts) => parts.iter().map(|part| self.estimate(part)).sum(),
            Filter::Element(_, inner) => self.estimate(inner),
            Filter::Match(attr, rule, assertion) => self.estimate_match(*attr, *rule, assertion),
            Filter::Composed(..) => self.estimate(&self.narrowed(filter)?),
        }
    }

    /// What an entry needs to have for a text that is made of its attributes to be this one.
    fn narrowed(self, filter: &Filter) -> Option<Filter> {
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
        self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &Assertion,
    ) -> Option<usize> {
        let probes = self.probes(attr, rule, assertion)?;
        Some(probes.iter().map(|probe| probe.count(self)).sum())
    }

    /// Adds the candidates of a filter that asks for whole values, as most do, without a look at
    /// how many there are before; `None` where it asks for something else, or finds more than
    /// `most`.
    fn few(self, filter: &Filter, most: usize, out: &mut Vec<u32>) -> Option<()> {
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
                let probes = self.probes(*attr, *rule, assertion)?;
                let mut few = probes.iter().map(|probe| probe.gather_few(self, most, out));
                few.all(|few| few.is_some()).then_some(())?;
            }
            _ => return None,
        }
        (out.len() <= most).then_some(())
    }

    /// Adds the candidates, possibly several times and in any order.
    fn collect(self, filter: &Filter, out: &mut Vec<u32>) {
        self.each_used(filter, &mut |attr, rule, assertion| {
            let probes = self.probes(attr, rule, assertion);
            let probes = probes.iter().flatten();
            probes.for_each(|probe| probe.gather(self, out));
        });
    }

    /// Gives the parts of a filter that indexes are asked for.
    fn each_used(self, filter: &Filter, each: &mut dyn FnMut(AttrId, MatchingRule, &Assertion)) {
        match filter {
            Filter::Const(_)
            | Filter::Kind(_)
            | Filter::Not(_)
            | Filter::Present(_)
            | Filter::Credential(_) => {}
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
}
