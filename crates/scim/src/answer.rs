//! Answers: JSON under SCIM's media type, with the headers that go with a resource.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;

use crate::dialect::Notes;
use crate::error::Error;
use jackfield_gateway::Error as Refusal;

/// The media type of SCIM's messages (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

const SCIM_JSON: HeaderValue = HeaderValue::from_static(MEDIA_TYPE);
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer with a body.
pub(crate) fn json(status: StatusCode, body: &Json) -> Response {
    (status, [(CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}

/// An answer with a body that is JSON already.
pub(crate) fn written(status: StatusCode, body: Body) -> Response {
    (status, [(CONTENT_TYPE, SCIM_JSON)], body).into_response()
}

/// An answer about one resource: where it is and at which version (RFC 7644 §3.1 and §3.14).
pub(crate) fn resource(
    status: StatusCode,
    location: &str,
    version: &str,
    body: Option<Body>,
) -> Result<Response, Error> {
    let mut response = match body {
        Some(body) => written(status, body),
        None => status.into_response(),
    };
    for (name, value) in [(LOCATION, location), (ETAG, version)] {
        put(response.headers_mut(), name, value)?;
    }
    Ok(response)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Error> {
    let value = HeaderValue::from_str(value).map_err(|_| Refusal::Internal)?;
    headers.insert(name, value);
    Ok(())
}

/// Answers under the media type that the client asked for (RFC 7644 §3.8): `application/json` if
/// it accepts that and not SCIM's own, or by its kind if it does not say; else SCIM's own. There
/// is never a 406.
pub(crate) fn negotiate(asked: &HeaderMap, notes: &Notes, response: &mut Response) {
    let wants_plain = match asked_for(asked) {
        Some(media_type) => media_type == PLAIN_JSON,
        None => notes.wants_plain_json(),
    };
    if wants_plain && response.headers().get(CONTENT_TYPE) == Some(&SCIM_JSON) {
        response.headers_mut().insert(CONTENT_TYPE, PLAIN_JSON);
    }
}

/// The media type that `Accept` names, SCIM's own before the other; none if either will do.
fn asked_for(headers: &HeaderMap) -> Option<HeaderValue> {
    let values = headers.get_all(ACCEPT).into_iter();
    let ranges: Vec<&str> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .collect();
    let has = |name: &str| ranges.iter().any(|range| range.eq_ignore_ascii_case(name));
    if has("application/scim+json") {
        return Some(SCIM_JSON);
    }
    let takes_anything = has("application/*") || has("*/*");
    (has("application/json") && !takes_anything).then_some(PLAIN_JSON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_for_those_who_take_nothing_of_scim() {
        for (accept, expected) in [
            (None, None),
            (Some("*/*"), None),
            (Some("application/json"), Some(PLAIN_JSON)),
            (Some("Application/JSON; charset=utf-8"), Some(PLAIN_JSON)),
            (
                Some("application/json, application/scim+json"),
                Some(SCIM_JSON),
            ),
            (Some("application/json, text/plain, */*"), None),
            (Some("application/scim+json"), Some(SCIM_JSON)),
            (Some("text/html"), None),
        ] {
            let headers = accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept)));
            assert_eq!(
                asked_for(&HeaderMap::from_iter(headers)),
                expected,
                "{accept:?}"
            );
        }
    }
}
