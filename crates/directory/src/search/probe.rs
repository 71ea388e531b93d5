//! What indexes and relations are asked for one comparison: decided once, for those who count what
//! comes of it and for those who gather it.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, EdgeKind, Id, Kind, KindSet, MatchingRule, Principal, Record, text};
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;

use crate::index::Index;
use crate::snapshot::Snapshot;
use crate::view::AccessView;

/// Whom they are asked of, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) view: &'a AccessView,
}

/// What they are asked: together these give all that can satisfy the comparison.
pub(super) type Probes<'a> = SmallVec<[Probe<'a>; 2]>;

/// One thing that an index or a relation is asked.
pub(super) enum Probe<'a> {
    /// Those whom a relation, or being the record itself, leads to: about so many.
    Related {
        attr: AttrId,
        key: &'a Key,
        about: usize,
    },
    /// Those under a key.
    Under(&'a Index, SmolStr),
    /// Those with parts in a value.
    Parts(&'a Index, &'a Substring),
    /// Those from one key to another.
    Range {
        index: &'a Index,
        from: Option<SmolStr>,
        to: Option<SmolStr>,
    },
    /// The holders of the extensions that these give.
    Holders(Vec<Self>),
}

impl<'a> Asked<'a> {
    /// What to ask for a comparison; `None` if nothing can tell who satisfies it.
    pub(super) fn probes(
        self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &'a Assertion,
    ) -> Option<Probes<'a>> {
        if let Some(related) = self.related(attr, rule, assertion) {
            return Some(smallvec![related]);
        }
        if attr == attr::EXTENSIONS_VALUE {
            let extensions = self.probes(attr::EXTENSION_NUMBER, rule, assertion)?;
            return Some(smallvec![Probe::Holders(extensions.into_vec())]);
        }
        let mut indexes = self.snapshot.indexes().of(attr).peekable();
        indexes.peek()?;
        let mut probes = Probes::new();
        for index in indexes {
            self.ask(index, attr, rule, assertion, &mut probes)?;
        }
        Some(probes)
    }

    fn ask(
        self,
        index: &'a Index,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &'a Assertion,
        out: &mut Probes<'a>,
    ) -> Option<()> {
        let key_of = |key| index.key_of(key);
        match assertion {
            Assertion::Dialled(number) if index.serves(rule) => {
                let dialled = self.snapshot.indexes().dialled(attr)?;
                out.extend(prepared(index, MatchingRule::Telephone, number.written()));
                // The keys of the other are such forms.
                let meant = number.meant().iter();
                out.extend(meant.filter_map(|one| prepared(dialled, dialled.rule(), one)));
            }
            Assertion::Equal(key) if index.serves(rule) || matches!(key, Key::Id(_)) => {
                out.extend(key_of(key).map(|key| Probe::Under(index, key)));
            }
            Assertion::Substring(parts) if index.finds_parts(rule) => {
                out.push(Probe::Parts(index, parts));
            }
            // Another rule orders differently.
            Assertion::Greater(key) | Assertion::GreaterOrEqual(key) if rule == index.rule() => {
                out.extend(key_of(key).map(|key| Probe::Range {
                    index,
                    from: Some(key),
                    to: None,
                }));
            }
            Assertion::Less(key) | Assertion::LessOrEqual(key) if rule == index.rule() => {
                out.extend(key_of(key).map(|key| Probe::Range {
                    index,
                    from: None,
                    to: Some(key),
                }));
            }
            _ => return None,
        }
        Some(())
    }

    fn related(
        self,
        attr: AttrId,
        rule: MatchingRule,
        assertion: &'a Assertion,
    ) -> Option<Probe<'a>> {
        use MatchingRule::{CaseExact, CaseIgnore};
        let Assertion::Equal(key) = assertion else {
            return None;
        };
        let about = match (attr, key) {
            (attr::ID, _) | (attr::NUMBER, Key::Int(_)) => 1,
            (attr::EXTERNAL_ID, _) if rule == CaseExact => 1,
            (attr::EXTENSIONS_VALUE, Key::Text(_)) if matches!(rule, CaseIgnore | CaseExact) => 1,
            (attr::MEMBERS_VALUE | attr::HOLDERS, Key::Id(_)) => 16,
            (attr::GROUPS_VALUE, Key::Id(id)) => match self.snapshot.record(*id) {
                Some(role) if role.kind == Kind::Role => self.snapshot.holder_count(role),
                Some(group) => self.snapshot.member_edges().count(group.number.0),
                None => 0,
            },
            _ => return None,
        };
        Some(Probe::Related { attr, key, about })
    }

    /// Adds those whom a relation leads to.
    fn gather_related(self, attr: AttrId, key: &Key, out: &mut Vec<u32>) {
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
                if let Some(member) = record {
                    self.gather_of(member, out);
                }
            }
            (attr::GROUPS_VALUE, _) => match record {
                Some(role) if role.kind == Kind::Role => {
                    out.extend(snapshot.holders(role).map(|user| user.number.0));
                }
                Some(group) => {
                    let members = snapshot.member_edges().of(group.number.0);
                    out.extend(members.map(|(to, ())| to));
                }
                None => {}
            },
            (attr::EXTENSIONS_VALUE, Key::Text(number)) => {
                let key = text::case_ignore(number);
                if let Some(extension) = snapshot.keyed(Kind::Extension, &key) {
                    self.gather_holders(extension, out);
                }
            }
            _ => {}
        }
    }

    /// Adds the groups, roles, extensions and desks that have this member or holder.
    fn gather_of(self, member: &Record, out: &mut Vec<u32>) {
        let snapshot = self.snapshot;
        out.extend(snapshot.member_edges().onto(member.number.0));
        out.extend(snapshot.grants_of(member).map(|(role, _)| role.number.0));
        out.extend(snapshot.roles_of(member).map(|role| role.number.0));
        for kind in [EdgeKind::Extension, EdgeKind::Desk] {
            let places = snapshot.origins(kind, member).into_iter();
            out.extend(places.map(|(place, _)| place.number.0));
        }
    }

    fn gather_holders(self, extension: &Record, out: &mut Vec<u32>) {
        let holders = self.snapshot.targets(EdgeKind::Extension, extension);
        out.extend(holders.iter().map(|(user, _)| user.number.0));
    }

    /// How many records there are.
    fn total(self) -> usize {
        KindSet::ALL
            .iter()
            .map(|kind| self.snapshot.len(kind))
            .sum()
    }
}

impl Probe<'_> {
    /// About how many it gives.
    pub(super) fn count(&self, asked: Asked<'_>) -> usize {
        match self {
            Self::Related { about, .. } => *about,
            Self::Under(index, key) => index.count_under(key),
            Self::Parts(index, parts) => index.count_substring(parts),
            // A guess.
            Self::Range { .. } => asked.total() / 2,
            // Seldom more than one each.
            Self::Holders(extensions) => extensions.iter().map(|it| it.count(asked)).sum(),
        }
    }

    /// Adds what it gives, possibly several times and in any order.
    pub(super) fn gather(&self, asked: Asked<'_>, out: &mut Vec<u32>) {
        match self {
            Self::Related { attr, key, .. } => asked.gather_related(*attr, key, out),
            Self::Under(index, key) => index.under(key, out),
            Self::Parts(index, parts) => index.substring(parts, out),
            Self::Range { index, from, to } => index.range(from.as_ref(), to.as_ref(), out),
            Self::Holders(extensions) => {
                let mut found = Vec::new();
                for probe in extensions {
                    probe.gather(asked, &mut found);
                }
                let found = found.iter().filter_map(|it| asked.snapshot.numbered(*it));
                found.for_each(|extension| asked.gather_holders(extension, out));
            }
        }
    }

    /// Adds what it gives, without a look at how many those are before, if that can be done and
    /// they are no more than `most`.
    pub(super) fn gather_few(
        &self,
        asked: Asked<'_>,
        most: usize,
        out: &mut Vec<u32>,
    ) -> Option<()> {
        match self {
            Self::Under(index, key) => index.few(key, most, out),
            Self::Related { about, .. } if *about <= most => {
                self.gather(asked, out);
                Some(())
            }
            _ => None,
        }
    }
}

/// What to ask an index for what `rule` has prepared: a whole value, or parts of one.
fn prepared<'a>(
    index: &'a Index,
    rule: MatchingRule,
    assertion: &'a Assertion,
) -> Option<Probe<'a>> {
    match assertion {
        Assertion::Equal(Key::Text(key)) => {
            Some(Probe::Under(index, index.key_of_prepared(rule, key)))
        }
        Assertion::Substring(parts) => Some(Probe::Parts(index, parts)),
        _ => None,
    }
}
