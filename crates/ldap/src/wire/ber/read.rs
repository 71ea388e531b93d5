//! Reading elements from octets that a client sent.

use super::{BerError, CONSTRUCTED, NUMBER};

/// Levels that [`check_nesting`] looks into; deeper ones are left to whoever decodes them.
pub const CHECKED_DEPTH: usize = 48;

/// The tag and length in front of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The tag, its class and form included.
    pub tag: u8,
    /// Octets of tag and length, 2 to 6.
    pub header_len: usize,
    /// Octets of the content.
    pub content_len: usize,
}

impl Header {
    /// Reads a header; `None` if more octets are needed to tell.
    ///
    /// # Errors
    /// [`LongTag`](BerError::LongTag), [`IndefiniteLength`](BerError::IndefiniteLength) and
    /// [`LengthTooLong`](BerError::LengthTooLong): no LDAP message has such.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, BerError> {
        let [tag, after_tag @ ..] = bytes else {
            return Ok(None);
        };
        if tag & NUMBER == NUMBER {
            return Err(BerError::LongTag);
        }
        let [first, after_first @ ..] = after_tag else {
            return Ok(None);
        };
        let (octets, content_len) = match first {
            0x00..=0x7F => (0, usize::from(*first)),
            0x80 => return Err(BerError::IndefiniteLength),
            0x81..=0x84 => {
                let octets = usize::from(first & 0x7F);
                let Some(length) = after_first.get(..octets) else {
                    return Ok(None);
                };
                (
                    octets,
                    length
                        .iter()
                        .fold(0, |sum, octet| (sum << 8) | usize::from(*octet)),
                )
            }
            _ => return Err(BerError::LengthTooLong),
        };
        Ok(Some(Self {
            tag: *tag,
            header_len: 2 + octets,
            content_len,
        }))
    }

    /// Octets of the whole element.
    pub fn element_len(&self) -> usize {
        self.header_len.saturating_add(self.content_len)
    }
}

/// One element: its tag and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The tag, its class and form included.
    pub tag: u8,
    /// The content, without the header.
    pub content: &'a [u8],
}

/// Reads one element after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of the elements in `content`.
    pub const fn new(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    /// Whether every element has been read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// [`Missing`](BerError::Missing), [`Truncated`](BerError::Truncated), and those of
    /// [`Header::read`].
    pub fn element(&mut self) -> Result<Element<'a>, BerError> {
        if self.rest.is_empty() {
            return Err(BerError::Missing);
        }
        let header = Header::read(self.rest)?.ok_or(BerError::Truncated)?;
        let (element, rest) = self
            .rest
            .split_at_checked(header.element_len())
            .ok_or(BerError::Truncated)?;
        let content = element
            .get(header.header_len..)
            .ok_or(BerError::Truncated)?;
        self.rest = rest;
        Ok(Element {
            tag: header.tag,
            content,
        })
    }

    /// The content of the next element, which must have this tag.
    ///
    /// # Errors
    /// [`UnexpectedTag`](BerError::UnexpectedTag), and those of [`element`](Self::element).
    pub fn octets(&mut self, tag: u8) -> Result<&'a [u8], BerError> {
        match self.peek() {
            Some(found) if found != tag => Err(BerError::UnexpectedTag {
                expected: tag,
                found,
            }),
            _ => Ok(self.element()?.content),
        }
    }

    /// The elements in the next element, which must have this tag.
    ///
    /// # Errors
    /// As [`octets`](Self::octets).
    pub fn nested(&mut self, tag: u8) -> Result<Self, BerError> {
        self.octets(tag).map(Self::new)
    }

    /// The next element as a string.
    ///
    /// # Errors
    /// As [`octets`](Self::octets) and [`text`].
    pub fn text(&mut self, tag: u8) -> Result<&'a str, BerError> {
        text(self.octets(tag)?)
    }

    /// The next element as a number.
    ///
    /// # Errors
    /// As [`octets`](Self::octets) and [`integer`].
    pub fn integer(&mut self, tag: u8) -> Result<i64, BerError> {
        integer(self.octets(tag)?)
    }

    /// The next element as a truth value; every octet but zero is taken for TRUE.
    ///
    /// # Errors
    /// As [`octets`](Self::octets), and [`Boolean`](BerError::Boolean).
    pub fn boolean(&mut self, tag: u8) -> Result<bool, BerError> {
        match self.octets(tag)? {
            [octet] => Ok(*octet != 0),
            _ => Err(BerError::Boolean),
        }
    }

    /// What `read` makes of the next element if it has this tag.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn optional<T>(
        &mut self,
        tag: u8,
        read: impl FnOnce(&mut Self, u8) -> Result<T, BerError>,
    ) -> Result<Option<T>, BerError> {
        if self.peek() == Some(tag) {
            read(self, tag).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// The content of an LDAPString.
///
/// # Errors
/// [`Utf8`](BerError::Utf8).
pub fn text(content: &[u8]) -> Result<&str, BerError> {
    std::str::from_utf8(content).map_err(|_| BerError::Utf8)
}

/// The content of an INTEGER or ENUMERATED: two's complement, one to eight octets.
///
/// # Errors
/// [`Number`](BerError::Number).
pub fn integer(content: &[u8]) -> Result<i64, BerError> {
    let (Some(first), 1..=8) = (content.first(), content.len()) else {
        return Err(BerError::Number);
    };
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Ok(content
        .iter()
        .fold(sign, |sum, octet| (sum << 8) | i64::from(*octet)))
}

/// Checks that every element within `content` has a definite length and ends within the one that
/// holds it, down to [`CHECKED_DEPTH`] levels.
///
/// # Errors
/// Those of [`Header::read`], and [`Truncated`](BerError::Truncated).
pub fn check_nesting(content: &[u8]) -> Result<(), BerError> {
    let mut outer = [Reader::new(&[]); CHECKED_DEPTH];
    let mut depth = 0_usize;
    let mut level = Reader::new(content);
    loop {
        if level.is_empty() {
            let Some(above) = depth.checked_sub(1).and_then(|above| outer.get(above)) else {
                return Ok(());
            };
            level = *above;
            depth -= 1;
            continue;
        }
        let element = level.element()?;
        if element.tag & CONSTRUCTED == 0 {
            continue;
        }
        if let Some(here) = outer.get_mut(depth) {
            *here = level;
            level = Reader::new(element.content);
            depth += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_to_four_octets_after_the_first() {
        let len = |bytes: &[u8]| Header::read(bytes).map(|h| h.map(|h| h.content_len));
        assert_eq!(len(&[0x04, 0x7F]), Ok(Some(127)));
        assert_eq!(len(&[0x04, 0x81, 0x80]), Ok(Some(128)));
        assert_eq!(len(&[0x04, 0x84, 0, 0, 0, 1]), Ok(Some(1)));
        assert_eq!(
            len(&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
            Ok(Some(0xFFFF_FFFF))
        );
        assert_eq!(len(&[0x04, 0x82, 1]), Ok(None));
        assert_eq!(len(&[0x04]), Ok(None));
        assert_eq!(len(&[0x04, 0x80]), Err(BerError::IndefiniteLength));
        assert_eq!(
            len(&[0x04, 0x85, 0, 0, 0, 0, 1]),
            Err(BerError::LengthTooLong)
        );
        assert_eq!(len(&[0x04, 0xFF]), Err(BerError::LengthTooLong));
        assert_eq!(len(&[0x1F, 0x01, 0x00]), Err(BerError::LongTag));
    }

    #[test]
    fn numbers_are_signed() {
        let cases: [(&[u8], Result<i64, BerError>); 8] = [
            (&[0x00], Ok(0)),
            (&[0x7F], Ok(127)),
            (&[0xFF], Ok(-1)),
            (&[0x00, 0xFF], Ok(255)),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0], Ok(i64::MIN)),
            (&[0, 0, 0, 5], Ok(5)),
            (&[], Err(BerError::Number)),
            (&[0, 0, 0, 0, 0, 0, 0, 0, 1], Err(BerError::Number)),
        ];
        for (content, expected) in cases {
            assert_eq!(integer(content), expected, "{content:02x?}");
        }
    }

    #[test]
    fn an_element_ends_within_the_one_that_holds_it() {
        let cases: [(&[u8], Result<(), BerError>); 8] = [
            (&[], Ok(())),
            (&[0x30, 0x00, 0x30, 0x02, 0x04, 0x00], Ok(())),
            (&[0x30, 0x02, 0x04, 0x01, 0x00], Err(BerError::Truncated)),
            (&[0x30, 0x01, 0x04, 0x00], Err(BerError::Truncated)),
            (&[0x30, 0x80, 0x00, 0x00], Err(BerError::IndefiniteLength)),
            (
                &[0x30, 0x04, 0x30, 0x80, 0x00, 0x00],
                Err(BerError::IndefiniteLength),
            ),
            (&[0x30, 0x03, 0x1F, 0x01, 0x00], Err(BerError::LongTag)),
            // What is in a primitive element is not looked at.
            (&[0x04, 0x02, 0x30, 0x80], Ok(())),
        ];
        for (content, expected) in cases {
            assert_eq!(check_nesting(content), expected, "{content:02x?}");
        }
    }

    #[test]
    fn nesting_is_checked_to_the_stated_depth_and_no_further() {
        // A broken element under `levels` sequences; each level adds two octets.
        let broken = |levels: usize| {
            let mut bytes = vec![0x04, 0x05];
            for _ in 0..levels {
                bytes.splice(0..0, [0x30, u8::try_from(bytes.len()).unwrap()]);
            }
            check_nesting(&bytes)
        };
        assert_eq!(broken(CHECKED_DEPTH), Err(BerError::Truncated));
        assert_eq!(broken(CHECKED_DEPTH + 1), Ok(()));
    }
}
