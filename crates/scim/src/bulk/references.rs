//! `bulkId:…` in the data of operations (RFC 7644 §3.7.2): found, resolved, or put off.

use jackfield_model::schema::{Mutability, Type, attr};
use jackfield_model::{AttrDef, Id, Registry};
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use crate::normalise;

/// What a reference begins with; no id of a resource does (RFC 7643 §3.1).
const PREFIX: &str = "bulkId:";

/// The names of the attributes in which references stand. A text that begins as one is a text
/// elsewhere.
pub(super) struct References(Vec<SmolStr>);

impl References {
    pub(super) fn of_registry(registry: &Registry) -> Self {
        let refers = |def: &&AttrDef| {
            let is_resource = !def
                .references
                .iter()
                .any(|to| to == "external" || to == "uri");
            let is_reference = def.ty == Type::Reference && def.mutability != Mutability::ReadOnly;
            [attr::MEMBERS, attr::MANAGER].contains(&def.id) || (is_reference && is_resource)
        };
        let all = registry.iter().filter(refers);
        Self(all.map(|def| def.name.clone()).collect())
    }

    /// Whether references stand in what this name or path names.
    fn stand_in(&self, path: &str) -> bool {
        let path = path.split('[').next().unwrap_or(path);
        let path = path.rsplit(':').next().unwrap_or(path);
        let mut parts = path.split('.');
        parts.any(|part| self.0.iter().any(|name| name.eq_ignore_ascii_case(part)))
    }

    /// Every bulkId that the data refer to.
    pub(super) fn of<'j>(&self, data: &'j Json) -> Vec<&'j str> {
        let mut all = Vec::new();
        self.collect(data, false, &mut all);
        all
    }

    fn collect<'j>(&self, json: &'j Json, refers: bool, into: &mut Vec<&'j str>) {
        match json {
            Json::String(text) => into.extend(named(text).filter(|_| refers)),
            Json::Array(values) => values.iter().for_each(|it| self.collect(it, refers, into)),
            Json::Object(object) => {
                let path = path_of(object);
                for (key, value) in object {
                    match (value, path) {
                        (Json::String(path), Some(_)) if key.eq_ignore_ascii_case("path") => {
                            into.extend(quoted(path));
                        }
                        _ => self.collect(value, self.refers(refers, path, key), into),
                    }
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// Whether references stand in a member of an object: of one in which they stand, or which is
    /// an operation on a path.
    fn refers(&self, refers: bool, path: Option<&str>, key: &str) -> bool {
        let is_value = key.eq_ignore_ascii_case("value");
        let by_path = is_value && path.is_some_and(|path| self.stand_in(path));
        (refers && is_value) || by_path || self.stand_in(key)
    }

    /// The data with ids where references were.
    pub(super) fn resolve(&self, json: &Json, id: &impl Fn(&str) -> Option<Id>) -> Json {
        self.resolved(json, false, id)
    }

    fn resolved(&self, json: &Json, refers: bool, id: &impl Fn(&str) -> Option<Id>) -> Json {
        match json {
            Json::String(text) => {
                let name = named(text).filter(|_| refers);
                match name.and_then(|name| Some((name, id(name)?))) {
                    Some((name, id)) => {
                        let uri = text.strip_suffix(name).unwrap_or_default();
                        let uri = uri.strip_suffix(PREFIX).unwrap_or_default();
                        format!("{uri}{id}").into()
                    }
                    None => json.clone(),
                }
            }
            Json::Array(values) => {
                let all = values.iter().map(|value| self.resolved(value, refers, id));
                all.collect()
            }
            Json::Object(object) => {
                let path = path_of(object);
                let resolved = object.iter().map(|(key, value)| {
                    let value = match (value, path) {
                        (Json::String(path), Some(_)) if key.eq_ignore_ascii_case("path") => {
                            resolve_path(path, id).into()
                        }
                        _ => self.resolved(value, self.refers(refers, path, key), id),
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
    pub(super) fn split(&self, data: &Json, is_later: &impl Fn(&str) -> bool) -> (Json, Vec<Json>) {
        let mut later = Vec::new();
        let now = match data {
            Json::Object(object) => self.split_members(object, "", is_later, &mut later).into(),
            _ => data.clone(),
        };
        (now, later)
    }

    fn split_members(
        &self,
        object: &Map<String, Json>,
        urn: &str,
        is_later: &impl Fn(&str) -> bool,
        later: &mut Vec<Json>,
    ) -> Map<String, Json> {
        let mut now = Map::new();
        for (key, value) in object {
            let refers = self.stand_in(key);
            let waits = |value: &Json| {
                let mut all = Vec::new();
                self.collect(value, refers, &mut all);
                all.into_iter().any(is_later)
            };
            let kept = match value {
                _ if !waits(value) => Some(value.clone()),
                Json::Object(extension) if urn.is_empty() && key.contains(':') && !refers => {
                    let urn = format!("{key}:");
                    Some(self.split_members(extension, &urn, is_later, later).into())
                }
                Json::Array(elements) => {
                    let (put_off, kept): (Vec<_>, Vec<_>) =
                        elements.iter().cloned().partition(waits);
                    let path = format!("{urn}{key}");
                    later.push(json!({"op": "add", "path": path, "value": put_off}));
                    Some(kept.into())
                }
                _ => {
                    let path = format!("{urn}{key}");
                    later.push(json!({"op": "add", "path": path, "value": value}));
                    None
                }
            };
            if let Some(kept) = kept {
                now.insert(key.clone(), kept);
            }
        }
        now
    }
}

/// The path, if this is an operation of a PATCH.
fn path_of(object: &Map<String, Json>) -> Option<&str> {
    normalise::in_any_case(object, "op")?;
    normalise::in_any_case(object, "path")?.as_str()
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
    fn references_are_found_and_resolved_where_references_stand() {
        for (data, names, resolved) in [
            (json!("bulkId:a"), vec![], json!("bulkId:a")),
            (
                json!({"members": ["bulkId:a"]}),
                vec!["a"],
                json!({"members": [A]}),
            ),
            (
                json!({"nickName": "bulkId:a", "members": [{"display": "bulkId:a"}], "manager": "bulkId:a"}),
                vec!["a"],
                json!({"nickName": "bulkId:a", "members": [{"display": "bulkId:a"}], "manager": A}),
            ),
            (
                json!({"OP": "add", "Path": "Members", "Value": [{"value": "bulkId:a"}]}),
                vec!["a"],
                json!({"OP": "add", "Path": "Members", "Value": [{"value": A}]}),
            ),
            (
                json!({"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": "bulkId:a"}),
                vec!["a"],
                json!({"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": A}),
            ),
            (
                json!({"op": "replace", "path": "nickName", "value": "bulkId:a"}),
                vec![],
                json!({"op": "replace", "path": "nickName", "value": "bulkId:a"}),
            ),
            (
                json!({"members": [{"value": "bulkId:a"}]}),
                vec!["a"],
                json!({"members": [{"value": A}]}),
            ),
            (
                json!({"members": [{"$ref": "../Users/bulkId:a"}]}),
                vec!["a"],
                json!({"members": [{"$ref": format!("../Users/{A}")}]}),
            ),
            (
                json!({ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
                vec!["a"],
                json!({ENTERPRISE: {"manager": {"value": A}}}),
            ),
            (
                json!({"op": "remove", "path": "members[value eq \"bulkId:a\"]"}),
                vec!["a"],
                json!({"op": "remove", "path": format!("members[value eq \"{A}\"]")}),
            ),
            (
                json!({"members": {"value": "bulkId:b"}}),
                vec!["b"],
                json!({"members": {"value": "bulkId:b"}}),
            ),
            (
                json!({"password": "bulkId:a"}),
                vec![],
                json!({"password": "bulkId:a"}),
            ),
            (
                json!({"members": ["xbulkId:a", "bulkId:", "bulkid:a", 1, null]}),
                vec![],
                json!({"members": ["xbulkId:a", "bulkId:", "bulkid:a", 1, null]}),
            ),
            (
                json!({"op": "remove", "path": "a[b eq \"\\\"bulkId:a\"]"}),
                vec![],
                json!({"op": "remove", "path": "a[b eq \"\\\"bulkId:a\"]"}),
            ),
        ] {
            let references = References::of_registry(Registry::core());
            assert_eq!(references.of(&data), names, "{data}");
            assert_eq!(references.resolve(&data, &id), resolved, "{data}");
        }
    }

    #[test]
    fn what_refers_to_later_resources_is_added_later() {
        let data = json!({
            "displayName": "G",
            "members": [{"value": "1"}, {"value": "bulkId:z"}],
            ENTERPRISE: {"department": "D", "manager": {"value": "bulkId:z"}},
        });
        let references = References::of_registry(Registry::core());
        let (now, later) = references.split(&data, &|name| name == "z");
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
