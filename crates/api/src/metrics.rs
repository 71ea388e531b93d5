//! `GET /metrics`: all that is counted, for whoever watches the node. It has no place on a listener
//! that everybody reaches, so it is no part of the API's router.

mod text;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ipnet::IpNet;
use jackfield_gateway::metrics::family::Family;

use self::text::Format;
use crate::PeerAddr;

/// Gives all that is to be told, each time that somebody asks.
pub type Source = Arc<dyn Fn() -> Vec<Family> + Send + Sync>;

/// The one path, for clients in these networks.
pub fn router(networks: Vec<IpNet>, source: Source) -> Router {
    let networks: Arc<[IpNet]> = networks.into();
    let near = move |Extension(PeerAddr(peer)), request: Request, next: Next| {
        let address = std::net::SocketAddr::ip(&peer).to_canonical();
        let is_near = networks.iter().any(|network| network.contains(&address));
        async move {
            match is_near {
                true => next.run(request).await,
                false => (StatusCode::FORBIDDEN, "not from this network\n").into_response(),
            }
        }
    };
    Router::new()
        .route(
            "/metrics",
            get(async move |headers: HeaderMap| metrics(&headers, &source)),
        )
        .layer(middleware::from_fn(near))
}

fn metrics(headers: &HeaderMap, source: &Source) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let format = Format::accepted(accepted.unwrap_or_default());
    let text = text::written(&source(), format);
    ([(CONTENT_TYPE, format.media_type())], text).into_response()
}
