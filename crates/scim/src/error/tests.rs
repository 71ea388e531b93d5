use http_body_util::BodyExt as _;
use jackfield_gateway::access::{Denial, NoSeat};

use super::*;

fn refusals() -> Vec<(Refusal, u16, Option<&'static str>)> {
    let path = || "emails".to_owned();
    let problem = || "a reason".to_owned();
    let denial = || Denial::by("rule", "a reason");
    vec![
        (Refusal::InvalidCredentials, 401, None),
        (Refusal::LockedOut, 401, None),
        (Refusal::UnauthenticatedBind, 401, None),
        (Refusal::LoginRequired, 401, None),
        (Refusal::ConfidentialityRequired, 403, None),
        (Refusal::Forbidden(denial()), 403, None),
        (Refusal::Protected(denial()), 403, None),
        (
            Refusal::NoSeat(NoSeat {
                limit: 5,
                deactivators: Vec::new(),
            }),
            403,
            None,
        ),
        (Refusal::NotFound { what: path() }, 404, None),
        (
            Refusal::Taken {
                kind: "user",
                attribute: path(),
            },
            409,
            Some("uniqueness"),
        ),
        (
            Refusal::InvalidValue {
                path: path(),
                problem: problem(),
            },
            400,
            Some("invalidValue"),
        ),
        (Refusal::WeakPassword(Vec::new()), 400, Some("invalidValue")),
        (
            Refusal::InvalidPath {
                path: path(),
                problem: problem(),
            },
            400,
            Some("invalidPath"),
        ),
        (
            Refusal::InvalidFilter(problem()),
            400,
            Some("invalidFilter"),
        ),
        (
            Refusal::InvalidSyntax(problem()),
            400,
            Some("invalidSyntax"),
        ),
        (Refusal::NoTarget { path: path() }, 400, Some("noTarget")),
        (
            Refusal::Mutability {
                path: path(),
                problem: problem(),
            },
            400,
            Some("mutability"),
        ),
        (Refusal::VersionMismatch, 412, None),
        (
            Refusal::TooMuch {
                what: "the body",
                limit: 7,
            },
            413,
            None,
        ),
        (Refusal::TimeLimit, 400, Some("tooMany")),
        (Refusal::Unsupported("this"), 501, None),
        (Refusal::TooBusy { retry_after: 9 }, 429, None),
        (
            Refusal::Held {
                connection: String::new(),
                retry_after: 9,
            },
            429,
            None,
        ),
        (Refusal::Unavailable, 503, None),
        (Refusal::Internal, 500, None),
    ]
}

#[tokio::test]
async fn each_refusal_has_its_status_and_scim_type_and_is_a_scim_error() {
    let own = [
        (Error::MethodNotAllowed, 405, None),
        (Error::MediaType, 415, None),
        (Error::Coding, 415, None),
        (Error::TargetTooLong { limit: 7 }, 414, None),
        (
            Error::HeadersTooLarge {
                fields: 7,
                bytes: 7,
            },
            431,
            None,
        ),
        (Error::Unresolved("a".to_owned()), 409, None),
        (Error::Circle("a reason".to_owned()), 409, None),
        (Error::VersionRequired, 428, None),
        (Error::InvalidCursor, 400, Some("invalidCursor")),
        (Error::ExpiredCursor, 400, Some("expiredCursor")),
        (Error::InvalidCount { limit: 7 }, 400, Some("invalidCount")),
    ];
    let all = refusals()
        .into_iter()
        .map(|(refusal, status, ty)| (refusal.into(), status, ty));
    for (error, status, scim_type) in all.chain(own) {
        let detail = error.to_string();
        let response = error.into_response();
        assert_eq!(response.status().as_u16(), status, "{detail}");
        assert_eq!(response.headers()["content-type"], "application/scim+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let mut expected = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(),
            "detail": detail,
        });
        if let Some(scim_type) = scim_type {
            expected["scimType"] = scim_type.into();
        }
        assert_eq!(body, expected);
    }
}

#[test]
fn clients_learn_how_to_log_in_and_when_to_come_again() {
    let header = |refusal: Refusal, name: &str| {
        let headers = Error::from(refusal).headers();
        headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let bearer = header(Refusal::LoginRequired, "www-authenticate").unwrap();
    assert_eq!(bearer, "Bearer realm=\"scim\"");
    let invalid = header(Refusal::InvalidCredentials, "www-authenticate").unwrap();
    assert!(invalid.ends_with("error=\"invalid_token\""));
    assert_eq!(
        header(Refusal::TooBusy { retry_after: 9 }, "retry-after"),
        Some("9".to_owned())
    );
    assert_eq!(header(Refusal::Internal, "retry-after"), None);
}
