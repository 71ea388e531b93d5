//! A bound socket and its options.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::{Error, Traffic};

/// How the sockets of a listener behave.
///
/// `TCP_NODELAY` is always on, for both protocols write whole messages, and so is `SO_REUSEADDR`,
/// for a restart must not wait for the old connections to be forgotten.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    /// How many connections may wait to be accepted; the system may lower it.
    pub backlog: u16,
    /// After how long a silence keepalive probes begin; `None` for no probes. Whole seconds.
    pub keepalive: Option<Duration>,
    /// How long what was sent may stay unacknowledged before the connection is given up
    /// (RFC 5482); `None` for the system's own, which is many minutes. Only Linux has it.
    pub user_timeout: Option<Duration>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            backlog: 1024,
            keepalive: Some(Duration::from_mins(1)),
            user_timeout: Some(Duration::from_secs(30)),
        }
    }
}

/// A bound socket, ready for [`serve`](crate::serve).
#[derive(Debug)]
pub struct Listener {
    name: Arc<str>,
    local_addr: SocketAddr,
    socket: TcpListener,
    traffic: Arc<Traffic>,
}

impl Listener {
    /// Binds `address` and listens; port 0 lets the system choose. `[::]` takes IPv4 as well.
    ///
    /// Must be called within a tokio runtime. The name is for logs and for the handler.
    ///
    /// # Errors
    /// [`Error::Bind`].
    pub fn bind(
        name: impl Into<Arc<str>>,
        address: SocketAddr,
        options: &SocketOptions,
    ) -> Result<Self, Error> {
        let name = name.into();
        match listen(address, options) {
            Ok((socket, local_addr)) => Ok(Self {
                name,
                local_addr,
                socket,
                traffic: Arc::default(),
            }),
            Err(source) => Err(Error::Bind {
                listener: name,
                address,
                source,
            }),
        }
    }

    /// The address in use, with the port that the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The listener's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What is counted of its connections.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// The next connection and its peer, an IPv4 peer as IPv4 on a dual-stack socket too.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = self.socket.accept().await?;
        Ok((
            stream,
            SocketAddr::new(peer.ip().to_canonical(), peer.port()),
        ))
    }
}

fn listen(address: SocketAddr, options: &SocketOptions) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // On Windows the option would let two programs share one port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    // Accepted sockets inherit these, which saves the system calls for each connection.
    socket.set_tcp_nodelay(true)?;
    if let Some(silence) = options.keepalive {
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(silence))?;
    }
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(options.user_timeout)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::from(options.backlog))?;
    let listener = TcpListener::from_std(socket.into())?;
    let local_addr = listener.local_addr()?;
    Ok((listener, local_addr))
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    #[tokio::test]
    async fn accepted_sockets_carry_the_options() {
        let options = SocketOptions::default();
        let listener = Listener::bind("test", "127.0.0.1:0".parse().unwrap(), &options).unwrap();
        let _client = TcpStream::connect(listener.local_addr()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_mins(1));
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), options.user_timeout);
    }

    #[tokio::test]
    async fn a_dual_stack_listener_shows_ipv4_peers_as_ipv4() {
        let options = SocketOptions::default();
        let listener = Listener::bind("test", "[::]:0".parse().unwrap(), &options).unwrap();
        let port = listener.local_addr().port();
        let client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    }

    #[tokio::test]
    async fn an_address_in_use_is_an_error_that_names_it() {
        let options = SocketOptions::default();
        let first = Listener::bind("first", "127.0.0.1:0".parse().unwrap(), &options).unwrap();
        let error = Listener::bind("second", first.local_addr(), &options).unwrap_err();
        let expected = format!("listener `second` cannot listen on {}", first.local_addr());
        assert_eq!(error.to_string(), expected);
    }
}
