//! Bodies that have to be there by a moment, so that nobody is waited for without end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

/// How long a client may take to send a body: 16 MiB take a line of one megabit a second so long.
const BODY: Duration = Duration::from_secs(150);

/// The client took too long.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
struct Late;

struct Timely {
    body: Body,
    end: Pin<Box<Sleep>>,
}

/// The request, whose body ends with an error if it is not there in time.
pub(super) fn timely<B>(request: Request<B>) -> Request<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    request.map(|body| match body.is_end_stream() {
        true => Body::empty(),
        false => Body::new(Timely {
            body: Body::new(body),
            end: Box::pin(tokio::time::sleep(BODY)),
        }),
    })
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Pending => {
                let end = self.end.as_mut().poll(context);
                end.map(|()| Some(Err(axum::Error::new(Late))))
            }
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::time::Interval;

    use super::*;

    /// A client that sends an octet now and then, or none at all.
    struct Slow(Option<Interval>);

    impl HttpBody for Slow {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(interval) = &mut self.0 else {
                return Poll::Pending;
            };
            let tick = interval.poll_tick(context);
            tick.map(|_| Some(Ok(Frame::data(Bytes::from_static(b" ")))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_without_end() {
        let second = || tokio::time::interval(Duration::from_secs(1));
        for slow in [Slow(None), Slow(Some(second()))] {
            let request = timely(Request::new(slow));
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
            assert!(body.unwrap_err().to_string().contains("in time"));
        }
    }

    #[tokio::test]
    async fn what_comes_in_time_is_left_as_it_is() {
        for text in ["", "{}"] {
            let request = timely(Request::new(Body::from(text)));
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
            assert_eq!(body.unwrap(), text);
        }
    }
}
