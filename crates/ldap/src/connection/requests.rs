//! From requests to operations.

use bytes::BytesMut;

use super::{Ending, OUTPUT_MARK, Serving};
use crate::error::Done;
use crate::extended::{self, START_TLS, WHO_AM_I};
use crate::wire::request::{CompareRequest, ExtendedRequest, SearchRequest};
use crate::wire::{Frame, Request, RequestOp, response};
use crate::{Error, bind, compare, controls, search};

impl Serving {
    /// Whether a further request can be served now.
    pub(super) fn takes_requests(&self) -> bool {
        self.ending.is_none()
            && self.binding.is_none()
            && self.held.is_none()
            && self.operations.len() < self.client.ldap.options.max_operations
            && self.transport.output.len() < OUTPUT_MARK
    }

    /// Serves the requests that came.
    pub(super) fn take_requests(&mut self) {
        if self.operations.is_empty()
            && let Some(frame) = self.held.take()
        {
            self.bind(frame);
        }
        while self.takes_requests() {
            match Frame::split(&mut self.transport.input, &self.limits) {
                Ok(Some(frame)) => self.request(frame),
                Ok(None) => return,
                Err(error) => self.disconnect(&error.into()),
            }
        }
    }

    fn request(&mut self, frame: Frame) {
        let id = frame.id;
        if self.operations.contains(id) && frame.op.response().is_some() {
            return self.refuse(id, frame.op, &Error::RepeatedId);
        }
        match frame.op {
            // RFC 4511 §4.3: there is no response, and nothing that goes on matters any more.
            RequestOp::Unbind => {
                self.operations = super::Operations::default();
                self.ending = Some(Ending::Close);
            }
            RequestOp::Abandon => {
                if let Ok(Request::Abandon(other)) = Request::decode(&frame, &self.limits) {
                    self.operations.abandon(other);
                }
            }
            // RFC 4513 §4: anonymous from now on, whatever the outcome.
            RequestOp::Bind => {
                self.client.session = None;
                if self.operations.is_empty() {
                    self.bind(frame);
                } else {
                    // RFC 4511 §4.2.1: after what goes on.
                    self.held = Some(frame);
                }
            }
            op => {
                if let Err(error) = self.operation(&frame) {
                    self.refuse(id, op, &error);
                }
            }
        }
    }

    fn bind(&mut self, frame: Frame) {
        let id = frame.id;
        let binding = bind::bind(self.client.clone(), frame, self.limits);
        self.binding = Some((id, Box::pin(binding)));
    }

    fn operation(&mut self, frame: &Frame) -> Result<(), Error> {
        let request = Request::decode(frame, &self.limits)?;
        controls::check(&frame.controls)?;
        match request {
            Request::Search(search) => self.search(frame.id, &search),
            Request::Compare(compare) => self.compare(frame.id, &compare),
            Request::Extended(extended) => self.extended(frame.id, &extended),
            Request::Add(_) | Request::Delete(_) | Request::Modify(_) | Request::ModifyDn(_) => {
                Err(Error::ReadOnly)
            }
            Request::Bind(_) | Request::Unbind | Request::Abandon(_) => Ok(()),
        }
    }

    fn search(&mut self, id: i32, request: &SearchRequest<'_>) -> Result<(), Error> {
        let plan = search::plan(&self.client, id, request)?;
        if plan.is_long() {
            self.operations
                .look(id, plan, &self.client.ldap.long_searches);
            return Ok(());
        }
        let mut search = plan.run(&false.into());
        if !search.write(&mut self.transport.output, OUTPUT_MARK) {
            self.operations.send(search);
        }
        Ok(())
    }

    fn compare(&mut self, id: i32, request: &CompareRequest<'_>) -> Result<(), Error> {
        let done = compare::compare(&self.client, request)?;
        self.end(id, RequestOp::Compare, done);
        Ok(())
    }

    fn extended(&mut self, id: i32, request: &ExtendedRequest<'_>) -> Result<(), Error> {
        let success = Done::Success.outcome();
        match request.name {
            WHO_AM_I => {
                let who = extended::who_am_i(&self.client);
                let out = &mut self.transport.output;
                response::extended(out, id, success, None, Some(who.as_bytes()), &[]);
            }
            START_TLS => {
                let is_quiet = self.operations.is_empty() && self.transport.input.is_empty();
                extended::start_tls(&self.client, is_quiet)?;
                let out = &mut self.transport.output;
                response::extended(out, id, success, Some(START_TLS), None, &[]);
                self.ending = Some(Ending::Tls);
            }
            other => return Err(Error::UnknownExtension(other.to_owned())),
        }
        Ok(())
    }

    fn end(&mut self, id: i32, op: RequestOp, done: Done) {
        if let Some(op) = op.response() {
            response::result(&mut self.transport.output, id, op, done.outcome(), &[]);
        }
    }

    fn refuse(&mut self, id: i32, op: RequestOp, error: &Error) {
        let Some(op) = op.response() else { return };
        let out: &mut BytesMut = &mut self.transport.output;
        error.with_outcome(|outcome| response::result(out, id, op, outcome, &[]));
    }
}
