//! Search (RFC 4511 §4.5).
//!
//! A request becomes a [`Plan`]: the reader, the lowered filter and what is returned. Running it
//! gives a [`Search`], which writes its entries a batch at a time, so that a client that reads
//! slowly holds nothing but its own results.

pub(crate) mod base;
pub mod explain;
mod found;
pub(crate) mod paged;
mod plan;
pub(crate) mod results;
mod sending;
pub(crate) mod sort;
pub(crate) mod standing;
pub(crate) mod view;

use bytes::Bytes;
use jackfield_gateway::{Reader, Session, Start};
use jackfield_model::{Dn, Filter, Id, KindSet};
use tokio::time::Instant;

use self::paged::{Rest, Wanted};
pub(crate) use self::plan::plan;
use self::results::Results;
pub(crate) use self::sending::Turn;
use self::sort::Sort;
use self::view::{List, View};
use crate::Error;
use crate::client::Client;
use crate::controls::{self, Answer, Controls};
use crate::error::Done;
use crate::filter::lower::numbers;
use crate::schema::Schema;
use crate::selection::Shape;
use crate::synthetic::Synthetic;
use crate::wire::Frame;
use crate::wire::request::SearchRequest;

/// A search that can be run.
pub(crate) struct Plan {
    pub(crate) found: Search,
    synthetic: Vec<Synthetic>,
    records: Option<Records>,
    sort: Option<Sort>,
    view: Option<View>,
    /// What was found already, for an earlier view of the same list or at once.
    found_already: Option<Result<Results, Error>>,
    /// How many entries the client wants at the most.
    asked: usize,
    limit: usize,
}

/// Which records a search looks for.
struct Records {
    kinds: KindSet,
    only: Option<Id>,
    filter: Filter,
    start: Start,
}

/// A search whose entries are found and not all written yet.
pub(crate) struct Search {
    /// The message ID of the request.
    pub(crate) id: i32,
    since: Instant,
    /// When it ends (RFC 4511 §4.5.1.5). While the client has something to read, time stands still.
    deadline: Instant,
    /// Since when it stands still.
    rests: Option<Instant>,
    reader: Option<Reader>,
    shape: Shape,
    results: Results,
    end: Result<Done, Error>,
    /// The page that is wanted of what was found, until it is cut.
    pub(crate) page: Option<Wanted>,
    /// The list that a view is a part of, for the next view of it.
    pub(crate) list: Option<List>,
    /// The controls of the end.
    answers: Vec<Answer>,
}

/// Goes on with what a page left.
pub(crate) fn resume(
    client: &Client,
    id: i32,
    request: &SearchRequest<'_>,
    controls: Controls,
    rest: Rest,
) -> Result<Search, Error> {
    let reader = client.reader(&Dn::parse(request.base)?)?;
    let schema = Schema::of(&reader);
    let mut found = Plan::empty(client, id, request, schema).found;
    found.shape.values = controls.values;
    numbers::mean_in(found.shape.tests_mut(), &reader);
    found.reader = Some(reader);
    found.results = rest.results;
    found.answers = rest.answers;
    found.end = rest.end;
    Ok(found)
}

/// What makes two requests the same search: for whom it is, the request, and what beside it decides
/// what is found, in what order, and what is shown of it.
pub(crate) fn fingerprint(client: &Client, frame: &Frame) -> Bytes {
    const DECIDING: [&str; 3] = [sort::REQUEST, controls::ASSERTION, controls::MATCHED_VALUES];
    let whom = client.session.as_ref().map(Session::principal);
    let mut all = format!("{whom:?} {}:", frame.body.len()).into_bytes();
    all.extend_from_slice(&frame.body);
    let controls = frame.controls.as_deref().unwrap_or_default();
    for control in controls {
        if DECIDING.contains(&&*control.oid) {
            let value = control.value.as_deref().unwrap_or_default();
            all.extend_from_slice(format!("{}={}:", control.oid, value.len()).as_bytes());
            all.extend_from_slice(value);
        }
    }
    all.into()
}
