//! Bodies: JSON in, of a bounded length, and JSON out.

use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_gateway::Error as Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Api;
use crate::endpoint::Media;
use crate::error::Error;
use crate::version;

/// A body in JSON.
pub(crate) struct Body<T>(pub(crate) T);

/// A merge patch (RFC 7396).
pub(crate) struct MergePatch<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Error> {
        read(request, api, Media::Json).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Api> for MergePatch<T> {
    type Rejection = Error;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Error> {
        read(request, api, Media::MergePatch).await.map(Self)
    }
}

async fn read<T: DeserializeOwned>(request: Request, api: &Api, media: Media) -> Result<T, Error> {
    check_media_type(request.headers(), media)?;
    let limit = api.options.max_body_bytes;
    let body = match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Refusal::TooMuch {
                what: "the body, in bytes,",
                limit: u64::try_from(limit).unwrap_or(u64::MAX),
            }
            .into());
        }
        Err(_) => return Err(Refusal::InvalidSyntax("the body ended early".to_owned()).into()),
    };
    // Else a list would be taken for the members of an object in their order.
    if body.iter().find(|octet| !octet.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Refusal::InvalidSyntax("the body is no JSON object".to_owned()).into());
    }
    serde_json::from_slice(&body)
        .map_err(|error| Refusal::InvalidSyntax(format!("the body: {error}")).into())
}

/// A page of another site can send no such type without asking first, so that a browser never lends
/// it the password of a person who is logged in.
fn check_media_type(headers: &HeaderMap, media: Media) -> Result<(), Error> {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    let essence = essence.unwrap_or_default().trim();
    let takes = |media: Media| media.name().eq_ignore_ascii_case(essence);
    // A merge patch is JSON, and called so by most.
    if takes(media) || takes(Media::Json) {
        return Ok(());
    }
    Err(Error::MediaType(media.name()))
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Response, Error> {
    let body = serde_json::to_vec(body).map_err(|_| Refusal::Internal)?;
    Ok(answer(status, body))
}

fn answer(status: StatusCode, body: Vec<u8>) -> Response {
    let media = HeaderValue::from_static(Media::Json.name());
    (status, [(CONTENT_TYPE, media)], body).into_response()
}

/// An answer in JSON about one resource, which has a version; where it is, if it is a new one.
pub(crate) fn resource(
    headers: &HeaderMap,
    status: StatusCode,
    location: Option<&str>,
    version: u64,
    body: &impl Serialize,
) -> Result<Response, Error> {
    let body = serde_json::to_vec(body).map_err(|_| Refusal::Internal)?;
    let tag = version::tag(version, &body);
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Refusal::Internal);
    let mut response = match status == StatusCode::OK && version::is_known(headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => answer(status, body),
    };
    response.headers_mut().insert(ETAG, value(&tag)?);
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, value(location)?);
    }
    Ok(response)
}
