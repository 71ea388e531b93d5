//! From requests to operations.

use bytes::BytesMut;
use jackfield_gateway::Error as Gateway;

use super::{Ending, OUTPUT_MARK, Serving};
use crate::controls::Controls;
use crate::error::Done;
use crate::extended::{self, START_TLS, WHO_AM_I};
use crate::search::Search;
use crate::search::paged::Pages;
use crate::search::view::Lists;
use crate::wire::request::{CompareRequest, ExtendedRequest, SearchRequest};
use crate::wire::{Frame, Request, RequestOp, response};
use crate::{Error, bind, compare, search};

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
                self.pages = Pages::default();
                self.lists = Lists::default();
                self.limits.max_message_bytes = self.client.ldap.options.max_message_bytes_unbound;
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
        let controls = Controls::read(frame)?;
        match request {
            Request::Search(search) => self.search(frame, &search, controls),
            Request::Compare(compare) => self.compare(frame.id, &compare),
            Request::Extended(extended) => self.extended(frame.id, &extended),
            Request::Add(_) | Request::Delete(_) | Request::Modify(_) | Request::ModifyDn(_) => {
                Err(Error::ReadOnly)
            }
            Request::Bind(_) | Request::Unbind | Request::Abandon(_) => Ok(()),
        }
    }

    fn search(
        &mut self,
        frame: &Frame,
        request: &SearchRequest<'_>,
        mut controls: Controls,
    ) -> Result<(), Error> {
        let (page, view) = (controls.page.take(), controls.view.clone());
        let fingerprint = || search::fingerprint(frame);
        let wanted = page.as_ref().map(|page| page.of(fingerprint()));
        if let Some(page) = page.filter(|page| !page.cookie.is_empty()) {
            let rest = self.pages.turn(&page.cookie, &fingerprint())?;
            let mut search = search::resume(&self.client, frame.id, request, rest)?;
            search.page = wanted;
            self.begin(search);
            return Ok(());
        }
        let mut plan = search::plan(&self.client, frame.id, request, controls)?;
        plan.found.page = wanted;
        if let Some(view) = view {
            let kept = view
                .context
                .and_then(|context| self.lists.take(&context, &fingerprint()));
            if let Some(list) = kept {
                plan.take_up(list);
            }
            plan.found.list = Some(self.lists.begin(fingerprint()));
        }
        if plan.is_long(self.client.ldap.options.long_search) {
            self.operations
                .look(frame.id, plan, &self.client.ldap.long_searches);
        } else {
            self.begin(plan.run(&false.into()));
        }
        Ok(())
    }

    /// Writes of a search what can be written now.
    fn begin(&mut self, mut search: Search) {
        self.pages.cut(&mut search);
        self.lists.keep(search.list.take());
        if !search.write(&mut self.transport.output, OUTPUT_MARK) {
            self.operations.send(search);
        }
    }

    /// Goes on with a search that was looked for elsewhere.
    pub(super) fn found(&mut self, found: Result<Box<Search>, i32>) {
        match found {
            Ok(search) => self.begin(*search),
            // It panicked, which the panic's own message told the log.
            Err(id) => self.refuse(id, RequestOp::Search, &Gateway::Internal.into()),
        }
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
