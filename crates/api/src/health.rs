//! `GET /healthz`: the process answers. `GET /readyz`: it is not about to stop; it listens only once
//! every tenant is loaded.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::Api;

pub(crate) fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readiness))
}

async fn readiness(State(api): State<Api>) -> (StatusCode, &'static str) {
    if api.gateway.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
