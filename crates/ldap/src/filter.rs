//! Search filters, compiled through the schema (RFC 4511 §4.5.1.7).
//!
//! A filter becomes a [`Condition`] first: attributes are resolved, values prepared by their
//! matching rules, and whatever is unknown or makes no sense is Undefined, never an error. A
//! condition is then either lowered to the filter of the directory ([`lower`](mod@lower)), or
//! evaluated on an entry that no record stands behind ([`fixed`]).

mod compile;
pub(crate) mod fixed;
pub(crate) mod lower;
pub(crate) mod text;
pub(crate) mod value;

use jackfield_model::filter::Assertion;
use jackfield_model::{Dn, MatchingRule, Truth};
use smol_str::SmolStr;

use crate::schema::AttributeType;

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

#[cfg(test)]
mod tests;
