//! One patch operation on the attributes of a record (RFC 7644 §3.5.2.1 to §3.5.2.3).

use std::collections::{HashMap, HashSet};

use jackfield_model::path::{PatchKind, PatchOp};
use jackfield_model::schema::Type;
use jackfield_model::{AttrDef, AttrId, Attributes, Filter, Registry, Value, text};
use smol_str::SmolStr;

use super::{Refusal, own};
use crate::evaluate::evaluate_element;

/// Applies the operation to the bag. Says whether it made the element that it aims at.
pub(super) fn apply(
    registry: &Registry,
    bag: &mut Attributes,
    op: &PatchOp,
) -> Result<bool, Refusal> {
    if op.kind == PatchKind::Add && op.values.is_empty() {
        return Ok(false);
    }
    let mut made = false;
    match (&op.path.filter, op.path.sub) {
        (None, None) => whole(registry, bag, op),
        (None, Some(sub)) => sub_attribute(registry, bag, op, sub),
        (Some(filter), sub) => made = selected(registry, bag, op, filter, sub)?,
    }
    one_primary(registry, bag, op.path.attr);
    Ok(made)
}

/// The path names an attribute.
fn whole(registry: &Registry, bag: &mut Attributes, op: &PatchOp) {
    let attr = op.path.attr;
    let def = registry.get(attr);
    let is_multi = def.is_some_and(|def| def.multi_valued);
    let is_complex = def.is_some_and(|def| def.ty == Type::Complex);
    match (op.kind, is_multi) {
        (PatchKind::Remove, _) if op.values.is_empty() => bag.set(attr, Vec::new()),
        (PatchKind::Remove, _) => {
            let gone: HashSet<Named> = op.values.iter().map(|v| named(registry, attr, v)).collect();
            let mut values = bag.take(attr);
            values.retain(|value| !gone.contains(&named(registry, attr, value)));
            bag.set(attr, values);
        }
        (PatchKind::Replace, true) => bag.set(attr, op.values.clone()),
        (PatchKind::Add, true) => {
            let mut values = bag.take(attr);
            let new = {
                let mut seen: HashSet<&Value> = values.iter().collect();
                let new = op.values.iter().filter(|value| seen.insert(value));
                new.cloned().collect::<Vec<Value>>()
            };
            values.extend(new);
            bag.set(attr, values);
        }
        (_, false) if is_complex && !op.values.is_empty() => {
            let mut values = bag.take(attr);
            let mut merged = match values.pop() {
                Some(Value::Complex(own)) => own,
                _ => Attributes::new(),
            };
            op.values
                .iter()
                .filter_map(Value::as_complex)
                .for_each(|new| merge(&mut merged, new));
            set_unless_empty(bag, attr, merged);
        }
        (_, false) => bag.set(attr, op.values.iter().take(1).cloned().collect()),
    }
}

/// The path names a sub-attribute: of the one value, or of every element.
fn sub_attribute(registry: &Registry, bag: &mut Attributes, op: &PatchOp, sub: AttrId) {
    let mut elements = bag.take(op.path.attr);
    if elements.is_empty() && op.kind != PatchKind::Remove {
        elements.push(Attributes::new().into());
    }
    edit_elements(registry, &mut elements, op, Some(sub), &|_| true);
    bag.set(op.path.attr, elements);
}

/// The path selects elements by a value filter.
fn selected(
    registry: &Registry,
    bag: &mut Attributes,
    op: &PatchOp,
    filter: &Filter,
    sub: Option<AttrId>,
) -> Result<bool, Refusal> {
    let attr = op.path.attr;
    let chosen = |element: &Attributes| evaluate_element(filter, element).holds();
    let mut elements = bag.take(attr);
    let matches = elements.iter().filter_map(Value::as_complex).any(chosen);
    let no_target = Refusal::NoTarget {
        path: op.path.text.clone(),
    };
    if op.kind != PatchKind::Remove && !matches {
        let element = op.missing.clone().ok_or(no_target)?;
        elements.push(element.into());
        let last = elements.len() - 1;
        if let Some(new) = elements.get_mut(last..) {
            edit_slice(registry, new, op, sub, &|_| true);
        }
        bag.set(attr, elements);
        return Ok(true);
    }
    match (op.kind, sub) {
        (PatchKind::Remove, None) => {
            elements.retain(|value| !value.as_complex().is_some_and(chosen));
        }
        (PatchKind::Replace, None) => {
            for value in &mut elements {
                if let (true, Some(new)) =
                    (value.as_complex().is_some_and(chosen), op.values.first())
                {
                    *value = new.clone();
                }
            }
        }
        _ => edit_elements(registry, &mut elements, op, sub, &chosen),
    }
    bag.set(attr, elements);
    Ok(false)
}

fn edit_elements(
    registry: &Registry,
    elements: &mut Vec<Value>,
    op: &PatchOp,
    sub: Option<AttrId>,
    chosen: &dyn Fn(&Attributes) -> bool,
) {
    edit_slice(registry, elements, op, sub, chosen);
    elements.retain(|value| value.as_complex().is_none_or(|element| !element.is_empty()));
}

fn edit_slice(
    registry: &Registry,
    elements: &mut [Value],
    op: &PatchOp,
    sub: Option<AttrId>,
    chosen: &dyn Fn(&Attributes) -> bool,
) {
    let makes_primary = op.values.first() == Some(&Value::Bool(true))
        && sub.is_some_and(|sub| Some(sub) == primary_of(registry, op.path.attr));
    for value in elements.iter_mut() {
        let Value::Complex(element) = value else {
            continue;
        };
        if !chosen(element) {
            if makes_primary {
                demote(registry, op.path.attr, value);
            }
            continue;
        }
        match (op.kind, sub) {
            (PatchKind::Remove, Some(sub)) => element.set(sub, Vec::new()),
            (_, Some(sub)) => element.set(sub, op.values.iter().take(1).cloned().collect()),
            (_, None) => {
                op.values
                    .iter()
                    .filter_map(Value::as_complex)
                    .for_each(|new| merge(element, new));
            }
        }
    }
}

fn merge(into: &mut Attributes, new: &Attributes) {
    for (attr, values) in new.iter() {
        into.set(attr, values.to_vec());
    }
}

fn set_unless_empty(bag: &mut Attributes, attr: AttrId, value: Attributes) {
    let values = if value.is_empty() {
        Vec::new()
    } else {
        vec![value.into()]
    };
    bag.set(attr, values);
}

/// What a value that is to go is found by.
#[derive(PartialEq, Eq, Hash)]
enum Named<'v> {
    /// Its `value`, prepared.
    Text(SmolStr),
    /// All of it, where it has none.
    Whole(&'v Value),
}

fn named<'v>(registry: &Registry, attr: AttrId, value: &'v Value) -> Named<'v> {
    let key = registry.child(Some(attr), "value");
    match key.and_then(|key| value.as_complex()?.text(key)) {
        Some(text) => Named::Text(text::case_ignore(text)),
        None => Named::Whole(value),
    }
}

/// Makes one element of those that are the same: of one `value` and `type` where they have both,
/// and in all they have where not (RFC 7643 §2.4). What the later one says holds.
pub(super) fn each_once(registry: &Registry, bag: &mut Attributes, attr: AttrId) {
    if bag.values(attr).len() < 2 {
        return;
    }
    let part = |name| {
        registry
            .child(Some(attr), name)
            .and_then(|sub| registry.get(sub))
    };
    let parts = part("value").zip(part("type"));
    let key = |value: &Value| {
        let element = value.as_complex()?;
        let (value, kind) = parts?;
        let key = |def: &AttrDef| Some(own::key(def, element.first(def.id)?));
        key(value).zip(key(kind))
    };
    let (mut kept, mut pairs) = (Vec::<Value>::new(), HashMap::new());
    let mut whole = HashSet::new();
    for value in bag.take(attr) {
        let Some(key) = key(&value) else {
            if whole.insert(value.clone()) {
                kept.push(value);
            }
            continue;
        };
        let at = *pairs.entry(key).or_insert(kept.len());
        match (kept.get_mut(at), value) {
            (Some(Value::Complex(first)), Value::Complex(again)) => merge(first, &again),
            (_, value) => kept.push(value),
        }
    }
    bag.set(attr, kept);
}

fn primary_of(registry: &Registry, attr: AttrId) -> Option<AttrId> {
    registry.primary_of(attr)
}

fn is_primary(registry: &Registry, attr: AttrId, value: &Value) -> bool {
    let flag = primary_of(registry, attr).and_then(|primary| value.as_complex()?.flag(primary));
    flag == Some(true)
}

fn demote(registry: &Registry, attr: AttrId, value: &mut Value) {
    if !is_primary(registry, attr, value) {
        return;
    }
    if let (Some(primary), Value::Complex(element)) = (primary_of(registry, attr), value) {
        element.put(primary, false);
    }
}

/// Of several primary elements the last one stays so (RFC 7643 §2.4).
fn one_primary(registry: &Registry, bag: &mut Attributes, attr: AttrId) {
    let count = bag
        .values(attr)
        .iter()
        .filter(|value| is_primary(registry, attr, value))
        .count();
    if count < 2 {
        return;
    }
    let mut left = count;
    let mut values = bag.take(attr);
    for value in &mut values {
        if is_primary(registry, attr, value) {
            left -= 1;
            if left > 0 {
                demote(registry, attr, value);
            }
        }
    }
    bag.set(attr, values);
}
