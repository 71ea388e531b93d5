//! HTTP on the connections that `net` accepts.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use jackfield_gateway::Gateway;
use jackfield_net::{Connection, tls};
use jackfield_scim::{OverTls, PeerAddr, Scim};

/// How long a client may take to send a request's header.
const HEADER: Duration = Duration::from_secs(15);

/// Requests of one HTTP/2 connection at a time.
const STREAMS: u32 = 128;

/// Every path that is served.
pub(crate) fn router(
    gateway: &Gateway,
    api: jackfield_api::Options,
    scim: jackfield_scim::Options,
) -> Router {
    Router::new()
        .merge(jackfield_console::router())
        .merge(jackfield_api::router(gateway.clone(), api))
        .merge(jackfield_scim::router(Scim::new(gateway.clone(), scim)))
}

/// Serves one connection until it ends.
pub(crate) async fn serve(
    connection: Connection,
    certificate: Option<Arc<tls::Source>>,
    router: Router,
) {
    let connection = match certificate {
        None => connection,
        Some(certificate) => match connection.upgrade(certificate.https()).await {
            Ok(connection) => connection,
            Err(error) => {
                tracing::debug!(%error, "a TLS handshake failed");
                return;
            }
        },
    };
    let peer = connection.peer_addr();
    let is_tls = connection.is_tls();
    let shutdown = connection.shutdown().clone();
    let router = router
        .layer(Extension(PeerAddr(peer)))
        .layer(Extension(jackfield_api::PeerAddr(peer)))
        .layer(Extension(OverTls(is_tls)))
        .layer(Extension(jackfield_api::OverTls(is_tls)));
    let service = TowerToHyperService::new(router);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(connection), service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = shutdown.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection broke off");
    }
}
