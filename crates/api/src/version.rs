//! Versions of resources (RFC 9110 §8.8.3 and §13.1).
//!
//! A tag is `W/"7-0a1b"`: the version of the record, by which writes are guarded, and a fingerprint
//! of what was answered, which has more in it than the record, such as roles that others give.

use std::hash::{DefaultHasher, Hasher as _};

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use jackfield_gateway::Precondition;

/// The tag of what is answered.
pub(crate) fn tag(version: u64, body: &[u8]) -> String {
    // Its keys are fixed, so that every node of one build gives the same.
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("W/\"{version}-{:016x}\"", hasher.finish())
}

/// What `If-Match` demands of a write; and `If-None-Match: *`, which no resource that is there fulfils.
pub(crate) fn of_write(headers: &HeaderMap) -> Precondition {
    if tags(headers, &IF_NONE_MATCH).any(|tag| tag == "*") {
        return Precondition::Versions(Vec::new());
    }
    let mut tags = tags(headers, &IF_MATCH).peekable();
    if tags.peek().is_none() {
        return Precondition::None;
    }
    let mut versions = Vec::new();
    for tag in tags {
        if tag == "*" {
            return Precondition::Exists;
        }
        let number = opaque(tag).split('-').next();
        versions.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    Precondition::Versions(versions)
}

/// Whether the client has this already, and says so by `If-None-Match`. Tags compare weakly.
pub(crate) fn is_known(headers: &HeaderMap, current: &str) -> bool {
    tags(headers, &IF_NONE_MATCH).any(|tag| tag == "*" || opaque(tag) == opaque(current))
}

fn tags<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn if_match_names_versions_whatever_else_is_in_the_tag() {
        for (value, expected) in [
            ("", Precondition::None),
            ("*", Precondition::Exists),
            ("W/\"7-0a1b\"", Precondition::Versions(vec![7])),
            ("\"7\", W/\"8-x\"", Precondition::Versions(vec![7, 8])),
            ("\"other\"", Precondition::Versions(vec![])),
        ] {
            assert_eq!(of_write(&headers(IF_MATCH, value)), expected, "{value}");
        }
        assert_eq!(of_write(&HeaderMap::new()), Precondition::None);
    }

    #[test]
    fn if_none_match_compares_the_whole_tag() {
        let current = tag(7, b"{}");
        assert_eq!(current, tag(7, b"{}"));
        assert_ne!(current, tag(7, b"{ }"));
        for (value, expected) in [("*", true), ("W/\"7\"", false), ("W/\"6-0\"", false)] {
            assert_eq!(is_known(&headers(IF_NONE_MATCH, value), &current), expected);
        }
        let same = HeaderValue::from_str(&current).unwrap();
        assert!(is_known(
            &HeaderMap::from_iter([(IF_NONE_MATCH, same)]),
            &current
        ));
    }
}
