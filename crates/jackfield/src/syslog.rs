//! Sending messages to a syslog server: RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octets
//! counted) or TLS (RFC 5425).

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use jackfield_model::Timestamp;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

/// A server that takes messages.
pub(crate) enum Syslog {
    /// One message a datagram.
    Datagrams(UdpSocket),
    /// Messages with their length before them.
    Stream(Box<dyn AsyncWrite + Send + Unpin>),
}

impl Syslog {
    /// Connects to `udp://host:port`, `tcp://host:port` or `tls://host:port`.
    pub(crate) async fn connect(url: &str, ca: Option<&Path>) -> Result<Self> {
        let (scheme, address) = url
            .split_once("://")
            .filter(|(_, address)| address.contains(':'))
            .ok_or_else(|| anyhow!("{url:?} is not udp://, tcp:// or tls:// with host and port"))?;
        let failed = || format!("cannot reach {url}");
        Ok(match scheme {
            "udp" => {
                let local = if address.starts_with('[') {
                    "[::]:0"
                } else {
                    "0.0.0.0:0"
                };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(address).await.with_context(failed)?;
                Self::Datagrams(socket)
            }
            "tcp" => {
                let stream = TcpStream::connect(address).await.with_context(failed)?;
                Self::Stream(Box::new(stream))
            }
            "tls" => {
                let ca = ca.ok_or_else(|| anyhow!("tls:// needs --ca with whom to trust"))?;
                std::fs::File::open(ca).with_context(|| format!("cannot read {}", ca.display()))?;
                let stream = jackfield_net::tls::connect(address, ca).await;
                Self::Stream(Box::new(stream.with_context(failed)?))
            }
            other => bail!("syslog is sent over udp, tcp or tls, not {other:?}"),
        })
    }

    /// Sends one message.
    pub(crate) async fn send(&mut self, message: &str) -> Result<()> {
        match self {
            Self::Datagrams(socket) => {
                socket.send(message.as_bytes()).await?;
            }
            Self::Stream(stream) => {
                let framed = format!("{} {message}", message.len());
                stream.write_all(framed.as_bytes()).await?;
            }
        }
        Ok(())
    }

    /// Makes sure that everything is under way.
    pub(crate) async fn close(&mut self) -> Result<()> {
        if let Self::Stream(stream) = self {
            stream.shutdown().await?;
        }
        Ok(())
    }
}

/// Facility 13, log audit (RFC 5424 §6.2.1).
const FACILITY: u8 = 13;

/// A message of the audit log (RFC 5424 §6): its identifier is the action, its text is UTF-8.
pub(crate) fn message(at: Timestamp, action: &str, is_refused: bool, text: &str) -> String {
    // Warning or notice.
    let priority = FACILITY * 8 + if is_refused { 4 } else { 5 };
    format!(
        "<{priority}>1 {} - jackfield {} {action} - \u{feff}{text}",
        at.to_rfc3339(),
        std::process::id()
    )
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[test]
    fn a_message_has_priority_time_action_and_text() {
        let at = Timestamp::parse_rfc3339("2026-11-22T03:04:05Z").unwrap();
        let id = std::process::id();
        assert_eq!(
            message(at, "user.create", false, "{\"a\":1}"),
            format!(
                "<109>1 2026-11-22T03:04:05.000Z - jackfield {id} user.create - \u{feff}{{\"a\":1}}"
            )
        );
        assert!(message(at, "user.delete", true, "").starts_with("<108>1 "));
    }

    #[tokio::test]
    async fn datagrams_carry_one_message_each_and_nobody_else_is_spoken_to() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let url = format!("udp://{}", server.local_addr().unwrap());
        let mut syslog = Syslog::connect(&url, None).await.unwrap();
        syslog.send("first").await.unwrap();
        syslog.send("second").await.unwrap();
        let mut buffer = [0; 64];
        for expected in ["first", "second"] {
            let length = server.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..length], expected.as_bytes());
        }
        for url in [
            "syslog.example",
            "http://syslog.example:80",
            "udp://nowhere",
        ] {
            assert!(Syslog::connect(url, None).await.is_err(), "{url}");
        }
        let error = Syslog::connect("tls://127.0.0.1:1", None)
            .await
            .err()
            .unwrap();
        assert!(error.to_string().contains("--ca"), "{error}");
    }

    #[tokio::test]
    async fn in_a_stream_each_message_has_its_length_before_it() {
        let (client, mut server) = tokio::io::duplex(256);
        let mut syslog = Syslog::Stream(Box::new(client));
        for text in ["one", "zwölf"] {
            syslog.send(text).await.unwrap();
        }
        syslog.close().await.unwrap();
        drop(syslog);
        let mut all = String::new();
        server.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "3 one6 zwölf");
    }
}
