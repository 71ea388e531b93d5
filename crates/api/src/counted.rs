//! What is counted of each operation: its statuses, and after how long the head of its answer was
//! there.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;
use jackfield_gateway::Metrics;
use jackfield_gateway::metrics::Operation;

use crate::Api;

/// The route, each of whose answers is counted under this name.
pub(crate) fn counted(
    route: MethodRouter<Api>,
    metrics: &Metrics,
    name: &'static str,
) -> MethodRouter<Api> {
    let operation = metrics.operation("api", name, 200..600);
    route.route_layer(middleware::from_fn_with_state(operation, count))
}

async fn count(State(operation): State<Arc<Operation>>, request: Request, next: Next) -> Response {
    let since = Instant::now();
    let response = next.run(request).await;
    operation.count(response.status().as_u16(), since.elapsed());
    response
}
