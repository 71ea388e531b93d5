//! Resources as text, written a piece at a time as fast as the client reads: a group may have a
//! million members, and is never in memory as JSON.

use std::convert::Infallible;
use std::vec::IntoIter;

use axum::body::{Body, Bytes};
use futures_util::stream;
use jackfield_gateway::{Entry, Reader};
use jackfield_model::schema::attr;

use crate::dialect::Dialect;
use crate::project::{Projector, Resource};
use crate::select::Selection;

/// How long a piece is before it is handed on, in octets.
const PIECE: usize = 32 << 10;

/// How many members one step of writing adds; a group of more is written in several.
pub(crate) const MEMBERS: usize = 256;

/// A resource that is to be written.
pub(crate) enum Piece {
    /// The record with this number.
    Record(u32),
    /// One that is written already.
    Text(String),
}

/// Resources on their way to a client, with what stands before, between and behind them.
pub(crate) struct Written {
    reader: Reader,
    dialect: Dialect,
    base: String,
    selection: Selection,
    /// The selection without members.
    rest: Selection,
    pieces: IntoIter<Piece>,
    /// The members of the resource that is being written.
    members: Option<IntoIter<u32>>,
    /// Whether what comes next is the first in its list.
    is_first: bool,
    end: Option<String>,
    text: Vec<u8>,
}

impl Written {
    /// The resources, between `begin` and `end`.
    pub(crate) fn new(
        reader: Reader,
        dialect: Dialect,
        base: String,
        selection: Selection,
        pieces: Vec<Piece>,
        (begin, end): (String, &str),
    ) -> Self {
        Self {
            reader,
            dialect,
            base,
            rest: selection.without(attr::MEMBERS),
            selection,
            pieces: pieces.into_iter(),
            members: None,
            is_first: true,
            end: Some(end.to_owned()),
            text: begin.into_bytes(),
        }
    }

    /// As the body of an answer: whole if it is short.
    pub(crate) fn body(mut self) -> Body {
        let first = self.next().unwrap_or_default();
        if self.end.is_none() {
            return Body::from(first);
        }
        let pieces = std::iter::once(first).chain(self);
        Body::from_stream(stream::iter(pieces.map(Ok::<Bytes, Infallible>)))
    }

    /// Writes a little more; nothing once the end is written.
    fn write(&mut self) {
        let (reader, text) = (&self.reader, &mut self.text);
        if let Some(mut members) = self.members.take() {
            let projector = Projector {
                dialect: &self.dialect,
                base: &self.base,
                selection: &self.selection,
            };
            for number in members.by_ref().take(MEMBERS) {
                if let Some(member) = reader.by_number(number) {
                    next_of(text, &mut self.is_first, |text| {
                        projector.member(text, member)
                    });
                }
            }
            if members.len() > 0 {
                self.members = Some(members);
            } else {
                text.extend_from_slice(b"]}");
                self.is_first = false;
            }
            return;
        }
        let number = match self.pieces.next() {
            Some(Piece::Record(number)) => number,
            Some(Piece::Text(resource)) => {
                next_of(text, &mut self.is_first, |text| {
                    text.extend_from_slice(resource.as_bytes());
                    true
                });
                return;
            }
            None => {
                text.extend_from_slice(self.end.take().unwrap_or_default().as_bytes());
                return;
            }
        };
        let Some(entry) = reader.by_number(number) else {
            return;
        };
        let members_def = self.dialect.registry().get(attr::MEMBERS);
        let is_shown = members_def.is_some_and(|def| self.selection.has(def));
        let is_long = is_shown && entry.member_count() > MEMBERS;
        let projector = Projector {
            dialect: &self.dialect,
            base: &self.base,
            selection: if is_long { &self.rest } else { &self.selection },
        };
        let is_written = next_of(text, &mut self.is_first, |text| {
            projector.resource(text, &Resource::of(entry))
        });
        if is_long && is_written {
            // The object goes on.
            text.pop();
            text.extend_from_slice(b",\"members\":[");
            self.members = Some(members(entry).into_iter());
            self.is_first = true;
        }
    }
}

impl Iterator for Written {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        while self.end.is_some() && self.text.len() < PIECE {
            self.write();
        }
        (!self.text.is_empty()).then(|| Bytes::from(std::mem::take(&mut self.text)))
    }
}

fn members(group: Entry<'_>) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(group.member_count());
    let _ = group.references(attr::MEMBERS, &mut |member| {
        numbers.push(member.record().number.0);
        std::ops::ControlFlow::Continue(())
    });
    numbers
}

/// Writes an element of a list, if it is something; says whether it is.
fn next_of(
    text: &mut Vec<u8>,
    is_first: &mut bool,
    write: impl FnOnce(&mut Vec<u8>) -> bool,
) -> bool {
    let before = text.len();
    if !*is_first {
        text.push(b',');
    }
    let is_written = write(text);
    if is_written {
        *is_first = false;
    } else {
        text.truncate(before);
    }
    is_written
}
