//! Which attributes a search returns, and under which names (RFC 4511 §4.5.1.8).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jackfield_model::Kind;
use smol_str::SmolStr;

use crate::filter::{Item, Test};
use crate::record::Ranged;
use crate::schema::lines::{self, Line};
use crate::schema::{self, AttributeType, Schema};
use crate::wire::response::Head;

/// What of an entry is returned.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// These attributes.
    pub(crate) selection: Selection,
    /// Without their values.
    pub(crate) types_only: bool,
    /// Of the values those only that satisfy one of these (RFC 3876).
    pub(crate) values: Option<Values>,
}

impl Shape {
    /// These attributes with their values.
    pub(crate) fn of(selection: Selection) -> Self {
        Self {
            selection,
            types_only: false,
            values: None,
        }
    }

    /// Which values of the attribute are returned, if not all are: those of which one of these is
    /// true.
    pub(crate) fn tests_of(&self, attribute: &AttributeType) -> Option<&[Test]> {
        let values = self.values.as_ref().filter(|_| !self.types_only)?;
        let tests = values.0.get(attribute.name());
        Some(tests.map_or(&[], Vec::as_slice))
    }

    /// All of those.
    pub(crate) fn tests_mut(&mut self) -> impl Iterator<Item = &mut Test> {
        let values = self.values.iter_mut();
        values.flat_map(|values| values.0.values_mut().flatten())
    }
}

/// What is asked of the values that are returned, by the names of their attributes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(HashMap<&'static str, Vec<Test>>);

impl Values {
    /// What these items ask.
    pub(crate) fn of(items: Vec<Item>) -> Self {
        let mut values = Self::default();
        for Item { attribute, test } in items {
            values.0.entry(attribute.name()).or_default().push(test);
        }
        values
    }
}

/// What a search writes of entries of one kind: the attributes that those can have, in their order.
pub(crate) struct Form {
    pub(crate) kind: Kind,
    /// What everybody sees, where nothing is asked for by name.
    common: &'static [Line],
    /// The others, with how each begins if it is not shown under its own name.
    lines: Vec<(Cow<'static, Line>, Option<Box<Head>>)>,
}

impl Form {
    /// Each attribute with how it begins.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Line, &Head)> {
        let common = self.common.iter().map(|line| (line, &line.head));
        let lines = self.lines.iter().map(|(line, head)| {
            let line: &Line = line;
            (line, head.as_deref().unwrap_or(&line.head))
        });
        common.chain(lines)
    }

    /// Whether there are so many that an entry is asked first which of them it has.
    pub(crate) fn is_long(&self) -> bool {
        self.common.len() + self.lines.len() > 8
    }
}

/// More selectors than this are looked through for those that come again.
const FEW: usize = 64;

/// The attributes a search returns, resolved once for all its entries.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    schema: Schema,
    named: Vec<Selected>,
    /// Parts of values, under names that say which.
    ranges: Vec<Ranged>,
    all_user: bool,
    all_operational: bool,
}

/// One attribute asked for by name.
#[derive(Clone, Debug)]
struct Selected {
    attribute: &'static AttributeType,
    /// As the client spelled it, for some find their answer only so.
    spelling: SmolStr,
    /// Whether it is asked for itself, and not as the subtype of another.
    itself: bool,
    /// Whether it is asked for by a name that is not its own.
    by_alias: bool,
}

impl Selection {
    /// Resolves the selectors of a search request. Those that name nothing are ignored, and so is
    /// `1.1` beside others; an attribute asked for twice is returned once.
    pub(crate) fn resolve(schema: Schema, selectors: &[&str]) -> Self {
        let mut selection = Self {
            schema,
            named: Vec::with_capacity(selectors.len()),
            ranges: Vec::new(),
            all_user: selectors.is_empty(),
            all_operational: false,
        };
        let (mut seen, mut classes) = (HashSet::new(), Vec::new());
        for selector in selectors {
            if selectors.len() > FEW && !seen.insert(*selector) {
                continue;
            }
            match *selector {
                "*" => selection.all_user = true,
                // RFC 3673
                "+" => selection.all_operational = true,
                name => match name.strip_prefix('@') {
                    Some(class) => selection.add_class(class, &mut classes),
                    None => selection.add(name),
                },
            }
        }
        selection.add_subtypes();
        selection
    }

    /// Each attribute to look for in an entry, with the name to show it under.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static AttributeType, &str)> {
        let named = self
            .named
            .iter()
            .map(|found| (found.attribute, found.spelling.as_str()));
        let any = self.all_user || self.all_operational;
        let table = any.then(|| self.schema.attributes());
        let others = table.into_iter().flatten();
        let others = others.filter(|attribute| self.brings(attribute));
        named.chain(others.map(|attribute| (attribute, attribute.name())))
    }

    /// What is written of entries of one kind.
    pub(crate) fn form(&self, kind: Kind) -> Form {
        let is_common = self.all_user && !self.all_operational && self.named.is_empty();
        let named = self.named.iter().filter_map(|found| {
            let line = lines::line(found.attribute, kind)?;
            let is_own = found.spelling == found.attribute.name();
            Some((line, (!is_own).then(|| Head::new(&found.spelling).into())))
        });
        let mut lines: Vec<_> = named.collect();
        if self.all_user || self.all_operational {
            let all = (!is_common)
                .then(|| lines::common(kind))
                .into_iter()
                .flatten();
            let all = all
                .map(Cow::Borrowed)
                .chain(self.schema.further_lines(kind));
            let others = all.filter(|line| self.brings(line.attribute));
            lines.extend(others.map(|line| (line, None)));
        }
        Form {
            kind,
            common: if is_common { lines::user(kind) } else { &[] },
            lines,
        }
    }

    /// Whether the attribute, not some supertype of it, was asked for by name.
    pub(crate) fn names(&self, attribute: &AttributeType) -> bool {
        self.named
            .iter()
            .any(|found| found.itself && std::ptr::eq(found.attribute, attribute))
    }

    /// Whether it comes with others, and not by a name of its own.
    fn brings(&self, attribute: &AttributeType) -> bool {
        let wanted = match attribute.operational {
            true => self.all_operational,
            false => self.all_user,
        };
        wanted && !attribute.by_name_only && !self.is_named(attribute)
    }

    fn is_named(&self, attribute: &AttributeType) -> bool {
        self.named
            .iter()
            .any(|found| !found.by_alias && std::ptr::eq(found.attribute, attribute))
    }

    /// The parts of values that are asked for.
    pub(crate) fn ranges(&self) -> &[Ranged] {
        &self.ranges
    }

    /// A description with options names values with those options (RFC 4512 §2.5.2), and no value
    /// that is held has any; a range is no such option.
    fn add(&mut self, name: &str) {
        let Some(attribute) = self.schema.attribute_type(name) else {
            let ranged = Ranged::read(&self.schema, name);
            let new = |ranged: &Ranged| !self.ranges.iter().any(|other| other.is_of(ranged));
            self.ranges.extend(ranged.filter(new));
            return;
        };
        let is_own = |own: &str| own.eq_ignore_ascii_case(name);
        let by_alias = attribute.oid != name && !attribute.names.iter().any(|own| is_own(own));
        let is_there = match by_alias {
            true => self.named.iter().any(|found| is_own(&found.spelling)),
            false => self.is_named(attribute),
        };
        if !is_there {
            let canonical = attribute.name();
            let spelling = if name == canonical {
                SmolStr::new_static(canonical)
            } else {
                SmolStr::new(name)
            };
            self.named.push(Selected {
                attribute,
                spelling,
                itself: true,
                by_alias,
            });
        }
    }

    /// RFC 4529 §3: every attribute that the class allows, by itself or by a superior.
    /// Those that were added before are in `added`.
    fn add_class(&mut self, name: &str, added: &mut Vec<&'static str>) {
        let mut class = schema::object_class(name);
        while let Some(found) = class.filter(|found| !added.contains(&found.oid)) {
            added.push(found.oid);
            for attribute in found.must.iter().chain(found.may) {
                self.add(attribute);
            }
            class = found.superior.and_then(schema::object_class);
        }
    }

    /// RFC 4512 §2.5.1: a subtype comes with its supertype, unless it was named itself.
    fn add_subtypes(&mut self) {
        for at in 0..self.named.len() {
            let Some(named) = self.named.get(at) else {
                return;
            };
            if named.by_alias {
                continue;
            }
            for attribute in named.attribute.with_subtypes() {
                if !self.is_named(attribute) {
                    let spelling = SmolStr::new_static(attribute.name());
                    self.named.push(Selected {
                        attribute,
                        spelling,
                        itself: false,
                        by_alias: false,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(selectors: &[&str]) -> String {
        let selection = Selection::resolve(Schema::default(), selectors);
        selection
            .iter()
            .map(|(_, name)| name)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn names_are_answered_as_they_were_asked_and_once() {
        for (selectors, expected) in [
            (&["CN", "cn", "commonName"][..], "CN"),
            (&["2.5.4.3"], "2.5.4.3"),
            (&["entryuuid", "Mobile"], "entryuuid Mobile"),
            (&["others", "moblie"], ""),
            (&["company", "o", "Company"], "company o"),
            (
                &["number", "gn", "CellPhone", "mobile"],
                "number gn CellPhone mobile",
            ),
            (&["1.1"], ""),
            (&["1.1", "cn"], "cn"),
            (&["cn;lang-de"], ""),
            (&["@dcObject", "@nothing"], "dc objectClass"),
            (&["CN", "@2.5.6.5"], "CN ou description objectClass"),
            (&["member"], "member"),
            (&["distinguishedName"], "distinguishedName member"),
        ] {
            assert_eq!(shown(selectors), expected, "{selectors:?}");
        }
    }

    #[test]
    fn a_supertype_brings_its_subtypes_but_not_over_a_name_of_their_own() {
        let all = shown(&["name", "CN"]);
        assert!(all.starts_with("name CN sn givenName title"), "{all}");
        assert!(!all.contains("cn"), "{all}");
    }

    #[test]
    fn stars_and_pluses_add_what_was_not_named() {
        assert_eq!(shown(&[]), shown(&["*"]));
        assert!(!shown(&["*"]).contains("entryUUID"));
        assert!(shown(&["+"]).contains("entryUUID") && !shown(&["+"]).contains("cn"));
        assert!(!shown(&["+"]).contains("numSubordinates"));
        let both = shown(&["SN", "*"]);
        assert!(
            both.starts_with("SN objectClass") && !both.contains(" sn "),
            "{both}"
        );
    }

    #[test]
    fn what_comes_again_is_resolved_once() {
        let once = ["@inetOrgPerson", "description"];
        let again = ["@inetOrgPerson", "@INETORGPERSON", "description", "@person"].repeat(25_000);
        let begun = std::time::Instant::now();
        assert_eq!(shown(&again), shown(&once));
        assert!(begun.elapsed().as_secs() < 1, "{:?}", begun.elapsed());
    }
}
