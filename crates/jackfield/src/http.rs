//! HTTP on the connections that `net` accepts.

mod quiet;
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
use quiet::Life;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
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
    let answer = move |request| paths.clone().answer(peer, is_tls, request);
    speak(connection, &shutdown, answer).await;
}

/// Speaks HTTP until the connection ends, which it is asked to do when the server stops and when it is quiet; and
/// ends one that goes on being quiet.
async fn speak<I, F, A>(stream: I, shutdown: &CancellationToken, answer: F)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> A,
    A: Future<Output = Response> + Send + 'static,
{
    let life = Life::default();
    let service = service_fn(|request| {
        let answering = life.clone().answering(answer(request));
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
    let stream = TokioIo::new(life.of(stream));
    let mut serving = std::pin::pin!(builder.serve_connection(stream, service));
    let mut is_leaving = false;
    let ended = loop {
        tokio::select! {
            ended = serving.as_mut() => break ended,
            () = shutdown.cancelled(), if !is_leaving => {}
            () = life.quiet() => if is_leaving {
                tracing::debug!("an HTTP connection was quiet for too long");
                return;
            }
        }
        serving.as_mut().graceful_shutdown();
        is_leaving = true;
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// How HTTP/2 begins, with settings that say nothing (RFC 9113 §3.4).
    const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

    /// Everything that is answered to these octets until the connection ends, if it does within ten minutes; a
    /// request is answered after so long.
    async fn answered(sent: &[u8], after: Duration) -> Option<Vec<u8>> {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let answer = move |_| async move {
            tokio::time::sleep(after).await;
            "there".into_response()
        };
        let shutdown = CancellationToken::new();
        tokio::spawn(async move { speak(server, &shutdown, answer).await });
        client.write_all(sent).await.unwrap();
        let mut answered = Vec::new();
        let all = client.read_to_end(&mut answered);
        let ended = tokio::time::timeout(Duration::from_mins(10), all).await;
        ended.is_ok().then_some(answered)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_happens_ends() {
        let get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        for sent in [
            b"".as_slice(),
            b"PRI * H",
            b"G",
            b"GET / HTTP/1.1\r\nhost:",
            get.as_bytes(),
            &HTTP_2[..24],
            HTTP_2,
        ] {
            let answered = answered(sent, Duration::ZERO).await;
            assert!(answered.is_some(), "{:?}", String::from_utf8_lossy(sent));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_answered_however_long_it_takes() {
        let close = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        // HEADERS of stream 1 with END_STREAM and END_HEADERS: GET, http, / (RFC 7541 appendix A).
        let get = [HTTP_2, b"\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84"].concat();
        for sent in [close.as_slice(), &get] {
            let answered = answered(sent, Duration::from_mins(5)).await.unwrap();
            assert!(answered.windows(5).any(|part| part == b"there"));
        }
    }
}
