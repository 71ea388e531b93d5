//! Comparisons of one attribute that is not complex: the value prepared by the attribute's rule.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::{Mutability, Type, attr};
use jackfield_model::text::{self, Part};
use jackfield_model::{AttrDef, AttrId, Filter, Id, KindSet, MatchingRule, Timestamp, Truth};

use super::{Comparison, Literal, Operator};
use crate::dialect::Dialect;
use crate::name;
use crate::normalise;
use crate::precondition;
use crate::repair::Repair;
use crate::resource::ResourceType;

/// A comparison of one attribute that is not complex.
pub(super) fn leaf(
    dialect: &Dialect,
    def: &AttrDef,
    name: &str,
    comparison: &Comparison,
) -> Result<Filter, String> {
    if def.mutability == Mutability::WriteOnly {
        return Err(format!("{name} cannot be asked for"));
    }
    let (operator, literal) = match comparison {
        Comparison::To(Operator::Equal, Literal::Null) => {
            return Ok(Filter::Not(Box::new(Filter::Present(shown_with(def.id)))));
        }
        Comparison::Present | Comparison::To(Operator::NotEqual, Literal::Null) => {
            return Ok(Filter::Present(shown_with(def.id)));
        }
        Comparison::To(operator, literal) => (*operator, literal),
    };
    let unquoted = match (def.ty, literal) {
        (Type::String, Literal::Number(number)) if dialect.takes(Repair::UnquotedText) => {
            Some(Literal::Text(number.to_string()))
        }
        _ => None,
    };
    let literal = unquoted.as_ref().unwrap_or(literal);
    if let Literal::Text(text) = literal
        && let Some(filter) = made(def.id, operator, text, name)
    {
        return filter;
    }
    let assertion = assertion(dialect, def, operator, literal, name)?;
    Ok(matching(def.id, def.rule(), operator, assertion))
}

/// A comparison of an attribute that answers alone have, or whose values are ids.
fn made(
    attr: AttrId,
    operator: Operator,
    text: &str,
    name: &str,
) -> Option<Result<Filter, String>> {
    let by_uri = |value, types: &[_]| by_uri(value, types, operator, text, name);
    Some(match attr {
        attr::META_RESOURCE_TYPE => {
            let is_asked = |ty: &ResourceType| compares(ty.name(), operator, text);
            let types = ResourceType::ALL.into_iter().filter(is_asked);
            Ok(Filter::Kind(kinds(types)))
        }
        attr::META_LOCATION => by_location(operator, text, name),
        attr::META_VERSION => by_version(operator, text, name),
        attr::GROUPS_REF => by_uri(attr::GROUPS_VALUE, &[ResourceType::Group]),
        attr::MEMBERS_REF => by_uri(attr::MEMBERS_VALUE, &ResourceType::ALL),
        attr::MANAGER_REF => by_uri(attr::MANAGER_VALUE, &[ResourceType::User]),
        attr if name::is_record_id(attr) => Ok(by_id(attr, operator, text)),
        _ => return None,
    })
}

/// What is said of the values, prepared by the attribute's rule.
fn assertion(
    dialect: &Dialect,
    def: &AttrDef,
    operator: Operator,
    literal: &Literal,
    name: &str,
) -> Result<Assertion, String> {
    let takes = |what: &str| format!("{name} takes {what}");
    match (def.ty, literal) {
        (Type::String | Type::Reference, Literal::Text(text)) => {
            Ok(text_assertion(def.rule(), operator, text))
        }
        (Type::Boolean, literal) => {
            equality(operator, Key::Bool(boolean(dialect, literal, name)?), name)
        }
        (Type::Integer, Literal::Number(number)) => {
            let number = number.as_i64().ok_or_else(|| takes("whole numbers"))?;
            ordered(operator, Key::Int(number), name)
        }
        (Type::DateTime, Literal::Text(text)) => {
            let at = Timestamp::parse_rfc3339(text)
                .ok_or_else(|| takes("times such as \"2026-11-22T03:04:05Z\""))?;
            ordered(operator, Key::Time(at.to_millis_precision()), name)
        }
        (Type::Binary, Literal::Text(text)) => {
            let bytes = normalise::base64(text).ok_or_else(|| takes("octets in base64"))?;
            equality(operator, Key::Bytes(bytes.into()), name)
        }
        (Type::Integer, _) => Err(takes("whole numbers")),
        (Type::String | Type::Reference | Type::DateTime | Type::Binary, _) => {
            Err(takes("text in quotation marks"))
        }
        (Type::Complex, _) => Err(format!("{name} needs a sub-attribute")),
    }
}

/// `ne` holds for what has no value too: nothing is not identical to something. An empty text is not present,
/// and yet identical to itself.
fn matching(attr: AttrId, rule: MatchingRule, operator: Operator, assertion: Assertion) -> Filter {
    if let Assertion::NotEqual(Key::Text(key)) = &assertion
        && key.trim().is_empty()
    {
        let same = Filter::Match(attr, rule, Assertion::Equal(Key::Text(key.clone())));
        return Filter::Not(Box::new(same));
    }
    let filter = Filter::Match(attr, rule, assertion);
    match operator {
        Operator::NotEqual => {
            Filter::Or(vec![filter, Filter::Not(Box::new(Filter::Present(attr)))])
        }
        _ => filter,
    }
}

fn by_id(attr: AttrId, operator: Operator, text: &str) -> Filter {
    let (rule, assertion) = match (operator, Id::parse(text)) {
        (Operator::Equal, Some(id)) => (MatchingRule::Id, Assertion::Equal(Key::Id(id))),
        (Operator::NotEqual, Some(id)) => (MatchingRule::Id, Assertion::NotEqual(Key::Id(id))),
        // A member that is not there yet can be called anything, and is removed by that.
        (Operator::Equal, None) if attr == attr::MEMBERS_VALUE => {
            let name = Key::Text(text::case_exact(text));
            (MatchingRule::Id, Assertion::Equal(name))
        }
        (Operator::Equal, None) => return Filter::Const(Truth::False),
        _ => (
            MatchingRule::CaseExact,
            text_assertion(MatchingRule::CaseExact, operator, text),
        ),
    };
    matching(attr, rule, operator, assertion)
}

/// What has a value where an attribute is shown that answers alone have: URIs are made of ids, and
/// a manager who is not here has neither a name nor a URI.
fn shown_with(attr: AttrId) -> AttrId {
    match attr {
        attr::META_LOCATION => attr::ID,
        attr::GROUPS_REF => attr::GROUPS_VALUE,
        attr::MEMBERS_REF => attr::MEMBERS_VALUE,
        attr::MANAGER_REF => attr::MANAGER_DISPLAY_NAME,
        other => other,
    }
}

/// A version is compared as `If-Match` compares it: what others did to a user is no matter.
fn by_version(operator: Operator, tag: &str, name: &str) -> Result<Filter, String> {
    only_equality(operator, name)?;
    let version = precondition::version(tag)
        .ok_or_else(|| format!("{name} takes a version as answers have it"))?;
    let rule = MatchingRule::CaseExact;
    let assertion = text_assertion(rule, operator, &format!("W/\"{version}\""));
    Ok(matching(attr::META_VERSION, rule, operator, assertion))
}

fn by_location(operator: Operator, uri: &str, name: &str) -> Result<Filter, String> {
    only_equality(operator, name)?;
    let (types, id) = referred(uri);
    let is_there = Filter::And(vec![
        by_id(attr::ID, Operator::Equal, id),
        Filter::Kind(kinds(types.into_iter())),
    ]);
    Ok(match operator {
        Operator::NotEqual => Filter::Not(Box::new(is_there)),
        _ => is_there,
    })
}

/// A URI of a resource of one of these types stands for the resource.
fn by_uri(
    attr: AttrId,
    types: &[ResourceType],
    operator: Operator,
    uri: &str,
    name: &str,
) -> Result<Filter, String> {
    only_equality(operator, name)?;
    let (named, id) = referred(uri);
    if !named.iter().any(|ty| types.contains(ty)) {
        return Ok(Filter::Const((operator == Operator::NotEqual).into()));
    }
    if name::is_record_id(attr) {
        return Ok(by_id(attr, operator, id));
    }
    let rule = MatchingRule::CaseExact;
    let assertion = text_assertion(rule, operator, id);
    Ok(matching(attr, rule, operator, assertion))
}

/// The types of resource that a URI can be of, and the id: its last two parts. What stands before
/// them is not compared, since proxies give the same server other names; an id alone is relative
/// to any endpoint.
fn referred(uri: &str) -> (Vec<ResourceType>, &str) {
    let Some((before, id)) = uri.rsplit_once('/') else {
        return (ResourceType::ALL.to_vec(), uri);
    };
    let endpoint = before.rsplit('/').next().unwrap_or(before);
    let mut types = ResourceType::ALL.to_vec();
    types.retain(|ty| ty.endpoint() == endpoint);
    (types, id)
}

fn only_equality(operator: Operator, name: &str) -> Result<(), String> {
    match operator {
        Operator::Equal | Operator::NotEqual => Ok(()),
        _ => Err(format!("{name} can be compared with eq and ne only")),
    }
}

fn text_assertion(rule: MatchingRule, operator: Operator, text: &str) -> Assertion {
    let is_exact = rule == MatchingRule::CaseExact;
    let whole = || {
        Key::Text(if is_exact {
            text::case_exact(text)
        } else {
            text::case_ignore(text)
        })
    };
    let part = |place| {
        Some(if is_exact {
            text::case_exact_part(text, place)
        } else {
            text::case_ignore_part(text, place)
        })
    };
    match operator {
        Operator::Equal => Assertion::Equal(whole()),
        Operator::NotEqual => Assertion::NotEqual(whole()),
        Operator::Greater => Assertion::Greater(whole()),
        Operator::GreaterOrEqual => Assertion::GreaterOrEqual(whole()),
        Operator::Less => Assertion::Less(whole()),
        Operator::LessOrEqual => Assertion::LessOrEqual(whole()),
        Operator::StartsWith => Assertion::Substring(Substring {
            initial: part(Part::Initial),
            ..Substring::default()
        }),
        Operator::Contains => Assertion::Substring(Substring {
            any: part(Part::Any).into_iter().collect(),
            ..Substring::default()
        }),
        Operator::EndsWith => Assertion::Substring(Substring {
            last: part(Part::Final),
            ..Substring::default()
        }),
    }
}

/// RFC 7644 §3.4.2.2: booleans and octets have no order and no parts.
fn equality(operator: Operator, key: Key, name: &str) -> Result<Assertion, String> {
    match operator {
        Operator::Equal => Ok(Assertion::Equal(key)),
        Operator::NotEqual => Ok(Assertion::NotEqual(key)),
        _ => Err(format!("{} cannot be asked of {name}", operator.name())),
    }
}

fn ordered(operator: Operator, key: Key, name: &str) -> Result<Assertion, String> {
    match operator {
        Operator::Greater => Ok(Assertion::Greater(key)),
        Operator::GreaterOrEqual => Ok(Assertion::GreaterOrEqual(key)),
        Operator::Less => Ok(Assertion::Less(key)),
        Operator::LessOrEqual => Ok(Assertion::LessOrEqual(key)),
        _ => equality(operator, key, name),
    }
}

fn boolean(dialect: &Dialect, literal: &Literal, name: &str) -> Result<bool, String> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::Text(text) => normalise::boolean(dialect, text),
        _ => None,
    }
    .ok_or_else(|| format!("{name} takes true or false"))
}

/// The kinds of record of these types.
pub(super) fn kinds(types: impl Iterator<Item = ResourceType>) -> KindSet {
    types.fold(KindSet::NONE, |all, ty| all.union(ty.kinds()))
}

/// Compares a text that is known already.
pub(crate) fn compares(value: &str, operator: Operator, text: &str) -> bool {
    let (value, text) = (text::case_ignore(value), text::case_ignore(text));
    match operator {
        Operator::Equal => value == text,
        Operator::NotEqual => value != text,
        Operator::Contains => value.contains(text.as_str()),
        Operator::StartsWith => value.starts_with(text.as_str()),
        Operator::EndsWith => value.ends_with(text.as_str()),
        Operator::Greater => value > text,
        Operator::GreaterOrEqual => value >= text,
        Operator::Less => value < text,
        Operator::LessOrEqual => value <= text,
    }
}
