//! A condition on an entry that no record stands behind.

use std::cmp::Ordering;

use jackfield_model::dn::Rdn;
use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::{Dn, Id, MatchingRule, Timestamp, Truth};
use smol_str::ToSmolStr;

use super::{Condition, Item, Test};
use crate::schema;

/// Whether an entry with this name satisfies the condition; `ask` tells of one item.
pub(crate) fn evaluate(condition: &Condition, dn: &Dn, ask: &dyn Fn(&Item) -> Truth) -> Truth {
    match condition {
        Condition::Const(truth) => *truth,
        Condition::And(parts) => Truth::all(parts.iter().map(|part| evaluate(part, dn, ask))),
        Condition::Or(parts) => Truth::any(parts.iter().map(|part| evaluate(part, dn, ask))),
        Condition::Not(part) => evaluate(part, dn, ask).negate(),
        Condition::Item(item) => ask(item),
        Condition::DnItem(item) => in_name(item, dn).into(),
    }
}

/// What the condition is for all entries of a sort, of which `known` tells what an item is for all
/// of them; `None` if it depends on the entry. It saves looking at entries that cannot match.
pub(crate) fn decided(
    condition: &Condition,
    known: &dyn Fn(&Item) -> Option<Truth>,
) -> Option<Truth> {
    match condition {
        Condition::Const(truth) => Some(*truth),
        Condition::And(parts) => {
            let parts = parts.iter().map(|part| decided(part, known));
            settled(parts, Truth::False, Truth::all)
        }
        Condition::Or(parts) => {
            let parts = parts.iter().map(|part| decided(part, known));
            settled(parts, Truth::True, Truth::any)
        }
        Condition::Not(part) => decided(part, known).map(Truth::negate),
        Condition::Item(item) => known(item),
        Condition::DnItem(_) => None,
    }
}

/// What the parts come to: `winner` as soon as one part is that, whatever the others are.
fn settled(
    parts: impl Iterator<Item = Option<Truth>>,
    winner: Truth,
    join: impl Fn([Truth; 2]) -> Truth,
) -> Option<Truth> {
    let mut outcome = Some(winner.negate());
    for part in parts {
        if part == Some(winner) {
            return part;
        }
        outcome = outcome
            .zip(part)
            .map(|(outcome, part)| join([outcome, part]));
    }
    outcome
}

/// Whether a value in the name satisfies the item.
pub(crate) fn in_name(item: &Item, dn: &Dn) -> bool {
    dn.rdns().iter().flat_map(Rdn::avas).any(|ava| {
        schema::attribute_type(&ava.attribute)
            .is_some_and(|found| std::ptr::eq(found, item.attribute))
            && satisfies(&item.test, &ava.value)
    })
}

/// Whether one value, in the form in which it is shown, satisfies a test.
pub(crate) fn satisfies(test: &Test, value: &str) -> bool {
    match test {
        Test::Present => true,
        Test::Match(_, Assertion::Dialled(number)) => number.holds(value),
        Test::Match(rule, assertion) => compare(*rule, assertion, value),
        // No entry without a record is a link in a chain: what it names is all there is to it.
        Test::Dn(dn) | Test::Chain(dn) => Dn::parse(value).is_ok_and(|value| value == *dn),
        Test::Oid(oid) => {
            let described = value
                .strip_prefix("( ")
                .and_then(|rest| rest.split(' ').next());
            value == oid
                || described == Some(oid)
                || schema::object_class(value).is_some_and(|class| class.oid == oid)
        }
    }
}

fn compare(rule: MatchingRule, assertion: &Assertion, value: &str) -> bool {
    let key = match rule {
        MatchingRule::Boolean => Some(Key::Bool(value == "TRUE")),
        MatchingRule::Integer => value.parse().ok().map(Key::Int),
        MatchingRule::Time => Timestamp::parse_generalized_time(value).map(Key::Time),
        MatchingRule::Id => match assertion {
            Assertion::Equal(_) => Id::parse(value).map(Key::Id),
            _ => Some(Key::Text(value.to_smolstr())),
        },
        _ => rule.key(value).map(Key::Text),
    };
    let Some(key) = key else { return false };
    match assertion {
        Assertion::Equal(other) => key == *other,
        Assertion::NotEqual(other) => key != *other,
        Assertion::Greater(other) => key.cmp(other) == Ordering::Greater,
        Assertion::GreaterOrEqual(other) => key >= *other,
        Assertion::Less(other) => key < *other,
        Assertion::LessOrEqual(other) => key <= *other,
        Assertion::Substring(parts) => matches!(key, Key::Text(text) if parts.matches(&text)),
        Assertion::AllBits(mask) => matches!(key, Key::Int(value) if value & mask == *mask),
        Assertion::AnyBit(mask) => matches!(key, Key::Int(value) if value & mask != 0),
        Assertion::Dialled(_) => false,
    }
}
