//! The second opinion: what `scim_proto` understands by a filter.

use scim_proto::filter::{ScimComplexFilter as Inner, ScimFilter as Outer};
use serde_json::Value as Json;

use super::{expression, printed};

/// Brackets that `scim_proto` is trusted with: its parser calls itself for each.
const MOST_BRACKETS: usize = 20;
/// And so many octets, since it reads some of them again and again.
const MOST_OCTETS: usize = 2_000;

/// Whatever `scim_proto` understands, we do, and alike.
pub(super) fn check(text: &str) {
    let brackets = text.chars().filter(|c| matches!(c, '(' | '[')).count();
    if brackets > MOST_BRACKETS || text.len() > MOST_OCTETS {
        return;
    }
    let Ok(theirs) = text.parse::<Outer>() else {
        return;
    };
    // JSON's objects and lists are no values in filters (RFC 7644 §3.4.2.2).
    let Some(theirs) = outer(&theirs) else {
        return;
    };
    assert_eq!(expression(text), Some(theirs.text));
}

/// An expression written out, and the word that joins it.
struct Printed {
    text: String,
    join: &'static str,
}

fn outer(filter: &Outer) -> Option<Printed> {
    match filter {
        Outer::Or(a, b) => Some(join(" or ", &outer(a)?, &outer(b)?)),
        Outer::And(a, b) => Some(join(" and ", &outer(a)?, &outer(b)?)),
        Outer::Not(inner) => Some(alone(format!("not ({})", outer(inner)?.text))),
        Outer::Complex(name, filter) => Some(alone(format!("{name}[{}]", inner(filter)?.text))),
        Outer::Present(path) => Some(alone(format!("{} pr", path.to_string()))),
        Outer::Equal(path, value) => compare(&path.to_string(), "eq", value),
        Outer::NotEqual(path, value) => compare(&path.to_string(), "ne", value),
        Outer::Contains(path, value) => compare(&path.to_string(), "co", value),
        Outer::StartsWith(path, value) => compare(&path.to_string(), "sw", value),
        Outer::EndsWith(path, value) => compare(&path.to_string(), "ew", value),
        Outer::Greater(path, value) => compare(&path.to_string(), "gt", value),
        Outer::GreaterOrEqual(path, value) => compare(&path.to_string(), "ge", value),
        Outer::Less(path, value) => compare(&path.to_string(), "lt", value),
        Outer::LessOrEqual(path, value) => compare(&path.to_string(), "le", value),
    }
}

fn inner(filter: &Inner) -> Option<Printed> {
    match filter {
        Inner::Or(a, b) => Some(join(" or ", &inner(a)?, &inner(b)?)),
        Inner::And(a, b) => Some(join(" and ", &inner(a)?, &inner(b)?)),
        Inner::Not(part) => Some(alone(format!("not ({})", inner(part)?.text))),
        Inner::Present(name) => Some(alone(format!("{name} pr"))),
        Inner::Equal(name, value) => compare(name, "eq", value),
        Inner::NotEqual(name, value) => compare(name, "ne", value),
        Inner::Contains(name, value) => compare(name, "co", value),
        Inner::StartsWith(name, value) => compare(name, "sw", value),
        Inner::EndsWith(name, value) => compare(name, "ew", value),
        Inner::Greater(name, value) => compare(name, "gt", value),
        Inner::GreaterOrEqual(name, value) => compare(name, "ge", value),
        Inner::Less(name, value) => compare(name, "lt", value),
        Inner::LessOrEqual(name, value) => compare(name, "le", value),
    }
}

fn alone(text: String) -> Printed {
    Printed { text, join: "" }
}

fn join(word: &'static str, a: &Printed, b: &Printed) -> Printed {
    let part = |part: &Printed| match (word, part.join) {
        (" and ", " or ") => format!("({})", part.text),
        _ => part.text.clone(),
    };
    Printed {
        text: [part(a), part(b)].join(word),
        join: word,
    }
}

fn compare(name: &str, operator: &str, value: &Json) -> Option<Printed> {
    let value = match value {
        Json::Object(_) | Json::Array(_) => return None,
        Json::Number(number) => printed::written(number),
        other => other.to_string(),
    };
    Some(alone(format!("{name} {operator} {value}")))
}
