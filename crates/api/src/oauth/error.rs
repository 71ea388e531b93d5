//! What the token endpoint answers when it issues nothing (RFC 6749 §5.2): the one place where its
//! statuses and error codes are said.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_gateway::Error as Refusal;
use serde_json::json;

/// Why no token was issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The request is not one that the endpoint knows.
    #[error("{0}")]
    Request(&'static str),
    /// Another grant than the client's own.
    #[error("client_credentials is the only grant")]
    GrantType,
    /// The application refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Error {
    /// The status and the error code.
    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Request(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Refused(refusal) => code(refusal),
        }
    }
}

fn code(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::InvalidCredentials
        | Refusal::LockedOut
        | Refusal::UnauthenticatedBind
        | Refusal::LoginRequired => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::Forbidden(_) | Refusal::Protected(_) => {
            (StatusCode::BAD_REQUEST, "unauthorized_client")
        }
        // Nothing but the scope has a value that can be wrong.
        Refusal::InvalidValue { .. } => (StatusCode::BAD_REQUEST, "invalid_scope"),
        Refusal::ConfidentialityRequired
        | Refusal::NoSeat { .. }
        | Refusal::WeakPassword(_)
        | Refusal::NotFound { .. }
        | Refusal::Taken { .. }
        | Refusal::InvalidPath { .. }
        | Refusal::InvalidFilter(_)
        | Refusal::InvalidSyntax(_)
        | Refusal::NoTarget { .. }
        | Refusal::Mutability { .. }
        | Refusal::VersionMismatch
        | Refusal::TooMuch { .. }
        | Refusal::TimeLimit
        | Refusal::Unsupported(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        // The codes of RFC 6749 §4.1.2.1 for the two, which §5.2 leaves without.
        Refusal::TooBusy { .. } | Refusal::Held { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable")
        }
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        Refusal::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.code();
        let mut headers = no_store();
        match &self {
            // RFC 6749 §5.2: the scheme that the client may have used.
            Self::Refused(_) if status == StatusCode::UNAUTHORIZED => {
                let scheme = HeaderValue::from_static("Basic realm=\"oauth2\"");
                headers.insert(WWW_AUTHENTICATE, scheme);
            }
            Self::Refused(Refusal::TooBusy { retry_after }) => {
                headers.insert(RETRY_AFTER, (*retry_after).into());
            }
            Self::Refused(Refusal::Unavailable) => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        let body = json!({"error": code, "error_description": self.to_string()});
        (status, headers, Json(body)).into_response()
    }
}

/// RFC 6749 §5.1: what is answered here is kept nowhere.
pub(crate) fn no_store() -> HeaderMap {
    HeaderMap::from_iter([
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ])
}
