//! The accept loop: caps, isolation of panics, and the graceful stop.

use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ipnet::IpNet;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, Permit, Refusal};
use crate::backoff::Backoff;
use crate::{Connection, Error, Listener, Traffic, proxy};

#[cfg(test)]
mod tests;

/// What the connections of one listener may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many connections may be open; one more is closed at once.
    pub max_connections: usize,
    /// How many of them may come from one IP address; one more is closed at once.
    pub max_connections_per_source: usize,
    /// How long a client may take for its TLS handshake, and a proxy for its header.
    pub handshake_timeout: Duration,
    /// How long connections may go on after the stop began, before they are cut.
    pub grace: Duration,
    /// The networks of proxies that begin each connection with a PROXY header; it is then the
    /// client that they name who counts, here and in the logs. Nobody else is believed.
    pub proxies: Arc<[IpNet]>,
}

/// Accepts connections and runs `handler` on each, in a task of its own, until `shutdown`.
///
/// A handler that panics ends its connection and no other. Once `shutdown` is cancelled no more is
/// accepted, the port is free, and each connection's own token is cancelled; this returns when all
/// handlers have returned, those that take longer than [`Limits::grace`] being dropped at their
/// next await. Dropping the returned future drops all handlers likewise.
pub async fn serve<H, F>(
    listener: Listener,
    limits: Limits,
    shutdown: CancellationToken,
    handler: H,
) where
    H: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let names = (Arc::clone(listener.name()), Arc::clone(listener.traffic()));
    let handler = Arc::new(handler);
    let tasks = TaskTracker::new();
    let abort = CancellationToken::new();
    let abort_on_drop = abort.clone().drop_guard();

    let mut door = Door::new(listener, &limits);
    while let Some(arrival) = shutdown.run_until_cancelled(door.next()).await {
        let shutdown = shutdown.child_token();
        let begin = arrival.begin(names.clone(), limits.clone(), shutdown);
        tasks.spawn(run(begin, Arc::clone(&handler), abort.clone()));
    }
    drop(door);

    tasks.close();
    if timeout(limits.grace, tasks.wait()).await.is_err() {
        tracing::warn!(listener = %names.0, connections = tasks.len(), "cutting what did not drain");
        drop(abort_on_drop);
        tasks.wait().await;
    }
}

/// Runs one connection to its end, whichever way it ends.
async fn run<H, F>(
    begin: impl Future<Output = Option<(Connection, Permit)>>,
    handler: Arc<H>,
    abort: CancellationToken,
) where
    H: Fn(Connection) -> F,
    F: Future<Output = ()>,
{
    // Locals are dropped last to first: the place is given back when the socket is closed.
    let Some(Some((connection, _permit))) = abort.run_until_cancelled(begin).await else {
        return;
    };
    let listener = Arc::clone(connection.listener());
    let peer = connection.peer_addr();
    // The handler is called inside, so that a panic before its first await is caught as well.
    let work = AssertUnwindSafe(async move { handler(connection).await }).catch_unwind();
    // Apart from the task, which would have room for it twice, and be moved with it.
    if let Some(Err(_)) = abort.run_until_cancelled(Box::pin(work)).await {
        // The payload may quote what the client sent.
        tracing::error!(%listener, %peer, "a connection's handler panicked");
    }
}

/// A connection that was let in.
struct Arrival {
    stream: TcpStream,
    peer: SocketAddr,
    permit: Permit,
    /// Whether it comes from a proxy that is to say for whom.
    is_proxied: bool,
}

impl Arrival {
    /// Learns from a proxy whom it speaks for.
    async fn begin(
        mut self,
        (name, traffic): (Arc<str>, Arc<Traffic>),
        limits: Limits,
        shutdown: CancellationToken,
    ) -> Option<(Connection, Permit)> {
        if self.is_proxied {
            let header = timeout(limits.handshake_timeout, proxy::client(&mut self.stream));
            let named = match shutdown.run_until_cancelled(header).await? {
                Ok(named) => named,
                Err(_) => Err(Error::Proxy("it did not come in time")),
            };
            match named {
                Ok(client) => self.peer = client.unwrap_or(self.peer),
                Err(error) => {
                    traffic.note_silent_proxy();
                    tracing::warn!(listener = %name, proxy = %self.peer, %error, "connection closed");
                    return None;
                }
            }
            match self.permit.count(self.peer.ip()) {
                Ok(permit) => self.permit = permit,
                Err(refusal) => {
                    traffic.note_refused(refusal);
                    tracing::debug!(listener = %name, peer = %self.peer, ?refusal, "connection refused");
                    return None;
                }
            }
        }
        let timeout = limits.handshake_timeout;
        let connection =
            Connection::new(self.stream, self.peer, (name, traffic), timeout, shutdown);
        Some((connection, self.permit))
    }
}

/// The listener and who may come in.
struct Door {
    listener: Listener,
    admission: Arc<Admission>,
    proxies: Arc<[IpNet]>,
    backoff: Backoff,
    /// Whether the last connection was refused: a flood is worth one warning, not one each.
    refusing: bool,
}

impl Door {
    fn new(listener: Listener, limits: &Limits) -> Self {
        let admission = Admission::new(
            limits.max_connections,
            limits.max_connections_per_source,
            Arc::clone(listener.traffic()),
        );
        Self {
            listener,
            admission,
            proxies: Arc::clone(&limits.proxies),
            backoff: Backoff::default(),
            refusing: false,
        }
    }

    /// The next connection that is within the caps.
    async fn next(&mut self) -> Arrival {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.backoff.reset();
                    let is_proxied = self.proxies.iter().any(|net| net.contains(&peer.ip()));
                    let admitted = self.admission.admit();
                    let counted = match is_proxied {
                        true => admitted,
                        false => admitted.and_then(|permit| permit.count(peer.ip())),
                    };
                    match counted {
                        Ok(permit) => {
                            self.refusing = false;
                            return Arrival {
                                stream,
                                peer,
                                permit,
                                is_proxied,
                            };
                        }
                        Err(refusal) => self.refused(peer, refusal),
                    }
                }
                Err(error) if died_while_waiting(&error) => {}
                Err(error) => {
                    let pause = self.backoff.pause();
                    tracing::warn!(listener = %self.listener.name(), %error, ?pause, "cannot accept");
                    sleep(pause).await;
                }
            }
        }
    }

    fn refused(&mut self, peer: SocketAddr, refusal: Refusal) {
        let listener = self.listener.name();
        self.listener.traffic().note_refused(refusal);
        if self.refusing {
            tracing::debug!(%listener, %peer, ?refusal, "connection refused");
        } else {
            tracing::warn!(%listener, %peer, ?refusal, "connection refused");
        }
        self.refusing = true;
    }
}

/// Whether the error is about a connection that ended in the backlog, not about accepting.
fn died_while_waiting(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
