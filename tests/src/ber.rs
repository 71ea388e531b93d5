//! LDAP messages byte by byte (RFC 4511 §5.1): for what no honest client sends, and for load, where
//! the client must cost next to nothing.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::time::Duration;

/// Tags of the operations (RFC 4511 §4.2 to §4.12).
pub mod tag {
    /// BindRequest.
    pub const BIND: u8 = 0x60;
    /// BindResponse.
    pub const BIND_RESPONSE: u8 = 0x61;
    /// UnbindRequest.
    pub const UNBIND: u8 = 0x42;
    /// SearchRequest.
    pub const SEARCH: u8 = 0x63;
    /// SearchResultEntry.
    pub const ENTRY: u8 = 0x64;
    /// SearchResultDone.
    pub const DONE: u8 = 0x65;
    /// AbandonRequest.
    pub const ABANDON: u8 = 0x50;
    /// ModifyRequest.
    pub const MODIFY: u8 = 0x66;
    /// ModifyResponse.
    pub const MODIFY_RESPONSE: u8 = 0x67;
    /// CompareRequest.
    pub const COMPARE: u8 = 0x6e;
    /// CompareResponse.
    pub const COMPARE_RESPONSE: u8 = 0x6f;
    /// ExtendedRequest.
    pub const EXTENDED: u8 = 0x77;
    /// ExtendedResponse.
    pub const EXTENDED_RESPONSE: u8 = 0x78;
}

/// An element: tag, definite length, content.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = u32::try_from(content.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes();
            out.push(0x84);
            out.extend(length);
        }
    }
    out.extend(content);
    out
}

/// A whole number that is not negative, under a universal or other primitive tag.
pub fn integer(tag: u8, value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let skip = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
    let mut content = bytes[skip..].to_vec();
    if content[0] & 0x80 != 0 {
        content.insert(0, 0);
    }
    tlv(tag, &content)
}

/// An LDAPMessage without controls.
pub fn message(id: u32, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[integer(0x02, id), operation.to_vec()].concat())
}

/// A comparison of one value (RFC 4511 §4.10).
pub fn compare(id: u32, dn: &str, attribute: &str, value: &str) -> Vec<u8> {
    let assertion = [tlv(0x04, attribute.as_bytes()), tlv(0x04, value.as_bytes())];
    let content = [tlv(0x04, dn.as_bytes()), tlv(0x30, &assertion.concat())];
    message(id, &tlv(tag::COMPARE, &content.concat()))
}

/// A simple bind, version 3.
pub fn bind(id: u32, name: &str, password: &str) -> Vec<u8> {
    bind_with_version(id, 3, name, password)
}

/// A simple bind of any version.
pub fn bind_with_version(id: u32, version: u32, name: &str, password: &str) -> Vec<u8> {
    let content = [
        integer(0x02, version),
        tlv(0x04, name.as_bytes()),
        tlv(0x80, password.as_bytes()),
    ]
    .concat();
    message(id, &tlv(tag::BIND, &content))
}

/// A search of the whole subtree without limits.
pub fn search(id: u32, base: &str, filter: &[u8], attributes: &[&str]) -> Vec<u8> {
    message(id, &subtree(base, filter, attributes))
}

/// The same, for a page of so many entries after those that the cookie stands for (RFC 2696).
pub fn paged(
    id: u32,
    base: &str,
    filter: &[u8],
    attributes: &[&str],
    size: u32,
    cookie: &[u8],
) -> Vec<u8> {
    let value = tlv(0x30, &[integer(0x02, size), tlv(0x04, cookie)].concat());
    let control = [tlv(0x04, PAGED), tlv(0x01, &[0xff]), tlv(0x04, &value)].concat();
    let controls = tlv(0xa0, &tlv(0x30, &control));
    message(id, &[subtree(base, filter, attributes), controls].concat())
}

const PAGED: &[u8] = b"1.2.840.113556.1.4.319";

fn subtree(base: &str, filter: &[u8], attributes: &[&str]) -> Vec<u8> {
    let wanted: Vec<u8> = attributes
        .iter()
        .flat_map(|a| tlv(0x04, a.as_bytes()))
        .collect();
    let content = [
        tlv(0x04, base.as_bytes()),
        integer(0x0a, 2),
        integer(0x0a, 0),
        integer(0x02, 0),
        integer(0x02, 0),
        tlv(0x01, &[0]),
        filter.to_vec(),
        tlv(0x30, &wanted),
    ]
    .concat();
    tlv(tag::SEARCH, &content)
}

/// The filter that any of these satisfies.
pub fn any(filters: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa1, &filters.concat())
}

/// The filter `(attribute=value)`.
pub fn equality(attribute: &str, value: &[u8]) -> Vec<u8> {
    tlv(
        0xa3,
        &[tlv(0x04, attribute.as_bytes()), tlv(0x04, value)].concat(),
    )
}

/// The filter `(attribute=value*)`.
pub fn prefix(attribute: &str, value: &str) -> Vec<u8> {
    substring(attribute, 0x80, value)
}

/// The filter `(attribute=*value*)`.
pub fn contains(attribute: &str, value: &str) -> Vec<u8> {
    substring(attribute, 0x81, value)
}

fn substring(attribute: &str, place: u8, value: &str) -> Vec<u8> {
    let parts = tlv(0x30, &tlv(place, value.as_bytes()));
    tlv(0xa4, &[tlv(0x04, attribute.as_bytes()), parts].concat())
}

/// One message of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The message ID.
    pub id: u32,
    /// The operation's tag.
    pub tag: u8,
    /// The operation's content.
    pub content: Vec<u8>,
    /// What stands behind the operation: the controls, or nothing.
    pub controls: Vec<u8>,
}

impl Response {
    /// The result code, of an operation that has one.
    pub fn code(&self) -> Option<u8> {
        match self.content.as_slice() {
            [0x0a, 1, code, ..] => Some(*code),
            _ => None,
        }
    }
}

/// A connection that sends bytes and reads messages.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    at: usize,
    /// Where the last message was in the buffer.
    last: Range<usize>,
}

impl Connection {
    /// To this address; an answer may take ten seconds.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    /// Over a stream that is open.
    pub fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(64 * 1024),
            at: 0,
            last: 0..0,
        })
    }

    /// Sends these bytes.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Lets [`receive_code`](Self::receive_code) end with `WouldBlock` where nothing has come yet.
    pub fn never_wait(&self) -> io::Result<()> {
        self.stream.set_nonblocking(true)
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) -> io::Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)
    }

    /// The tag of the next message and its result code, if it has one, without copying it.
    pub fn receive_code(&mut self) -> io::Result<Option<(u8, Option<u8>)>> {
        let Some((start, end)) = self.next_message()? else {
            return Ok(None);
        };
        let message = &self.read[start..end];
        let (_, id_end) = element(message, 0).ok_or_else(malformed)?;
        let (content, _) = element(message, id_end).ok_or_else(malformed)?;
        let code = match message.get(content..) {
            Some([0x0a, 1, code, ..]) => Some(*code),
            _ => None,
        };
        Ok(Some((message[id_end], code)))
    }

    /// The cookie of paged results that came with the last message; empty after the last page.
    pub fn cookie(&self) -> Vec<u8> {
        let message = &self.read[self.last.clone()];
        let at = message.windows(PAGED.len()).position(|part| part == PAGED);
        let value = at.and_then(|at| element(message, at + PAGED.len()));
        let sequence = value.and_then(|(start, _)| element(message, start));
        let size = sequence.and_then(|(start, _)| element(message, start));
        let cookie = size.and_then(|(_, end)| element(message, end));
        cookie.map_or_else(Vec::new, |(start, end)| message[start..end].to_vec())
    }

    /// The next message; `None` when the server has closed the connection.
    pub fn receive(&mut self) -> io::Result<Option<Response>> {
        let Some((start, end)) = self.next_message()? else {
            return Ok(None);
        };
        let message = &self.read[start..end];
        let (id_start, id_end) = element(message, 0).ok_or_else(malformed)?;
        let (content, content_end) = element(message, id_end).ok_or_else(malformed)?;
        let id = message[id_start..id_end]
            .iter()
            .fold(0, |id, byte| id << 8 | u32::from(*byte));
        Ok(Some(Response {
            id,
            tag: message[id_end],
            content: message[content..content_end].to_vec(),
            controls: message[content_end..].to_vec(),
        }))
    }

    /// Everything that comes until the server closes the connection.
    pub fn rest(&mut self) -> io::Result<Vec<Response>> {
        let mut all = Vec::new();
        while let Some(response) = self.receive()? {
            all.push(response);
        }
        Ok(all)
    }

    /// Where the content of the next message's sequence starts and ends in the buffer.
    fn next_message(&mut self) -> io::Result<Option<(usize, usize)>> {
        loop {
            if let Some((start, end)) = element(&self.read, self.at) {
                self.at = end;
                self.last = start..end;
                return Ok(Some((start, end)));
            }
            self.read.drain(..self.at);
            self.at = 0;
            let mut more = [0; 16 * 1024];
            match self.stream.read(&mut more) {
                Ok(0) => {
                    return if self.read.is_empty() {
                        Ok(None)
                    } else {
                        Err(malformed())
                    };
                }
                Ok(count) => self.read.extend(&more[..count]),
                // A server that closes with bytes of ours unread resets the connection.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Where the content of the element at `at` starts and ends, if all of it is there.
pub fn element(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *bytes.get(at + 1)?;
    let (start, length) = if first < 0x80 {
        (at + 2, usize::from(first))
    } else {
        let count = usize::from(first & 0x7f);
        let digits = bytes.get(at + 2..at + 2 + count)?;
        let length = digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit));
        (at + 2 + count, length)
    };
    let end = start.checked_add(length)?;
    (end <= bytes.len()).then_some((start, end))
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the server sent no complete LDAP message",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_encoded_as_in_the_standard() {
        assert_eq!(tlv(0x04, b"ab"), [0x04, 2, b'a', b'b']);
        assert_eq!(tlv(0x04, &[0; 200])[..6], [0x04, 0x84, 0, 0, 0, 200]);
        assert_eq!(integer(0x02, 0), [0x02, 1, 0]);
        assert_eq!(integer(0x02, 128), [0x02, 2, 0, 128]);
        assert_eq!(
            integer(0x02, 0x7fff_ffff),
            [0x02, 4, 0x7f, 0xff, 0xff, 0xff]
        );
        let anonymous = [0x30, 12, 0x02, 1, 1, 0x60, 7, 0x02, 1, 3, 0x04, 0, 0x80, 0];
        assert_eq!(bind(1, "", ""), anonymous);
    }

    #[test]
    fn an_element_is_found_once_it_is_complete() {
        assert_eq!(element(&[0x30, 2, 1, 2], 0), Some((2, 4)));
        assert_eq!(element(&[0x30, 0x82, 0, 1, 7], 0), Some((4, 5)));
        for part in [&[][..], &[0x30], &[0x30, 2, 1], &[0x30, 0x82, 0]] {
            assert_eq!(element(part, 0), None, "{part:x?}");
        }
    }
}
