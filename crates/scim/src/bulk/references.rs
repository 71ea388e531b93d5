//! `bulkId:…` in the data of operations (RFC 7644 §3.7.2): found, resolved, or put off.

use jackfield_model::Id;
use serde_json::{Map, Value as Json, json};

/// What a reference begins with; no id of a resource does (RFC 7643 §3.1).
const PREFIX: &str = "bulkId:";

/// Notes every bulkId that is referred to.
pub(super) fn collect<'j>(json: &'j Json, into: &mut Vec<&'j str>) {
    match json {
        Json::String(text) => into.extend(named(text)),
        Json::Array(values) => values.iter().for_each(|value| collect(value, into)),
        Json::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("path", Json::String(path)) => into.extend(quoted(path)),
                    _ if !is_literal(key) => collect(value, into),
                    _ => {}
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The data with ids where references were.
pub(super) fn resolve(json: &Json, id: &impl Fn(&str) -> Option<Id>) -> Json {
    match json {
        Json::String(text) => match named(text).and_then(|name| Some((name, id(name)?))) {
            Some((name, id)) => {
                let uri = text.strip_suffix(name).unwrap_or_default();
                let uri = uri.strip_suffix(PREFIX).unwrap_or_default();
                format!("{uri}{id}").into()
            }
            None => json.clone(),
        },
        Json::Array(values) => values.iter().map(|value| resolve(value, id)).collect(),
        Json::Object(object) => {
            let resolved = object.iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("path", Json::String(path)) => resolve_path(path, id).into(),
                    _ if is_literal(key) => value.clone(),
                    _ => resolve(value, id),
                };
                (key.clone(), value)
            });
            Json::Object(resolved.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => json.clone(),
    }
}

/// The data of a resource in two parts: what can be created now, and operations that add what
/// refers to resources that are put off.
pub(super) fn split(data: &Json, is_later: &impl Fn(&str) -> bool) -> (Json, Vec<Json>) {
    let mut later = Vec::new();
    let now = match data {
        Json::Object(object) => split_members(object, "", is_later, &mut later).into(),
        _ => data.clone(),
    };
    (now, later)
}

fn split_members(
    object: &Map<String, Json>,
    urn: &str,
    is_later: &impl Fn(&str) -> bool,
    later: &mut Vec<Json>,
) -> Map<String, Json> {
    let waits = |value: &Json| {
        let mut all = Vec::new();
        collect(value, &mut all);
        all.into_iter().any(is_later)
    };
    let mut now = Map::new();
    for (key, value) in object {
        let kept = match value {
            _ if is_literal(key) || !waits(value) => Some(value.clone()),
            Json::Object(extension) if urn.is_empty() && key.contains(':') => {
                Some(split_members(extension, &format!("{key}:"), is_later, later).into())
            }
            Json::Array(elements) => {
                let (put_off, kept): (Vec<_>, Vec<_>) = elements.iter().cloned().partition(waits);
                later.push(json!({"op": "add", "path": format!("{urn}{key}"), "value": put_off}));
                Some(kept.into())
            }
            _ => {
                later.push(json!({"op": "add", "path": format!("{urn}{key}"), "value": value}));
                None
            }
        };
        if let Some(kept) = kept {
            now.insert(key.clone(), kept);
        }
    }
    now
}

/// The name in `bulkId:name`, which may end a URI.
pub(super) fn named(text: &str) -> Option<&str> {
    let last = text.rsplit('/').next().unwrap_or(text);
    last.strip_prefix(PREFIX).filter(|name| !name.is_empty())
}

/// The names in the value filters of a path: `members[value eq "bulkId:name"]`.
fn quoted(path: &str) -> impl Iterator<Item = &str> {
    path.split('"').skip(1).step_by(2).filter_map(named)
}

fn resolve_path(path: &str, id: &impl Fn(&str) -> Option<Id>) -> String {
    let parts = path.split('"').enumerate().map(|(at, part)| {
        let id = named(part).filter(|_| at % 2 == 1).and_then(id);
        id.map_or_else(|| part.to_owned(), |id| id.to_string())
    });
    parts.collect::<Vec<_>>().join("\"")
}

/// What is never read as a reference.
fn is_literal(key: &str) -> bool {
    key.eq_ignore_ascii_case("password")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn id(name: &str) -> Option<Id> {
        (name == "a").then_some(Id(Uuid::from_u128(10)))
    }

    const A: &str = "00000000-0000-0000-0000-00000000000a";

    #[test]
    fn references_are_found_and_resolved_wherever_they_stand() {
        for (data, names, resolved) in [
            (json!("bulkId:a"), vec!["a"], json!(A)),
            (
                json!({"members": [{"value": "bulkId:a"}]}),
                vec!["a"],
                json!({"members": [{"value": A}]}),
            ),
            (
                json!({"$ref": "../Users/bulkId:a"}),
                vec!["a"],
                json!({"$ref": format!("../Users/{A}")}),
            ),
            (
                json!({ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
                vec!["a"],
                json!({ENTERPRISE: {"manager": {"value": A}}}),
            ),
            (
                json!({"path": "members[value eq \"bulkId:a\"]"}),
                vec!["a"],
                json!({"path": format!("members[value eq \"{A}\"]")}),
            ),
            (
                json!({"value": "bulkId:b"}),
                vec!["b"],
                json!({"value": "bulkId:b"}),
            ),
            (
                json!({"password": "bulkId:a"}),
                vec![],
                json!({"password": "bulkId:a"}),
            ),
            (
                json!(["xbulkId:a", "bulkId:", "bulkid:a", 1, null]),
                vec![],
                json!(["xbulkId:a", "bulkId:", "bulkid:a", 1, null]),
            ),
            (
                json!({"path": "a[b eq \"\\\"bulkId:a\"]"}),
                vec![],
                json!({"path": "a[b eq \"\\\"bulkId:a\"]"}),
            ),
        ] {
            let mut found = Vec::new();
            collect(&data, &mut found);
            assert_eq!(found, names, "{data}");
            assert_eq!(resolve(&data, &id), resolved, "{data}");
        }
    }

    #[test]
    fn what_refers_to_later_resources_is_added_later() {
        let data = json!({
            "displayName": "G",
            "members": [{"value": "1"}, {"value": "bulkId:z"}],
            ENTERPRISE: {"department": "D", "manager": {"value": "bulkId:z"}},
        });
        let (now, later) = split(&data, &|name| name == "z");
        assert_eq!(
            now,
            json!({
                "displayName": "G",
                "members": [{"value": "1"}],
                ENTERPRISE: {"department": "D"},
            })
        );
        let expected = [
            json!({"op": "add", "path": "members", "value": [{"value": "bulkId:z"}]}),
            json!({"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "bulkId:z"}}),
        ];
        assert_eq!(later, expected);
    }
}
