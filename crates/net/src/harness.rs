//! A server on a loopback port and clients that talk to it, for tests.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Connection, Limits, Listener, SocketOptions, Traffic, serve};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) stopped: JoinHandle<()>,
    pub(crate) traffic: Arc<Traffic>,
}

impl Server {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) async fn connect_from(&self, source: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::new(source.parse::<IpAddr>().unwrap(), 0))
            .unwrap();
        socket.connect(self.address).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.stopped.await.unwrap();
    }
}

/// Limits that no test runs into unless it lowers them.
pub(crate) fn limits() -> Limits {
    Limits {
        max_connections: 100,
        max_connections_per_source: 100,
        handshake_timeout: Duration::from_mins(1),
        grace: Duration::from_mins(1),
        proxies: Arc::default(),
    }
}

pub(crate) fn start<H, F>(limits: Limits, handler: H) -> Server
where
    H: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let options = SocketOptions::default();
    let listener = Listener::bind("test", "127.0.0.1:0".parse().unwrap(), &options).unwrap();
    let address = listener.local_addr();
    let traffic = Arc::clone(listener.traffic());
    let shutdown = CancellationToken::new();
    let stopped = tokio::spawn(serve(listener, limits, shutdown.clone(), handler));
    Server {
        address,
        shutdown,
        stopped,
        traffic,
    }
}

/// Gives each byte back until the client stops, the server stops, or a `!` comes: then it panics.
pub(crate) async fn echo(mut connection: Connection) {
    let stopping = connection.shutdown().clone();
    while let Some(Ok(byte)) = stopping.run_until_cancelled(connection.read_u8()).await {
        assert_ne!(byte, b'!', "told to panic");
        connection.write_u8(byte).await.unwrap();
        connection.flush().await.unwrap();
    }
}

/// Whether a byte that is sent comes back.
pub(crate) async fn is_served(client: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    // A closed connection may show when writing or when reading.
    client.write_all(b"x").await.is_ok()
        && client.flush().await.is_ok()
        && client.read_u8().await.is_ok_and(|byte| byte == b'x')
}
