//! Asking again what a client asked before: to see what would come of it now, or to have it done.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::{Method, Request};
use http_body_util::BodyExt as _;
use jackfield_gateway::Session;
use jackfield_model::{Deed, Exchange, SentBody};

use crate::exchange::{Refused, Seen};
use crate::{PeerAddr, Repaired, Scim, routes};

/// What came of it this time.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The HTTP status.
    pub status: u16,
    /// What kind of error it is (RFC 7644 §3.12).
    pub scim_type: Option<&'static str>,
    /// What the client would have been told about an error.
    pub detail: Option<String>,
    /// What was repaired.
    pub repaired: Repaired,
    /// What was changed, or would have been.
    pub deeds: Vec<Deed>,
    /// The body of the answer.
    pub body: String,
}

/// Why a request cannot be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Its body was too long to be kept, or no JSON.
    #[error("its body was not kept")]
    Body,
    /// There were secrets in its body, which were not kept.
    #[error("the secrets in its body were not kept: it can only be rehearsed")]
    Secrets,
    /// What was kept is no request any more.
    #[error("it is no request that this version understands")]
    Request,
}

/// Who acts, in place of the bearer of a token: an extension of a request.
#[derive(Clone)]
pub(crate) struct Acting(pub(crate) Session);

/// Whether a request was kept so that it can be asked again; to `rehearse` it, its secrets need not
/// be there.
///
/// # Errors
/// What is lost of it.
pub fn check(exchange: &Exchange, rehearse: bool) -> Result<(), Lost> {
    match &exchange.body {
        SentBody::None => Ok(()),
        SentBody::Json { redacted, .. } if rehearse || !redacted => Ok(()),
        SentBody::Json { .. } => Err(Lost::Secrets),
        SentBody::Left { .. } => Err(Lost::Body),
    }
}

/// Asks again as this session, which says whether anything is really done. Operators are not told
/// of it as of what clients ask.
///
/// # Errors
/// If what was kept is no request.
pub async fn replay(scim: &Scim, session: Session, exchange: &Exchange) -> Result<Replayed, Lost> {
    let seen = Seen::default();
    let mut request = request(exchange).ok_or(Lost::Request)?;
    request.extensions_mut().insert(Acting(session));
    let (head, body) = request.into_parts();
    let response = routes::answer(scim, &Arc::new(head), body, &seen).await;
    let (parts, body) = response.into_parts();
    let refused: Option<&Refused> = parts.extensions.get();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    Ok(Replayed {
        status: parts.status.as_u16(),
        scim_type: refused.and_then(|refused| refused.scim_type),
        detail: refused.map(|refused| refused.detail.clone()),
        repaired: parts.extensions.get().cloned().unwrap_or_default(),
        deeds: seen.deeds(),
        body: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
    })
}

fn request(exchange: &Exchange) -> Option<Request<Body>> {
    let body = match &exchange.body {
        SentBody::Json { text, .. } => Body::from(text.clone()),
        SentBody::None | SentBody::Left { .. } => Body::empty(),
    };
    let mut request = Request::builder()
        .method(Method::from_bytes(exchange.method.as_bytes()).ok()?)
        .uri(&exchange.target)
        .header(CONTENT_TYPE, "application/json");
    if let Some(condition) = &exchange.condition {
        request = request.header(IF_MATCH, condition);
    }
    if let Some(address) = exchange.address {
        request = request.extension(PeerAddr(SocketAddr::new(address, 0)));
    }
    request.body(body).ok()
}
