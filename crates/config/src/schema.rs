//! The JSON Schemas of all files: what editors use, and what decides when files are read.

use jackfield_access::Catalogue;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::server::ServerFile;
use crate::tenant::TenantFile;

/// The schemas, each with the name of its file in `config/schemas/`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("jackfield.json", server().to_value()),
        ("catalogue.json", catalogue().to_value()),
        ("tenant.json", tenant().to_value()),
    ]
}

/// Of `jackfield.toml`.
pub(crate) fn server() -> Schema {
    of::<ServerFile>("Jackfield: jackfield.toml")
}

/// Of a file in `catalogues/`.
pub(crate) fn catalogue() -> Schema {
    of::<Catalogue>("Jackfield: a catalogue")
}

/// Of a file in `tenants/`.
pub(crate) fn tenant() -> Schema {
    of::<TenantFile>("Jackfield: a tenant")
}

fn of<T: JsonSchema>(title: &str) -> Schema {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.inline_subschemas = true;
    let mut schema = settings
        .with_transform(RecursiveTransform(tidy))
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

fn tidy(schema: &mut Schema) {
    without_null(schema);
    // The keys of a table have defaults of their own.
    if schema
        .get("default")
        .is_some_and(|default| default.is_null() || default.is_object())
    {
        schema.remove("default");
    }
    // Line breaks are those of the source, which editors would show.
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

/// TOML has no null: a key that may be left out is simply not required.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut choices)) = schema.remove("anyOf") else {
        return;
    };
    choices.retain(|choice| choice.get("type") != Some(&"null".into()));
    match choices.as_slice() {
        [Value::Object(only)] => {
            for (keyword, value) in only {
                schema
                    .ensure_object()
                    .entry(keyword)
                    .or_insert_with(|| value.clone());
            }
        }
        _ => drop(schema.insert("anyOf".to_owned(), Value::Array(choices))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_schemas_are_these() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/schemas");
        for (name, schema) in schemas() {
            let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(
                committed == format!("{schema:#}\n"),
                "config/schemas/{name} is out of date: \
                 cargo run -p jackfield-config --example write-schemas"
            );
        }
    }

    /// What `document::conform` knows, and what says nothing about a value.
    const KEYWORDS: [&str; 17] = [
        "$schema",
        "additionalProperties",
        "const",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maximum",
        "minLength",
        "minimum",
        "oneOf",
        "properties",
        "required",
        "title",
        "type",
        "writeOnly",
    ];

    #[test]
    fn no_schema_has_a_keyword_that_is_not_checked() {
        for (name, schema) in schemas() {
            let mut keywords = BTreeSet::new();
            collect(&schema, &mut keywords);
            let unknown: Vec<_> = keywords
                .iter()
                .filter(|word| !KEYWORDS.contains(&word.as_str()))
                .collect();
            assert!(unknown.is_empty(), "{name}: {unknown:?}");
        }
    }

    fn collect(schema: &Value, keywords: &mut BTreeSet<String>) {
        let Some(schema) = schema.as_object() else {
            return;
        };
        keywords.extend(schema.keys().cloned());
        for keyword in ["items", "additionalProperties"] {
            schema
                .get(keyword)
                .inspect(|below| collect(below, keywords));
        }
        let named = schema.get("properties").and_then(Value::as_object);
        named
            .into_iter()
            .flat_map(|named| named.values())
            .for_each(|below| collect(below, keywords));
        let choices = schema.get("oneOf").and_then(Value::as_array);
        choices
            .into_iter()
            .flatten()
            .for_each(|below| collect(below, keywords));
    }
}
