//! What clients are told when something is refused: the one place where statuses and `scimType`s
//! are said (RFC 7644 §3.12).

use axum::http::header::{ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_gateway::Error as Refusal;
use serde_json::{Value as Json, json};

use crate::answer;
use crate::exchange::Refused;
use crate::message;

/// How clients may log in (RFC 7644 §2): by a token, or by a client's id and secret.
const BEARER: &str = "Bearer realm=\"scim\"";
const BASIC: &str = "Basic realm=\"scim\", charset=\"UTF-8\"";

/// How much of a longer detail is told: of its beginning, and of its end, in characters.
const DETAIL_START: usize = 300;
const DETAIL_END: usize = 200;

/// Why a request was not answered as it was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The application refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The endpoint is there, but not for this method.
    #[error("the endpoint does not know this method")]
    MethodNotAllowed,
    /// The body is not in JSON.
    #[error("the body is not of the type application/scim+json or application/json")]
    MediaType,
    /// The body is compressed.
    #[error("the body has a content coding; none is read")]
    Coding,
    /// The path and query are too long.
    #[error(
        "the path and query are longer than {limit} bytes; a query can be asked by POST of /.search"
    )]
    TargetTooLong {
        /// How many bytes they may have.
        limit: usize,
    },
    /// There are too many header fields, or they are too long.
    #[error("the header has more than {fields} fields, or more than {bytes} bytes in them")]
    HeadersTooLarge {
        /// How many fields it may have.
        fields: usize,
        /// How many bytes their names and values may have together.
        bytes: usize,
    },
    /// An operation of a bulk refers to a resource that no operation creates, or one that failed.
    #[error("nothing was created as {0:?}, which the operation refers to")]
    Unresolved(String),
    /// The references of a bulk form a circle that cannot be.
    #[error("the references form a circle that cannot be closed: {0}")]
    Circle(String),
    /// A connection that must say which version it changes does not.
    #[error("say by If-Match, or in a bulk by version, which version is to be changed")]
    VersionRequired,
    /// A cursor is not one of this query.
    #[error("the cursor is none that this query was given")]
    InvalidCursor,
    /// A cursor's time is over.
    #[error("the cursor has expired; begin with an empty one")]
    ExpiredCursor,
    /// A page with a cursor cannot have this size.
    #[error(
        "count: with a cursor, a whole number up to {limit} was expected, the same for each page"
    )]
    InvalidCount {
        /// How many resources a page has at the most.
        limit: usize,
    },
}

impl Error {
    /// The status, and the `scimType` where one is defined.
    fn code(&self) -> (StatusCode, Option<&'static str>) {
        match self {
            Self::Refused(refusal) => code(refusal),
            // RFC 9110 §15.5.6; the router lists the methods in Allow.
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, None),
            // RFC 9110 §15.5.16, RFC 7644 §3.8.
            Self::MediaType | Self::Coding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            // RFC 9110 §15.5.15, RFC 6585 §5.
            Self::TargetTooLong { .. } => (StatusCode::URI_TOO_LONG, None),
            Self::HeadersTooLarge { .. } => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, None),
            // RFC 7644 §3.7.1.
            Self::Unresolved(_) | Self::Circle(_) => (StatusCode::CONFLICT, None),
            // RFC 6585 §3.
            Self::VersionRequired => (StatusCode::PRECONDITION_REQUIRED, None),
            // RFC 9865 §2.1.
            Self::InvalidCursor => (StatusCode::BAD_REQUEST, Some("invalidCursor")),
            Self::ExpiredCursor => (StatusCode::BAD_REQUEST, Some("expiredCursor")),
            Self::InvalidCount { .. } => (StatusCode::BAD_REQUEST, Some("invalidCount")),
        }
    }

    /// What the client is told. What it sent stands in it, and is cut where it is long: how the text
    /// begins and how it ends says what is wrong.
    fn detail(&self) -> String {
        let whole = self.to_string();
        let start = whole.char_indices().nth(DETAIL_START);
        let end = whole.char_indices().nth_back(DETAIL_END - 1);
        let parts = start.zip(end).filter(|((start, _), (end, _))| start < end);
        let parts =
            parts.and_then(|((start, _), (end, _))| Some((whole.get(..start)?, whole.get(end..)?)));
        match parts {
            Some((start, end)) => format!("{start} … {end}"),
            None => whole,
        }
    }

    /// The status and the body of the answer (RFC 7644 §3.12).
    pub(crate) fn body(&self) -> (StatusCode, Json) {
        let (status, scim_type) = self.code();
        let mut body = json!({
            "schemas": [message::ERROR],
            "status": status.as_str(),
            "detail": self.detail(),
        });
        if let (Some(scim_type), Some(object)) = (scim_type, body.as_object_mut()) {
            object.insert("scimType".to_owned(), scim_type.into());
        }
        (status, body)
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            // RFC 6750 §3: no error code for a request without any credentials.
            Self::Refused(Refusal::LoginRequired) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(BEARER));
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(BASIC));
            }
            Self::Refused(
                Refusal::InvalidCredentials | Refusal::LockedOut | Refusal::UnauthenticatedBind,
            ) => {
                let scheme = "Bearer realm=\"scim\", error=\"invalid_token\"";
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(BASIC));
            }
            // RFC 9110 §15.5.16: that it is about the coding, not the type.
            Self::Coding => {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            // Whole seconds: Okta takes no date.
            Self::Refused(Refusal::TooBusy { retry_after } | Refusal::Held { retry_after, .. }) => {
                headers.insert(RETRY_AFTER, (*retry_after).into());
            }
            Self::Refused(Refusal::Unavailable) => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        headers
    }
}

fn code(refusal: &Refusal) -> (StatusCode, Option<&'static str>) {
    match refusal {
        // RFC 7644 §3.12 with §2: whoever is not known, or not any more.
        Refusal::InvalidCredentials
        | Refusal::LockedOut
        | Refusal::UnauthenticatedBind
        | Refusal::LoginRequired => (StatusCode::UNAUTHORIZED, None),
        // RFC 7644 §7.2 for TLS, §3.12: not permitted for this client, or for anybody. A 409 would
        // make identity providers look for a resource that has the value already.
        Refusal::ConfidentialityRequired
        | Refusal::Forbidden(_)
        | Refusal::Protected(_)
        | Refusal::NoSeat { .. } => (StatusCode::FORBIDDEN, None),
        // RFC 7644 §3.12.
        Refusal::NotFound { .. } => (StatusCode::NOT_FOUND, None),
        // RFC 7644 §3.3 and table 9.
        Refusal::Taken { .. } => (StatusCode::CONFLICT, Some("uniqueness")),
        // RFC 7644 table 9.
        Refusal::InvalidValue { .. } | Refusal::WeakPassword(_) => {
            (StatusCode::BAD_REQUEST, Some("invalidValue"))
        }
        Refusal::InvalidPath { .. } => (StatusCode::BAD_REQUEST, Some("invalidPath")),
        Refusal::InvalidFilter(_) => (StatusCode::BAD_REQUEST, Some("invalidFilter")),
        Refusal::InvalidSyntax(_) => (StatusCode::BAD_REQUEST, Some("invalidSyntax")),
        Refusal::NoTarget { .. } => (StatusCode::BAD_REQUEST, Some("noTarget")),
        Refusal::Mutability { .. } => (StatusCode::BAD_REQUEST, Some("mutability")),
        // RFC 7644 table 9: more results than the server is willing to look for.
        Refusal::TimeLimit => (StatusCode::BAD_REQUEST, Some("tooMany")),
        // RFC 7644 §3.14.
        Refusal::VersionMismatch => (StatusCode::PRECONDITION_FAILED, None),
        // RFC 7644 §3.12 and §3.7.4: the text names the limit.
        Refusal::TooMuch { .. } => (StatusCode::PAYLOAD_TOO_LARGE, None),
        // RFC 7644 §3.12.
        Refusal::Unsupported(_) => (StatusCode::NOT_IMPLEMENTED, None),
        // RFC 6585 §4.
        // Too many deletions, too fast. Providers take 4xx for final, but this for later.
        Refusal::TooBusy { .. } | Refusal::Held { .. } => (StatusCode::TOO_MANY_REQUESTS, None),
        // RFC 9110 §15.6.4.
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
        // RFC 7644 §3.12.
        Refusal::Internal => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, body) = self.body();
        let mut response = (self.headers(), answer::json(status, &body)).into_response();
        response.extensions_mut().insert(Refused {
            scim_type: self.code().1,
            detail: self.detail(),
        });
        response
    }
}

#[cfg(test)]
mod tests;
