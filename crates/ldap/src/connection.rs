//! One connection: requests in, responses out (RFC 4511 §3.1, §4.1.1, §5.3).
//!
//! One task does it all. Short operations run where they are read, and their responses gather in
//! the output buffer, which is sent once for all requests that came together. Long searches run
//! elsewhere, entries are written no faster than the client reads, and meanwhile other requests
//! are served. Requests wait unread while too much goes on or waits to be sent.

mod operations;
mod requests;
mod transport;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use jackfield_net::Connection;
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;

use self::operations::Operations;
use self::transport::Transport;
use crate::client::Client;
use crate::controls::Answer;
use crate::ended::{Outcome, Pending};
use crate::error::Done;
use crate::search::paged::Pages;
use crate::search::standing::Standing;
use crate::search::view::Lists;
use crate::search::{Search, Turn};
use crate::wire::{Frame, Limits, RequestOp, response};
use crate::{Error, Ldap};

/// Octets that may wait to be sent before no more are made.
const OUTPUT_MARK: usize = 64 * 1024;

/// After a request of more octets other connections are let.
const LARGE_REQUEST: usize = 4 * 1024;

/// Serves a connection until it ends.
pub(crate) async fn serve(ldap: &Ldap, connection: Connection) {
    let mut serving = Serving::new(ldap, connection);
    loop {
        match serving.run().await {
            // In a place of its own: a handshake is large, and rare.
            End::Tls => match Box::pin(serving.start_tls()).await {
                Some(secured) => serving = secured,
                None => return,
            },
            End::Close => return serving.transport.close().await,
            End::Gone => return,
        }
    }
}

/// A connection being served.
struct Serving {
    transport: Transport,
    client: Client,
    operations: Operations,
    pages: Pages,
    lists: Lists,
    standing: Standing,
    limits: Limits,
    /// Whether the client is bound by version 2 (RFC 1777), which has no controls and no notices.
    is_version_2: bool,
    /// A request that waits for what goes on to end.
    held: Option<Frame>,
    /// A request that is being served and lets no further one pass.
    pending: Option<(i32, RequestOp, Pending)>,
    /// When that began.
    begun: Instant,
    ending: Option<Ending>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    timer: Pin<Box<Sleep>>,
    /// When something last happened: came, was found, or could be sent.
    active: Instant,
    /// Since when a message has begun to come that is not all there.
    unfinished: Option<Instant>,
}

/// What is to be done once everything that waits was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Close the connection, as soon as the client has read what was sent.
    Close,
    /// The same, where the client has said that it sends no more.
    Left,
    /// Say that the server stops, and close the connection.
    Stop,
    /// Begin with TLS.
    Tls,
}

/// How serving ended.
enum End {
    Close,
    Gone,
    Tls,
}

/// What there was to wait for.
enum Event {
    Read(io::Result<usize>),
    Sent(io::Result<usize>),
    Ended(i32, RequestOp, Box<Outcome>),
    Found(Result<Box<Search>, i32>),
    Stop,
    /// Others were let, or what was abandoned is over, and it goes on.
    Turn,
    TimedOut,
}

impl Serving {
    fn new(ldap: &Ldap, connection: Connection) -> Self {
        let now = Instant::now();
        Self {
            client: Client::new(ldap, &connection),
            operations: Operations::default(),
            pages: Pages::default(),
            lists: Lists::default(),
            standing: Standing::default(),
            limits: Limits {
                max_message_bytes: ldap.options.max_message_bytes_unbound,
                ..Limits::default()
            },
            is_version_2: false,
            held: None,
            pending: None,
            ending: None,
            stop: Box::pin(connection.shutdown().clone().cancelled_owned()),
            timer: Box::pin(sleep_until(now + ldap.options.idle_timeout)),
            active: now,
            begun: now,
            unfinished: None,
            transport: Transport::new(connection),
        }
    }

    /// Until the connection ends, or is to be put under TLS.
    async fn run(&mut self) -> End {
        loop {
            let has_more = self.work();
            if let (Some(ending), true, true) =
                (self.ending, self.is_quiet(), self.transport.is_flushed())
            {
                match ending {
                    Ending::Tls => return End::Tls,
                    // A plain connection on which nothing comes any more has nobody to wait for.
                    Ending::Left if !self.client.is_tls() => return End::Gone,
                    Ending::Close | Ending::Left => return End::Close,
                    Ending::Stop => {
                        self.disconnect(&Error::Stopping);
                        continue;
                    }
                }
            }
            if has_more {
                yield_now().await;
            }
            let event = poll_fn(|cx| match self.poll_event(cx) {
                Poll::Pending if has_more => Poll::Ready(Event::Turn),
                event => event,
            });
            let event = event.await;
            self.active = Instant::now();
            match event {
                // What was asked for before is still answered.
                Event::Read(Ok(0)) => self.ending = Some(Ending::Left),
                Event::Read(Ok(_)) | Event::Sent(Ok(_)) | Event::Turn => {}
                Event::Read(Err(_)) | Event::Sent(Err(_)) | Event::TimedOut => return End::Gone,
                Event::Ended(id, op, outcome) => self.ended(id, op, *outcome),
                Event::Found(found) => self.found(found),
                Event::Stop => self.ending = Some(Ending::Stop),
            }
        }
    }

    /// Does what can be done without waiting. Says whether there is more, for which others are not
    /// to be kept waiting.
    fn work(&mut self) -> bool {
        loop {
            let was_large = self.take_requests();
            let turn = self.operations.write(
                &mut self.transport.output,
                OUTPUT_MARK,
                &self.client.ldap.counted,
            );
            match turn {
                Turn::Over => return true,
                Turn::Full | Turn::Ended if was_large => return true,
                Turn::Full => return false,
                Turn::Ended => {}
            }
        }
    }

    /// Whether nothing goes on.
    fn is_quiet(&self) -> bool {
        self.operations.is_empty() && self.pending.is_none() && self.held.is_none()
    }

    /// Tells the client that the session ends now (RFC 4511 §4.4.1), if it can be told.
    fn disconnect(&mut self, error: &Error) {
        let (out, counted) = (&mut self.transport.output.tail, &self.client.ldap.counted);
        error.with_outcome(|outcome| {
            counted.disconnected(&outcome, self.active);
            if !self.is_version_2 {
                response::notice_of_disconnection(out, outcome);
            }
        });
        self.ending = Some(Ending::Close);
    }

    /// Goes on after a request that let no other pass.
    fn ended(&mut self, id: i32, op: RequestOp, (outcome, policy): Outcome) {
        self.pending = None;
        let mut answers: Vec<Answer> = policy.into_iter().collect();
        let ended = match outcome {
            Ok(ended) => ended,
            Err(error) => return self.refuse_with(id, op, &error, &answers, self.begun),
        };
        self.is_version_2 |= ended.is_version_2;
        if let Some(session) = ended.session {
            self.client.session = Some(session);
            self.limits.max_message_bytes = self.client.ldap.options.max_message_bytes;
        }
        answers.extend(ended.answers);
        let (out, done) = (&mut self.transport.output.tail, Done::Success.outcome());
        self.client.ldap.counted.ended(op, &done, self.begun);
        let (value, controls) = (ended.value.as_deref(), Answer::all(&answers));
        match op {
            RequestOp::Bind => response::bind(out, id, done, value, &controls),
            RequestOp::Extended => response::extended(out, id, done, None, value, &controls),
            op => {
                if let Some(op) = op.response() {
                    response::result(out, id, op, done, &controls);
                }
            }
        }
    }

    async fn start_tls(self) -> Option<Self> {
        let source = self.client.ldap.options.start_tls.clone()?;
        let transport = match self.transport.upgrade(&source).await {
            Ok(transport) => transport,
            Err(error) => {
                tracing::debug!(%error, "StartTLS failed");
                return None;
            }
        };
        let mut client = self.client;
        client.started_tls(transport.client_certificate());
        Some(Self {
            transport,
            client,
            standing: Standing::default(),
            ending: None,
            active: Instant::now(),
            ..self
        })
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some((id, op, pending)) = &mut self.pending
            && let Poll::Ready(outcome) = pending.as_mut().poll(cx)
        {
            return Poll::Ready(Event::Ended(*id, *op, Box::new(outcome)));
        }
        if !self.transport.is_flushed()
            && let Poll::Ready(sent) = self.transport.poll_write(cx)
        {
            return Poll::Ready(Event::Sent(sent));
        }
        if self.takes_requests()
            && let Poll::Ready(read) = self.transport.poll_read(cx)
        {
            return Poll::Ready(Event::Read(read));
        }
        if let Poll::Ready(found) = self.operations.poll_found(cx) {
            return Poll::Ready(found.map_or(Event::Turn, Event::Found));
        }
        if self.ending.is_none() && self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Event::Stop);
        }
        self.poll_timer(cx)
    }

    /// Ready when nothing came, nothing could be sent, or a message took too long to come. The timer is moved only
    /// when it goes off, not with every request.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let options = &self.client.ldap.options;
        let allowed = match (self.transport.is_flushed(), self.is_quiet()) {
            (false, _) => Some(options.write_timeout),
            (true, true) => Some(options.idle_timeout),
            // The server's own turn.
            (true, false) => None,
        };
        let silent = allowed.map(|allowed| self.active + allowed);
        let unfinished = self.unfinished.map(|since| since + options.message_timeout);
        let Some(deadline) = silent.into_iter().chain(unfinished).min() else {
            return Poll::Pending;
        };
        if self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(Event::TimedOut);
            }
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
