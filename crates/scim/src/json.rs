//! JSON written in place: what turns out to be empty is taken back, since SCIM shows nothing empty
//! (RFC 7643 §2.5).

use serde::Serialize;

/// An object that is being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    begin: usize,
    is_empty: bool,
}

impl<'o> Object<'o> {
    pub(crate) fn begin(out: &'o mut Vec<u8>) -> Self {
        let begin = out.len();
        out.push(b'{');
        Self {
            out,
            begin,
            is_empty: true,
        }
    }

    /// Writes a member, unless `write` says that there is nothing; says whether there was.
    pub(crate) fn member(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let before = self.out.len();
        if !self.is_empty {
            self.out.push(b',');
        }
        text(self.out, name);
        self.out.push(b':');
        let is_there = write(self.out);
        if is_there {
            self.is_empty = false;
        } else {
            self.out.truncate(before);
        }
        is_there
    }

    /// Ends it, or takes it back if it has no members; says whether it has.
    pub(crate) fn end(self) -> bool {
        if self.is_empty {
            self.out.truncate(self.begin);
        } else {
            self.out.push(b'}');
        }
        !self.is_empty
    }
}

/// Writes those of the elements of which `write` says that they are something; no list if none is.
/// Says whether there is one.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    elements: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T) -> bool,
) -> bool {
    let begin = out.len();
    out.push(b'[');
    let mut is_empty = true;
    for element in elements {
        let before = out.len();
        if !is_empty {
            out.push(b',');
        }
        if write(out, element) {
            is_empty = false;
        } else {
            out.truncate(before);
        }
    }
    if is_empty {
        out.truncate(begin);
    } else {
        out.push(b']');
    }
    !is_empty
}

/// Writes a text; says that it did.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) -> bool {
    // Without branches, so that many bytes are looked at together: most texts need no escapes.
    let escaped = |byte: u8| u8::from(byte < b' ' || byte == b'"' || byte == b'\\');
    if text.bytes().fold(0, |any, byte| any | escaped(byte)) != 0 {
        return value(out, text);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    true
}

/// Writes a text, a number or a boolean; says that it did.
pub(crate) fn value(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> bool {
    let before = out.len();
    let is_written = serde_json::to_writer(&mut *out, value).is_ok();
    if !is_written {
        out.truncate(before);
    }
    is_written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_empty_is_written() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.member("a\"b", |out| value(out, "\u{1}"));
        object.member("none", |out| list(out, [1, 2], |_, _| false));
        object.member("some", |out| {
            list(out, [1, 2, 3], |out, number| {
                number != 1 && value(out, &number)
            })
        });
        object.member("empty", |out| Object::begin(out).end());
        assert!(object.end());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"a\"b":"\u0001","some":[2,3]}"#
        );
    }
}
