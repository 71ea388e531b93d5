//! Holding a tree against its JSON Schema: unknown and missing keys, wrong types, wrong values.
//!
//! Knows those keywords that the schemas of this crate have, which a test of `schema` makes sure of.

use std::collections::HashSet;
use std::mem;
use std::ops::Range;

use schemars::Schema;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeString, DeTable, DeValue};

use super::keywords::{
    Keywords, choices, describe_type, description, has_secret, is_secret, required, type_of,
};
use super::one_of;
use crate::format;
use crate::report::Mistake;

/// What came to light.
#[derive(Default)]
pub(super) struct Found {
    pub mistakes: Vec<Mistake>,
    /// Where secrets stand, which must not be shown.
    pub secrets: Vec<Range<usize>>,
    /// The paths of what is missing or was taken out, of which there is no more to say.
    pub settled: HashSet<String>,
    /// Where the walk is.
    path: String,
}

/// Takes out of the tree what the schema does not allow.
pub(super) fn conform(tree: &mut DeTable<'_>, schema: &Schema) -> Found {
    let mut found = Found::default();
    if let Some(schema) = schema.as_object() {
        found.table(tree, None, schema);
    }
    found
}

impl Found {
    fn table(&mut self, table: &mut DeTable<'_>, place: Option<&Range<usize>>, schema: &Keywords) {
        let named = schema.get("properties").and_then(Value::as_object);
        let of_name = |name: &str| named?.get(name)?.as_object();
        for key in required(schema).filter(|key| !table.contains_key(*key)) {
            let about = of_name(key).and_then(description);
            let expected = about.map(|about| format!("`{key}`: {about}"));
            self.add(place.cloned(), format!("`{key}` is missing"), expected);
            self.below(key, Self::settle);
        }
        let others = schema
            .get("additionalProperties")
            .and_then(Value::as_object);
        let right = mem::take(table).into_iter().filter_map(|(key, mut value)| {
            let name: &str = key.get_ref();
            let is_right = self.below(name, |found| {
                let is_right = match of_name(name).or(others) {
                    Some(schema) => found.value(name, &key.span(), &mut value, schema),
                    None => found.unknown(&key, &value, schema),
                };
                if !is_right {
                    found.settle();
                }
                is_right
            });
            is_right.then_some((key, value))
        });
        *table = right.collect();
        for key in required(schema) {
            if let Some(stand_in) = of_name(key).and_then(stand_in)
                && !table.contains_key(key)
            {
                table.insert(Spanned::new(0..0, key.to_owned().into()), stand_in);
            }
        }
    }

    /// An unknown key is never right.
    fn unknown(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        schema: &Keywords,
    ) -> bool {
        let named = schema.get("properties").and_then(Value::as_object);
        let expected = named.map(|named| one_of(named.keys()));
        self.add(
            Some(key.span()),
            format!("unknown key `{}`", key.get_ref()),
            expected,
        );
        // It may be a secret whose key is misspelt. A table under a header of its own begins before
        // its key, and is on lines that are not shown.
        if has_secret(schema) && key.span().end <= value.span().start {
            self.secrets.push(value.span());
        }
        false
    }

    /// Whether the value is right, but for what was taken out of it.
    fn value(
        &mut self,
        name: &str,
        key: &Range<usize>,
        value: &mut Spanned<DeValue<'_>>,
        schema: &Keywords,
    ) -> bool {
        let span = value.span();
        if is_secret(schema) {
            self.secrets.push(span.clone());
        }
        let wrong = match (type_of(schema), value.get_mut()) {
            ("object", DeValue::Table(table)) => {
                self.table(table, Some(key), schema);
                None
            }
            ("array", DeValue::Array(array)) => {
                self.items(name, key, array, schema);
                None
            }
            ("string", DeValue::String(text)) => wrong_text(name, text, schema),
            ("integer", DeValue::Integer(number)) => wrong_number(name, number, schema),
            ("boolean", DeValue::Boolean(_)) => None,
            (expected, actual) => Some((
                format!("`{name}` cannot be {}", describe(actual)),
                describe_type(expected, schema),
            )),
        };
        let Some((message, expected)) = wrong else {
            return true;
        };
        self.add(Some(span), message, Some(expected));
        false
    }

    fn items(
        &mut self,
        name: &str,
        key: &Range<usize>,
        array: &mut DeArray<'_>,
        schema: &Keywords,
    ) {
        let schema = schema.get("items").and_then(Value::as_object);
        let items = mem::replace(array, DeArray::new()).into_iter().enumerate();
        let right = items.filter_map(|(index, mut value)| {
            let index = format!("[{index}]");
            let name = format!("{name}{index}");
            let is_right = schema.is_none_or(|schema| {
                self.below(&index, |found| found.value(&name, key, &mut value, schema))
            });
            is_right.then_some(value)
        });
        *array = right.collect();
    }

    /// Goes one step down the path, and comes back.
    fn below<T>(&mut self, step: &str, walk: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 && !step.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(step);
        let result = walk(self);
        self.path.truncate(length);
        result
    }

    fn settle(&mut self) {
        self.settled.insert(self.path.clone());
    }

    fn add(&mut self, span: Option<Range<usize>>, message: String, expected: Option<String>) {
        self.mistakes.push(Mistake {
            span,
            message,
            expected,
        });
    }
}

type Wrong = Option<(String, String)>;

fn wrong_text(name: &str, text: &str, schema: &Keywords) -> Wrong {
    let choices = choices(schema);
    if !choices.is_empty() {
        return (!choices.contains(&text))
            .then(|| (format!("`{name}` cannot be \"{text}\""), one_of(&choices)));
    }
    if text.is_empty() && schema.contains_key("minLength") {
        return Some((format!("`{name}` is empty"), description(schema)?));
    }
    let mismatch = format::check(schema.get("format")?.as_str()?, text).err()?;
    let reason = if mismatch.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", mismatch.reason)
    };
    Some((
        format!("`{name}` cannot be \"{text}\"{reason}"),
        mismatch.expected.to_owned(),
    ))
}

fn wrong_number(name: &str, number: &DeInteger<'_>, schema: &Keywords) -> Wrong {
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
    let bound = |keyword| schema.get(keyword).and_then(Value::as_i64);
    let fits = value.is_some_and(|value| {
        bound("minimum").is_none_or(|least| value >= least)
            && bound("maximum").is_none_or(|most| value <= most)
    });
    (!fits).then(|| {
        (
            format!("`{name}` cannot be {number}"),
            describe_type("integer", schema),
        )
    })
}

/// What to read for a text that is missing; for anything larger there is no harmless one.
fn stand_in<'t>(schema: &Keywords) -> Option<Spanned<DeValue<'t>>> {
    let text = choices(schema)
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned();
    let value = DeValue::String(text.into());
    (type_of(schema) == "string").then(|| Spanned::new(0..0, value))
}

fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
