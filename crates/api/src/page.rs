//! Lists, a page at a time. The next page begins behind a place in the order, so that nobody is left
//! out or listed twice when others come and go; a cursor is sealed for its client and its list.

use std::time::Duration;

use axum::http::Uri;
use jackfield_gateway::{Error as Refusal, Found, Mark, Order, Reader, Search, Start};
use jackfield_model::{Filter, Kind, KindSet};
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::Error;
use crate::shape::page::{Page, PageQuery};

/// How long a cursor can be used.
const LIFETIME: Duration = Duration::from_hours(1);

/// Items on a page, if the client does not say.
const USUAL: usize = 50;

/// Items on a page at the most.
const MOST: usize = 500;

/// Where a page begins.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Behind so many, in a list whose items never change places.
    At(usize),
    /// Behind this place in an order.
    After(Mark),
}

/// A page that is asked for.
pub(crate) struct Wanted {
    /// How many items, one more than none.
    pub(crate) limit: usize,
    /// Where it begins; at the beginning, if it is not said.
    pub(crate) place: Option<Place>,
    /// What cursors are sealed for: the list and its parameters but those of the page.
    list: String,
}

impl Wanted {
    /// The page that the client asks for.
    ///
    /// # Errors
    /// [`Error::Query`] for a limit that is none, [`Error::Cursor`].
    pub(crate) fn of(call: &Call, query: &PageQuery) -> Result<Self, Error> {
        let limit = match query.limit {
            None => USUAL,
            Some(limit) if (1..=MOST).contains(&limit) => limit,
            Some(_) => return Err(Error::Query(format!("limit: 1 to {MOST} was expected"))),
        };
        let list = list(call.uri());
        let place = match query.cursor.as_deref() {
            None | Some("") => None,
            Some(cursor) => {
                let opened = call.session.unseal(list.as_bytes(), cursor);
                let opened = opened.map_err(|_| Error::Cursor)?;
                Some(serde_json::from_slice(&opened).map_err(|_| Error::Cursor)?)
            }
        };
        Ok(Self { limit, place, list })
    }

    /// Behind how many items of a list it begins whose items never change places.
    pub(crate) fn offset(&self) -> Result<usize, Error> {
        match self.place {
            None => Ok(0),
            Some(Place::At(offset)) => Ok(offset),
            Some(Place::After(_)) => Err(Error::Cursor),
        }
    }

    /// The page of a list that is there as a whole.
    pub(crate) fn cut<T>(&self, call: &Call, mut all: Vec<T>) -> Result<Page<T>, Error> {
        let (total, offset) = (all.len(), self.offset()?);
        all.drain(..offset.min(total));
        all.truncate(self.limit);
        let end = offset.saturating_add(all.len());
        let next = (end < total).then_some(Place::At(end));
        self.page(call, all, total, next)
    }

    /// The page with these items, and where the next one begins.
    pub(crate) fn page<T>(
        &self,
        call: &Call,
        items: Vec<T>,
        total: usize,
        next: Option<Place>,
    ) -> Result<Page<T>, Error> {
        let next = next.map(|place| self.link(call, &place)).transpose()?;
        Ok(Page { items, total, next })
    }

    /// Where the page is that begins there.
    pub(crate) fn link(&self, call: &Call, place: &Place) -> Result<String, Error> {
        let place = serde_json::to_vec(place).map_err(|_| Refusal::Internal)?;
        let cursor = call.session.seal(self.list.as_bytes(), &place, LIFETIME)?;
        let joint = if self.list.contains('?') { '&' } else { '?' };
        let limit = self.limit;
        Ok(format!("{}{joint}limit={limit}&cursor={cursor}", self.list))
    }
}

/// The path and query but for the parameters of the page.
fn list(uri: &Uri) -> String {
    let is_kept = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        !(parameter.is_empty() || name == "limit" || name == "cursor")
    };
    let kept = uri.query().unwrap_or_default().split('&').filter(is_kept);
    let kept: Vec<&str> = kept.collect();
    match kept.as_slice() {
        [] => uri.path().to_owned(),
        kept => format!("{}?{}", uri.path(), kept.join("&")),
    }
}

/// The records of a kind that are found on a page, by their names, and where the next one begins.
pub(crate) async fn find(
    reader: &Reader,
    wanted: &Wanted,
    kind: Kind,
    filter: Filter,
) -> Result<(Found, Option<Place>), Error> {
    let start = match &wanted.place {
        None => Start::FIRST,
        Some(Place::After(mark)) => Start::After(mark.clone()),
        Some(Place::At(_)) => return Err(Error::Cursor),
    };
    let order = Order::Name;
    let search = Search {
        kinds: KindSet::of(&[kind]),
        filter,
        order,
        start,
        limit: wanted.limit,
    };
    let found = reader.search_beside(search).await?;
    let is_last = found.skipped + found.numbers.len() >= found.total;
    let last = found.numbers.last().filter(|_| !is_last);
    let next = last.map(|number| Place::After(reader.mark(order, *number)));
    Ok((found, next))
}
