//! From a filter, as it was sent, to a condition.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::text::without_accents;
use jackfield_model::{Dn, MatchingRule, Truth};

use super::{Condition, Item, Test, UNDEFINED, any, value};
use crate::schema::{AttributeType, Described, Part, Rule, Schema, Source, rules};
use crate::wire::RequestError;
use crate::wire::request::Filter;

/// What one filter asks at the most, each attribute that a term is about by itself: a term that
/// names a rule alone is about all attributes of that rule, and a supertype about its subtypes.
pub(crate) const MAX_ITEMS: usize = 2048;

/// A chain of memberships is followed through all its groups, and counts as so many.
const CHAIN: usize = 64;

/// What is found by walking through all registrations counts as so many.
const WALK: usize = 16;

impl Condition {
    /// Compiles a filter.
    ///
    /// # Errors
    /// It asks too much.
    pub(crate) fn compile(schema: &Schema, filter: &Filter<'_>) -> Result<Self, RequestError> {
        let left = MAX_ITEMS;
        Compiler { schema, left }.condition(filter)
    }

    /// What the items of a ValuesReturnFilter (RFC 3876 §2) ask, each by itself.
    ///
    /// # Errors
    /// They ask too much.
    pub(crate) fn items(
        schema: &Schema,
        filters: &[Filter<'_>],
    ) -> Result<Vec<Item>, RequestError> {
        let left = MAX_ITEMS;
        let mut compiler = Compiler { schema, left };
        let mut items = Vec::with_capacity(filters.len());
        for filter in filters {
            compiler.condition(filter)?.add_items(&mut items);
        }
        Ok(items)
    }

    fn add_items(self, items: &mut Vec<Item>) {
        match self {
            Self::Item(item) => items.push(item),
            Self::Or(parts) => parts.into_iter().for_each(|part| part.add_items(items)),
            Self::Const(_) | Self::And(_) | Self::Not(_) | Self::DnItem(_) => {}
        }
    }
}

/// Compiles filters that may ask so much together.
struct Compiler<'s> {
    schema: &'s Schema,
    left: usize,
}

impl Compiler<'_> {
    fn condition(&mut self, filter: &Filter<'_>) -> Result<Condition, RequestError> {
        Ok(match filter {
            Filter::And(parts) => Condition::And(self.conditions(parts)?),
            Filter::Or(parts) => Condition::Or(self.conditions(parts)?),
            Filter::Not(part) => Condition::Not(Box::new(self.condition(part)?)),
            item => {
                let condition = self.item(item);
                self.left = self
                    .left
                    .checked_sub(cost(&condition))
                    .ok_or(RequestError::FilterTooWide(MAX_ITEMS))?;
                condition
            }
        })
    }

    fn conditions(&mut self, parts: &[Filter<'_>]) -> Result<Vec<Condition>, RequestError> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    fn item(&self, filter: &Filter<'_>) -> Condition {
        let schema = self.schema;
        match filter {
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
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) | Filter::Unknown(_) => UNDEFINED,
        }
    }
}

/// What of the limit one term takes.
fn cost(condition: &Condition) -> usize {
    match condition {
        Condition::Or(parts) => parts.iter().map(cost).sum(),
        Condition::Item(Item { attribute, test }) => {
            let is_walked = |(_, source): &(_, Source)| matches!(source, Source::Registration(_));
            match test {
                Test::Chain(_) => CHAIN,
                _ if attribute.sources.iter().any(is_walked) => WALK,
                _ => 1,
            }
        }
        _ => 1,
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
mod tests {
    use jackfield_model::{Registry, ViewSet};

    use super::*;
    use crate::wire::request::Assertion as Asserted;

    fn equal(attribute: &'static str) -> Filter<'static> {
        let value = b"a";
        Filter::Equality(Asserted { attribute, value })
    }

    #[test]
    fn a_filter_asks_no_more_than_it_may_whatever_its_terms_are_about() {
        let term = |rule, attribute, value| Filter::Extensible {
            rule,
            attribute,
            value,
            dn_attributes: true,
        };
        let by_rule = term(Some("caseIgnoreMatch"), None, b"x");
        let chain = term(Some("1.2.840.113556.1.4.1941"), Some("memberOf"), b"cn=a");
        let schema = Schema::with(Registry::core(), ViewSet::ALL);
        let refused = Err(RequestError::FilterTooWide(MAX_ITEMS));
        for (filter, count, expected) in [
            (equal("cn"), 1_000, Ok(())),
            (equal("name"), 150, Ok(())),
            (equal("AstAccountUserAgent"), 100, Ok(())),
            (equal("AstAccountUserAgent"), 200, refused),
            (by_rule.clone(), 3, Ok(())),
            (by_rule, 200, refused),
            (chain.clone(), 16, Ok(())),
            (chain, 100, refused),
        ] {
            let all = vec![filter; count];
            let values = Condition::items(&schema, &all).map(drop);
            assert_eq!(values, expected, "{count} values: {:?}", all[0]);
            let nested = Filter::And(vec![Filter::Not(Box::new(Filter::Or(all)))]);
            let compiled = Condition::compile(&schema, &nested).map(drop);
            assert_eq!(compiled, expected, "{count}: {nested:.80?}");
        }
    }
}
