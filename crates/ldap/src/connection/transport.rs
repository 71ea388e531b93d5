//! The octets of one connection: what came and is not read yet, what waits to be sent.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use jackfield_net::{Connection, tls};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::wire::Output;

/// Octets to make room for before reading; most requests are smaller.
const READ_SIZE: usize = 4 * 1024;

/// A buffer that held more than this is given back once nothing of it waits.
const KEPT: usize = 64 * 1024;

/// How long what a client still sends is taken off its hands after the last word.
const LINGER: Duration = Duration::from_secs(1);

/// A connection with its buffers.
#[derive(Debug)]
pub(crate) struct Transport {
    connection: Connection,
    /// What came and was not taken yet.
    pub(crate) input: BytesMut,
    /// What waits to be sent.
    pub(crate) output: Output,
    /// Whether what was sent may still wait in the TLS layer.
    unflushed: bool,
    /// Whether what came needed a large buffer.
    was_large: bool,
}

impl Transport {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            input: BytesMut::new(),
            output: Output::default(),
            unflushed: false,
            was_large: false,
        }
    }

    /// The certificate that the client has shown, in DER.
    pub(crate) fn client_certificate(&self) -> Option<&[u8]> {
        self.connection.client_certificate()
    }

    /// Whether nothing waits to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.output.is_empty() && !self.unflushed
    }

    /// Reads what there is; 0 when the client will send no more.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        make_room(&mut self.input, &mut self.was_large);
        pin!(self.connection.read_buf(&mut self.input)).poll(cx)
    }

    /// Sends what waits. Ready with the octets sent so far once all is sent, or when no more can
    /// be sent now but some was.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut sent = 0;
        while !self.output.is_empty() {
            match Pin::new(&mut self.connection).poll_write(cx, self.output.next()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(octets)) => {
                    self.unflushed = true;
                    sent += octets;
                    self.output.sent(octets);
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if sent > 0 => return Poll::Ready(Ok(sent)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.unflushed {
            match Pin::new(&mut self.connection).poll_flush(cx) {
                Poll::Pending if sent > 0 => return Poll::Ready(Ok(sent)),
                flushed => ready!(flushed)?,
            }
            self.unflushed = false;
        }
        Poll::Ready(Ok(sent))
    }

    /// Puts the connection under TLS. Nothing waits in either direction.
    ///
    /// # Errors
    /// The connection is gone.
    pub(crate) async fn upgrade(
        self,
        source: &Arc<tls::Source>,
    ) -> Result<Self, jackfield_net::Error> {
        Ok(Self::new(self.connection.upgrade(source.ldap()).await?))
    }

    /// Ends the connection, after what waits was sent.
    ///
    /// What the client still sends is read and dropped for a moment: closing on unread octets
    /// would make the system throw away what the client has not read yet.
    pub(crate) async fn close(mut self) {
        let _ = timeout(LINGER, async {
            AsyncWriteExt::shutdown(&mut self.connection).await?;
            loop {
                self.input.clear();
                if self.connection.read_buf(&mut self.input).await? == 0 {
                    return io::Result::Ok(());
                }
            }
        })
        .await;
    }
}

/// Makes room for what comes next.
fn make_room(input: &mut BytesMut, was_large: &mut bool) {
    if input.is_empty() && *was_large {
        // What was split off and is still read keeps the old one.
        *input = BytesMut::new();
    }
    *was_large = input.len() > KEPT || *was_large && !input.is_empty();
    input.reserve(READ_SIZE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_buffer_is_given_back_once_it_is_empty() {
        let (mut input, mut was_large) = (BytesMut::new(), false);
        for _ in 0..1024 {
            make_room(&mut input, &mut was_large);
            input.extend_from_slice(&[0; 1024]);
        }
        let rest = input.split_off(1000 * 1024);
        drop(std::mem::replace(&mut input, rest));
        make_room(&mut input, &mut was_large);
        assert_eq!(input.len(), 24 * 1024, "what waits is kept");
        drop(input.split());
        make_room(&mut input, &mut was_large);
        assert!(input.capacity() <= 2 * READ_SIZE, "{}", input.capacity());
    }
}
