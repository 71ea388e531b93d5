//! Making an expression into the directory's filter: names resolved, values prepared.

use std::collections::BTreeSet;

use jackfield_model::schema::{Returned, Schema, Type, attr};
use jackfield_model::{AttrId, Attributes, Filter, MatchingRule, Truth};
use serde_json::Value as Json;

use super::leaf::{compares, kinds, leaf};
use super::{Comparison, Expression, Literal, Operator};
use crate::decode;
use crate::dialect::Dialect;
use crate::name::{self, Name, Unknown};
use crate::offered;
use crate::repair::Repair;
use crate::resource::ResourceType;
use crate::select;

/// Makes an expression over resources of these types into a filter.
///
/// # Errors
/// Which name or value makes no sense.
pub(super) fn compile(
    dialect: &Dialect,
    types: &[ResourceType],
    expression: &Expression<'_>,
) -> Result<Filter, String> {
    let each = |parts: &[Expression<'_>]| -> Result<Vec<Filter>, String> {
        parts
            .iter()
            .map(|part| compile(dialect, types, part))
            .collect()
    };
    match expression {
        Expression::And(parts) => Ok(Filter::And(each(parts)?)),
        Expression::Or(parts) => Ok(Filter::Or(each(parts)?)),
        Expression::Not(part) => Ok(Filter::Not(Box::new(compile(dialect, types, part)?))),
        Expression::Compare(name, comparison) => {
            compile_comparison(dialect, types, name, comparison)
        }
        Expression::Elements(name, inner, behind) => {
            let Some(attr) = complex(dialect, types, name)? else {
                return Ok(Filter::Const(Truth::False));
            };
            let mut filter = compile_elements(dialect, attr, inner)?;
            if let Some((sub, comparison)) = behind {
                if !dialect.takes(Repair::ElementComparison) {
                    return Err(format!("nothing can follow {name}[…]"));
                }
                filter = Filter::And(vec![filter, compile_sub(dialect, attr, sub, comparison)?]);
            }
            Ok(match filter {
                // One condition on some element is one on some value: a look-up, not a walk.
                Filter::Match(..) => filter,
                // It is one value, of which parts are the record's.
                _ if attr == attr::META => filter,
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
    dialect: &Dialect,
    attr: AttrId,
    expression: &Expression<'_>,
) -> Result<Filter, String> {
    let each = |parts: &[Expression<'_>]| -> Result<Vec<Filter>, String> {
        parts
            .iter()
            .map(|part| compile_elements(dialect, attr, part))
            .collect()
    };
    match expression {
        Expression::And(parts) => Ok(Filter::And(each(parts)?)),
        Expression::Or(parts) => Ok(Filter::Or(each(parts)?)),
        Expression::Not(part) => Ok(Filter::Not(Box::new(compile_elements(
            dialect, attr, part,
        )?))),
        Expression::Compare(name, comparison) => compile_sub(dialect, attr, name, comparison),
        Expression::Elements(name, ..) => Err(format!(
            "{name}[…] cannot stand inside another value filter"
        )),
    }
}

/// The element of `attr` that a conjunction of equalities describes, with the values as they were written.
pub(crate) fn described(
    dialect: &Dialect,
    attr: AttrId,
    expression: &Expression<'_>,
) -> Option<Attributes> {
    let mut element = Attributes::new();
    describe(dialect, attr, expression, &mut element).then_some(element)
}

fn describe(
    dialect: &Dialect,
    attr: AttrId,
    expression: &Expression<'_>,
    element: &mut Attributes,
) -> bool {
    let (name, comparison, literal) = match expression {
        Expression::And(parts) => {
            let mut parts = parts.iter();
            return parts.all(|part| describe(dialect, attr, part, element));
        }
        Expression::Compare(name, comparison @ Comparison::To(Operator::Equal, literal)) => {
            (name, comparison, literal)
        }
        _ => return false,
    };
    let json = match literal {
        Literal::Null => return false,
        Literal::Bool(value) => Json::Bool(*value),
        Literal::Number(number) => Json::Number(number.clone()),
        Literal::Text(text) => Json::String(text.clone()),
    };
    let sub = name::sub(dialect, attr, name).and_then(|sub| dialect.registry().get(sub));
    let Some(sub) = sub else { return false };
    // What stands for a record describes none.
    let is_own = matches!(
        leaf(dialect, sub, name, comparison),
        Ok(Filter::Match(own, rule, _)) if own == sub.id && rule != MatchingRule::Id
    );
    match decode::values(dialect, sub, &json, name) {
        Ok(values) if is_own => {
            element.set(sub.id, values);
            true
        }
        _ => false,
    }
}

fn compile_sub(
    dialect: &Dialect,
    attr: AttrId,
    name: &str,
    comparison: &Comparison,
) -> Result<Filter, String> {
    let sub = name::sub(dialect, attr, name)
        .and_then(|sub| dialect.registry().get(sub))
        .ok_or_else(|| format!("{name} is no sub-attribute of {}", shown(dialect, attr)))?;
    leaf(dialect, sub, name, comparison)
}

fn compile_comparison(
    dialect: &Dialect,
    types: &[ResourceType],
    name: &str,
    comparison: &Comparison,
) -> Result<Filter, String> {
    if name.eq_ignore_ascii_case("schemas") {
        return compile_schemas(dialect, types, comparison);
    }
    let (attr, sub) = match name::resolve(dialect, types, name) {
        Ok(Name::Attribute { attr, sub }) => (attr, sub),
        // RFC 7644 §3.4.2.1: at the root, what no type has is as if it had no value.
        Err(Unknown::Attribute) if types.len() > 1 => return Ok(absent(comparison)),
        Err(Unknown::Schema) if types.len() > 1 && offered::has_name(dialect, name) => {
            return Ok(absent(comparison));
        }
        Ok(Name::Schema(_)) | Err(_) => return Err(format!("{name} is no attribute")),
    };
    let registry = dialect.registry();
    let Some(def) = registry.get(sub.unwrap_or(attr)) else {
        return Err(format!("{name} is no attribute"));
    };
    match (def.ty, comparison) {
        (Type::Complex, Comparison::Present) => Ok(Filter::Present(attr)),
        // RFC 7644 figure 2 has `emails co "example.com"`; Entra ID writes `manager eq "…"` too.
        (Type::Complex, _) if !def.multi_valued && !dialect.takes(Repair::WholeComparison) => {
            Err(format!("{name} needs a sub-attribute"))
        }
        (Type::Complex, _) => {
            let value = name::value_of(dialect, attr).and_then(|value| registry.get(value));
            let value = value.ok_or_else(|| format!("{name} needs a sub-attribute"))?;
            leaf(dialect, value, name, comparison)
        }
        _ => leaf(dialect, def, name, comparison),
    }
}

/// The multi-valued or single complex attribute of a value filter; `None` at the root for one
/// that no type has.
fn complex(
    dialect: &Dialect,
    types: &[ResourceType],
    name: &str,
) -> Result<Option<AttrId>, String> {
    match name::resolve(dialect, types, name) {
        Ok(Name::Attribute { attr, sub: None })
            if dialect
                .registry()
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

/// What a comparison comes to where there is no value.
fn absent(comparison: &Comparison) -> Filter {
    let holds = matches!(comparison, Comparison::To(Operator::Equal, Literal::Null))
        || matches!(comparison, Comparison::To(Operator::NotEqual, literal) if *literal != Literal::Null);
    Filter::Const(holds.into())
}

/// `schemas` follows from the resource's type and from which extensions have values.
fn compile_schemas(
    dialect: &Dialect,
    types: &[ResourceType],
    comparison: &Comparison,
) -> Result<Filter, String> {
    let (operator, text) = match comparison {
        Comparison::Present => return Ok(Filter::Const(Truth::True)),
        Comparison::To(operator, Literal::Text(text)) => (*operator, text),
        Comparison::To(..) => return Err("schemas takes text in quotation marks".to_owned()),
    };
    let registry = dialect.registry();
    let is_asked = |schema: Schema| {
        registry
            .urn(schema)
            .is_some_and(|urn| compares(urn, operator, text))
    };
    let base = kinds(types.iter().copied().filter(|ty| is_asked(ty.base())));
    let extensions: BTreeSet<AttrId> = types
        .iter()
        .flat_map(|ty| ty.extensions(registry))
        .filter(|schema| is_asked(*schema))
        .flat_map(|schema| registry.attributes_of(schema))
        .filter(|def| matches!(select::returned(def), Returned::Default | Returned::Always))
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

fn shown(dialect: &Dialect, attr: AttrId) -> &str {
    dialect
        .registry()
        .get(attr)
        .map_or("", |def| def.name.as_str())
}

#[cfg(test)]
mod tests;
