//! Reads the string form of a name: RFC 4514 §3, and RFC 2253 §4 for what LDAPv2 wrote.

mod ber;

use smallvec::smallvec;
use smol_str::SmolStr;

use super::{Ava, Avas, DnError, MAX_LENGTH, MAX_RDNS, Rdn, SHORTEST_OTHER, short_name};

pub(super) fn dn(text: &str) -> Result<Vec<Rdn>, DnError> {
    if text.len() > MAX_LENGTH {
        return Err(DnError::TooLong);
    }
    let mut reader = Reader { text, at: 0 };
    reader.spaces();
    let mut rdns = Vec::with_capacity(4);
    if reader.peek().is_none() {
        return Ok(rdns);
    }
    loop {
        if rdns.len() == MAX_RDNS {
            return Err(DnError::TooDeep);
        }
        rdns.push(reader.rdn()?);
        match reader.peek() {
            None => return Ok(rdns),
            Some(b',' | b';') => reader.at += 1,
            Some(_) => return Err(DnError::Unexpected { at: reader.at }),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take_while(&mut self, take: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.bytes().position(|byte| !take(byte));
        let taken = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    fn spaces(&mut self) {
        self.take_while(|b| b == b' ');
    }

    /// Up to the separator or the end.
    fn rdn(&mut self) -> Result<Rdn, DnError> {
        if let Some(rdn) = self.plain_rdn() {
            return Ok(rdn);
        }
        let mut avas = Avas::new();
        loop {
            avas.push(self.ava()?);
            if self.peek() != Some(b'+') {
                break;
            }
            self.at += 1;
        }
        if avas.len() > 1 {
            let types = avas.iter().map(|ava| short_name(&ava.attribute));
            let mut attributes: Vec<String> = types.map(str::to_ascii_lowercase).collect();
            attributes.sort_unstable();
            attributes.dedup();
            if attributes.len() < avas.len() {
                return Err(DnError::Repeated { at: self.at });
            }
        }
        Ok(Rdn::from_avas(avas))
    }

    /// One attribute value that is written as it stands in a key, as most are.
    fn plain_rdn(&mut self) -> Option<Rdn> {
        let rest = self.text.get(self.at..)?;
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let equals = rest.bytes().position(|b| !is_plain(b))?;
        let (attribute, value) = (rest.get(..equals)?, rest.get(equals..)?.strip_prefix('=')?);
        let is_letter = attribute.starts_with(|first: char| first.is_ascii_lowercase());
        if !is_letter || attribute.len() >= SHORTEST_OTHER {
            return None;
        }
        let mut others = value.bytes();
        let end = others.position(|b| !is_plain(b) && !matches!(b, b'.' | b'_' | b'@'));
        let value = value.get(..end.unwrap_or(value.len()))?;
        let length = equals + 1 + value.len();
        match rest.as_bytes().get(length) {
            None | Some(b',' | b';') => self.at += length,
            Some(_) => return None,
        }
        let (attribute, value) = (attribute.into(), value.into());
        Some(Rdn {
            key: rest.get(..length)?.into(),
            avas: smallvec![Ava { attribute, value }],
        })
    }

    fn ava(&mut self) -> Result<Ava, DnError> {
        self.spaces();
        let at = self.at;
        let attribute = self.take_while(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        if !is_attribute_type(attribute) {
            return Err(DnError::Attribute { at });
        }
        self.spaces();
        if self.peek() != Some(b'=') {
            return Err(DnError::Equals { at: self.at });
        }
        self.at += 1;
        self.spaces();
        let value = match self.peek() {
            Some(b'#') => self.hex_value()?,
            Some(b'"') => self.quoted_value()?,
            _ => self.plain_value()?,
        };
        self.spaces();
        Ok(Ava {
            attribute: attribute.into(),
            value,
        })
    }

    /// RFC 4514 §3 `string`, up to a separator, without the spaces before that.
    fn plain_value(&mut self) -> Result<SmolStr, DnError> {
        let start = self.at;
        let plain =
            self.take_while(|b| !matches!(b, b',' | b'+' | b';' | b'\\' | b'"' | b'<' | b'>' | 0));
        if matches!(self.peek(), None | Some(b',' | b'+' | b';')) {
            return Ok(SmolStr::new(plain.trim_end_matches(' ')));
        }
        self.at = start;
        let mut value = Vec::new();
        // Escaped spaces stay, those after the last significant byte go.
        let mut significant = 0;
        loop {
            match self.peek() {
                None | Some(b',' | b'+' | b';') => break,
                Some(b'\\') => value.push(self.escape()?),
                Some(b' ') => {
                    self.at += 1;
                    value.push(b' ');
                    continue;
                }
                Some(b'"' | b'<' | b'>' | 0) => return Err(DnError::Unexpected { at: self.at }),
                Some(byte) => {
                    self.at += 1;
                    value.push(byte);
                }
            }
            significant = value.len();
        }
        value.truncate(significant);
        utf8(&value, start)
    }

    /// RFC 2253 §4: between quotation marks nothing but those and `\` is special.
    fn quoted_value(&mut self) -> Result<SmolStr, DnError> {
        let start = self.at;
        self.at += 1;
        let mut value = Vec::new();
        loop {
            match self.peek() {
                None => return Err(DnError::Quote { at: start }),
                Some(b'"') => break,
                Some(b'\\') => value.push(self.escape()?),
                Some(byte) => {
                    self.at += 1;
                    value.push(byte);
                }
            }
        }
        self.at += 1;
        utf8(&value, start)
    }

    /// RFC 4514 §3 `pair`: the byte that it stands for.
    fn escape(&mut self) -> Result<u8, DnError> {
        let error = DnError::Escape { at: self.at };
        self.at += 1;
        match self.bump().ok_or(error)? {
            special @ (b'"' | b'+' | b',' | b';' | b'<' | b'>' | b'\\' | b' ' | b'#' | b'=') => {
                Ok(special)
            }
            high => {
                let low = self.bump().ok_or(error)?;
                hex_pair(high, low).ok_or(error)
            }
        }
    }

    /// RFC 4514 §3 `hexstring`: the text of the BER value, or the `hexstring` if it has none.
    fn hex_value(&mut self) -> Result<SmolStr, DnError> {
        let error = DnError::Hex { at: self.at };
        let start = self.at;
        self.at += 1;
        let digits = self.take_while(|b| b.is_ascii_hexdigit()).as_bytes();
        let (pairs, odd) = digits.as_chunks();
        if pairs.is_empty() || !odd.is_empty() {
            return Err(error);
        }
        let bytes: Option<Vec<u8>> = pairs.iter().map(|&[h, l]| hex_pair(h, l)).collect();
        let text = ber::string(&bytes.ok_or(error)?);
        let written = || self.text.get(start..self.at).unwrap_or_default().into();
        Ok(text.unwrap_or_else(written))
    }
}

/// RFC 4512 §1.4 `descr` or `numericoid`.
fn is_attribute_type(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return !text.contains('.');
    }
    text.contains('.') && text.split('.').all(is_number)
}

fn is_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

fn utf8(bytes: &[u8], at: usize) -> Result<SmolStr, DnError> {
    str::from_utf8(bytes)
        .map(SmolStr::new)
        .map_err(|_| DnError::Utf8 { at })
}
