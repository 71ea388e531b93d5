//! Making an expression into the directory's filter: names resolved, values prepared.

use std::collections::BTreeSet;

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::{Mutability, Returned, Schema, Type, attr};
use jackfield_model::text::{self, Part};
use jackfield_model::{
    AttrDef, AttrId, Filter, Id, KindSet, MatchingRule, Registry, Timestamp, Truth,
};

use super::{Comparison, Expression, Literal, Operator};
use crate::name::{self, Name, Unknown};
use crate::normalise;
use crate::resource::ResourceType;
use crate::select;

/// Makes an expression over resources of these types into a filter.
///
/// # Errors
/// Which name or value makes no sense.
pub(super) fn compile(
    types: &[ResourceType],
    expression: &Expression<'_>,
) -> Result<Filter, String> {
    let each = |parts: &[Expression<'_>]| -> Result<Vec<Filter>, String> {
        parts.iter().map(|part| compile(types, part)).collect()
    };
    match expression {
        Expression::And(parts) => Ok(Filter::And(each(parts)?)),
        Expression::Or(parts) => Ok(Filter::Or(each(parts)?)),
        Expression::Not(part) => Ok(Filter::Not(Box::new(compile(types, part)?))),
        Expression::Compare(name, comparison) => compile_comparison(types, name, comparison),
        Expression::Elements(name, inner, behind) => {
            let Some(attr) = complex(types, name)? else {
                return Ok(Filter::Const(Truth::False));
            };
            let mut filter = compile_elements(attr, inner)?;
            if let Some((sub, comparison)) = behind {
                filter = Filter::And(vec![filter, compile_sub(attr, sub, comparison)?]);
            }
            Ok(match filter {
                // One condition on some element is one on some value: a look-up, not a walk.
                Filter::Match(..) => filter,
                _ => Filter::Element(attr, Box::new(filter)),
            })
        }
    }
}

/// Makes the inside of a value filter of `attr` into a filter over its sub-attributes.
///
/// # Errors
/// Which name or value makes no sense.
pub(crate) fn compile_elements(
    attr: AttrId,
    expression: &Expression<'_>,
) -> Result<Filter, String> {
    let each = |parts: &[Expression<'_>]| -> Result<Vec<Filter>, String> {
        parts
            .iter()
            .map(|part| compile_elements(attr, part))
            .collect()
    };
    match expression {
        Expression::And(parts) => Ok(Filter::And(each(parts)?)),
        Expression::Or(parts) => Ok(Filter::Or(each(parts)?)),
        Expression::Not(part) => Ok(Filter::Not(Box::new(compile_elements(attr, part)?))),
        Expression::Compare(name, comparison) => compile_sub(attr, name, comparison),
        Expression::Elements(name, ..) => Err(format!(
            "{name}[…] cannot stand inside another value filter"
        )),
    }
}

fn compile_sub(attr: AttrId, name: &str, comparison: &Comparison) -> Result<Filter, String> {
    let sub = name::sub(attr, name)
        .and_then(|sub| Registry::core().get(sub))
        .ok_or_else(|| format!("{name} is no sub-attribute of {}", shown(attr)))?;
    leaf(sub, name, comparison)
}

fn compile_comparison(
    types: &[ResourceType],
    name: &str,
    comparison: &Comparison,
) -> Result<Filter, String> {
    if name.eq_ignore_ascii_case("schemas") {
        return compile_schemas(types, comparison);
    }
    let (attr, sub) = match name::resolve(types, name) {
        Ok(Name::Attribute { attr, sub }) => (attr, sub),
        // RFC 7644 §3.4.2.1: at the root, what no type has is as if it had no value.
        Err(Unknown::Attribute) if types.len() > 1 => return Ok(absent(comparison)),
        Ok(Name::Schema(_)) | Err(_) => return Err(format!("{name} is no attribute")),
    };
    let registry = Registry::core();
    let Some(def) = registry.get(sub.unwrap_or(attr)) else {
        return Err(format!("{name} is no attribute"));
    };
    match (def.ty, comparison) {
        (Type::Complex, Comparison::Present) => Ok(Filter::Present(attr)),
        // Ping and Entra ID write `emails eq "…"`, `members eq "…"`, `manager eq "…"`.
        (Type::Complex, _) => {
            let value = name::value_of(attr).and_then(|value| registry.get(value));
            let value = value.ok_or_else(|| format!("{name} needs a sub-attribute"))?;
            leaf(value, name, comparison)
        }
        _ => leaf(def, name, comparison),
    }
}

/// The multi-valued or single complex attribute of a value filter; `None` at the root for one
/// that no type has.
fn complex(types: &[ResourceType], name: &str) -> Result<Option<AttrId>, String> {
    match name::resolve(types, name) {
        Ok(Name::Attribute { attr, sub: None })
            if Registry::core()
                .get(attr)
                .is_some_and(|def| def.ty == Type::Complex) =>
        {
            Ok(Some(attr))
        }
        Err(Unknown::Attribute) if types.len() > 1 => Ok(None),
        Err(_) => Err(format!("{name} is no attribute")),
        Ok(_) => Err(format!("{name} has no sub-attributes")),
    }
}

/// A comparison of one attribute that is not complex.
fn leaf(def: &AttrDef, name: &str, comparison: &Comparison) -> Result<Filter, String> {
    if def.mutability == Mutability::WriteOnly {
        return Err(format!("{name} cannot be asked for"));
    }
    let (operator, literal) = match comparison {
        Comparison::To(Operator::Equal, Literal::Null) => {
            return Ok(Filter::Not(Box::new(Filter::Present(def.id))));
        }
        Comparison::Present | Comparison::To(Operator::NotEqual, Literal::Null) => {
            return Ok(Filter::Present(def.id));
        }
        Comparison::To(operator, literal) => (*operator, literal),
    };
    match (def.id, literal) {
        (attr::META_RESOURCE_TYPE, Literal::Text(text)) => {
            let is_asked = |ty: &ResourceType| compares(ty.name(), operator, text);
            return Ok(Filter::Kind(kinds(
                ResourceType::ALL.into_iter().filter(is_asked),
            )));
        }
        (attr::META_LOCATION, Literal::Text(text)) => {
            return by_uri(attr::ID, operator, text, name);
        }
        (attr::GROUPS_REF, Literal::Text(text)) => {
            return by_uri(attr::GROUPS_VALUE, operator, text, name);
        }
        (attr::MEMBERS_REF, Literal::Text(text)) => {
            return by_uri(attr::MEMBERS_VALUE, operator, text, name);
        }
        (attr::MANAGER_REF, Literal::Text(text)) => {
            return by_uri(attr::MANAGER_VALUE, operator, text, name);
        }
        _ => {}
    }
    let assertion = match (def.ty, literal) {
        (Type::String | Type::Reference, Literal::Text(text)) if name::is_record_id(def.id) => {
            return Ok(by_id(def.id, operator, text));
        }
        (Type::String | Type::Reference, Literal::Text(text)) => {
            text_assertion(def.rule(), operator, text)
        }
        (Type::Boolean, literal) => equality(operator, Key::Bool(boolean(literal, name)?), name)?,
        (Type::Integer, Literal::Number(number)) => {
            let number = number
                .as_i64()
                .ok_or_else(|| format!("{name} takes whole numbers"))?;
            ordered(operator, Key::Int(number), name)?
        }
        (Type::DateTime, Literal::Text(text)) => {
            let at = Timestamp::parse_rfc3339(text)
                .ok_or_else(|| format!("{name} takes times such as \"2026-11-22T03:04:05Z\""))?;
            ordered(operator, Key::Time(at.to_millis_precision()), name)?
        }
        (Type::Binary, Literal::Text(text)) => {
            let bytes =
                normalise::base64(text).ok_or_else(|| format!("{name} takes octets in base64"))?;
            equality(operator, Key::Bytes(bytes.into()), name)?
        }
        (Type::Integer, _) => return Err(format!("{name} takes whole numbers")),
        (Type::String | Type::Reference | Type::DateTime | Type::Binary, _) => {
            return Err(format!("{name} takes text in quotation marks"));
        }
        (Type::Complex, _) => return Err(format!("{name} needs a sub-attribute")),
    };
    Ok(matching(def.id, def.rule(), operator, assertion))
}

/// `ne` holds for what has no value too: nothing is not identical to something.
fn matching(attr: AttrId, rule: MatchingRule, operator: Operator, assertion: Assertion) -> Filter {
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
        (Operator::Equal, None) => return Filter::Const(Truth::False),
        _ => (
            MatchingRule::CaseExact,
            text_assertion(MatchingRule::CaseExact, operator, text),
        ),
    };
    matching(attr, rule, operator, assertion)
}

/// A URI of a resource stands for the resource; only its last part says which.
fn by_uri(attr: AttrId, operator: Operator, uri: &str, name: &str) -> Result<Filter, String> {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            let id = uri.rsplit('/').next().unwrap_or(uri);
            if name::is_record_id(attr) {
                return Ok(by_id(attr, operator, id));
            }
            let assertion = text_assertion(MatchingRule::CaseExact, operator, id);
            Ok(matching(attr, MatchingRule::CaseExact, operator, assertion))
        }
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

fn boolean(literal: &Literal, name: &str) -> Result<bool, String> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::Text(text) => normalise::boolean(text),
        _ => None,
    }
    .ok_or_else(|| format!("{name} takes true or false"))
}

/// What a comparison comes to where there is no value.
fn absent(comparison: &Comparison) -> Filter {
    let holds = matches!(comparison, Comparison::To(Operator::Equal, Literal::Null))
        || matches!(comparison, Comparison::To(Operator::NotEqual, literal) if *literal != Literal::Null);
    Filter::Const(holds.into())
}

/// `schemas` follows from the resource's type and from which extensions have values.
fn compile_schemas(types: &[ResourceType], comparison: &Comparison) -> Result<Filter, String> {
    let (operator, text) = match comparison {
        Comparison::Present => return Ok(Filter::Const(Truth::True)),
        Comparison::To(operator, Literal::Text(text)) => (*operator, text),
        Comparison::To(..) => return Err("schemas takes text in quotation marks".to_owned()),
    };
    let is_asked = |schema: Schema| {
        schema
            .urn()
            .is_some_and(|urn| compares(urn, operator, text))
    };
    let base = kinds(types.iter().copied().filter(|ty| is_asked(ty.base())));
    let extensions: BTreeSet<AttrId> = types
        .iter()
        .flat_map(|ty| ty.extensions())
        .filter(|schema| is_asked(**schema))
        .flat_map(|schema| Registry::core().attributes_of(*schema))
        .filter(|def| select::returned(def) == Returned::Default)
        // Every group has a kind; only a role's shows.
        .filter(|def| def.id != attr::GROUP_KIND)
        .map(|def| def.id)
        .collect();
    let extensions = extensions.into_iter().map(Filter::Present);
    Ok(Filter::Or(
        std::iter::once(Filter::Kind(base))
            .chain(extensions)
            .collect(),
    ))
}

fn kinds(types: impl Iterator<Item = ResourceType>) -> KindSet {
    types.fold(KindSet::NONE, |all, ty| all.union(ty.kinds()))
}

/// Compares a text that is known already.
fn compares(value: &str, operator: Operator, text: &str) -> bool {
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

fn shown(attr: AttrId) -> &'static str {
    Registry::core()
        .get(attr)
        .map_or("", |def| def.name.as_str())
}

#[cfg(test)]
mod tests;
