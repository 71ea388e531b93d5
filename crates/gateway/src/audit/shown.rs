//! What an attribute held before and after, as programs and as people read it.

use serde_json::Value as Json;

/// For programs: structure where the value has parts, else its text.
pub fn structure(text: &str) -> Json {
    let parsed = match text.starts_with(['{', '[']) {
        true => serde_json::from_str(text).ok(),
        false => None,
    };
    parsed.unwrap_or_else(|| text.into())
}

/// For people: parts as `name=value`, values apart by semicolons.
pub fn words(text: &str) -> String {
    match structure(text) {
        Json::Array(values) => joined(values.iter().map(short), "; "),
        value => short(&value),
    }
}

fn short(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(values) => format!("[{}]", joined(values.iter().map(short), ", ")),
        Json::Object(fields) => {
            let field = |(name, value): (&String, &Json)| match value {
                Json::Object(_) => format!("{name}=({})", short(value)),
                value => format!("{name}={}", short(value)),
            };
            joined(fields.iter().map(field), " ")
        }
        other => other.to_string(),
    }
}

fn joined(parts: impl Iterator<Item = String>, by: &str) -> String {
    parts.collect::<Vec<_>>().join(by)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_parts_reads_as_names_and_values_and_all_else_as_it_was_told() {
        for (told, value, said) in [
            ("Ann", json!("Ann"), "Ann"),
            ("true", json!("true"), "true"),
            (
                r#"[{"value":"a@x","primary":true},{"value":"b@x"}]"#,
                json!([{"value": "a@x", "primary": true}, {"value": "b@x"}]),
                "primary=true value=a@x; value=b@x",
            ),
            (
                r#"{"permissions":["a:view","b:view"],"levels":{"c":"look"}}"#,
                json!({"permissions": ["a:view", "b:view"], "levels": {"c": "look"}}),
                "levels=(c=look) permissions=[a:view, b:view]",
            ),
            // As older entries have it.
            ("[Str(\"a\")]", json!("[Str(\"a\")]"), "[Str(\"a\")]"),
        ] {
            assert_eq!(structure(told), value, "{told}");
            assert_eq!(words(told), said);
        }
    }
}
