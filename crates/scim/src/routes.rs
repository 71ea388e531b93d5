//! Which request goes where. Whatever goes wrong, here or below, is answered as a SCIM error.

use std::any::Any;

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jackfield_gateway::Error as Refusal;
use tower_http::catch_panic::CatchPanicLayer;

use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::offered::{self, Offered};
use crate::resource::ResourceType;
use crate::{
    Scim, answer, bulk, create, delete, dialect, discovery, exchange, me, patch, replace, search,
};

/// Everything below `/scim`. A path without a version means the newest (RFC 7644 §3.13).
pub fn router(scim: Scim) -> Router {
    let told = middleware::from_fn_with_state(scim.clone(), exchange::tell);
    Router::new().nest("/scim", untold(scim).layer(told))
}

/// The same below `/scim`, without telling the gateway of each request.
pub(crate) fn untold(scim: Scim) -> Router {
    let endpoints = endpoints();
    let root = get(|call: Call| search::list(&ResourceType::ALL, call));
    Router::new()
        .nest("/{tenant}/v2", endpoints.clone())
        .route("/{tenant}/v2/", root)
        .nest("/{tenant}", endpoints)
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(answer::negotiate))
        .layer(middleware::from_fn(dialect::report))
        .with_state(scim)
}

fn endpoints() -> Router<Scim> {
    let everything = &ResourceType::ALL;
    let mut router = Router::new()
        .route("/", get(|call: Call| search::list(everything, call)))
        .route(
            "/.search",
            post(|call: Call, body: Body| search::search(everything, call, body)),
        )
        .route(
            "/ServiceProviderConfig",
            get(discovery::service_provider_config),
        )
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{id}", get(discovery::resource_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .route(
            "/Me",
            get(me::get)
                .put(me::replace)
                .patch(me::patch)
                .delete(me::delete),
        )
        .route("/Bulk", post(bulk::bulk));
    for ty in everything {
        let (ty, types) = (*ty, std::slice::from_ref(ty));
        let all = get(move |call: Call| search::list(types, call))
            .post(move |call: Call, body: Body| create::create(ty, call, body));
        let one = get(move |call: Call| crate::get::get(ty, call))
            .put(move |call: Call, body: Body| replace::replace(ty, call, body))
            .patch(move |call: Call, body: Body| patch::patch(ty, call, body))
            .delete(move |call: Call| delete::delete(ty, call));
        let search = post(move |call: Call, body: Body| search::search(types, call, body));
        let endpoint = ty.endpoint();
        router = router
            .route(&format!("/{endpoint}"), all)
            .route(&format!("/{endpoint}/.search"), search)
            .route(&format!("/{endpoint}/{{id}}"), one);
    }
    for offered in Offered::ALL {
        let all = get(move |call: Call| offered::list(offered, call));
        let one = get(move |call: Call| offered::get(offered, call));
        let search = post(move |call: Call, body: Body| offered::search(offered, call, body));
        let endpoint = offered.endpoint();
        router = router
            .route(&format!("/{endpoint}"), all)
            .route(&format!("/{endpoint}/.search"), search)
            .route(&format!("/{endpoint}/{{id}}"), one);
    }
    router
}

async fn nowhere(request: Request) -> Error {
    Refusal::not_found(request.uri().path()).into()
}

async fn wrong_method() -> Error {
    Error::MethodNotAllowed
}

#[allow(clippy::needless_pass_by_value)] // the signature is the layer's
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request ended in a panic");
    Error::from(Refusal::Internal).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as HttpBody;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_panic_ends_one_request_with_a_scim_error() {
        let router: Router = Router::new()
            .route(
                "/",
                get(|| async { std::panic::resume_unwind(Box::new("x")) as Response }),
            )
            .layer(CatchPanicLayer::custom(panicked));
        let request = Request::get("/").body(HttpBody::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/scim+json");
    }
}
