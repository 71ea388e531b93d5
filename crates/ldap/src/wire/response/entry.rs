//! A search result entry (RFC 4511 §4.5.2), written while it is put together.

use std::fmt;

use bytes::BytesMut;

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
            finished: false,
        }
    }

    /// Begins an attribute, under the description the client is to see.
    pub fn attribute(&mut self, description: &str) -> AttributeWriter<'_> {
        AttributeWriter::new(self.buf, description)
    }

    /// Ends the entry.
    pub fn finish(mut self) {
        write::end(self.buf, self.attributes);
        write::end(self.buf, self.entry);
        if let Some(message) = self.message {
            write::end(self.buf, message);
        }
        self.finished = true;
    }
}

impl Drop for EntryWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.buf.truncate(self.start);
        }
    }
}

/// Writes one attribute of an entry. Dropped before [`finish`](Self::finish), it leaves the entry
/// as it was.
#[derive(Debug)]
#[must_use = "an attribute that is not finished is taken back"]
pub struct AttributeWriter<'e> {
    buf: &'e mut BytesMut,
    start: usize,
    attribute: write::Open,
    values: write::Open,
    finished: bool,
}

impl<'e> AttributeWriter<'e> {
    fn new(buf: &'e mut BytesMut, description: &str) -> Self {
        let start = buf.len();
        let attribute = write::begin(buf, SEQUENCE);
        write::octets(buf, OCTET_STRING, description.as_bytes());
        let values = write::begin(buf, SET);
        Self {
            buf,
            start,
            attribute,
            values,
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

    /// Ends the attribute; one without values is taken back. Says whether it stayed.
    pub fn finish(self) -> bool {
        let has_values = !self.values.is_empty(self.buf);
        if has_values {
            self.end();
        }
        has_values
    }

    /// Ends the attribute like [`finish`](Self::finish), without the values that were written, as
    /// typesOnly demands.
    pub fn finish_without_values(self) -> bool {
        let has_values = !self.values.is_empty(self.buf);
        if has_values {
            self.values.clear(self.buf);
            self.end();
        }
        has_values
    }

    /// Ends the attribute, be it without values (RFC 3876 §2).
    pub fn finish_anyway(self) {
        self.end();
    }

    fn end(mut self) {
        write::end(self.buf, self.values);
        write::end(self.buf, self.attribute);
        self.finished = true;
    }
}

impl Drop for AttributeWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.buf.truncate(self.start);
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
