//! A search result entry (RFC 4511 §4.5.2), written while it is put together.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::wire::Splice;
use crate::wire::ber::{INTEGER, OCTET_STRING, SEQUENCE, SET, write};

/// `[APPLICATION 4] SEQUENCE`
const SEARCH_RESULT_ENTRY: u8 = 0x64;

/// Writes one SearchResultEntry. Dropped before [`finish`](Self::finish), it leaves the buffer
/// as it was.
#[derive(Debug)]
#[must_use = "an entry that is not finished is taken back"]
pub struct EntryWriter<'b> {
    buf: &'b mut BytesMut,
    start: usize,
    message: Option<write::Open>,
    entry: write::Open,
    attributes: write::Open,
    splices: Vec<Splice>,
    finished: bool,
}

impl<'b> EntryWriter<'b> {
    /// Begins the entry with this DN, in answer to the search with this message ID.
    pub fn new(buf: &'b mut BytesMut, id: i32, dn: &str) -> Self {
        Self::with_dn(buf, id, |value| value.put(dn.as_bytes()))
    }

    /// Like [`new`](Self::new), with a DN that is put together in place.
    pub fn with_dn(buf: &'b mut BytesMut, id: i32, dn: impl FnOnce(&mut ValueWriter<'_>)) -> Self {
        let start = buf.len();
        let message = write::begin_long(buf, SEQUENCE);
        write::integer(buf, INTEGER, id.into());
        Self::begin(buf, start, Some(message), dn)
    }

    /// Begins an entry that stands in no message, but in a control (RFC 4527 §3).
    pub fn bare(buf: &'b mut BytesMut, dn: impl FnOnce(&mut ValueWriter<'_>)) -> Self {
        let start = buf.len();
        Self::begin(buf, start, None, dn)
    }

    fn begin(
        buf: &'b mut BytesMut,
        start: usize,
        message: Option<write::Open>,
        dn: impl FnOnce(&mut ValueWriter<'_>),
    ) -> Self {
        let entry = write::begin_long(buf, SEARCH_RESULT_ENTRY);
        write::nested(buf, OCTET_STRING, |buf| dn(&mut ValueWriter { buf }));
        let attributes = write::begin_long(buf, SEQUENCE);
        Self {
            buf,
            start,
            message,
            entry,
            attributes,
            splices: Vec::new(),
            finished: false,
        }
    }

    /// Begins an attribute, under the description the client is to see.
    pub fn attribute(&mut self, description: &str) -> AttributeWriter<'_> {
        self.attribute_under(&Head::new(description))
    }

    /// Begins an attribute, as its head says that was made for many entries.
    pub fn attribute_under(&mut self, head: &Head) -> AttributeWriter<'_> {
        AttributeWriter::new(self.buf, &mut self.splices, head)
    }

    /// Ends the entry. Gives what belongs to it and was not written into the buffer.
    pub fn finish(mut self) -> Vec<Splice> {
        end(self.buf, &mut self.splices, self.attributes);
        end(self.buf, &mut self.splices, self.entry);
        if let Some(message) = self.message {
            end(self.buf, &mut self.splices, message);
        }
        self.finished = true;
        std::mem::take(&mut self.splices)
    }
}

impl Drop for EntryWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.buf.truncate(self.start);
        }
    }
}

/// Ends the element that was begun last.
#[inline]
fn end(buf: &mut BytesMut, splices: &mut [Splice], open: write::Open) {
    if splices.is_empty() {
        return write::end(buf, open);
    }
    let inside = || splices.iter().filter(|splice| open.contains(splice.at));
    let elsewhere = inside().map(|splice| splice.octets.len()).sum();
    let moved = write::end_around(buf, open, elsewhere);
    for splice in splices {
        if open.contains(splice.at) {
            splice.at += moved;
        }
    }
}

/// The octets with which an attribute begins: its description, and the tags around it and before its
/// values with room for their lengths.
#[derive(Clone, Debug)]
pub struct Head {
    octets: BytesMut,
    attribute: write::Open,
    values: write::Open,
}

impl Head {
    /// The head for this description.
    pub fn new(description: &str) -> Self {
        let mut octets = BytesMut::with_capacity(description.len() + 8);
        let attribute = write::begin(&mut octets, SEQUENCE);
        write::octets(&mut octets, OCTET_STRING, description.as_bytes());
        let values = write::begin(&mut octets, SET);
        Self {
            octets,
            attribute,
            values,
        }
    }
}

/// Writes one attribute of an entry. Dropped before [`finish`](Self::finish), it leaves the entry
/// as it was.
#[derive(Debug)]
#[must_use = "an attribute that is not finished is taken back"]
pub struct AttributeWriter<'e> {
    buf: &'e mut BytesMut,
    splices: &'e mut Vec<Splice>,
    spliced: usize,
    start: usize,
    attribute: write::Open,
    values: write::Open,
    finished: bool,
}

impl<'e> AttributeWriter<'e> {
    fn new(buf: &'e mut BytesMut, splices: &'e mut Vec<Splice>, head: &Head) -> Self {
        let (start, spliced) = (buf.len(), splices.len());
        buf.extend_from_slice(&head.octets);
        Self {
            buf,
            splices,
            spliced,
            start,
            attribute: head.attribute.moved(start),
            values: head.values.moved(start),
            finished: false,
        }
    }

    /// Writes a value.
    pub fn value(&mut self, value: &[u8]) {
        write::octets(self.buf, OCTET_STRING, value);
    }

    /// Writes a value that is put together in place.
    pub fn value_with(&mut self, value: impl FnOnce(&mut ValueWriter<'_>)) {
        write::nested(self.buf, OCTET_STRING, |buf| {
            value(&mut ValueWriter { buf });
        });
    }

    /// Adds values that are written already, each an OCTET STRING, without copying them.
    pub fn values_from(&mut self, octets: Bytes) {
        let at = self.buf.len();
        self.splices.push(Splice { at, octets });
    }

    /// Ends the attribute; one without values is taken back. Says whether it stayed.
    pub fn finish(self) -> bool {
        let has_values = self.has_values();
        if has_values {
            self.end();
        }
        has_values
    }

    /// Ends the attribute like [`finish`](Self::finish), without the values that were written, as
    /// typesOnly demands.
    pub fn finish_without_values(self) -> bool {
        let has_values = self.has_values();
        if has_values {
            self.values.clear(self.buf);
            self.splices.truncate(self.spliced);
            self.end();
        }
        has_values
    }

    /// Ends the attribute, be it without values (RFC 3876 §2).
    pub fn finish_anyway(self) {
        self.end();
    }

    fn has_values(&self) -> bool {
        !self.values.is_empty(self.buf) || self.splices.len() > self.spliced
    }

    fn end(mut self) {
        end(self.buf, self.splices, self.values);
        end(self.buf, self.splices, self.attribute);
        self.finished = true;
    }
}

impl Drop for AttributeWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.buf.truncate(self.start);
            self.splices.truncate(self.spliced);
        }
    }
}

/// Appends to one value; takes `write!` as well.
#[derive(Debug)]
pub struct ValueWriter<'v> {
    buf: &'v mut BytesMut,
}

impl ValueWriter<'_> {
    /// Appends octets to the value.
    pub fn put(&mut self, octets: &[u8]) {
        self.buf.extend_from_slice(octets);
    }
}

impl fmt::Write for ValueWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}
