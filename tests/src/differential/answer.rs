//! What a server answers, made comparable: names of entries and of attributes have many spellings.

use std::collections::{BTreeMap, BTreeSet};

/// The values of each attribute of an entry, by the attribute's first name.
pub type Attributes = BTreeMap<String, BTreeSet<Vec<u8>>>;

/// An answer to a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The result code.
    pub code: u32,
    /// The name that matched, by [`name_key`].
    pub matched: String,
    /// The entries, by [`name_key`] of their names.
    pub entries: BTreeMap<String, Attributes>,
}

/// A name with its attribute types and values in lower case, its escapes undone and its spaces
/// settled; a text that is no name, as it is.
pub fn name_key(name: &str) -> String {
    let parts = split(name, b',').into_iter().map(|rdn| {
        let mut avas: Vec<String> = split(rdn, b'+').into_iter().map(ava_key).collect();
        avas.sort();
        avas.join("+")
    });
    parts.collect::<Vec<_>>().join(",")
}

fn ava_key(ava: &str) -> String {
    let (attribute, value) = ava.split_once('=').unwrap_or((ava, ""));
    let octets = unescape(value.trim_start());
    let value = String::from_utf8_lossy(&octets).to_lowercase();
    let words: Vec<_> = value.split(' ').filter(|word| !word.is_empty()).collect();
    let words = words.join(" ").replace('\\', "\\\\").replace(',', "\\,");
    format!("{}={}", attribute.trim().to_lowercase(), words)
}

/// The value without its backslashes (RFC 4514 §3).
fn unescape(value: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |two: &[u8]| {
            let digits = two.iter().all(u8::is_ascii_hexdigit).then_some(two)?;
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        rest = match (first, tail.get(..2).and_then(hex), tail) {
            (b'\\', Some(octet), _) => {
                octets.push(octet);
                &tail[2..]
            }
            (b'\\', None, [next, after @ ..]) => {
                octets.push(*next);
                after
            }
            _ => {
                octets.push(*first);
                tail
            }
        };
    }
    octets
}

/// The parts between separators that are not escaped.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, octet) in text.bytes().enumerate() {
        if !escaped && octet == separator {
            parts.push(&text[start..at]);
            start = at + 1;
        }
        escaped = !escaped && octet == b'\\';
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn a_name_has_one_key_however_it_is_spelled() {
        for (one, other) in [
            ("uid=a\\, b,ou=People,dc=x", "UID=a\\2C  b , OU=people,DC=X"),
            ("cn=M\\C3\\BCller,dc=x", "cn=Müller,dc=x"),
            ("cn=a+uid=b,dc=x", "uid=b+cn=A,dc=x"),
        ] {
            assert_eq!(name_key(one), name_key(other));
        }
        assert_ne!(name_key("cn=a\\,b,dc=x"), name_key("cn=a,b,dc=x"));
    }
}
