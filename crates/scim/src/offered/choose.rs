//! Filter, order and projection of what is offered: as of other resources, over few and small ones.

use jackfield_gateway::Error as Refusal;
use jackfield_model::schema::Type;
use jackfield_model::text;
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use super::item::Column;
use crate::error::Error;
use crate::filter::{self, Comparison, Expression, Literal, Operator};
use crate::search::Params;

type Item = Map<String, Json>;

/// Those that match.
///
/// # Errors
/// [`Refusal::InvalidFilter`] for what cannot be asked.
pub(super) fn matching(
    items: Vec<Item>,
    asking: &Asking<'_>,
    filter: &str,
) -> Result<Vec<Item>, Error> {
    filter::read(filter, |expression| {
        asking.check(expression)?;
        let holds = |item: &Item| asking.holds(expression, item);
        Ok(items.into_iter().filter(holds).collect())
    })
    .map_err(Error::from)
}

/// Puts them in the order that is asked for; those without a value come last (RFC 7644 §3.4.2.3).
///
/// # Errors
/// [`Refusal::InvalidPath`] for an attribute that there is not.
pub(super) fn sort(items: &mut [Item], asking: &Asking<'_>, params: &Params) -> Result<(), Error> {
    let Some(by) = &params.by else { return Ok(()) };
    let column = asking.column(by).ok_or_else(|| Refusal::InvalidPath {
        path: by.clone(),
        problem: "resources cannot be put in order by it".to_owned(),
    })?;
    items.sort_by_cached_key(|item| match value(item, column).map(first) {
        Some(Json::Number(number)) => (0, number.as_i64().unwrap_or_default(), SmolStr::default()),
        Some(Json::Bool(value)) => (0, i64::from(*value), SmolStr::default()),
        Some(Json::String(value)) => (0, 0, text::case_ignore(value)),
        _ => (1, 0, SmolStr::default()),
    });
    if params.is_descending {
        items.reverse();
    }
    Ok(())
}

/// The text by which an item has its place in an order, and whether the attribute is one of its own.
pub(super) fn key(item: &Item, asking: &Asking<'_>, by: &str) -> (Option<SmolStr>, bool) {
    let column = asking.column(by);
    let text = column.and_then(|column| value(item, column).map(first)?.as_str());
    (text.map(text::case_ignore), column.is_some())
}

/// With the attributes that are wanted; `id` and `schemas` always are.
pub(super) fn shown(mut item: Item, only: Option<&[String]>, except: &[String]) -> Item {
    let names = |list: &[String], name: &str| {
        list.iter().any(|wanted| {
            let wanted = wanted.trim();
            let wanted = wanted.rsplit(':').next().unwrap_or(wanted);
            wanted
                .split('.')
                .next()
                .unwrap_or(wanted)
                .eq_ignore_ascii_case(name)
        })
    };
    item.retain(|name, _| {
        matches!(name.as_str(), "id" | "schemas")
            || (only.is_none_or(|only| names(only, name)) && !names(except, name))
    });
    item
}

fn first(value: &Json) -> &Json {
    match value {
        Json::Array(values) => values.first().unwrap_or(value),
        _ => value,
    }
}

/// The value of an attribute, or of a sub-attribute.
fn value<'i>(item: &'i Item, column: &Column) -> Option<&'i Json> {
    match column.name.split_once('.') {
        Some((name, sub)) => item.get(name)?.get(sub),
        None => item.get(column.name),
    }
}

/// What filters and orders can name.
pub(super) struct Asking<'a> {
    /// The attributes of the schema.
    pub(super) columns: &'a [Column],
    /// The schema.
    pub(super) urn: &'a str,
    /// Whether what the schema does not have has no value (RFC 7644 §3.4.2.1).
    pub(super) is_root: bool,
}

/// What every resource has.
static COMMON: [Column; 4] = [
    common("id", false),
    common("schemas", true),
    common("meta.resourceType", false),
    common("meta.location", false),
];

const fn common(name: &'static str, multi_valued: bool) -> Column {
    Column {
        name,
        ty: Type::String,
        multi_valued,
        required: true,
        about: "",
    }
}

impl Asking<'_> {
    fn column(&self, name: &str) -> Option<&Column> {
        let bare = match name.split_at_checked(self.urn.len()) {
            Some((urn, rest)) if urn.eq_ignore_ascii_case(self.urn) => rest.strip_prefix(':')?,
            _ => name,
        };
        let own = self.columns.iter();
        own.chain(&COMMON)
            .find(|column| column.name.eq_ignore_ascii_case(bare))
    }

    /// Whether all of it can be asked.
    fn check(&self, expression: &Expression<'_>) -> Result<(), String> {
        match expression {
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().try_for_each(|part| self.check(part))
            }
            Expression::Not(part) => self.check(part),
            Expression::Elements(..) if self.is_root => Ok(()),
            Expression::Elements(name, ..) => Err(format!("{name} has no sub-attributes")),
            Expression::Compare(name, comparison) => {
                let column = match self.column(name) {
                    Some(column) => column,
                    None if self.is_root => return Ok(()),
                    None => return Err(format!("{name} is no attribute")),
                };
                let is_asked = matches!(
                    (comparison, column.ty),
                    (Comparison::Present | Comparison::To(_, Literal::Null), _)
                        | (Comparison::To(_, Literal::Text(_)), Type::String)
                        | (Comparison::To(_, Literal::Number(_)), Type::Integer)
                        | (
                            Comparison::To(Operator::Equal | Operator::NotEqual, Literal::Bool(_)),
                            Type::Boolean,
                        )
                );
                match is_asked {
                    true => Ok(()),
                    false => Err(format!("{name} cannot be compared so")),
                }
            }
        }
    }

    fn holds(&self, expression: &Expression<'_>, item: &Item) -> bool {
        match expression {
            Expression::And(parts) => parts.iter().all(|part| self.holds(part, item)),
            Expression::Or(parts) => parts.iter().any(|part| self.holds(part, item)),
            Expression::Not(part) => !self.holds(part, item),
            Expression::Elements(..) => false,
            Expression::Compare(name, comparison) => {
                let value = self.column(name).and_then(|column| value(item, column));
                match (comparison, value) {
                    (
                        Comparison::Present | Comparison::To(Operator::NotEqual, Literal::Null),
                        _,
                    ) => value.is_some(),
                    (Comparison::To(_, Literal::Null), _) => value.is_none(),
                    (Comparison::To(operator, literal), Some(Json::Array(values))) => values
                        .iter()
                        .any(|value| compares(value, *operator, literal)),
                    (Comparison::To(operator, literal), Some(value)) => {
                        compares(value, *operator, literal)
                    }
                    (Comparison::To(operator, _), None) => *operator == Operator::NotEqual,
                }
            }
        }
    }
}

fn compares(value: &Json, operator: Operator, literal: &Literal) -> bool {
    match (value, literal) {
        (Json::String(value), Literal::Text(text)) => filter::compares(value, operator, text),
        (Json::Bool(value), Literal::Bool(wanted)) => {
            (value == wanted) == (operator == Operator::Equal)
        }
        (Json::Number(value), Literal::Number(wanted)) => {
            let order = value.as_f64().partial_cmp(&wanted.as_f64());
            order.is_some_and(|order| match operator {
                Operator::Equal => order.is_eq(),
                Operator::NotEqual => order.is_ne(),
                Operator::Greater => order.is_gt(),
                Operator::GreaterOrEqual => order.is_ge(),
                Operator::Less => order.is_lt(),
                Operator::LessOrEqual => order.is_le(),
                Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
            })
        }
        _ => false,
    }
}
