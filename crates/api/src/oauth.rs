//! OAuth 2 for provisioning clients: the client credentials grant (RFC 6749 §4.4), with secrets and
//! with assertions (RFC 7523), and the metadata that says so (RFC 8414).
//!
//! One issuer and one token endpoint serve all tenants, since a client's id says which tenant it is
//! of: identity providers are given the same two URLs whatever they push to.

mod client;
mod error;
mod metadata;
mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::Api;
use crate::counted::counted;

/// Where tokens are issued.
const TOKEN_PATH: &str = "/oauth2/token";

/// The longest request, in bytes; assertions are a few kilobytes.
const MAX_BODY: usize = 64 << 10;

pub(crate) fn router(api: &Api) -> Router<Api> {
    let at = metadata::path(&api.options.base_url);
    let router = Router::new()
        .route(
            TOKEN_PATH,
            counted(post(token::token), api.gateway.metrics(), "issueToken"),
        )
        .route(metadata::WELL_KNOWN, get(metadata::metadata))
        .layer(DefaultBodyLimit::max(MAX_BODY));
    match at == metadata::WELL_KNOWN {
        true => router,
        false => router.route(&at, get(metadata::metadata)),
    }
}
