//! The body of a request: JSON, of a bounded length.

use axum::body::Body as HttpBody;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_gateway::Error as Refusal;
use serde_json::Value as Json;

use crate::call::Incoming;
use crate::error::Error;

/// A body in JSON.
pub(crate) struct Body(pub(crate) Json);

impl Body {
    /// # Errors
    /// What is wrong with it.
    pub(crate) async fn read(incoming: &Incoming, body: HttpBody) -> Result<Self, Error> {
        check_media_type(&incoming.head.headers)?;
        check_coding(&incoming.head.headers)?;
        let limit = incoming.scim.options().max_body_bytes;
        let body = match Limited::new(body, limit).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let limit = u64::try_from(limit).unwrap_or(u64::MAX);
                return Err(Refusal::TooMuch {
                    what: "the body, in bytes,",
                    limit,
                }
                .into());
            }
            Err(_) => return Err(Refusal::InvalidSyntax("the body ended early".to_owned()).into()),
        };
        incoming.seen.came(&body);
        // RFC 8259 §8.1: a byte order mark may be passed over.
        match serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body)) {
            Ok(json) => Ok(Self(json)),
            Err(error) => Err(Refusal::InvalidSyntax(format!("the body: {error}")).into()),
        }
    }
}

/// RFC 7644 §3.8: SCIM's own media type and plain JSON; what says nothing is taken for JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Error> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let value = value.to_str().map_err(|_| Error::MediaType)?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    let is_json = ["", "application/scim+json", "application/json", "text/json"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(essence));
    if is_json {
        Ok(())
    } else {
        Err(Error::MediaType)
    }
}

/// RFC 9110 §8.4: what is compressed is not read.
fn check_coding(headers: &HeaderMap) -> Result<(), Error> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    match codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        true => Ok(()),
        false => Err(Error::Coding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn bodies_are_json_of_either_name_or_of_none() {
        for (value, expected) in [
            ("application/scim+json", true),
            ("Application/JSON; charset=utf-8", true),
            ("", true),
            ("application/xml", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(check_media_type(&headers).is_ok(), expected, "{value}");
        }
        assert!(check_media_type(&HeaderMap::new()).is_ok());
    }
}
