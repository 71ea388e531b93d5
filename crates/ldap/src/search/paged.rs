//! Pages of results (RFC 2696).
//!
//! Between two pages a connection keeps what is left of one search: numbers of records, never the
//! records, so that every page is read through the view that the client has then.

use bytes::{Bytes, BytesMut};

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
    size: usize,
    request: Bytes,
}

/// What a connection keeps between two pages: of the last search that had any.
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
        }
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

    /// Leaves a search the page that is wanted of it, and keeps the rest.
    pub(crate) fn cut(&mut self, search: &mut Search) {
        let Some(Wanted { size, request }) = search.page.take() else {
            return;
        };
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
            request,
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
