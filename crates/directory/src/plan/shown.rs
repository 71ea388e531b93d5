//! How the audit log shows values: plain text, or JSON where there is more to one than text.

use jackfield_model::{AttrId, Attributes, Registry, Value};
use serde_json::{Map, Value as Json};

/// The values, unless there are none. Text that could be taken for JSON stands in an array.
pub(super) fn shown(registry: &Registry, values: &[Value]) -> Option<String> {
    let shown = match values {
        [] => return None,
        [one] => json(registry, one),
        several => array(registry, several),
    };
    Some(match shown {
        Json::String(text) if text.starts_with(['{', '[']) => Json::from(vec![text]).to_string(),
        Json::String(text) => text,
        shown => shown.to_string(),
    })
}

fn array(registry: &Registry, values: &[Value]) -> Json {
    values.iter().map(|value| json(registry, value)).collect()
}

fn json(registry: &Registry, value: &Value) -> Json {
    match value {
        Value::Str(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Time(at) => at.to_rfc3339().into(),
        Value::Bytes(octets) => format!("{} octets", octets.len()).into(),
        Value::Complex(attributes) => object(registry, attributes),
    }
}

fn object(registry: &Registry, attributes: &Attributes) -> Json {
    let field = |(attr, values): (AttrId, &[Value])| {
        let value = match values {
            [one] => json(registry, one),
            several => array(registry, several),
        };
        Some((registry.get(attr)?.name.to_string(), value))
    };
    let fields: Map<String, Json> = attributes.iter().filter_map(field).collect();
    fields.into()
}

#[cfg(test)]
mod tests {
    use jackfield_model::schema::attr;

    use super::*;

    #[test]
    fn text_is_shown_as_it_is_and_what_has_parts_as_json() {
        let email = |value: &str| -> Value {
            Attributes::new()
                .with(attr::EMAILS_VALUE, value)
                .with(attr::EMAILS_PRIMARY, true)
                .into()
        };
        for (values, expected) in [
            (vec![], None),
            (vec!["Ann \"A\"".into()], Some("Ann \"A\"")),
            (vec![true.into()], Some("true")),
            (vec![5.into()], Some("5")),
            (vec!["[1]".into()], Some(r#"["[1]"]"#)),
            (vec!["a".into(), "b".into()], Some(r#"["a","b"]"#)),
            (vec![Value::Bytes([1, 2].into())], Some("2 octets")),
            (
                vec![email("a@acme.example")],
                Some(r#"{"primary":true,"value":"a@acme.example"}"#),
            ),
            (
                vec![email("a@x"), email("b@x")],
                Some(r#"[{"primary":true,"value":"a@x"},{"primary":true,"value":"b@x"}]"#),
            ),
        ] {
            assert_eq!(shown(Registry::core(), &values).as_deref(), expected);
        }
    }
}
