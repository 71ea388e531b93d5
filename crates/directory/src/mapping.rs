//! Which roles the mapping rules of a tenant give to whom.
//!
//! What a user is given depends on the groups above it alone, so it is worked out from the user
//! upwards: however large its groups are, nobody else is looked at.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jackfield_access::catalogue::{CustomRole, HowMany};
use jackfield_model::mapping::fits;
use jackfield_model::schema::attr;
use jackfield_model::{GroupMatch, Id, Kind, MappingRule, Record, text};
use smol_str::SmolStr;

use crate::snapshot::Snapshot;

/// The mapping rules of a tenant, found by what they ask for.
#[derive(Debug, Default)]
pub(crate) struct Mappings {
    rules: Vec<MappingRule>,
    by_name: HashMap<SmolStr, Vec<usize>>,
    by_id: HashMap<SmolStr, Vec<usize>>,
    patterns: Vec<(SmolStr, usize)>,
}

/// A role that a rule gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mapped {
    /// The role's record.
    pub(crate) role: Id,
    /// The rule's name.
    pub(crate) rule: SmolStr,
}

impl Mappings {
    pub(crate) fn new(rules: &[MappingRule]) -> Self {
        let mut all = Self {
            rules: rules.to_vec(),
            ..Self::default()
        };
        for (index, rule) in rules.iter().enumerate() {
            let key = rule.groups.key();
            match &rule.groups {
                GroupMatch::Name(_) => all.by_name.entry(key).or_default().push(index),
                GroupMatch::Id(_) => all.by_id.entry(key).or_default().push(index),
                GroupMatch::Pattern(_) => all.patterns.push((key, index)),
            }
        }
        all
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(crate) fn rules(&self) -> &[MappingRule] {
        &self.rules
    }

    /// The places of the rules that are about this group, ascending.
    fn about(&self, snapshot: &Snapshot, group: &Record) -> BTreeSet<usize> {
        if group.kind != Kind::Group || self.is_empty() {
            return BTreeSet::new();
        }
        let name = text::case_ignore(
            group
                .attributes
                .text(attr::DISPLAY_NAME)
                .unwrap_or_default(),
        );
        let mut found: BTreeSet<usize> = self
            .by_name
            .get(&name)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let fitting = self
            .patterns
            .iter()
            .filter(|(pattern, _)| fits(pattern, &name));
        found.extend(fitting.map(|(_, index)| *index));
        if !self.by_id.is_empty() {
            // What others call the group says nothing: they could call it anything.
            let owner = snapshot.links().of(group.id).filter(|link| link.owner);
            let external =
                owner.filter_map(|link| link.external_id.as_deref().map(text::case_exact));
            for id in external.chain([SmolStr::from(group.id.to_string())]) {
                found.extend(self.by_id.get(&id).into_iter().flatten());
            }
        }
        found.retain(|index| {
            let rule = self.rules.get(*index);
            rule.is_some_and(|rule| is_owner_right(snapshot, group, rule))
        });
        found
    }
}

impl Snapshot {
    /// The roles that the mapping rules give to a user.
    pub(crate) fn mapped_roles(&self, user: &Record) -> BTreeSet<Mapped> {
        let mappings = self.mappings();
        if mappings.is_empty() {
            return BTreeSet::new();
        }
        let mut matching = BTreeSet::new();
        self.climb(user.number.0, &mut |group, path| {
            let is_direct = path.len() == 1;
            let about = mappings.about(self, group).into_iter();
            matching.extend(about.filter(|index| {
                is_direct || mappings.rules.get(*index).is_some_and(|rule| rule.nested)
            }));
            true
        });
        let matching = matching
            .into_iter()
            .filter_map(|index| mappings.rules.get(index));
        self.chosen(&matching.collect::<Vec<_>>())
    }

    /// The groups by which a rule reaches a user: first one the user is in, last the one that the
    /// rule is about.
    pub fn mapping_path(&self, user: &Record, rule: &str) -> Option<Vec<Arc<Record>>> {
        let mappings = self.mappings();
        let mut found = None;
        self.climb(user.number.0, &mut |group, path| {
            let is_it = mappings.about(self, group).into_iter().any(|index| {
                mappings
                    .rules
                    .get(index)
                    .is_some_and(|own| own.name == rule && (own.nested || path.len() == 1))
            });
            if is_it {
                found = Some(
                    path.iter()
                        .filter_map(|number| self.numbered(*number).cloned())
                        .collect(),
                );
            }
            !is_it
        });
        found
    }

    /// Whether a group, or one that it is within, is what a rule is about.
    pub(crate) fn is_mapped(&self, group: u32) -> bool {
        let mut is_mapped = false;
        let mappings = self.mappings();
        let is_it = |group: &Record| !mappings.about(self, group).is_empty();
        if self.numbered(group).is_some_and(|record| is_it(record)) {
            return true;
        }
        self.climb(group, &mut |above, _| {
            is_mapped = is_it(above);
            !is_mapped
        });
        is_mapped
    }

    /// The rules that are about this group, by their places.
    pub(crate) fn rules_about(&self, group: &Record) -> BTreeSet<usize> {
        self.mappings().about(self, group)
    }

    /// The users within a group, over any number of groups, or the user itself.
    pub(crate) fn users_within(&self, number: u32, users: &mut BTreeSet<u32>) {
        let mut seen = HashSet::new();
        let mut open = vec![number];
        while let Some(number) = open.pop() {
            match self.numbered(number).map(|record| record.kind) {
                Some(Kind::User) => drop(users.insert(number)),
                Some(Kind::Group) if seen.insert(number) => {
                    open.extend(self.member_edges().of(number).map(|(to, ())| to));
                }
                _ => {}
            }
        }
    }

    /// Goes through the groups above a record, the nearest first, each once, until told to stop;
    /// with each comes the way to it.
    fn climb(&self, from: u32, each: &mut dyn FnMut(&Record, &[u32]) -> bool) {
        let mut seen = HashSet::from([from]);
        let mut open: VecDeque<Vec<u32>> = VecDeque::from([Vec::new()]);
        while let Some(path) = open.pop_front() {
            let last = path.last().copied().unwrap_or(from);
            for above in self.member_edges().onto(last) {
                let Some(group) = self.numbered(above).filter(|_| seen.insert(above)) else {
                    continue;
                };
                let mut way = path.clone();
                way.push(above);
                if !each(group, &way) {
                    return;
                }
                open.push_back(way);
            }
        }
    }

    /// What matching rules give: where a user holds one role of a kind, only those of the highest
    /// precedence count.
    fn chosen(&self, rules: &[&MappingRule]) -> BTreeSet<Mapped> {
        let holding = &self.catalogue().holding;
        let is_instead = holding.custom_role == CustomRole::Instead;
        let kind = |is_custom: bool| match (is_custom, holding.built_in, holding.custom) {
            (true, _, HowMany::One) => Some(!is_instead),
            (false, HowMany::One, _) => Some(false),
            _ => None,
        };
        let given = rules.iter().flat_map(|rule| {
            rule.roles.iter().filter_map(|key| {
                let is_custom = self.roles().get(key)?.is_custom();
                Some((*rule, self.role_record(key)?.id, kind(is_custom)))
            })
        });
        let given: Vec<_> = given.collect();
        let highest = |kind: Option<bool>| {
            let alike = given.iter().filter(|(.., other)| *other == kind);
            alike.map(|(rule, ..)| rule.precedence).max()
        };
        let counts = |rule: &MappingRule, kind: Option<bool>| {
            kind.is_none() || Some(rule.precedence) == highest(kind)
        };
        let counting = given.iter().filter(|(rule, _, kind)| counts(rule, *kind));
        counting
            .map(|(rule, role, _)| Mapped {
                role: *role,
                rule: rule.name.clone(),
            })
            .collect()
    }
}

/// Whether the group belongs to the connection that the rule asks for, if it asks for one.
fn is_owner_right(snapshot: &Snapshot, group: &Record, rule: &MappingRule) -> bool {
    let Some(wanted) = &rule.connection else {
        return true;
    };
    let wanted = text::case_ignore(wanted);
    let mut links = snapshot.links().of(group.id);
    links.any(|link| {
        let connection = snapshot
            .record(link.connection)
            .and_then(|record| record.login());
        link.owner && connection.is_some_and(|name| text::eq_case_ignore(name, &wanted))
    })
}
