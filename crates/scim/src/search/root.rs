//! The records that are found, and at the root what is offered among them, in one order (RFC 7644 §3.4.2.1).
//!
//! There are few of those that are offered, so the records around a page are looked up with as many more as may
//! give way to them, and the two are merged.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use jackfield_gateway::{Found, Order, Reader, Start, ValueRef};
use jackfield_model::text;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::{Extent, Page, Place};
use crate::offered::{self, Offer};
use crate::written::Piece;

/// A page.
pub(super) struct Mixed {
    pub(super) extent: Extent,
    pub(super) pieces: Vec<Piece>,
    /// Where the next page begins.
    pub(super) next: Place,
    /// Where the one before it ends; with offers that cannot be said.
    pub(super) previous: Option<Place>,
}

/// Which records a page may have, if so much is offered.
pub(super) fn window(page: &Page, offered: usize) -> (Start, usize) {
    let start = match &page.start {
        Start::At(first) => Start::At(first.saturating_sub(offered)),
        start => start.clone(),
    };
    (start, page.limit.saturating_add(offered))
}

/// The page, of what was found in its [`window`] and of everything that is offered.
pub(super) fn mix(
    reader: &Reader,
    order: Order,
    is_descending: bool,
    page: &Page,
    found: Found,
    offers: Vec<Offer>,
) -> Mixed {
    let comes_first = |number: u32, offer: &Offer| {
        let own = key(reader, order, number);
        let ordering = offered::by_key(own.as_ref(), offer.key.as_ref());
        let ordering = match is_descending {
            true => ordering.reverse(),
            false => ordering,
        };
        ordering != Ordering::Greater
    };
    let total = found.total + offers.len();
    // How many offers come before the window, and how much of it before the page.
    let (mut taken, skip, skipped) = match &page.start {
        Start::At(first) => {
            let behind = found.numbers.first().filter(|_| found.skipped > 0);
            let taken = behind.map_or(page.offered, |number| {
                offers.partition_point(|offer| !comes_first(*number, offer))
            });
            let skip = first.saturating_sub(found.skipped + taken);
            (taken, skip, first.saturating_add(page.offered))
        }
        Start::After(_) | Start::Before(_) => (page.offered, 0, found.skipped + page.offered),
    };
    let mark = |number: &u32| reader.mark(order, *number);
    let first = found.numbers.first().filter(|_| offers.is_empty());
    let previous = first.map(|number| Place::Before(mark(number)));
    let mut last = None;
    let mut numbers = found.numbers.into_iter().peekable();
    let mut offers = offers.into_iter().skip(taken).peekable();
    let mut pieces = Vec::new();
    for at in 0..skip.saturating_add(page.limit) {
        let is_record = match (numbers.peek(), offers.peek()) {
            (Some(number), Some(offer)) => comes_first(*number, offer),
            (number, _) => number.is_some(),
        };
        let piece = if is_record {
            last = numbers.next();
            last.map(Piece::Record)
        } else {
            taken += 1;
            let offer = offers.next();
            offer.map(|offer| Piece::Text(Json::from(offer.shown).to_string()))
        };
        match piece {
            Some(piece) if at >= skip => pieces.push(piece),
            Some(_) => {}
            None => break,
        }
    }
    let after = match &page.start {
        Start::After(mark) if last.is_none() => Some(mark.clone()),
        _ => last.as_ref().map(mark),
    };
    Mixed {
        extent: Extent {
            total,
            skipped: skipped.min(total),
            shown: pieces.len(),
        },
        pieces,
        next: Place::Among(after, taken),
        previous,
    }
}

/// The text by which a record has its place; empty for a value that is no text, which nothing offered has.
fn key(reader: &Reader, order: Order, number: u32) -> Option<SmolStr> {
    let Order::By { attr, .. } = order else {
        return None;
    };
    let mut key = None;
    let entry = reader.by_number(number)?;
    let _ = entry.leaf(attr, &mut |value| {
        key = Some(match value {
            ValueRef::Str(text) => text::case_ignore(text),
            _ => SmolStr::default(),
        });
        ControlFlow::Break(())
    });
    key
}
