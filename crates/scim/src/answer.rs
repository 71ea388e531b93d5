//! Answers: JSON under SCIM's media type, with the headers that go with a resource.

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;

use crate::error::Error;
use jackfield_gateway::Error as Refusal;

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer with a body.
pub(crate) fn json(status: StatusCode, body: &Json) -> Response {
    (status, [(CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}

/// An answer about one resource: where it is and at which version (RFC 7644 §3.1 and §3.14).
pub(crate) fn resource(
    status: StatusCode,
    location: &str,
    version: &str,
    body: Option<&Json>,
) -> Result<Response, Error> {
    let mut response = match body {
        Some(body) => json(status, body),
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
/// it accepts that and not SCIM's own, else SCIM's own. There is never a 406.
pub(crate) async fn negotiate(request: Request, next: Next) -> Response {
    let wants_plain = wants_plain_json(request.headers());
    let mut response = next.run(request).await;
    if wants_plain && response.headers().get(CONTENT_TYPE) == Some(&SCIM_JSON) {
        response.headers_mut().insert(CONTENT_TYPE, PLAIN_JSON);
    }
    response
}

fn wants_plain_json(headers: &HeaderMap) -> bool {
    let mut plain = false;
    for value in headers.get_all(ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let range = range.split(';').next().unwrap_or_default().trim();
            if ["application/scim+json", "application/*", "*/*"]
                .iter()
                .any(|scim| range.eq_ignore_ascii_case(scim))
            {
                return false;
            }
            plain |= range.eq_ignore_ascii_case("application/json");
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_for_those_who_take_nothing_of_scim() {
        for (accept, expected) in [
            (None, false),
            (Some("*/*"), false),
            (Some("application/json"), true),
            (Some("Application/JSON; charset=utf-8"), true),
            (Some("application/json, application/scim+json"), false),
            (Some("application/json, text/plain, */*"), false),
            (Some("application/scim+json"), false),
            (Some("text/html"), false),
        ] {
            let headers = accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept)));
            assert_eq!(
                wants_plain_json(&HeaderMap::from_iter(headers)),
                expected,
                "{accept:?}"
            );
        }
    }
}
