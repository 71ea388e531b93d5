//! Reading a JSON Schema.

use serde_json::{Map, Value};

use super::one_of;

/// A schema: its keywords.
pub(super) type Keywords = Map<String, Value>;

/// The type of value that the schema allows.
pub(super) fn type_of(schema: &Keywords) -> &str {
    let stated = schema.get("type").and_then(Value::as_str);
    // A choice among named values states its type at each of them.
    stated.unwrap_or(if schema.contains_key("oneOf") {
        "string"
    } else {
        "any"
    })
}

/// The texts that are allowed, where that is a closed list.
pub(super) fn choices(schema: &Keywords) -> Vec<&str> {
    let list = |keyword| {
        schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let listed = list("enum").filter_map(Value::as_str);
    let described = list("oneOf").filter_map(|choice| choice.get("const")?.as_str());
    listed.chain(described).collect()
}

/// Whether the value must not be shown.
pub(super) fn is_secret(schema: &Keywords) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true))
}

/// Whether anything in the value must not be shown.
pub(super) fn has_secret(schema: &Keywords) -> bool {
    let named = schema.get("properties").and_then(Value::as_object);
    let mut below = named
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object);
    is_secret(schema) || below.any(has_secret)
}

/// The keys that must be there.
pub(super) fn required(schema: &Keywords) -> impl Iterator<Item = &str> {
    let list = schema.get("required").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// The first sentence of what the schema says of itself, to stand within another.
pub(super) fn description(schema: &Keywords) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    let sentence = text.split(". ").next()?.trim_end_matches('.');
    let (first, rest) = sentence.split_at_checked(1)?;
    Some(first.to_ascii_lowercase() + rest)
}

/// What a value of the type looks like.
pub(super) fn describe_type(name: &str, schema: &Keywords) -> String {
    let bound = |keyword| schema.get(keyword).and_then(Value::as_i64);
    match (name, bound("minimum"), bound("maximum")) {
        ("string", ..) => match choices(schema).as_slice() {
            [] => "a string in quotation marks".to_owned(),
            choices => one_of(choices),
        },
        ("integer", Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
        ("integer", Some(least), None) => format!("a whole number, at least {least}"),
        ("integer", ..) => "a whole number".to_owned(),
        ("boolean", ..) => "true or false".to_owned(),
        ("array", ..) => "a list in square brackets".to_owned(),
        ("object", ..) => "a table of keys and values".to_owned(),
        (other, ..) => other.to_owned(),
    }
}
