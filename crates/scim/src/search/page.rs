//! Which page of what is found: by index (RFC 7644 §3.4.2.4), or by cursor (RFC 9865).
//!
//! A cursor says next to which place in the order its page is, so nobody is left out or listed
//! twice when others come and go. It is sealed for its client and query, and what it shows is
//! looked up anew: it gives no access of its own.

use std::time::Duration;

use jackfield_gateway::{Error as Refusal, Mark, Session, Start, Unsealed};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::Options;
use crate::error::Error;
use crate::message;

/// How long a cursor can be used.
pub(crate) const LIFETIME: Duration = Duration::from_hours(1);

/// The page that a client asks for.
pub(crate) struct Wanted {
    pub(super) start: Option<i64>,
    pub(super) count: Result<Option<i64>, Refusal>,
    /// Empty for the first page.
    pub(super) cursor: Option<String>,
    /// All else that makes it this query and no other.
    pub(crate) query: Vec<u8>,
}

/// The page as it is looked up.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) start: Start,
    /// How many of those that are offered come before it, where the start is behind a record.
    pub(crate) offered: usize,
    pub(crate) limit: usize,
    by: Method,
}

/// How much is found, and which part of it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) total: usize,
    pub(crate) skipped: usize,
    pub(crate) shown: usize,
}

#[derive(Debug)]
enum Method {
    Index {
        first: usize,
    },
    /// With the count that all pages have, and what cursors are sealed for.
    Cursor {
        count: Option<i64>,
        query: Vec<u8>,
    },
}

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Cursor {
    count: Option<i64>,
    place: Place,
}

/// Where the page of a cursor is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Behind so many of those that never change places.
    At(usize),
    /// Before a record.
    Before(Mark),
    /// Behind a record, or before all, and behind so many of those that the root offers.
    Among(Option<Mark>, usize),
}

impl Page {
    /// # Errors
    /// What is wrong with the numbers or the cursor.
    pub(crate) fn of(wanted: Wanted, session: &Session, options: &Options) -> Result<Self, Error> {
        let Wanted {
            start,
            count,
            cursor,
            query,
        } = wanted;
        // RFC 7644 §3.4.2.4: below 1 means 1; below 0 means 0.
        let limit = |count: Option<i64>| match count {
            Some(count) => usize::try_from(count).unwrap_or(0).min(options.max_results),
            None => options.default_page.min(options.max_results),
        };
        let Some(cursor) = cursor else {
            let first = start
                .and_then(|start| usize::try_from(start).ok())
                .unwrap_or(1)
                .max(1);
            return Ok(Self {
                start: Start::At(first - 1),
                offered: 0,
                limit: limit(count?),
                by: Method::Index { first },
            });
        };
        let invalid = Error::InvalidCount {
            limit: options.max_results,
        };
        let is_fitting = |count: &Option<i64>| {
            count.is_none_or(|count| {
                usize::try_from(count).map_or(count < 0, |count| count <= options.max_results)
            })
        };
        let count = count
            .ok()
            .filter(is_fitting)
            .ok_or_else(|| invalid.clone())?;
        let (start, offered) = match cursor.as_str() {
            "" => (Start::FIRST, 0),
            text => {
                let opened = session.unseal(&query, text).map_err(|why| match why {
                    Unsealed::Forged => Error::InvalidCursor,
                    Unsealed::Expired => Error::ExpiredCursor,
                })?;
                let cursor: Cursor =
                    serde_json::from_slice(&opened).map_err(|_| Error::InvalidCursor)?;
                if cursor.count != count {
                    return Err(invalid);
                }
                match cursor.place {
                    Place::At(skipped) => (Start::At(skipped), 0),
                    Place::Before(mark) => (Start::Before(mark), 0),
                    Place::Among(mark, offered) => {
                        (mark.map_or(Start::FIRST, Start::After), offered)
                    }
                }
            }
        };
        Ok(Self {
            start,
            offered,
            limit: limit(count),
            by: Method::Cursor { count, query },
        })
    }

    /// The message around the resources of the page, without them; `next` and `previous` are the
    /// places of the pages beside it, the latter where it can be said.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if no cursor can be made.
    pub(crate) fn message(
        &self,
        session: &Session,
        extent: &Extent,
        next: Place,
        previous: Option<Place>,
    ) -> Result<serde_json::Map<String, Json>, Error> {
        let mut body = serde_json::Map::new();
        let mut put = |key: &str, value: Json| drop(body.insert(key.to_owned(), value));
        put("schemas", json!([message::LIST_RESPONSE]));
        put("totalResults", extent.total.into());
        let (count, query) = match &self.by {
            Method::Index { first } => {
                put("startIndex", (*first).into());
                return Ok(body);
            }
            Method::Cursor { count, query } => (*count, query),
        };
        let mut seal = |key: &str, place: Place| -> Result<(), Error> {
            let cursor =
                serde_json::to_vec(&Cursor { count, place }).map_err(|_| Refusal::Internal)?;
            put(key, session.seal(query, &cursor, LIFETIME)?.into());
            Ok(())
        };
        // RFC 9865 §2: a page of nothing but the total is the last one.
        if self.limit == 0 {
            return Ok(body);
        }
        if extent.skipped + extent.shown < extent.total {
            seal("nextCursor", next)?;
        }
        let has_previous = extent.skipped > 0 && extent.shown > 0;
        if let Some(previous) = previous.filter(|_| has_previous) {
            seal("previousCursor", previous)?;
        }
        Ok(body)
    }
}
