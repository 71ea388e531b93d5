//! Expressions written out, with no more parentheses than they need.

use crate::filter::{Comparison, Expression, Literal};

/// An expression in the form in which it is compared: what is joined by one word stands in one row.
pub(super) fn printed(expression: &Expression<'_>) -> String {
    match expression {
        Expression::Or(_) => row(expression, " or "),
        Expression::And(_) => row(expression, " and "),
        Expression::Not(inner) => format!("not ({})", printed(inner)),
        Expression::Compare(name, comparison) => format!("{name} {}", compared(comparison)),
        Expression::Elements(name, inner, behind) => {
            let behind = behind
                .as_ref()
                .map(|(sub, comparison)| format!(".{sub} {}", compared(comparison)));
            format!("{name}[{}]{}", printed(inner), behind.unwrap_or_default())
        }
    }
}

fn row(expression: &Expression<'_>, word: &str) -> String {
    let mut parts = Vec::new();
    flatten(expression, expression, &mut parts);
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| match (expression, part) {
            (Expression::And(_), Expression::Or(_)) => format!("({})", printed(part)),
            _ => printed(part),
        })
        .collect();
    parts.join(word)
}

/// The parts of `part` if it is joined as `whole` is, else itself.
fn flatten<'e, 't>(
    whole: &Expression<'t>,
    part: &'e Expression<'t>,
    parts: &mut Vec<&'e Expression<'t>>,
) {
    match (whole, part) {
        (Expression::And(_), Expression::And(inner))
        | (Expression::Or(_), Expression::Or(inner)) => {
            for part in inner {
                flatten(whole, part, parts);
            }
        }
        _ => parts.push(part),
    }
}

fn compared(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Present => "pr".to_owned(),
        Comparison::To(operator, literal) => format!("{} {}", operator.name(), value(literal)),
    }
}

fn value(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Number(number) => written(number),
        Literal::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
    }
}

/// Fractions to as many places as survive being read again.
pub(super) fn written(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(fraction) if number.is_f64() => format!("{fraction:.9e}"),
        _ => number.to_string(),
    }
}
