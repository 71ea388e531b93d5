//! The HTTP API: so far, what load balancers and supervisors ask.
//!
//! It speaks to the gateway only, and never tells an anonymous caller which tenants there are.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use jackfield_gateway::Gateway;

/// `GET /healthz`: the process answers. `GET /readyz`: every tenant is loaded and the node is not
/// about to stop.
pub fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readiness))
        .with_state(gateway)
}

async fn readiness(State(gateway): State<Gateway>) -> (StatusCode, &'static str) {
    if gateway.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
