//! Writing elements at the end of a buffer, without intermediate ones.
//!
//! The length of a nested element is known only when its content is written, so [`begin`] leaves
//! room for it and [`end`] fills it in.

use bytes::{BufMut, BytesMut};

/// An element that was begun and is still open.
///
/// Elements are ended in the reverse order of their beginning, and the buffer is never cut below
/// an open one.
#[derive(Debug, Clone, Copy)]
#[must_use = "an element that is not ended has no length"]
pub struct Open {
    /// Where the content starts.
    content: usize,
    /// Octets left for the length.
    room: usize,
}

impl Open {
    /// Whether nothing has been written into the element.
    pub fn is_empty(&self, buf: &BytesMut) -> bool {
        buf.len() <= self.content
    }

    /// Whether what stands at this place of the buffer belongs to it.
    pub fn contains(&self, at: usize) -> bool {
        self.content <= at
    }

    /// The same element, so many octets further on.
    pub fn moved(self, by: usize) -> Self {
        Self {
            content: self.content + by,
            ..self
        }
    }

    /// Takes back what has been written into the element.
    pub fn clear(&self, buf: &mut BytesMut) {
        buf.truncate(self.content);
    }
}

/// Begins an element that mostly stays below 128 octets; a longer one is moved to make room.
#[inline]
pub fn begin(buf: &mut BytesMut, tag: u8) -> Open {
    buf.extend_from_slice(&[tag, 0]);
    Open {
        content: buf.len(),
        room: 1,
    }
}

/// Begins an element that mostly has 128 to 65,535 octets: its length always takes three octets
/// (or more), which BER allows and clients know from other servers, so that nothing is moved.
#[inline]
pub fn begin_long(buf: &mut BytesMut, tag: u8) -> Open {
    buf.extend_from_slice(&[tag, 0, 0, 0]);
    Open {
        content: buf.len(),
        room: 3,
    }
}

/// Ends the element that was begun last.
#[inline]
pub fn end(buf: &mut BytesMut, open: Open) {
    end_around(buf, open, 0);
}

/// Ends the element that was begun last, to which so many octets belong that are not in the buffer.
/// Gives by how much its content was moved.
#[inline]
pub fn end_around(buf: &mut BytesMut, open: Open, elsewhere: usize) -> usize {
    let end = buf.len();
    let length = end.saturating_sub(open.content) + elsewhere;
    let start = open.content.saturating_sub(open.room);
    match (
        buf.get_mut(start..open.content),
        short(length),
        u16::try_from(length),
    ) {
        (Some([room]), Some(octet), _) => {
            *room = octet;
            return 0;
        }
        (Some([first, room @ ..]), _, Ok(length)) if room.len() == 2 => {
            *first = 0x82;
            room.copy_from_slice(&length.to_be_bytes());
            return 0;
        }
        _ => {}
    }
    end_long(buf, open, end, length)
}

/// Ends an element whose length needs more octets than there is room for.
fn end_long(buf: &mut BytesMut, open: Open, end: usize, length: usize) -> usize {
    let start = open.content.saturating_sub(open.room);
    let length = Length::new(length, open.room);
    let octets = length.as_slice();
    let moved = octets.len().saturating_sub(open.room);
    if moved > 0 {
        buf.put_bytes(0, moved);
        buf.copy_within(open.content..end, open.content + moved);
    }
    if let Some(room) = buf.get_mut(start..start + octets.len()) {
        room.copy_from_slice(octets);
    }
    moved
}

/// An element whose content `write` appends.
#[inline]
pub fn nested(buf: &mut BytesMut, tag: u8, write: impl FnOnce(&mut BytesMut)) {
    let open = begin(buf, tag);
    write(buf);
    end(buf, open);
}

/// An element with the given octets.
#[inline]
pub fn octets(buf: &mut BytesMut, tag: u8, content: &[u8]) {
    if let Some(length) = short(content.len()) {
        buf.extend_from_slice(&[tag, length]);
    } else {
        buf.put_u8(tag);
        buf.extend_from_slice(Length::new(content.len(), 1).as_slice());
    }
    buf.extend_from_slice(content);
}

/// A number, in as few octets as it needs.
pub fn integer(buf: &mut BytesMut, tag: u8, value: i64) {
    if let Ok(octet @ 0x00..=0x7F) = u8::try_from(value) {
        return buf.extend_from_slice(&[tag, 1, octet]);
    }
    let all = value.to_be_bytes();
    // An octet is superfluous if the next one says the same about the sign.
    let superfluous = all
        .windows(2)
        .take_while(|pair| matches!(pair, [0x00, 0x00..=0x7F] | [0xFF, 0x80..=0xFF]))
        .count();
    octets(buf, tag, all.get(superfluous..).unwrap_or(&all));
}

/// A truth value.
pub fn boolean(buf: &mut BytesMut, tag: u8, value: bool) {
    octets(buf, tag, &[if value { 0xFF } else { 0x00 }]);
}

/// A length in the short form, which most have.
fn short(length: usize) -> Option<u8> {
    u8::try_from(length).ok().filter(|length| *length < 0x80)
}

/// The octets of a length.
struct Length {
    octets: [u8; 1 + WORD],
    start: usize,
}

/// Octets of the largest length.
const WORD: usize = size_of::<usize>();

impl Length {
    /// In as few octets as it needs, but no fewer than `room`.
    fn new(length: usize, room: usize) -> Self {
        let low = length.to_be_bytes();
        let needed = match length {
            0x00..=0x7F => 0,
            _ => low.iter().skip_while(|octet| **octet == 0).count(),
        };
        let after_first = needed.max(room.saturating_sub(1));
        let start = WORD.saturating_sub(after_first);
        let mut octets = [0; 1 + WORD];
        let [_, all_but_first @ ..] = &mut octets;
        *all_but_first = low;
        if let (Some(first), 1..) = (octets.get_mut(start), after_first) {
            *first = 0x80 | u8::try_from(after_first).unwrap_or(0);
        }
        Self { octets, start }
    }

    fn as_slice(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{INTEGER, OCTET_STRING, Reader, SEQUENCE};
    use super::*;

    fn written(write: impl FnOnce(&mut BytesMut)) -> Vec<u8> {
        let mut buf = BytesMut::new();
        write(&mut buf);
        buf.to_vec()
    }

    #[test]
    fn numbers_take_as_few_octets_as_they_need() {
        let cases: [(i64, &[u8]); 9] = [
            (0, &[0x00]),
            (127, &[0x7F]),
            (128, &[0x00, 0x80]),
            (255, &[0x00, 0xFF]),
            (256, &[0x01, 0x00]),
            (-1, &[0xFF]),
            (-128, &[0x80]),
            (-129, &[0xFF, 0x7F]),
            (2_147_483_647, &[0x7F, 0xFF, 0xFF, 0xFF]),
        ];
        for (value, content) in cases {
            let bytes = written(|buf| integer(buf, INTEGER, value));
            assert_eq!(bytes.get(2..), Some(content), "{value}");
        }
        for value in [i64::MIN, i64::MAX, -32_769, 8_388_608] {
            let bytes = written(|buf| integer(buf, INTEGER, value));
            assert_eq!(Reader::new(&bytes).integer(INTEGER), Ok(value));
        }
    }

    #[test]
    fn lengths_are_short_where_they_can_be() {
        let cases: [(usize, &[u8]); 6] = [
            (0, &[0x04, 0x00]),
            (127, &[0x04, 0x7F]),
            (128, &[0x04, 0x81, 0x80]),
            (255, &[0x04, 0x81, 0xFF]),
            (256, &[0x04, 0x82, 0x01, 0x00]),
            (65_536, &[0x04, 0x83, 0x01, 0x00, 0x00]),
        ];
        for (length, header) in cases {
            let content = vec![b'x'; length];
            let flat = written(|buf| octets(buf, OCTET_STRING, &content));
            assert_eq!(flat.get(..header.len()), Some(header), "{length}");
            assert_eq!(
                Reader::new(&flat).octets(OCTET_STRING),
                Ok(content.as_slice())
            );
            let open =
                written(|buf| nested(buf, OCTET_STRING, |buf| buf.extend_from_slice(&content)));
            assert_eq!(open, flat, "{length}");
        }
    }

    #[test]
    fn a_long_element_has_room_for_its_length() {
        let cases: [(usize, &[u8]); 5] = [
            (0, &[0x30, 0x82, 0x00, 0x00]),
            (200, &[0x30, 0x82, 0x00, 0xC8]),
            (65_535, &[0x30, 0x82, 0xFF, 0xFF]),
            (65_536, &[0x30, 0x83, 0x01, 0x00, 0x00]),
            (16_777_216, &[0x30, 0x84, 0x01, 0x00, 0x00, 0x00]),
        ];
        for (length, header) in cases {
            let bytes = written(|buf| {
                let open = begin_long(buf, SEQUENCE);
                buf.put_bytes(b'x', length);
                end(buf, open);
            });
            assert_eq!(bytes.get(..header.len()), Some(header), "{length}");
            let content = Reader::new(&bytes).octets(SEQUENCE).unwrap();
            assert_eq!(content.len(), length);
            assert!(content.iter().all(|octet| *octet == b'x'), "{length}");
        }
    }
}
