//! LDIF (RFC 2849): entries as text, as they come out of other directories.
//!
//! Only content is read: records that change entries are refused. An entry that cannot be read
//! costs its neighbours nothing.

use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An entry as the text has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file that it begins at, from 1.
    pub line: u64,
    /// Its name.
    pub dn: String,
    /// Attribute descriptions and values, in the order of the text.
    pub attributes: Vec<(String, Vec<u8>)>,
}

/// Why an entry, or the file, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read on.
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The entry is no LDIF, or asks for something else than to be there.
    #[error("line {line}: {problem}")]
    Entry {
        /// Where.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

/// Reads entries, one after the other.
pub struct Reader<R> {
    input: R,
    /// How many lines were read.
    line: u64,
    /// A line that was read and belongs to what comes next.
    ahead: Option<Vec<u8>>,
    has_ended: bool,
}

/// Longer lines, once unfolded, are refused.
const LONGEST: usize = 16 << 20;

/// Writes a line of an entry, folded where it is long (RFC 2849).
pub fn write(out: &mut String, name: &str, value: &[u8]) {
    let is_safe = |octet: &u8| octet.is_ascii() && !matches!(octet, 0 | b'\r' | b'\n');
    let begins_well = !matches!(value.first(), Some(b' ' | b':' | b'<'));
    let is_plain = begins_well && value.last() != Some(&b' ') && value.iter().all(is_safe);
    let line = match str::from_utf8(value) {
        Ok(text) if is_plain => format!("{name}: {text}"),
        _ => format!("{name}:: {}", STANDARD.encode(value)),
    };
    // What is written is ASCII, of which any octet is a character.
    let mut rest = line.as_str();
    while let Some((first, more)) = rest
        .split_at_checked(FOLD)
        .filter(|(_, more)| !more.is_empty())
    {
        out.push_str(first);
        out.push_str("\n ");
        rest = more;
    }
    out.push_str(rest);
    out.push('\n');
}

/// Lines are folded after so many octets.
const FOLD: usize = 75;

impl<R: BufRead> Reader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            ahead: None,
            has_ended: false,
        }
    }

    /// A line without its end; `None` at the end of the file.
    fn physical(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        if self.input.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.line == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(line))
    }

    /// A line with those that continue it (RFC 2849, note 2); comments are left out.
    fn logical(&mut self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        loop {
            let Some(mut line) = self.physical()? else {
                return Ok(None);
            };
            let at = self.line;
            while let Some(next) = self.physical()? {
                let Some((b' ', rest)) = next.split_first().map(|(first, rest)| (*first, rest))
                else {
                    self.ahead = Some(next);
                    break;
                };
                if line.len() + rest.len() > LONGEST {
                    return Err(wrong(at, "the line is too long"));
                }
                line.extend_from_slice(rest);
            }
            if line.first() != Some(&b'#') {
                return Ok(Some((at, line)));
            }
        }
    }

    fn entry(&mut self) -> Result<Option<Entry>, Error> {
        let (line, dn) = loop {
            let Some((at, line)) = self.logical()? else {
                return Ok(None);
            };
            if line.is_empty() {
                continue;
            }
            let (name, value) = Self::parted(at, &line)?;
            match name.to_ascii_lowercase().as_str() {
                "version" => {}
                "dn" => {
                    let dn = String::from_utf8(value);
                    break (at, dn.map_err(|_| wrong(at, "the name is no UTF-8"))?);
                }
                _ => return Err(wrong(at, "an entry begins with `dn:`")),
            }
        };
        let mut attributes = Vec::new();
        while let Some((at, line)) = self.logical()? {
            if line.is_empty() {
                break;
            }
            let (name, value) = Self::parted(at, &line)?;
            match name.to_ascii_lowercase().as_str() {
                "changetype" if value.eq_ignore_ascii_case(b"add") => {}
                "changetype" | "control" => {
                    return Err(wrong(at, "it changes an entry; only what is there is read"));
                }
                _ => attributes.push((name, value)),
            }
        }
        Ok(Some(Entry {
            line,
            dn,
            attributes,
        }))
    }

    /// The attribute description and the value of a line (RFC 2849 `attrval-spec`).
    fn parted(at: u64, line: &[u8]) -> Result<(String, Vec<u8>), Error> {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, rest) = colon
            .and_then(|colon| Some((line.get(..colon)?, line.get(colon + 1..)?)))
            .ok_or_else(|| wrong(at, "a colon is missing"))?;
        let name = str::from_utf8(name).unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';' | '_');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(wrong(at, "the name of an attribute is missing"));
        }
        let value = match rest.split_first() {
            Some((b':', encoded)) => STANDARD
                .decode(encoded.trim_ascii())
                .map_err(|_| wrong(at, "the value is no base64"))?,
            Some((b'<', _)) => return Err(wrong(at, "values in other files are not read")),
            _ => {
                let start = rest.iter().position(|byte| *byte != b' ');
                start
                    .and_then(|start| rest.get(start..))
                    .unwrap_or_default()
                    .to_vec()
            }
        };
        Ok((name.to_owned(), value))
    }

    /// Leaves out what is left of an entry that could not be read.
    fn skip(&mut self) -> Result<(), Error> {
        while let Some(line) = self.physical()? {
            if line.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

fn wrong(line: u64, problem: &str) -> Error {
    Error::Entry {
        line,
        problem: problem.to_owned(),
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let mut entry = self.entry();
        if let Err(Error::Entry { .. }) = &entry
            && let Err(error) = self.skip()
        {
            entry = Err(error);
        }
        self.has_ended = matches!(entry, Ok(None) | Err(Error::Read(_)));
        entry.transpose()
    }
}

#[cfg(test)]
mod tests;
