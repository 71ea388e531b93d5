//! Values with places to fill: `{{user.id}}` is whatever was found there first, and the same from
//! then on; `{{any}}`, `{{time}}`, `{{number}}`, `{{bool}}` and `{{absent}}` are what they say.

use std::collections::BTreeMap;

use jackfield_model::Timestamp;
use serde_json::{Map, Value as Json};

/// What places have been filled with.
pub(super) type Places = BTreeMap<String, String>;

/// How closely a value must match.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Closeness {
    /// Objects may have more members; arrays have these elements, in any order, and more if
    /// `"..."` is among them; `null` is whatever says that there is no value.
    Needed,
    /// Nothing more and nothing less, arrays in this order.
    Exact,
}

/// Text with its places filled; the name of the first that is not known yet.
///
/// # Errors
/// The name.
pub(super) fn fill(text: &str, places: &Places, escape: bool) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Place(name) => {
                let value = places.get(name).ok_or_else(|| name.to_owned())?;
                if escape {
                    let quoted = Json::from(value.as_str()).to_string();
                    filled.push_str(quoted.trim_matches('"'));
                } else {
                    filled.push_str(value);
                }
            }
        }
    }
    Ok(filled)
}

/// Matches a value, filling places that are met first; what is wrong goes to `problems`, each
/// with its path.
pub(super) fn check(
    pattern: &Json,
    value: Option<&Json>,
    closeness: Closeness,
    places: &mut Places,
    path: &str,
    problems: &mut Vec<String>,
) {
    let before = problems.len();
    let is_met = match (pattern, value) {
        (Json::String(text), value) => text_matches(text, value, places),
        (Json::Null, value) if closeness == Closeness::Needed => is_nothing(value),
        (Json::Object(members), Some(Json::Object(found))) => {
            check_members(members, found, closeness, places, path, problems);
            true
        }
        (Json::Array(elements), Some(Json::Array(found))) if closeness == Closeness::Exact => {
            check_elements(elements, found, places, path, problems);
            true
        }
        (Json::Array(elements), value) if closeness == Closeness::Needed => {
            has_elements(elements, value, places)
        }
        (pattern, value) => Some(pattern) == value,
    };
    if !is_met && problems.len() == before {
        let found = value.map_or_else(|| "nothing".to_owned(), shortened);
        let place = if path.is_empty() { "the body" } else { path };
        problems.push(format!(
            "{place}: {} was expected, {found} came",
            shortened(pattern)
        ));
    }
}

fn check_members(
    members: &Map<String, Json>,
    found: &Map<String, Json>,
    closeness: Closeness,
    places: &mut Places,
    path: &str,
    problems: &mut Vec<String>,
) {
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    for (name, pattern) in members {
        let value = found.get(name);
        check(pattern, value, closeness, places, &inside(name), problems);
    }
    if closeness == Closeness::Exact {
        for name in found.keys().filter(|name| !members.contains_key(*name)) {
            problems.push(format!("{}: nothing was expected", inside(name)));
        }
    }
}

fn check_elements(
    elements: &[Json],
    found: &[Json],
    places: &mut Places,
    path: &str,
    problems: &mut Vec<String>,
) {
    if elements.len() != found.len() {
        let (expected, came) = (elements.len(), found.len());
        problems.push(format!(
            "{path}: {expected} elements were expected, {came} came"
        ));
        return;
    }
    for (at, (pattern, value)) in elements.iter().zip(found).enumerate() {
        let inside = format!("{path}[{at}]");
        check(
            pattern,
            Some(value),
            Closeness::Exact,
            places,
            &inside,
            problems,
        );
    }
}

/// Whether each element is there, and no other unless `"..."` allows it.
fn has_elements(elements: &[Json], value: Option<&Json>, places: &mut Places) -> bool {
    let found = match value {
        Some(Json::Array(found)) => found.as_slice(),
        value if is_nothing(value) => &[],
        _ => return false,
    };
    let mut left: Vec<&Json> = found.iter().collect();
    let mut takes_more = false;
    for pattern in elements {
        if pattern == "..." {
            takes_more = true;
            continue;
        }
        let position = left.iter().position(|value| {
            let (mut tried, mut problems) = (places.clone(), Vec::new());
            check(
                pattern,
                Some(value),
                Closeness::Needed,
                &mut tried,
                "",
                &mut problems,
            );
            let is_this = problems.is_empty();
            if is_this {
                *places = tried;
            }
            is_this
        });
        match position {
            Some(at) => drop(left.swap_remove(at)),
            None => return false,
        }
    }
    takes_more || left.is_empty()
}

/// RFC 7643 §2.5: absent, `null` and `[]` are one state.
fn is_nothing(value: Option<&Json>) -> bool {
    match value {
        None | Some(Json::Null) => true,
        Some(Json::Array(values)) => values.is_empty(),
        Some(_) => false,
    }
}

fn text_matches(pattern: &str, value: Option<&Json>, places: &mut Places) -> bool {
    match (pattern, value) {
        ("{{absent}}", value) => is_nothing(value),
        ("{{number}}", Some(value)) => value.is_u64(),
        ("{{bool}}", Some(value)) => value.is_boolean(),
        (pattern, Some(Json::String(text))) => matches(pattern, text, places),
        _ => false,
    }
}

/// Matches text, filling places that are met first.
pub(super) fn matches(pattern: &str, text: &str, places: &mut Places) -> bool {
    let mut filled = Places::new();
    let mut rest = text;
    let mut pieces = pieces(pattern).peekable();
    while let Some(piece) = pieces.next() {
        let known = match piece {
            Piece::Text(text) => Some(text),
            Piece::Place(name) => places
                .get(name)
                .or_else(|| filled.get(name))
                .map(String::as_str),
        };
        if let Some(known) = known {
            let Some(after) = rest.strip_prefix(known) else {
                return false;
            };
            rest = after;
            continue;
        }
        let end = match pieces.peek() {
            Some(Piece::Text(next)) => rest.find(next),
            Some(Piece::Place(_)) => None,
            None => Some(rest.len()),
        };
        let Some((value, after)) = end.and_then(|end| rest.split_at_checked(end)) else {
            return false;
        };
        rest = after;
        let is_right = match piece {
            Piece::Place("any") | Piece::Text(_) => true,
            Piece::Place("time") => Timestamp::parse_rfc3339(value).is_some(),
            Piece::Place(name) => {
                filled.insert(name.to_owned(), value.to_owned());
                true
            }
        };
        if value.is_empty() || !is_right {
            return false;
        }
    }
    places.extend(filled);
    rest.is_empty()
}

enum Piece<'t> {
    Text(&'t str),
    Place(&'t str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let place = rest
            .strip_prefix("{{")
            .and_then(|inside| inside.split_once("}}"));
        if let Some((name, after)) = place {
            rest = after;
            return Some(Piece::Place(name));
        }
        let end = rest.get(1..).and_then(|inside| inside.find("{{"));
        let (text, after) = rest
            .split_at_checked(end.map_or(rest.len(), |end| end + 1))
            .unwrap_or((rest, ""));
        rest = after;
        Some(Piece::Text(text))
    })
}

fn shortened(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(pattern: &Json, value: &Json, closeness: Closeness) -> Vec<String> {
        let mut problems = Vec::new();
        let mut places = Places::from([("known".to_owned(), "k".to_owned())]);
        check(
            pattern,
            Some(value),
            closeness,
            &mut places,
            "",
            &mut problems,
        );
        problems
    }

    #[test]
    fn what_is_needed_may_come_with_more() {
        let value = json!({
            "schemas": ["a", "b"], "id": "17", "active": true, "emails": [],
            "name": {"givenName": "A", "familyName": "B"}, "totalResults": 3,
            "meta": {"created": "2026-11-22T03:04:05Z", "location": "https://x/Users/17"},
        });
        for (pattern, is_met) in [
            (json!({}), true),
            (json!({"schemas": ["b", "..."]}), true),
            (json!({"schemas": ["b"]}), false),
            (json!({"schemas": ["b", "a"]}), true),
            (json!({"schemas": ["c", "..."]}), false),
            (
                json!({"id": "{{id}}", "meta": {"location": "https://x/Users/{{id}}"}}),
                true,
            ),
            (json!({"id": "{{known}}"}), false),
            (json!({"id": "{{any}}"}), true),
            (json!({"id": 17}), false),
            (json!({"emails": null, "title": null}), true),
            (json!({"emails": [], "groups": []}), true),
            (json!({"active": null}), false),
            (
                json!({"active": "{{bool}}", "totalResults": "{{number}}"}),
                true,
            ),
            (json!({"id": "{{number}}"}), false),
            (json!({"password": "{{absent}}"}), true),
            (json!({"id": "{{absent}}"}), false),
            (json!({"meta": {"created": "{{time}}"}}), true),
            (json!({"id": "{{time}}"}), false),
            (json!({"name": {"givenName": "A"}}), true),
            (json!({"name": {"givenName": "C"}}), false),
        ] {
            let found = problems(&pattern, &value, Closeness::Needed);
            assert_eq!(found.is_empty(), is_met, "{pattern}: {found:?}");
        }
    }

    #[test]
    fn what_is_exact_comes_with_nothing_else() {
        for (pattern, value, expected) in [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), Some("b: nothing")),
            (json!({"a": [1, 2]}), json!({"a": [2, 1]}), Some("a[0]: 1")),
            (
                json!({"a": [1]}),
                json!({"a": [1, 2]}),
                Some("a: 1 elements"),
            ),
            (json!({"a": "{{known}}"}), json!({"a": "k"}), None),
            (
                json!({"a": {"b": "x"}}),
                json!({"a": {}}),
                Some("a.b: \"x\""),
            ),
        ] {
            let found = problems(&pattern, &value, Closeness::Exact);
            match expected {
                None => assert!(found.is_empty(), "{pattern}: {found:?}"),
                Some(start) => assert!(found[0].starts_with(start), "{pattern}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_place_is_filled_once_and_the_same_from_then_on() {
        let mut places = Places::new();
        assert!(matches("W/\"{{v}}\"", "W/\"7-0a\"", &mut places));
        assert_eq!(places["v"], "7-0a");
        assert!(!matches("W/\"{{v}}\"", "W/\"8\"", &mut places));
        assert!(
            !matches("x{{w}}", "x", &mut places),
            "nothing fills no place"
        );
        assert_eq!(fill("/Users/{{v}}", &places, false).unwrap(), "/Users/7-0a");
        assert_eq!(fill("{{w}}", &places, false), Err("w".to_owned()));
        places.insert("q".to_owned(), "a\"b".to_owned());
        assert_eq!(fill("{{q}}", &places, true).unwrap(), "a\\\"b");
    }
}
