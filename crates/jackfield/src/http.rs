//! HTTP on the connections that `net` accepts.

mod timely;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use jackfield_gateway::Gateway;
use jackfield_net::{Connection, tls};
use jackfield_scim::{OverTls, PeerAddr, Scim};
use tower::ServiceExt as _;

/// How long a client may take to send a request's header.
const HEADER: Duration = Duration::from_secs(15);

/// What a request's header may be before it is answered with nothing but a status: so many fields by HTTP/1, so
/// many bytes by HTTP/2. It is more than SCIM takes, which says what is wrong.
const FIELDS: usize = 200;
const HEADER_BYTES: u32 = 256 << 10;

/// Requests of one HTTP/2 connection at a time.
const STREAMS: u32 = 128;

/// Every path that is served. Cloning gives another handle to the same.
#[derive(Clone)]
pub(crate) struct Paths {
    scim: Option<Scim>,
    others: Router,
}

impl Paths {
    pub(crate) fn new(
        gateway: &Gateway,
        api: jackfield_api::Options,
        scim: jackfield_scim::Options,
    ) -> Self {
        let others = Router::new()
            .merge(jackfield_console::router())
            .merge(jackfield_api::router(gateway.clone(), api));
        Self {
            scim: Some(Scim::new(gateway.clone(), scim)),
            others,
        }
    }

    /// These alone.
    pub(crate) fn of(others: Router) -> Self {
        Self { scim: None, others }
    }

    /// Answers one request.
    async fn answer(self, peer: SocketAddr, is_tls: bool, request: Request<Incoming>) -> Response {
        let mut request = timely::timely(request);
        let path = request.uri().path();
        let is_scim = path == "/scim" || path.starts_with("/scim/");
        let extensions = request.extensions_mut();
        if let Some(scim) = self.scim.filter(|_| is_scim) {
            extensions.insert(PeerAddr(peer));
            extensions.insert(OverTls(is_tls));
            return scim.answer(request).await;
        }
        extensions.insert(jackfield_api::PeerAddr(peer));
        extensions.insert(jackfield_api::OverTls(is_tls));
        match self.others.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Serves one connection until it ends.
pub(crate) async fn serve(
    connection: Connection,
    certificate: Option<Arc<tls::Source>>,
    paths: Paths,
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
    let service = service_fn(|request| {
        let answering = paths.clone().answer(peer, is_tls, request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .max_headers(FIELDS)
        .header_read_timeout(HEADER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_BYTES)
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
