//! Search filters, compiled through the schema (RFC 4511 §4.5.1.7).
//!
//! A filter becomes a [`Condition`] first: attributes are resolved, values prepared by their
//! matching rules, and whatever is unknown or makes no sense is Undefined, never an error. A
//! condition is then either lowered to the filter of the directory ([`lower`](mod@lower)), or
//! evaluated on an entry that no record stands behind ([`fixed`]).

pub(crate) mod fixed;
pub(crate) mod lower;
pub(crate) mod text;
pub(crate) mod value;

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::text::without_accents;
use jackfield_model::{Dn, MatchingRule, Truth};
use smol_str::SmolStr;

use crate::schema::{AttributeType, Described, Part, Rule, Schema, rules};
use crate::wire::request::Filter;

pub(crate) use lower::{Named, Scope};

/// A filter whose attributes are resolved and whose values are prepared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// The same for every entry.
    Const(Truth),
    /// All of these.
    And(Vec<Condition>),
    /// Any of these.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A value of the entry satisfies this.
    Item(Item),
    /// A value in the entry's DN satisfies this (the `dn` of an extensible match).
    DnItem(Item),
}

/// What is asked of one attribute.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The attribute; its subtypes are items of their own.
    pub(crate) attribute: &'static AttributeType,
    /// The question.
    pub(crate) test: Test,
}

/// What is asked of an attribute's values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// Whether there are any.
    Present,
    /// Whether one satisfies the assertion under the rule.
    Match(MatchingRule, Assertion),
    /// Whether one is this name.
    Dn(Dn),
    /// Whether one is this name, or that of an entry of which this is true in turn
    /// (1.2.840.113556.1.4.1941).
    Chain(Dn),
    /// Whether one names, or describes, the schema element with this numeric OID.
    Oid(SmolStr),
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.attribute, other.attribute) && self.test == other.test
    }
}

const UNDEFINED: Condition = Condition::Const(Truth::Undefined);

impl Condition {
    /// Compiles a filter.
    pub(crate) fn compile(schema: &Schema, filter: &Filter<'_>) -> Self {
        let compile = |part: &Filter<'_>| Self::compile(schema, part);
        match filter {
            Filter::And(parts) => Self::And(parts.iter().map(compile).collect()),
            Filter::Or(parts) => Self::Or(parts.iter().map(compile).collect()),
            Filter::Not(part) => Self::Not(Box::new(compile(part))),
            Filter::Present(attribute) => of(schema, attribute, |_| Some(Test::Present)),
            Filter::Equality(item) => of(schema, item.attribute, |attribute| {
                value::equality(attribute.family, item.value).map(|test| seen_by(attribute, test))
            }),
            Filter::Approx(item) => of(schema, item.attribute, |attribute| {
                value::approximate(attribute.family, item.value)
            }),
            Filter::GreaterOrEqual(item) => of(schema, item.attribute, |attribute| {
                value::ordered(attribute.family, item.value, Assertion::GreaterOrEqual)
            }),
            Filter::LessOrEqual(item) => of(schema, item.attribute, |attribute| {
                value::ordered(attribute.family, item.value, Assertion::LessOrEqual)
            }),
            Filter::Substrings {
                attribute,
                initial,
                any,
                last,
            } => of(schema, attribute, |attribute| {
                value::substrings(attribute.family, *initial, any, *last)
                    .map(|test| seen_by(attribute, test))
            }),
            Filter::Extensible {
                rule,
                attribute,
                value,
                dn_attributes,
            } => extensible(schema, *rule, *attribute, value, *dn_attributes),
            Filter::Unknown(_) => UNDEFINED,
        }
    }

    /// The items in it, each by itself.
    pub(crate) fn into_items(self) -> Vec<Item> {
        match self {
            Self::Item(item) => vec![item],
            Self::Or(parts) => parts.into_iter().flat_map(Self::into_items).collect(),
            Self::Const(_) | Self::And(_) | Self::Not(_) | Self::DnItem(_) => Vec::new(),
        }
    }

    /// What one assertion on an attribute and its subtypes asks: a Compare (RFC 4511 §4.10).
    pub(crate) fn compare(attribute: &'static AttributeType, value: &[u8]) -> Option<Self> {
        value::equality(attribute.family, value)?;
        let items = attribute.with_subtypes().filter_map(|attribute| {
            let test = value::equality(attribute.family, value)?;
            Some(Self::Item(Item { attribute, test }))
        });
        Some(any(items.collect()))
    }

    /// Whether there is a value of an attribute or of a subtype of it.
    pub(crate) fn present(attribute: &'static AttributeType) -> Self {
        let item = |attribute| {
            let test = Test::Present;
            Self::Item(Item { attribute, test })
        };
        any(attribute.with_subtypes().map(item).collect())
    }
}

/// The items for an attribute description: one for the attribute, and one for each subtype.
fn of(
    schema: &Schema,
    description: &str,
    test: impl Fn(&'static AttributeType) -> Option<Test>,
) -> Condition {
    let attribute = match schema.described(description) {
        Described::Plain(attribute) => attribute,
        // RFC 3866 §2: a subtype of which no entry has a value.
        Described::InLanguage(attribute) => {
            let asked = test(attribute).map(|_| Condition::Const(Truth::False));
            return asked.unwrap_or(UNDEFINED);
        }
        Described::Unknown => return UNDEFINED,
    };
    let item = |attribute| test(attribute).map(|test| Condition::Item(Item { attribute, test }));
    any(attribute.with_subtypes().filter_map(item).collect())
}

/// The test as a search asks it of the attribute: the names of people match with and without
/// their accents.
fn seen_by(attribute: &AttributeType, test: Test) -> Test {
    let bare = without_accents;
    let assertion = match test {
        Test::Match(MatchingRule::CaseIgnore, assertion) if attribute.ignores_accents => assertion,
        _ => return test,
    };
    let assertion = match assertion {
        Assertion::Equal(Key::Text(key)) => Assertion::Equal(Key::Text(bare(key))),
        Assertion::Substring(parts) => Assertion::Substring(Substring {
            initial: parts.initial.map(bare),
            any: parts.any.into_iter().map(bare).collect(),
            last: parts.last.map(bare),
        }),
        _ => return Test::Match(MatchingRule::CaseIgnore, assertion),
    };
    Test::Match(MatchingRule::AccentIgnore, assertion)
}

/// Undefined where nothing can be asked at all.
fn any(mut items: Vec<Condition>) -> Condition {
    match (items.len(), items.pop()) {
        (_, None) => UNDEFINED,
        (1, Some(only)) => only,
        (_, Some(last)) => {
            items.push(last);
            Condition::Or(items)
        }
    }
}

/// RFC 4511 §4.5.1.7.7.
fn extensible(
    schema: &Schema,
    rule: Option<&str>,
    attribute: Option<&str>,
    value: &[u8],
    dn_attributes: bool,
) -> Condition {
    let rule = match rule.map(rules::matching_rule) {
        Some(None) => return UNDEFINED,
        Some(Some(rule)) => Some(rule),
        None => None,
    };
    let attributes: Vec<_> = match (attribute, rule) {
        (Some(name), _) => match schema.described(name) {
            Described::Plain(attribute) => attribute.with_subtypes().collect(),
            Described::InLanguage(attribute) => {
                let asked = asked(rule, attribute, value).map(|_| Condition::Const(Truth::False));
                return asked.unwrap_or(UNDEFINED);
            }
            Described::Unknown => return UNDEFINED,
        },
        (None, Some(rule)) => schema
            .attributes()
            .filter(|attribute| rule.is_for(attribute))
            .collect(),
        (None, None) => return UNDEFINED,
    };
    let mut items = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        let Some(test) = asked(rule, attribute, value) else {
            continue;
        };
        let item = Item { attribute, test };
        if dn_attributes {
            items.push(Condition::DnItem(item.clone()));
        }
        items.push(Condition::Item(item));
    }
    any(items)
}

fn asked(rule: Option<&Rule>, attribute: &AttributeType, value: &[u8]) -> Option<Test> {
    match rule {
        None => value::equality(attribute.family, value),
        Some(rule) if !rule.is_for(attribute) => None,
        Some(rule) => match rule.part {
            Part::Equality => value::equality(rule.family, value),
            // RFC 4517 §4.2.3 and its kin: true if the value comes before what is asserted.
            Part::Ordering => value::ordered(rule.family, value, Assertion::Less),
            Part::Substrings => value::pattern(rule.family, value),
            Part::AllBits => value::bits(value, Assertion::AllBits),
            Part::AnyBit => value::bits(value, Assertion::AnyBit),
            Part::Chain => Dn::parse(&value::as_text(value)).ok().map(Test::Chain),
        },
    }
}

#[cfg(test)]
mod tests;
