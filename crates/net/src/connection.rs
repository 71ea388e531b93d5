//! One accepted connection, plain or under TLS.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::{Error, Traffic};

/// One accepted connection: a byte stream and where it came from.
///
/// What was written may wait in the TLS layer until it is flushed.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    peer_addr: SocketAddr,
    listener: Arc<str>,
    traffic: Arc<Traffic>,
    handshake_timeout: Duration,
    shutdown: CancellationToken,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    /// Boxed, for it is many times as large as the other.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    pub(crate) fn new(
        stream: TcpStream,
        peer_addr: SocketAddr,
        (listener, traffic): (Arc<str>, Arc<Traffic>),
        handshake_timeout: Duration,
        shutdown: CancellationToken,
    ) -> Self {
        let stream = Stream::Plain(stream);
        Self {
            stream,
            peer_addr,
            listener,
            traffic,
            handshake_timeout,
            shutdown,
        }
    }

    /// The client's address; behind a trusted proxy, the one that the proxy names.
    pub fn peer_addr(&self) -> SocketAddr {
        self.peer_addr
    }

    /// The address that the client connected to.
    ///
    /// # Errors
    /// What the system says of a socket that is gone.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.stream {
            Stream::Plain(tcp) => tcp.local_addr(),
            Stream::Tls(tls) => tls.get_ref().0.local_addr(),
        }
    }

    /// The name of the listener that accepted it.
    pub fn listener(&self) -> &Arc<str> {
        &self.listener
    }

    /// Cancelled when the server stops: finish what was begun, begin nothing new, return.
    ///
    /// It is the connection's own: cancelling it affects no other.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Whether it is under TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// The certificate that the client has shown, in DER: one of an authority of
    /// [`tls::Source::with_clients`](crate::tls::Source::with_clients), and within its time.
    pub fn client_certificate(&self) -> Option<&[u8]> {
        let Stream::Tls(tls) = &self.stream else {
            return None;
        };
        let (_, session) = tls.get_ref();
        let chain = session.peer_certificates()?;
        chain.first().map(AsRef::as_ref)
    }

    /// Does the server's part of a TLS handshake: at once for implicit TLS, later for `StartTLS`.
    ///
    /// For `StartTLS` (RFC 4511 §4.14) the caller makes sure beforehand that it has read nothing
    /// beyond the request: such bytes came unprotected and must not count as protected ones.
    ///
    /// # Errors
    /// [`Error::Handshake`], [`Error::HandshakeTimeout`] and [`Error::Stopping`], with which the
    /// connection is closed, as it is with [`Error::AlreadyTls`].
    pub async fn upgrade(self, config: Arc<ServerConfig>) -> Result<Self, Error> {
        let Stream::Plain(tcp) = self.stream else {
            return Err(Error::AlreadyTls);
        };
        let after = self.handshake_timeout;
        let handshake = timeout(after, TlsAcceptor::from(config).accept(tcp));
        // Nothing has been begun that a drain would have to wait for.
        let tls = match self.shutdown.run_until_cancelled(handshake).await {
            Some(Ok(Ok(tls))) => Ok(tls),
            Some(Ok(Err(error))) => Err(Error::Handshake(error)),
            Some(Err(_)) => Err(Error::HandshakeTimeout { after }),
            None => Err(Error::Stopping),
        };
        let tls = tls.inspect_err(|error| self.traffic.note_failed_handshake(error))?;
        Ok(Self {
            stream: Stream::Tls(Box::new(tls)),
            ..self
        })
    }
}

/// Passes a poll on to whichever stream there is.
macro_rules! poll_stream {
    ($connection:ident, $method:ident($($argument:expr),*)) => {
        match &mut $connection.get_mut().stream {
            Stream::Plain(tcp) => Pin::new(tcp).$method($($argument),*),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).$method($($argument),*),
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll_stream!(self, poll_read(cx, buffer))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll_stream!(self, poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_stream!(self, poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(tcp) => tcp.is_write_vectored(),
            Stream::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_stream!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_stream!(self, poll_shutdown(cx))
    }
}
