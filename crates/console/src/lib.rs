//! The web console: so far, the page that tells a person who opened the server's address in a
//! browser what this is.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// `GET /`: what this is and where things are.
pub fn router() -> Router {
    Router::new().route("/", get(front_page))
}

async fn front_page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    ];
    (headers, include_str!("front_page.html"))
}
