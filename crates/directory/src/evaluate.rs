//! Evaluating a filter on one entry, in three-valued logic.

use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Filter, Id, Kind, MatchingRule, Timestamp, Truth, Value, text,
};

use crate::entry::{Entry, Flow, ValueRef};

/// Evaluates a filter on an entry. What the reader may not read is Undefined.
pub(crate) fn evaluate(filter: &Filter, entry: Entry<'_>) -> Truth {
    match filter {
        Filter::Const(truth) => *truth,
        Filter::Kind(kinds) => kinds.contains(entry.record().kind).into(),
        Filter::And(parts) => Truth::all(parts.iter().map(|part| evaluate(part, entry))),
        Filter::Or(parts) => Truth::any(parts.iter().map(|part| evaluate(part, entry))),
        Filter::Not(part) => evaluate(part, entry).negate(),
        Filter::Present(attr) | Filter::Match(attr, ..) | Filter::Element(attr, _)
            if !entry.may_read(*attr) =>
        {
            Truth::Undefined
        }
        Filter::Present(attr) => present(entry, *attr).into(),
        Filter::Match(attr, rule, assertion) => {
            if *rule == MatchingRule::Id
                && let Some(is_edge) = edge(entry, *attr, assertion)
            {
                return is_edge.into();
            }
            let found = entry.leaf(*attr, &mut |value| {
                stop_if(satisfies(*rule, assertion, value))
            });
            found.is_break().into()
        }
        Filter::Composed(template, ..) if !entry.may_read_all(template) => Truth::Undefined,
        Filter::Composed(template, rule, assertion) => {
            let text = entry.composed(template);
            let satisfies = |text: String| satisfies(*rule, assertion, ValueRef::Str(&text));
            text.is_some_and(satisfies).into()
        }
        Filter::Credential(kind) => {
            let mut all = entry.snapshot().credentials_of(entry.record().id);
            all.any(|credential| credential.kind == *kind).into()
        }
        Filter::Element(attr, inner) => {
            if let (attr::MEMBERS, Some(id)) = (*attr, sole_member(inner)) {
                return is_sole_member(entry, id, inner).into();
            }
            let elements = entry.attribute(*attr);
            let mut complex = elements.iter().filter_map(Value::as_complex);
            complex
                .any(|element| evaluate_element(inner, element).holds())
                .into()
        }
    }
}

/// The member that a value filter demands, whatever else it does.
fn sole_member(filter: &Filter) -> Option<Id> {
    match filter {
        Filter::Match(attr::MEMBERS_VALUE, MatchingRule::Id, Assertion::Equal(Key::Id(id))) => {
            Some(*id)
        }
        Filter::And(parts) => parts.iter().find_map(sole_member),
        _ => None,
    }
}

/// Whether this record is a member of the group, and what stands for it satisfies the filter.
fn is_sole_member(group: Entry<'_>, id: Id, filter: &Filter) -> bool {
    let is_there = edge(group, attr::MEMBERS_VALUE, &Assertion::Equal(Key::Id(id)));
    let Some(member) = group
        .snapshot()
        .record(id)
        .filter(|_| is_there == Some(true))
    else {
        return false;
    };
    let value = group.of(member).as_member();
    let element = value.as_complex();
    element.is_some_and(|element| evaluate_element(filter, element).holds())
}

/// Evaluates the inside of a value filter on one element (RFC 7644 §3.4.2.2).
pub(crate) fn evaluate_element(filter: &Filter, element: &Attributes) -> Truth {
    match filter {
        Filter::Const(truth) => *truth,
        Filter::Kind(_) | Filter::Element(..) | Filter::Composed(..) | Filter::Credential(_) => {
            Truth::Undefined
        }
        Filter::And(parts) => Truth::all(parts.iter().map(|part| evaluate_element(part, element))),
        Filter::Or(parts) => Truth::any(parts.iter().map(|part| evaluate_element(part, element))),
        Filter::Not(part) => evaluate_element(part, element).negate(),
        Filter::Present(attr) => element.values(*attr).iter().any(says_something).into(),
        Filter::Match(attr, rule, assertion) => {
            let mut values = element.values(*attr).iter().filter_map(ValueRef::of);
            values
                .any(|value| satisfies(*rule, assertion, value))
                .into()
        }
    }
}

fn present(entry: Entry<'_>, attr: AttrId) -> bool {
    let leaf = |attr| {
        entry
            .leaf(attr, &mut |value| stop_if(value != ValueRef::Str("")))
            .is_break()
    };
    match attr {
        // The first one will do; a group may have very many.
        attr::MEMBERS => leaf(attr::MEMBERS_VALUE),
        attr::GROUPS => leaf(attr::GROUPS_VALUE),
        _ => leaf(attr) || entry.attribute(attr).iter().any(says_something),
    }
}

/// Whether a value is more than an empty text, or has something in it that is (RFC 7644 §3.4.2.2, `pr`).
fn says_something(value: &Value) -> bool {
    match value {
        Value::Str(text) => !text.is_empty(),
        Value::Complex(element) => {
            let mut values = element.iter().flat_map(|(_, values)| values);
            values.any(says_something)
        }
        Value::Bool(_) | Value::Int(_) | Value::Time(_) | Value::Bytes(_) => true,
    }
}

/// Whether the entry is a member of the group, or has the member, that is asked for: one look-up
/// in place of a walk.
fn edge(entry: Entry<'_>, attr: AttrId, assertion: &Assertion) -> Option<bool> {
    let id = match assertion {
        Assertion::Equal(Key::Id(id)) => Some(*id),
        Assertion::Equal(Key::Text(text)) => Id::parse(text),
        _ => return None,
    };
    let snapshot = entry.snapshot();
    let found = id.and_then(|id| snapshot.record(id));
    let Some(other) = found.filter(|other| entry.sees(other)) else {
        return Some(false);
    };
    let (own, other_number) = (entry.record().number.0, other.number.0);
    match (attr, entry.record().kind, other.kind) {
        (attr::MEMBERS_VALUE, Kind::Role, _) => Some(
            snapshot.grant_edges().contains(own, other_number)
                || snapshot.held_edges().get(own, other_number) == Some(&true),
        ),
        (attr::HOLDERS, Kind::Role, _) => Some(snapshot.held_edges().contains(own, other_number)),
        (attr::HOLDERS, Kind::Extension | Kind::Desk, _) => {
            let holders = snapshot.holders_of_place(entry.record());
            Some(holders.iter().any(|(holder, _)| holder.id == other.id))
        }
        (attr::MEMBERS_VALUE | attr::HOLDERS, ..) => {
            Some(snapshot.member_edges().contains(own, other_number))
        }
        (attr::GROUPS_VALUE, _, Kind::Role) => {
            Some(snapshot.held_edges().contains(other_number, own))
        }
        (attr::GROUPS_VALUE, ..) => Some(snapshot.member_edges().contains(other_number, own)),
        _ => None,
    }
}

fn stop_if(found: bool) -> Flow {
    if found {
        Flow::Break(())
    } else {
        Flow::Continue(())
    }
}

/// Whether one value satisfies an assertion under a rule.
fn satisfies(rule: MatchingRule, assertion: &Assertion, value: ValueRef<'_>) -> bool {
    match (rule, assertion, value) {
        (_, Assertion::Dialled(number), ValueRef::Str(text)) => number.holds(text),
        (MatchingRule::CaseIgnore, Assertion::Equal(Key::Text(key)), ValueRef::Str(text)) => {
            text::eq_case_ignore(text, key)
        }
        (MatchingRule::CaseIgnore, assertion, ValueRef::Str(text)) => {
            text::with_case_ignore(text, |prepared| compare_text(prepared, assertion))
        }
        (MatchingRule::AccentIgnore, assertion, ValueRef::Str(text)) if text.is_ascii() => {
            text::with_case_ignore(text, |prepared| compare_text(prepared, assertion))
        }
        (_, assertion, ValueRef::Str(text)) => match rule.key(text) {
            Some(prepared) => compare_text(&prepared, assertion),
            None => compare(reread(rule, text).as_ref(), assertion),
        },
        (MatchingRule::Boolean, assertion, ValueRef::Bool(value)) => {
            compare(Some(&Key::Bool(value)), assertion)
        }
        // As the indexes have it: a rule for text knows no truth values.
        (_, assertion, ValueRef::Bool(_)) => compare(None, assertion),
        (_, Assertion::AllBits(mask), ValueRef::Int(value)) => value & mask == *mask,
        (_, Assertion::AnyBit(mask), ValueRef::Int(value)) => value & mask != 0,
        (_, assertion, ValueRef::Int(value)) => compare(Some(&Key::Int(value)), assertion),
        (_, assertion, ValueRef::Time(at)) => {
            compare(Some(&Key::Time(at.to_millis_precision())), assertion)
        }
        (_, assertion, ValueRef::Bytes(bytes)) => {
            compare(Some(&Key::Bytes(bytes.into())), assertion)
        }
        (_, assertion, ValueRef::Id(id)) => compare_id(id, assertion),
    }
}

/// An id compares as itself, and as the text it is written as.
fn compare_id(id: Id, assertion: &Assertion) -> bool {
    match assertion {
        Assertion::Equal(Key::Text(key)) => Id::parse(key) == Some(id),
        Assertion::NotEqual(Key::Text(key)) => Id::parse(key) != Some(id),
        Assertion::Equal(Key::Id(_)) | Assertion::NotEqual(Key::Id(_)) => {
            compare(Some(&Key::Id(id)), assertion)
        }
        _ => compare_text(&id.to_string(), assertion),
    }
}

/// Text of an element that stands for something else, such as a member's id.
fn reread(rule: MatchingRule, text: &str) -> Option<Key> {
    match rule {
        MatchingRule::Id => Id::parse(text).map(Key::Id),
        MatchingRule::Time => Timestamp::parse_rfc3339(text).map(Key::Time),
        _ => None,
    }
}

fn compare_text(value: &str, assertion: &Assertion) -> bool {
    let ordered = |key: &Key| match key {
        Key::Text(key) => Some(value.cmp(key.as_str())),
        _ => None,
    };
    match assertion {
        Assertion::Substring(parts) => parts.matches(value),
        other => holds(other, ordered),
    }
}

fn compare(value: Option<&Key>, assertion: &Assertion) -> bool {
    let same_type = |key: &Key| {
        let value = value?;
        (std::mem::discriminant(value) == std::mem::discriminant(key)).then(|| value.cmp(key))
    };
    holds(assertion, same_type)
}

fn holds(assertion: &Assertion, ordering: impl Fn(&Key) -> Option<std::cmp::Ordering>) -> bool {
    match assertion {
        Assertion::Equal(key) => ordering(key).is_some_and(std::cmp::Ordering::is_eq),
        Assertion::NotEqual(key) => ordering(key).is_some_and(std::cmp::Ordering::is_ne),
        Assertion::Greater(key) => ordering(key).is_some_and(std::cmp::Ordering::is_gt),
        Assertion::GreaterOrEqual(key) => ordering(key).is_some_and(std::cmp::Ordering::is_ge),
        Assertion::Less(key) => ordering(key).is_some_and(std::cmp::Ordering::is_lt),
        Assertion::LessOrEqual(key) => ordering(key).is_some_and(std::cmp::Ordering::is_le),
        Assertion::Substring(_)
        | Assertion::Dialled(_)
        | Assertion::AllBits(_)
        | Assertion::AnyBit(_) => false,
    }
}
