//! Connections on which nothing happens: each holds a place that others may wait for, so that they are ended.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// For how long no octet may come or go while no request is being answered; it may be twice as long before it is seen.
pub(super) const QUIET: Duration = Duration::from_secs(30);

/// What happens on one connection. Cloning gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct Life(Arc<Signs>);

#[derive(Default)]
struct Signs {
    /// How often octets came or went.
    moved: AtomicU64,
    /// How many requests are being answered.
    answering: AtomicUsize,
}

impl Life {
    /// The stream, whose octets are signs of life.
    pub(super) fn of<I>(&self, stream: I) -> Living<I> {
        let life = self.clone();
        Living { stream, life }
    }

    /// The same, as it answers a request.
    pub(super) async fn answering<A: Future>(self, answer: A) -> A::Output {
        self.0.answering.fetch_add(1, Ordering::Relaxed);
        let _end = Ending(&self.0.answering);
        answer.await
    }

    /// Returns once it has been quiet for [`QUIET`].
    pub(super) async fn quiet(&self) {
        loop {
            let before = self.0.moved.load(Ordering::Relaxed);
            tokio::time::sleep(QUIET).await;
            let is_still = self.0.moved.load(Ordering::Relaxed) == before;
            if is_still && self.0.answering.load(Ordering::Relaxed) == 0 {
                return;
            }
        }
    }

    fn note(&self, has_moved: bool) {
        if has_moved {
            self.0.moved.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The end of an answer, however it comes about.
struct Ending<'c>(&'c AtomicUsize);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream of which it is known whether anything moves on it.
pub(super) struct Living<I> {
    stream: I,
    life: Life,
}

impl<I: AsyncRead + Unpin> AsyncRead for Living<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.life.note(buffer.filled().len() > before);
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Living<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, octets);
        self.life.note(written.is_ready());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, octets);
        self.life.note(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
