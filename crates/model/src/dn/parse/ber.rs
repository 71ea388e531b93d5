//! The text in a BER value of a string type (X.690 §8.23), with no more of BER than that.

use smol_str::SmolStr;

/// The text of `bytes`, if they are one primitive value of a string type with a definite length.
pub(super) fn string(bytes: &[u8]) -> Option<SmolStr> {
    let (&tag, rest) = bytes.split_first()?;
    let content = content(rest)?;
    match tag {
        // OCTET STRING, UTF8String, and the subsets of ASCII: Numeric-, Printable-, IA5-, VisibleString.
        0x04 | 0x0C | 0x12 | 0x13 | 0x16 | 0x1A => str::from_utf8(content).ok().map(SmolStr::new),
        // TeletexString: RFC 4518 §2.1 leaves the mapping open, and Latin 1 is what is found.
        0x14 => Some(content.iter().copied().map(char::from).collect()),
        0x1C => universal(content),
        0x1E => bmp(content),
        _ => None,
    }
}

/// What follows the tag: the content, if its length is exactly as given (X.690 §8.1.3).
fn content(bytes: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = bytes.split_first()?;
    let (length, content) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (octets, content) = rest.split_at_checked(usize::from(first & 0x7F))?;
        (
            octets
                .iter()
                .try_fold(0_usize, |n, o| n.checked_mul(256)?.checked_add((*o).into()))?,
            content,
        )
    };
    (length == content.len() && first != 0x80).then_some(content)
}

fn universal(content: &[u8]) -> Option<SmolStr> {
    let (units, odd) = content.as_chunks();
    let chars = units
        .iter()
        .map(|unit| char::from_u32(u32::from_be_bytes(*unit)));
    if odd.is_empty() {
        chars.collect()
    } else {
        None
    }
}

fn bmp(content: &[u8]) -> Option<SmolStr> {
    let (units, odd) = content.as_chunks();
    let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
    if odd.is_empty() {
        char::decode_utf16(units).map(Result::ok).collect()
    } else {
        None
    }
}
