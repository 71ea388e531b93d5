//! The schema: attribute types, object classes, matching rules and syntaxes (RFC 4512 §4.1).
//!
//! One table each says what exists. Filters are compiled, entries written and the subschema
//! published from these tables, so that the three cannot disagree. Elements that no standard has
//! stand under one arc of our own, which `build` says. What a tenant adds is in its [`Schema`], and
//! what its views add in [`views`].

pub(crate) mod aliases;
mod attributes;
mod build;
pub(crate) mod classes;
pub(crate) mod lines;
mod own;
pub(crate) mod rules;
pub(crate) mod sid;
mod source;
mod syntax;
pub(crate) mod views;

use std::cmp::Ordering;
use std::sync::LazyLock;

use jackfield_model::KindSet;

pub(crate) use attributes::ATTRIBUTES;
pub(crate) use classes::{CLASSES, ObjectClass};
pub(crate) use own::Schema;
pub(crate) use rules::{Family, Part, Rule};
pub(crate) use source::{Category, SecretForm, Source, Typed};
pub(crate) use syntax::Syntax;

/// One attribute type (RFC 4512 §2.5.1).
#[derive(Debug)]
pub(crate) struct AttributeType {
    /// Its numeric OID.
    pub(crate) oid: &'static str,
    /// Its names; the first is shown.
    pub(crate) names: &'static [&'static str],
    /// The attribute type that it is a subtype of.
    pub(crate) superior: Option<&'static str>,
    /// The form of its values.
    pub(crate) syntax: Syntax,
    /// How its values are compared.
    pub(crate) family: Family,
    /// Whether a search filter sees past the accents of its values, since a keypad types none.
    pub(crate) ignores_accents: bool,
    /// Whether an entry has one value at most.
    pub(crate) single_valued: bool,
    /// Whether it is given only to who asks for it by name or with `+` (RFC 3673).
    pub(crate) operational: bool,
    /// Whether it is left out even then, unless asked for by name: it is long or dear.
    pub(crate) by_name_only: bool,
    /// Where its values come from, and in which kinds of record.
    pub(crate) sources: &'static [(KindSet, Source)],
}

impl AttributeType {
    /// The name under which it is shown.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or(self.oid)
    }

    /// Whether it is `other`, or a subtype of it at any remove.
    pub(crate) fn is_a(&self, other: &Self) -> bool {
        let mut ancestor = Some(self);
        while let Some(attribute) = ancestor {
            if std::ptr::eq(attribute, other) {
                return true;
            }
            ancestor = attribute.superior.and_then(attribute_type);
        }
        false
    }

    /// Itself and its subtypes, in the order of the table.
    pub(crate) fn with_subtypes(&'static self) -> impl Iterator<Item = &'static Self> {
        let has_subtypes = SUPERIORS
            .iter()
            .any(|superior| std::ptr::eq(*superior, self));
        let subtypes = if has_subtypes { ATTRIBUTES } else { &[] };
        let others = subtypes
            .iter()
            .filter(|other| !std::ptr::eq(*other, self) && other.is_a(self));
        std::iter::once(self).chain(others)
    }

    /// The rule by which it does `part` of a comparison; `None` if it has none.
    pub(crate) fn rule(&self, part: Part) -> Option<&'static Rule> {
        rules::rule_of(self.family, part)
    }
}

/// The attribute type that everybody knows by this name or numeric OID, in any case (RFC 4512
/// §2.5).
pub(crate) fn attribute_type(name: &str) -> Option<&'static AttributeType> {
    find(&BY_NAME, name)
}

/// The product's attribute type with this name or numeric OID, in whichever view.
pub(crate) fn any_attribute_type(name: &str) -> Option<&'static AttributeType> {
    let of_views = || views::ALL.iter().find_map(|view| view.attribute_type(name));
    attribute_type(name).or_else(of_views)
}

/// What an attribute description means (RFC 4512 §2.5).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Described {
    /// An attribute type.
    Plain(&'static AttributeType),
    /// An attribute type in a language or a range of languages (RFC 3866), of which no value is
    /// held.
    InLanguage(&'static AttributeType),
    /// An unknown attribute type, or an option that is not known with it.
    Unknown,
}

/// What an attribute description means, where `attribute_type` tells what its name does.
fn described(
    description: &str,
    attribute_type: impl Fn(&str) -> Option<&'static AttributeType>,
) -> Described {
    let (name, options) = match description.split_once(';') {
        Some((name, options)) => (name, Some(options)),
        None => (description, None),
    };
    let is_language = |option: &str| {
        let tag = option.split_at_checked(5);
        tag.is_some_and(|(prefix, tag)| {
            prefix.eq_ignore_ascii_case("lang-")
                && tag
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        })
    };
    match (attribute_type(name), options) {
        (Some(attribute), None) => Described::Plain(attribute),
        (Some(attribute), Some(options)) if options.split(';').all(is_language) => {
            Described::InLanguage(attribute)
        }
        _ => Described::Unknown,
    }
}

/// The object class with this name or numeric OID, in any case.
pub(crate) fn object_class(name: &str) -> Option<&'static ObjectClass> {
    all_classes().find(|class| class.oid == name || class.name.eq_ignore_ascii_case(name))
}

/// Every object class, those of views too.
pub(crate) fn all_classes() -> impl Iterator<Item = &'static ObjectClass> {
    CLASSES
        .iter()
        .chain(views::ALL.iter().flat_map(|view| view.classes))
}

/// Attribute types that have subtypes.
static SUPERIORS: LazyLock<Vec<&'static AttributeType>> = LazyLock::new(|| {
    ATTRIBUTES
        .iter()
        .filter_map(|attribute| attribute.superior.and_then(attribute_type))
        .collect()
});

type Named = Vec<(Box<str>, &'static AttributeType)>;

/// Every name and OID in lower case, the shorter ones first.
static BY_NAME: LazyLock<Named> = LazyLock::new(|| by_name(ATTRIBUTES));

fn by_name(attributes: &'static [AttributeType]) -> Named {
    let mut all: Named = attributes
        .iter()
        .flat_map(|attribute| {
            let names = attribute.names.iter().copied().chain([attribute.oid]);
            names.map(move |name| (name.to_ascii_lowercase().into(), attribute))
        })
        .collect();
    all.sort_by(|(left, _), (right, _)| by_length(left.as_bytes(), right.as_bytes()));
    all
}

fn find(all: &Named, name: &str) -> Option<&'static AttributeType> {
    let mut room = [0; LONGEST];
    let lowered = room.get_mut(..name.len())?;
    lowered.copy_from_slice(name.as_bytes());
    lowered.make_ascii_lowercase();
    let at = all.binary_search_by(|(known, _)| by_length(known.as_bytes(), lowered));
    all.get(at.ok()?).map(|(_, attribute)| *attribute)
}

/// No name or OID is longer, in octets.
const LONGEST: usize = 128;

fn by_length(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_and_oid_is_borne_once() {
        let mut seen = HashSet::new();
        for attribute in ATTRIBUTES {
            for name in attribute.names.iter().chain([&attribute.oid]) {
                assert!(seen.insert(name.to_ascii_lowercase()), "{name}");
                assert!(name.len() <= LONGEST, "{name}");
                let found = attribute_type(&name.to_ascii_uppercase()).unwrap();
                assert!(std::ptr::eq(found, attribute), "{name}");
            }
        }
        let mut seen = HashSet::new();
        for class in all_classes() {
            assert!(
                seen.insert(class.oid) && seen.insert(class.name),
                "{}",
                class.name
            );
        }
    }

    #[test]
    fn no_tenant_may_take_a_name_that_the_product_publishes() {
        let of_views = views::ALL.iter().flat_map(|view| view.attributes);
        let all = ATTRIBUTES.iter().chain(of_views);
        for name in all.flat_map(|attribute| attribute.names) {
            assert!(
                jackfield_model::schema::ldap_names::is_taken(name),
                "{name} is missing in jackfield_model::schema::ldap_names"
            );
        }
    }

    #[test]
    fn every_superior_is_there() {
        for attribute in ATTRIBUTES {
            let superior = attribute.superior.map(attribute_type);
            assert_ne!(
                superior.map(|found| found.is_some()),
                Some(false),
                "{}",
                attribute.name()
            );
        }
        for class in CLASSES {
            let superior = class.superior.map(object_class);
            assert_ne!(
                superior.map(|found| found.is_some()),
                Some(false),
                "{}",
                class.name
            );
        }
    }

    #[test]
    fn a_supertype_brings_its_subtypes() {
        let name = attribute_type("name").unwrap();
        let subtypes: Vec<_> = name.with_subtypes().map(AttributeType::name).collect();
        for expected in ["name", "cn", "sn", "givenName", "o", "ou", "title"] {
            assert!(subtypes.contains(&expected), "{expected}");
        }
        let cn = attribute_type("cn").unwrap();
        assert_eq!(cn.with_subtypes().count(), 1);
        assert!(cn.is_a(name) && !name.is_a(cn));
    }

    #[test]
    fn what_no_standard_has_stands_under_our_own_arc() {
        for attribute in ATTRIBUTES
            .iter()
            .filter(|attribute| attribute.name().starts_with("pbx"))
        {
            assert!(
                attribute.oid.starts_with(build::own!("")),
                "{}",
                attribute.name()
            );
        }
        for class in CLASSES.iter().filter(|class| class.name.starts_with("pbx")) {
            assert!(class.oid.starts_with(build::own!("")), "{}", class.name);
        }
    }
}
