//! How much a client may say before the body of a request.
//!
//! Whoever reads requests off the connection has limits of its own, and answers what is beyond them with a
//! status and nothing else; those below are narrower, so that clients are told what is wrong.

use axum::http::request::Parts;

use crate::error::Error;

/// The longest path and query, in bytes. What does not fit into a query can be asked by POST of `/.search`.
const TARGET: usize = 48 << 10;
/// The most header fields.
const FIELDS: usize = 100;
/// The most that their names and values may be together, in bytes.
const HEADERS: usize = 32 << 10;

/// # Errors
/// [`Error::TargetTooLong`] or [`Error::HeadersTooLarge`].
pub(crate) fn check(head: &Parts) -> Result<(), Error> {
    let target = head.uri.path_and_query().map_or("", |it| it.as_str());
    if target.len() > TARGET {
        return Err(Error::TargetTooLong { limit: TARGET });
    }
    let fields = head.headers.iter();
    let bytes: usize = fields
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if head.headers.len() > FIELDS || bytes > HEADERS {
        return Err(Error::HeadersTooLarge {
            fields: FIELDS,
            bytes: HEADERS,
        });
    }
    Ok(())
}
