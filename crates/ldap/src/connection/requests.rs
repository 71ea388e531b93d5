//! From requests to operations.

use bytes::Bytes;
use jackfield_gateway::Error as Gateway;
use jackfield_model::Dn;
use ldap3_proto::proto::{LdapAddRequest, LdapModifyDNRequest};
use tokio::time::Instant;

use super::{Ending, LARGE_REQUEST, OUTPUT_MARK, Serving};
use crate::client::Client;
use crate::controls::{Answer, Controls};
use crate::ended::{Outcome, outcome};
use crate::error::Done;
use crate::extended::{self, CANCEL, START_TLS, WHO_AM_I};
use crate::schema::Schema;
use crate::search::paged::{Pages, Wanted};
use crate::search::standing::Standing;
use crate::search::view::Lists;
use crate::search::{Search, Turn};
use crate::wire::request::{ExtendedRequest, SearchRequest};
use crate::wire::{Frame, Request, RequestOp, response};
use crate::write::password;
use crate::{Error, bind, compare, search, write};

impl Serving {
    /// Whether a further request can be served now.
    pub(super) fn takes_requests(&self) -> bool {
        self.ending.is_none()
            && self.pending.is_none()
            && self.held.is_none()
            && self.operations.held() < self.client.ldap.options.max_operations
            && self.transport.output.len() < OUTPUT_MARK
    }

    /// Serves the requests that came. Says whether it stopped after a large one, for others to be
    /// let.
    pub(super) fn take_requests(&mut self) -> bool {
        if self.operations.is_empty()
            && let Some(frame) = self.held.take()
        {
            self.bind(frame);
        }
        while self.takes_requests() {
            let waiting = self.transport.input.len();
            match Frame::split(&mut self.transport.input, &self.limits) {
                Ok(Some(frame)) => {
                    self.unfinished = None;
                    self.request(frame);
                    if waiting - self.transport.input.len() > LARGE_REQUEST {
                        return true;
                    }
                }
                Ok(None) => {
                    if waiting > 0 {
                        self.unfinished.get_or_insert(self.active);
                    }
                    return false;
                }
                Err(error) => self.disconnect(&error.into()),
            }
        }
        // What is not read cannot be waited for.
        self.unfinished = None;
        false
    }

    fn request(&mut self, mut frame: Frame) {
        let id = frame.id;
        if self.is_version_2 && frame.op != RequestOp::Bind {
            frame.controls = Ok(Vec::new());
        }
        if self.operations.contains(id) && frame.op.response().is_some() {
            return self.refuse(id, frame.op, &Error::RepeatedId);
        }
        match frame.op {
            // RFC 4511 §4.3: there is no response, and nothing that goes on matters any more.
            RequestOp::Unbind => {
                self.count(RequestOp::Unbind);
                self.operations = super::Operations::default();
                self.ending = Some(Ending::Left);
            }
            RequestOp::Abandon => {
                self.count(RequestOp::Abandon);
                if let Ok(Request::Abandon(other)) = Request::decode(&frame, &self.limits) {
                    self.operations.abandon(other);
                }
            }
            // RFC 4513 §4: anonymous from now on, whatever the outcome.
            RequestOp::Bind => {
                self.client.session = None;
                self.is_version_2 = false;
                self.pages = Pages::default();
                self.lists = Lists::default();
                self.standing = Standing::default();
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
        let bind = bind::bind(self.client.clone(), frame, self.limits);
        self.begun = self.active;
        self.pending = Some((id, RequestOp::Bind, Box::pin(bind)));
    }

    fn operation(&mut self, frame: &Frame) -> Result<(), Error> {
        let request = Request::decode(frame, &self.limits)?;
        let is_plain = frame.controls.as_ref().is_ok_and(Vec::is_empty);
        let schema = match is_plain {
            true => Schema::default(),
            false => self.client.schema(),
        };
        let controls = Controls::read(frame, &schema)?;
        let other = controls.proxied.as_deref();
        let proxied = other
            .map(|other| self.client.acting_for(other))
            .transpose()?;
        match request {
            Request::Search(search) => self.search(proxied.as_ref(), frame, &search, controls),
            Request::Compare(compare) => {
                let client = proxied.as_ref().unwrap_or(&self.client);
                let done = compare::compare(client, &compare, controls.assertion.as_ref())?;
                self.end(frame.id, RequestOp::Compare, done);
                Ok(())
            }
            Request::Extended(extended) => {
                self.extended(proxied, frame.id, &extended, controls.password_policy)
            }
            Request::Modify(modify) => {
                self.wait(frame.id, RequestOp::Modify, proxied, |client| async move {
                    let ended = write::modify(&client, &modify, &controls).await;
                    outcome(ended, controls.password_policy)
                });
                Ok(())
            }
            Request::Add(LdapAddRequest { dn, .. })
            | Request::Delete(dn)
            | Request::ModifyDn(LdapModifyDNRequest { dn, .. }) => {
                let client = proxied.as_ref().unwrap_or(&self.client);
                Err(write::refuse(client, frame.op, &dn, &controls))
            }
            Request::Bind(_) | Request::Unbind | Request::Abandon(_) => Ok(()),
        }
    }

    /// Serves a request that waits for others.
    fn wait<F: Future<Output = Outcome> + Send + 'static>(
        &mut self,
        id: i32,
        op: RequestOp,
        proxied: Option<Client>,
        serve: impl FnOnce(Client) -> F,
    ) {
        let is_proxied = proxied.is_some();
        let serving = serve(proxied.unwrap_or_else(|| self.client.clone()));
        let pending = async move {
            let (mut ended, policy) = serving.await;
            if let (Ok(ended), true) = (&mut ended, is_proxied) {
                // What became of the other is nothing that the client becomes.
                ended.session = None;
            }
            (ended, policy)
        };
        self.begun = self.active;
        self.pending = Some((id, op, Box::pin(pending)));
    }

    fn search(
        &mut self,
        proxied: Option<&Client>,
        frame: &Frame,
        request: &SearchRequest<'_>,
        mut controls: Controls,
    ) -> Result<(), Error> {
        let client = proxied.unwrap_or(&self.client);
        let (page, view) = (controls.page.take(), controls.view.clone());
        let fingerprint = || search::fingerprint(client, frame);
        let most = client.ldap.options.max_entries;
        let mut wanted = page.as_ref().map(|page| page.of(fingerprint(), most));
        let is_sorted = controls.sort.is_some();
        if let (Some(page), false) = (&page, is_sorted) {
            let session = client.session_for(&Dn::parse(request.base)?).ok();
            let by_name = |wanted: Wanted| wanted.by_name(session, &page.cookie);
            wanted = wanted.map(by_name).transpose()?;
        }
        if let Some(page) = page.filter(|page| is_sorted && !page.cookie.is_empty()) {
            let rest = self.pages.turn(&page.cookie, &fingerprint())?;
            let mut search = search::resume(client, frame.id, request, controls, rest)?;
            search.page = wanted;
            self.begin(search);
            return Ok(());
        }
        let mut standing = Standing::default();
        let standing = match proxied {
            Some(_) => &mut standing,
            None => &mut self.standing,
        };
        let mut plan = search::plan(client, standing, frame.id, request, controls)?;
        if let Some(wanted) = wanted {
            plan.in_pages(wanted);
        }
        if let Some(view) = view {
            let kept = view
                .context
                .and_then(|context| self.lists.take(&context, &fingerprint()));
            if let Some(list) = kept {
                plan.take_up(list);
            }
            plan.found.list = Some(self.lists.begin(fingerprint()));
        }
        if plan.look_at_once(self.client.ldap.options.long_search) {
            self.begin(plan.run(&false.into()));
        } else {
            let threads = &self.client.ldap.long_searches;
            (self.operations).look(frame.id, threads, |stop| plan.run(stop));
        }
        Ok(())
    }

    /// Writes of a search what can be written now.
    fn begin(&mut self, mut search: Search) {
        self.pages.cut(&mut search);
        self.lists.keep(search.list.take());
        if search.write(&mut self.transport.output, OUTPUT_MARK) == Turn::Ended {
            search.count(&self.client.ldap.counted);
        } else {
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

    fn extended(
        &mut self,
        proxied: Option<Client>,
        id: i32,
        request: &ExtendedRequest<'_>,
        policy_asked: bool,
    ) -> Result<(), Error> {
        let success = Done::Success.outcome();
        match request.name {
            WHO_AM_I => {
                let who = extended::who_am_i(proxied.as_ref().unwrap_or(&self.client));
                let out = &mut self.transport.output.tail;
                response::extended(out, id, success, None, Some(who.as_bytes()), &[]);
                self.count(RequestOp::Extended);
            }
            password::OID => {
                let value = request.value.map(Bytes::copy_from_slice);
                self.wait(id, RequestOp::Extended, proxied, |client| async move {
                    let ended = password::modify(&client, value.as_deref()).await;
                    outcome(ended, policy_asked)
                });
            }
            CANCEL => {
                let other = extended::to_cancel(request.value)?;
                if !self.operations.contains(other) {
                    return Err(Error::NoSuchOperation);
                }
                self.operations.abandon(other);
                self.refuse(other, RequestOp::Search, &Error::Canceled);
                self.end(id, RequestOp::Extended, Done::Success);
            }
            START_TLS => {
                let is_quiet = self.operations.is_empty() && self.transport.input.is_empty();
                extended::start_tls(&self.client, request.value, is_quiet)?;
                let out = &mut self.transport.output.tail;
                response::extended(out, id, success, Some(START_TLS), None, &[]);
                self.count(RequestOp::Extended);
                self.ending = Some(Ending::Tls);
            }
            other => return Err(Error::UnknownExtension(other.to_owned())),
        }
        Ok(())
    }

    fn end(&mut self, id: i32, op: RequestOp, done: Done) {
        let outcome = done.outcome();
        self.client.ldap.counted.ended(op, &outcome, self.active);
        if let Some(op) = op.response() {
            response::result(&mut self.transport.output.tail, id, op, outcome, &[]);
        }
    }

    /// Counts an operation that was done at once, or that has no response.
    fn count(&self, op: RequestOp) {
        let done = Done::Success.outcome();
        self.client.ldap.counted.ended(op, &done, self.active);
    }

    pub(super) fn refuse(&mut self, id: i32, op: RequestOp, error: &Error) {
        self.refuse_with(id, op, error, &[], self.active);
    }

    /// Refuses with these controls what began at this moment.
    pub(super) fn refuse_with(
        &mut self,
        id: i32,
        op: RequestOp,
        error: &Error,
        answers: &[Answer],
        since: Instant,
    ) {
        let Some(kind) = op.response() else {
            return;
        };
        let (out, counted) = (&mut self.transport.output.tail, &self.client.ldap.counted);
        let controls = Answer::all(answers);
        error.with_outcome(|outcome| {
            counted.ended(op, &outcome, since);
            response::result(out, id, kind, outcome, &controls);
        });
    }
}
