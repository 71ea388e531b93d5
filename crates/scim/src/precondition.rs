//! Conditional requests (RFC 7644 §3.14, RFC 9110 §13).

use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, HeaderName};
use jackfield_gateway::Precondition;

/// What `If-Match` demands of a write.
///
/// Tags are `W/"7"` or `W/"7-…"`: behind the hyphen stands what a user has by others' doing
/// (groups, roles), and it never stands in the way of a write.
pub(crate) fn of_write(headers: &HeaderMap) -> Precondition {
    let mut versions = Vec::new();
    let mut is_demanded = false;
    for tag in tags(headers, &IF_MATCH) {
        if tag == "*" {
            return Precondition::Exists;
        }
        is_demanded = true;
        versions.extend(version(tag));
    }
    if is_demanded {
        Precondition::Versions(versions)
    } else {
        Precondition::None
    }
}

/// What the version of an operation in a bulk demands (RFC 7644 §3.7): as `If-Match` does.
pub(crate) fn of_version(tag: &str) -> Precondition {
    match tag.trim() {
        "*" => Precondition::Exists,
        tag => Precondition::Versions(version(tag).into_iter().collect()),
    }
}

/// Whether a read is of a version that `If-Match` wants, if it wants any.
pub(crate) fn is_wanted(headers: &HeaderMap, current: &str) -> bool {
    tags(headers, &IF_MATCH).next().is_none() || names(headers, &IF_MATCH, current)
}

/// Whether a condition names the version of something that is there. Tags compare weakly.
pub(crate) fn names(headers: &HeaderMap, condition: &HeaderName, current: &str) -> bool {
    tags(headers, condition).any(|tag| tag == "*" || opaque(tag) == opaque(current))
}

fn tags<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// The version that a tag names, with its fingerprint or without.
pub(crate) fn version(tag: &str) -> Option<u64> {
    opaque(tag)
        .split('-')
        .next()
        .and_then(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::IF_NONE_MATCH;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn if_match_names_versions() {
        for (values, expected) in [
            ([].as_slice(), Precondition::None),
            (&[""], Precondition::None),
            (&["*"], Precondition::Exists),
            (&["W/\"7\""], Precondition::Versions(vec![7])),
            (&["\"7\""], Precondition::Versions(vec![7])),
            (&["7"], Precondition::Versions(vec![7])),
            (
                &["W/\"7-0a1b\", W/\"8\"", "\"9\""],
                Precondition::Versions(vec![7, 8, 9]),
            ),
            (&["W/\"e180ee84\""], Precondition::Versions(vec![])),
        ] {
            assert_eq!(
                of_write(&headers("if-match", values)),
                expected,
                "{values:?}"
            );
        }
    }

    #[test]
    fn if_none_match_compares_the_whole_tag() {
        for (value, expected) in [
            ("W/\"7-0a\"", true),
            ("\"7-0a\"", true),
            ("*", true),
            ("W/\"6\", W/\"7-0a\"", true),
            ("W/\"7\"", false),
            ("W/\"7-0b\"", false),
        ] {
            let headers = headers("if-none-match", &[value]);
            assert_eq!(names(&headers, &IF_NONE_MATCH, "W/\"7-0a\""), expected);
        }
        let none = HeaderMap::new();
        assert!(!names(&none, &IF_NONE_MATCH, "W/\"7-0a\""));
    }
}
