//! Each request has an id, the client's own or one made here: it stands in the answer, and what is
//! logged meanwhile stands under it.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::Api;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client.
const LONGEST: usize = 128;

pub(crate) async fn identify(State(api): State<Api>, request: Request, next: Next) -> Response {
    let sent = request.headers().get(&X_REQUEST_ID).filter(|id| is_fit(id));
    let id = match sent {
        Some(id) => id.clone(),
        None => HeaderValue::from_str(&api.gateway.new_request_id())
            .unwrap_or(HeaderValue::from_static("-")),
    };
    let span = tracing::info_span!("api", request_id = id.to_str().unwrap_or_default());
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// What can stand in a log as it is.
fn is_fit(id: &HeaderValue) -> bool {
    let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_.:/+=".contains(octet);
    let octets = id.as_bytes();
    (1..=LONGEST).contains(&octets.len()) && octets.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_if_it_can_stand_in_a_log() {
        for (id, expected) in [
            ("0193-abc", true),
            ("a/b.c:d+e=_", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
        ] {
            assert_eq!(is_fit(&HeaderValue::from_static(id)), expected, "{id}");
        }
        let long = HeaderValue::from_str(&"x".repeat(LONGEST + 1)).unwrap();
        assert!(!is_fit(&long));
    }
}
