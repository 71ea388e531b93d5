//! What clients of the API are told when something is refused, as problem details (RFC 9457): the one
//! place where their statuses and types are said.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::Instead;

use crate::shape::problem::Problem;

/// The media type of problem details (RFC 9457 §3).
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// How clients may log in: by a token (RFC 6750), or people by name and password (RFC 7617).
const BEARER: &str = "Bearer realm=\"api\"";
const INVALID_TOKEN: &str = "Bearer realm=\"api\", error=\"invalid_token\"";
const BASIC: &str = "Basic realm=\"api\", charset=\"UTF-8\"";

/// Why a request was not answered as it was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The application refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The endpoint is there, but not for this method.
    #[error("the endpoint does not know this method")]
    MethodNotAllowed,
    /// The body is of another type than the endpoint takes.
    #[error("the body is not of the type {0}")]
    MediaType(&'static str),
    /// The query has a parameter that the endpoint does not know, or a value that it does not take.
    #[error("the query cannot be read: {0}")]
    Query(String),
    /// A cursor is not one of this list.
    #[error("the cursor is none that this list was given, or it has expired; begin without one")]
    Cursor,
}

/// A kind of problem: its name, with which its type ends, its title and its status.
pub(crate) type Kind = (&'static str, &'static str, StatusCode);

impl Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => kind(refusal),
            // RFC 9110 §15.5.6; the router lists the methods in Allow.
            Self::MethodNotAllowed => (
                "method-not-allowed",
                "Method not allowed",
                StatusCode::METHOD_NOT_ALLOWED,
            ),
            // RFC 9110 §15.5.16.
            Self::MediaType(_) => (
                "media-type",
                "Another media type is needed",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            Self::Query(_) => (
                "invalid-query",
                "The query is not understood",
                StatusCode::BAD_REQUEST,
            ),
            Self::Cursor => (
                "invalid-cursor",
                "The cursor is not valid",
                StatusCode::BAD_REQUEST,
            ),
        }
    }

    fn problem(&self) -> Problem {
        let (name, title, status) = self.kind();
        let mut problem = Problem::new(name, title, status.as_u16(), self.to_string());
        if let Self::Refused(refusal) = self {
            match refusal {
                Refusal::InvalidValue { path, .. }
                | Refusal::InvalidPath { path, .. }
                | Refusal::NoTarget { path }
                | Refusal::Mutability { path, .. }
                | Refusal::Taken {
                    attribute: path, ..
                } => problem.path = Some(path.clone()),
                Refusal::Forbidden(denial) | Refusal::Protected(denial) => {
                    problem.rule = Some(denial.rule);
                    problem.instead = match &denial.instead {
                        Instead::Nobody => Vec::new(),
                        Instead::Operator => vec!["operator".to_owned()],
                        Instead::Holders { titles, .. } => {
                            titles.iter().map(ToString::to_string).collect()
                        }
                    };
                }
                Refusal::NoSeat(full) => {
                    let able = full.deactivators.iter().map(ToString::to_string);
                    problem.instead = able.chain(["operator".to_owned()]).collect();
                }
                Refusal::WeakPassword(lacks) => {
                    problem.path = Some("password".to_owned());
                    problem.lacks = lacks.iter().map(ToString::to_string).collect();
                }
                _ => {}
            }
        }
        problem
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static;
        match self {
            // RFC 6750 §3: no error code for a request without any credentials.
            Self::Refused(Refusal::LoginRequired) => {
                headers.insert(WWW_AUTHENTICATE, value(BEARER));
                headers.append(WWW_AUTHENTICATE, value(BASIC));
            }
            Self::Refused(
                Refusal::InvalidCredentials | Refusal::LockedOut | Refusal::UnauthenticatedBind,
            ) => {
                headers.insert(WWW_AUTHENTICATE, value(INVALID_TOKEN));
                headers.append(WWW_AUTHENTICATE, value(BASIC));
            }
            Self::Refused(Refusal::TooBusy { retry_after } | Refusal::Held { retry_after, .. }) => {
                headers.insert(RETRY_AFTER, (*retry_after).into());
            }
            Self::Refused(Refusal::Unavailable) => {
                headers.insert(RETRY_AFTER, value("1"));
            }
            _ => {}
        }
        headers
    }
}

fn kind(refusal: &Refusal) -> Kind {
    match refusal {
        // RFC 9110 §15.5.2.
        Refusal::InvalidCredentials | Refusal::LockedOut | Refusal::UnauthenticatedBind => (
            "invalid-credentials",
            "The credentials are not valid",
            StatusCode::UNAUTHORIZED,
        ),
        Refusal::LoginRequired => ("login-required", "Log in first", StatusCode::UNAUTHORIZED),
        // RFC 9110 §15.5.4.
        Refusal::ConfidentialityRequired => (
            "tls-required",
            "Passwords are taken over TLS only",
            StatusCode::FORBIDDEN,
        ),
        Refusal::Forbidden(_) => ("forbidden", "You may not do this", StatusCode::FORBIDDEN),
        // RFC 9110 §15.5.10: whoever asks, the state of the tenant is in the way.
        Refusal::Protected(_) => ("protected", "Nobody may do this", StatusCode::CONFLICT),
        Refusal::NoSeat { .. } => ("no-seat", "No seat is free", StatusCode::CONFLICT),
        Refusal::Taken { .. } => ("taken", "Another has this already", StatusCode::CONFLICT),
        // RFC 9110 §15.5.5.
        Refusal::NotFound { .. } => ("not-found", "Not found", StatusCode::NOT_FOUND),
        // RFC 9110 §15.5.21.
        Refusal::InvalidValue { .. } => (
            "invalid-value",
            "A value cannot be",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        Refusal::WeakPassword(_) => (
            "weak-password",
            "The password is too weak",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        Refusal::Mutability { .. } => (
            "not-changeable",
            "This cannot be changed",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        Refusal::NoTarget { .. } => (
            "no-target",
            "There is nothing to change",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        // RFC 9110 §15.5.1.
        Refusal::InvalidPath { .. } | Refusal::InvalidFilter(_) => (
            "invalid-query",
            "The query is not understood",
            StatusCode::BAD_REQUEST,
        ),
        Refusal::InvalidSyntax(_) => (
            "invalid-body",
            "The body is not understood",
            StatusCode::BAD_REQUEST,
        ),
        // RFC 9110 §15.5.13.
        Refusal::VersionMismatch => (
            "changed",
            "It has changed in the meantime",
            StatusCode::PRECONDITION_FAILED,
        ),
        // RFC 9110 §15.5.14.
        Refusal::TooMuch { .. } => (
            "too-much",
            "Too much at once",
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        // RFC 6585 §4.
        Refusal::TooBusy { .. } | Refusal::Held { .. } => (
            "too-many-requests",
            "Too many requests",
            StatusCode::TOO_MANY_REQUESTS,
        ),
        // RFC 9110 §15.6.
        Refusal::Unsupported(_) => (
            "not-supported",
            "Not supported",
            StatusCode::NOT_IMPLEMENTED,
        ),
        Refusal::TimeLimit => (
            "time-limit",
            "It took too long",
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        Refusal::Unavailable => (
            "unavailable",
            "Not available at the moment",
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        Refusal::Internal => (
            "internal",
            "An internal error happened",
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (_, _, status) = self.kind();
        let mut headers = self.headers();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        (status, headers, body).into_response()
    }
}
