//! Pages of results (RFC 2696).
//!
//! A cookie says where the next page begins, sealed for its client and its search; the server keeps
//! nothing, and the next page can be asked for on any connection to any node. Of what is sorted as
//! the client wants it, a connection keeps what is left of one search between two pages. In both
//! cases every page is read through the view that the client has then.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::{Mark, Order, Session, Start};
use serde::{Deserialize, Serialize};

use super::Search;
use super::results::Results;
use crate::Error;
use crate::controls::Answer;
use crate::error::Done;
use crate::wire::RequestError;
use crate::wire::ber::{INTEGER, OCTET_STRING, Reader, SEQUENCE, write};

/// The controlType of the request and of the response.
pub(crate) const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// What the control of a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// How many entries.
    pub(crate) size: usize,
    /// What the page before this one gave; empty for the first page.
    pub(crate) cookie: Bytes,
}

/// The page that is wanted of a search.
pub(crate) struct Wanted {
    pub(super) size: usize,
    request: Bytes,
    /// Where it begins, of a search in the order of names.
    pub(super) place: Option<Place>,
    /// Whose it is.
    session: Option<Session>,
}

/// Where a page begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Place {
    /// So many entries come before it,
    pub(super) given: usize,
    /// among them so many that no record stands behind,
    pub(super) synthetic: usize,
    /// and this record last.
    after: Option<Mark>,
}

/// How long a cookie can be used.
const LIFETIME: Duration = Duration::from_hours(1);

/// What a connection keeps between two pages: of the last sorted search that had any.
#[derive(Default)]
pub(crate) struct Pages {
    rest: Option<Rest>,
    cookies: u64,
}

/// What is left of a search after a page.
pub(crate) struct Rest {
    cookie: Bytes,
    /// The request, which must come again unchanged (RFC 2696 §3), sort keys included.
    request: Bytes,
    pub(super) results: Results,
    /// The controls of the end, but for this one.
    pub(super) answers: Vec<Answer>,
    pub(super) end: Result<Done, Error>,
}

impl Page {
    /// Reads a controlValue.
    pub(crate) fn read(value: &Bytes) -> Result<Self, RequestError> {
        let mut control = Reader::new(value).nested(SEQUENCE)?;
        let size = control.integer(INTEGER)?;
        let size = usize::try_from(size).map_err(|_| RequestError::OutOfRange("the page size"))?;
        let cookie = value.slice_ref(control.octets(OCTET_STRING)?);
        Ok(Self { size, cookie })
    }

    /// The page as it is wanted of the search with this request; the server gives at most so many
    /// entries at once.
    pub(crate) fn of(&self, request: Bytes, most: usize) -> Wanted {
        Wanted {
            size: self.size.min(most),
            request,
            place: None,
            session: None,
        }
    }
}

impl Wanted {
    /// The same, as it is in the order of names: the first page, or that which the cookie stands
    /// for.
    ///
    /// # Errors
    /// [`Error::NoSuchPage`].
    pub(crate) fn by_name(self, session: Option<Session>, cookie: &[u8]) -> Result<Self, Error> {
        let opened = |session: &Session| {
            let text = std::str::from_utf8(cookie).ok()?;
            let place = session.unseal(&self.request, text).ok()?;
            serde_json::from_slice(&place).ok()
        };
        let place = match cookie.is_empty() {
            true => Place::default(),
            false => (session.as_ref().and_then(opened)).ok_or(Error::NoSuchPage)?,
        };
        Ok(Self {
            place: Some(place),
            session,
            ..self
        })
    }

    /// The cookie for the page behind this one, of which it is known what is on it.
    fn cookie(&self, place: &Place, search: &Search) -> Option<String> {
        let reader = search.reader.as_ref()?;
        let last = search.results.last_number();
        let mark = last.map(|number| reader.mark(Order::Name, number));
        let next = Place {
            given: place.given + search.results.len(),
            synthetic: place.synthetic + search.results.synthetic_len(),
            after: mark.or_else(|| place.after.clone()),
        };
        let next = serde_json::to_vec(&next).ok()?;
        let session = self.session.as_ref()?;
        session.seal(&self.request, &next, LIFETIME).ok()
    }
}

impl Place {
    /// Behind which record.
    pub(super) fn start(&self) -> Start {
        self.after.clone().map_or(Start::FIRST, Start::After)
    }
}

impl Pages {
    /// Takes out what the cookie stands for.
    ///
    /// # Errors
    /// [`Error::NoSuchPage`].
    pub(crate) fn turn(&mut self, cookie: &[u8], request: &[u8]) -> Result<Rest, Error> {
        let rest = self.rest.take();
        rest.filter(|rest| rest.cookie == cookie && rest.request == request)
            .ok_or(Error::NoSuchPage)
    }

    /// Leaves a search the page that is wanted of it, and keeps the rest if it is sorted.
    pub(crate) fn cut(&mut self, search: &mut Search) {
        let Some(wanted) = search.page.take() else {
            return;
        };
        let size = wanted.size;
        if let Some(place) = &wanted.place {
            let has_more = search.results.len() > size;
            search.results.truncate(size);
            let cookie = (has_more && size > 0).then(|| wanted.cookie(place, search));
            let cookie = cookie.flatten().unwrap_or_default();
            search.answers.push(answer(cookie.as_bytes()));
            return;
        }
        let rest = search.results.split_off(size);
        let answers = search.answers.clone();
        // RFC 2696 §3: a page of no entries says that no more are wanted.
        if size == 0 || rest.len() == 0 {
            search.answers.push(answer(b""));
            return;
        }
        self.cookies += 1;
        let cookie = Bytes::copy_from_slice(&self.cookies.to_be_bytes());
        search.answers.push(answer(&cookie));
        let end = std::mem::replace(&mut search.end, Ok(Done::Success));
        self.rest = Some(Rest {
            cookie,
            request: wanted.request,
            results: rest,
            answers,
            end,
        });
    }
}

/// What the next page is to be had for; nothing after the last page.
fn answer(cookie: &[u8]) -> Answer {
    let mut value = BytesMut::new();
    write::nested(&mut value, SEQUENCE, |value| {
        // RFC 2696 §2: no estimate of how many there are.
        write::integer(value, INTEGER, 0);
        write::octets(value, OCTET_STRING, cookie);
    });
    Answer {
        oid: PAGED_RESULTS,
        value: value.freeze(),
    }
}
