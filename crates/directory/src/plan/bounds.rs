//! How much a record holds, and what the names are made of that people see.
//!
//! Checked is what a command changes: what a store holds already stays, and stays readable.

use jackfield_model::schema::{Schema, Type, attr};
use jackfield_model::{AttrDef, AttrId, Attributes, Id, Registry, Value};
use smol_str::SmolStr;

use super::Refusal;
use super::draft::Draft;

/// How many values an attribute of a record has at most. The members of a group are no values of
/// it and have no such bound.
pub const MOST_VALUES: usize = 1_000;

/// How long a text is at most, in characters.
pub const LONGEST_TEXT: usize = 8_192;

/// How long a name is that people see, or log in with, at most, in characters.
pub const LONGEST_SHOWN: usize = 256;

/// Names that phones show, and that end up in the lines of protocols: in caller ids, for one.
const NAMES: [AttrId; 5] = [
    attr::USER_NAME,
    attr::DISPLAY_NAME,
    attr::TITLE,
    attr::LOGIN,
    attr::EXTENSION_NUMBER,
];

impl Draft<'_> {
    /// Refuses a new `externalId` that is too long.
    pub(super) fn check_external_id(
        &self,
        record: Id,
        name: Option<&SmolStr>,
    ) -> Result<(), Refusal> {
        let registry = self.snapshot.registry();
        match (name, registry.get(attr::EXTERNAL_ID)) {
            (Some(name), Some(def)) if self.external_id(record).as_ref() != Some(name) => {
                check_text(registry, def, &Value::Str(name.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses more values of an attribute than there may be, unless there were as many before.
pub(super) fn check_count(
    registry: &Registry,
    attr: AttrId,
    before: &Attributes,
    after: &Attributes,
) -> Result<(), Refusal> {
    let count = after.values(attr).len();
    if attr == attr::MEMBERS || count <= MOST_VALUES.max(before.values(attr).len()) {
        return Ok(());
    }
    let problem = format!("it has {count} values, and may have {MOST_VALUES}");
    Err(invalid(registry, attr, problem))
}

/// [`check_count`] for all that a client sent.
pub(super) fn check_counts(
    registry: &Registry,
    before: &Attributes,
    after: &Attributes,
) -> Result<(), Refusal> {
    let mut all = after.iter().map(|(attr, _)| attr);
    all.try_for_each(|attr| check_count(registry, attr, before, after))
}

/// Refuses texts that are too long and names of what cannot be shown, in attributes that change.
pub(super) fn check_texts(
    registry: &Registry,
    before: &Attributes,
    after: &Attributes,
) -> Result<(), Refusal> {
    for (attr, values) in after.iter() {
        let Some(def) = registry.get(attr).filter(|_| before.values(attr) != values) else {
            continue;
        };
        for value in values {
            check_text(registry, def, value)?;
            for (sub, values) in value.as_complex().iter().flat_map(|element| element.iter()) {
                let sub = registry.get(sub);
                let mut pairs = sub
                    .into_iter()
                    .flat_map(|sub| values.iter().map(move |v| (sub, v)));
                pairs.try_for_each(|(sub, value)| check_text(registry, sub, value))?;
            }
        }
    }
    Ok(())
}

fn check_text(registry: &Registry, def: &AttrDef, value: &Value) -> Result<(), Refusal> {
    let (Some(text), Some(longest)) = (value.as_str(), longest(def)) else {
        return Ok(());
    };
    if text.len() > longest && text.chars().count() > longest {
        let problem = format!("it is longer than {longest} characters");
        return Err(invalid(registry, def.id, problem));
    }
    if longest == LONGEST_SHOWN && text.chars().any(char::is_control) {
        let problem = "a name has no control characters".to_owned();
        return Err(invalid(registry, def.id, problem));
    }
    Ok(())
}

/// How long a text of this attribute may be. What the program keeps for itself has no bound, nor
/// has a URI, which may hold what it names (RFC 2397).
fn longest(def: &AttrDef) -> Option<usize> {
    if NAMES.contains(&def.id) || def.parent == Some(attr::NAME) {
        return Some(LONGEST_SHOWN);
    }
    let is_internal = def.schemas.contains(&Schema::Internal);
    (def.ty == Type::String && !is_internal).then_some(LONGEST_TEXT)
}

fn invalid(registry: &Registry, attr: AttrId, problem: String) -> Refusal {
    Refusal::InvalidValue {
        path: registry.path(attr).into(),
        problem,
    }
}
