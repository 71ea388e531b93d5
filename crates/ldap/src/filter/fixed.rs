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

/// Whether one value satisfies one of the tests. What it is under each rule is made of it once.
pub(crate) fn satisfies_one(tests: &[Test], value: &str) -> bool {
    let mut name = None;
    let mut keys: Vec<((MatchingRule, bool), Option<Key>)> = Vec::new();
    tests.iter().any(|test| match test {
        Test::Match(_, Assertion::Dialled(number)) => number.holds(value),
        Test::Match(rule, assertion) => {
            let form = (*rule, matches!(assertion, Assertion::Equal(_)));
            let known = keys.iter().find(|(known, _)| *known == form);
            let holds = |key: &Option<Key>| key.as_ref().is_some_and(|key| holds(assertion, key));
            if let Some((_, key)) = known {
                return holds(key);
            }
            let key = key_for(*rule, assertion, value);
            let found = holds(&key);
            keys.push((form, key));
            found
        }
        Test::Dn(dn) | Test::Chain(dn) => {
            let name = name.get_or_insert_with(|| Dn::parse(value).ok());
            name.as_ref() == Some(dn)
        }
        Test::Present | Test::Oid(_) => satisfies(test, value),
    })
}

fn compare(rule: MatchingRule, assertion: &Assertion, value: &str) -> bool {
    key_for(rule, assertion, value).is_some_and(|key| holds(assertion, &key))
}

/// The value as the rule compares it with the assertion.
fn key_for(rule: MatchingRule, assertion: &Assertion, value: &str) -> Option<Key> {
    match rule {
        MatchingRule::Boolean => Some(Key::Bool(value == "TRUE")),
        MatchingRule::Integer => value.parse().ok().map(Key::Int),
        MatchingRule::Time => Timestamp::parse_generalized_time(value).map(Key::Time),
        MatchingRule::Id => match assertion {
            Assertion::Equal(_) => Id::parse(value).map(Key::Id),
            _ => Some(Key::Text(value.to_smolstr())),
        },
        _ => rule.key(value).map(Key::Text),
    }
}

fn holds(assertion: &Assertion, key: &Key) -> bool {
    match assertion {
        Assertion::Equal(other) => key == other,
        Assertion::NotEqual(other) => key != other,
        Assertion::Greater(other) => key.cmp(other) == Ordering::Greater,
        Assertion::GreaterOrEqual(other) => key >= other,
        Assertion::Less(other) => key < other,
        Assertion::LessOrEqual(other) => key <= other,
        Assertion::Substring(parts) => matches!(key, Key::Text(text) if parts.matches(text)),
        Assertion::AllBits(mask) => matches!(key, Key::Int(value) if value & mask == *mask),
        Assertion::AnyBit(mask) => matches!(key, Key::Int(value) if value & mask != 0),
        Assertion::Dialled(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Registry, ViewSet};

    use super::*;
    use crate::schema::Schema;
    use crate::wire::request::{Assertion as Asserted, Filter};

    #[test]
    fn a_value_satisfies_one_of_many_tests_as_it_would_each_by_itself() {
        fn equal<'f>(attribute: &'f str, value: &'f str) -> Filter<'f> {
            let value = value.as_bytes();
            Filter::Equality(Asserted { attribute, value })
        }
        let tests: Vec<Test> = [
            Filter::Present("cn"),
            equal("cn", "Anna"),
            equal("sn", "anna"),
            equal("telephoneNumber", "an-na"),
            equal("member", "cn=anna"),
            equal("uidNumber", "7"),
            equal("entryUUID", "00000000-0000-0000-0000-000000000007"),
            Filter::GreaterOrEqual(Asserted {
                attribute: "uidNumber",
                value: b"7",
            }),
            equal("objectClass", "person"),
        ]
        .iter()
        .flat_map(|filter| {
            let schema = Schema::with(Registry::core(), ViewSet::ALL);
            Condition::items(&schema, std::slice::from_ref(filter)).unwrap()
        })
        .map(|item| item.test)
        .collect();
        let values = [
            "ANNA",
            "cn=Anna",
            "7",
            "8",
            "person",
            "00000000-0000-0000-0000-000000000007",
            "",
        ];
        for value in values {
            for from in 0..tests.len() {
                let some = &tests[from..];
                let expected = some.iter().any(|test| satisfies(test, value));
                assert_eq!(satisfies_one(some, value), expected, "{value} {from}");
            }
        }
    }
}
