//! Alternatives that ask for one value in elements of several types.
//!
//! A phone that wants to know who calls asks for the number at work, the mobile one and the one at
//! home. All are elements of one attribute, so the number is looked up, and looked at, once.

use std::mem;

use jackfield_model::{Filter, Truth};

/// The alternatives, those as one that differ in the element's type alone, and without those that
/// another makes needless.
pub(super) fn joined(parts: Vec<Filter>) -> Vec<Filter> {
    let mut all: Vec<Filter> = Vec::with_capacity(parts.len());
    for part in parts.into_iter().flat_map(alternatives) {
        if !is_implied(&part, &all) {
            let apart = all.iter_mut().try_fold(part, |part, own| join(own, part));
            all.extend(apart);
        }
    }
    all
}

fn alternatives(part: Filter) -> Vec<Filter> {
    match part {
        Filter::Or(parts) => parts,
        other => vec![other],
    }
}

/// Whether nothing satisfies it that does not satisfy one of these: a name for want of another,
/// where the name is asked for itself.
fn is_implied(part: &Filter, by: &[Filter]) -> bool {
    match part {
        Filter::And(parts) => parts
            .iter()
            .any(|part| by.contains(part) || is_implied(part, by)),
        _ => false,
    }
}

/// Takes up the other alternative; gives it back if it cannot.
///
/// An element of type A that holds, or one of type B that holds, is one of type A or B that does.
fn join(own: &mut Filter, other: Filter) -> Option<Filter> {
    match (own, other) {
        (Filter::Element(attr, own), Filter::Element(other_attr, other)) if *attr == other_attr => {
            join_types(own, *other).map(|other| Filter::Element(other_attr, Box::new(other)))
        }
        // For records of these kinds.
        (Filter::And(own), Filter::And(other)) => join_of_kinds(own, other).map(Filter::And),
        (_, other) => Some(other),
    }
}

fn join_of_kinds(own: &mut [Filter], mut other: Vec<Filter>) -> Option<Vec<Filter>> {
    if let ([Filter::Kind(own_kinds), own], [Filter::Kind(kinds), _]) = (own, other.as_slice())
        && own_kinds == kinds
        && let Some(last) = other.pop()
    {
        other.push(join(own, last)?);
    }
    Some(other)
}

fn join_types(own: &mut Filter, other: Filter) -> Option<Filter> {
    match (own, other) {
        (Filter::And(own), Filter::And(other)) => match (own.as_mut_slice(), other.as_slice()) {
            ([own_type, own_test], [of_type, test]) if own_test == test => {
                let first = mem::replace(own_type, Filter::Const(Truth::True));
                *own_type = Filter::Or(vec![first, of_type.clone()]);
                None
            }
            _ => Some(Filter::And(other)),
        },
        (_, other) => Some(other),
    }
}
