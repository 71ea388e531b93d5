//! String preparation (RFC 4518): the one place where equality of text is decided.
//!
//! Two texts are equal when their prepared forms are the same bytes, on both protocols and in
//! every index. Preparation maps (§2.2), normalises to form KC (§2.3), folds case where the rule
//! asks for it, and settles insignificant characters (§2.6). ASCII takes a short way through.
//!
//! deviates:
//! - §2.4: nothing is prohibited. A value with an unassigned or private code point is kept and
//!   compared as it is, so that preparation never fails and stored data stays reachable.
//! - §2.6.1: spaces take the simpler form of Appendix B (none at the ends, one inside) instead of
//!   one at the ends and two inside. It decides equality in the same way, and a normalised value
//!   reads as the value does. Substrings differ in one corner: two neighbouring parts cannot both
//!   claim the same space, so `(cn=foo\20*\20bar)` does not match `foo bar`.
//! - §2.2: code points are mapped by their present general category, not that of Unicode 3.2, so
//!   that invisible characters assigned since then cannot make two names that look alike.

mod space;

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use smol_str::{SmolStr, SmolStrBuilder, StrExt};

use self::space::{Blank, Squeeze};

/// Where a substring stands in a substring assertion (RFC 4511 §4.5.1.7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The value begins with it.
    Initial,
    /// It stands anywhere between the others.
    Any,
    /// The value ends with it.
    Final,
}

/// The form that `caseIgnoreMatch` compares (RFC 4517 §4.2.11): mapped, folded, normalised, no
/// space at either end and one between words.
///
/// A value of nothing but spaces becomes one space; the empty text stays empty. The form is a
/// fixed point: preparing it again changes nothing.
pub fn case_ignore(s: &str) -> SmolStr {
    match plain(s) {
        Some(Plain::Prepared) => SmolStr::new(s),
        Some(Plain::Cased) => s.to_ascii_lowercase_smolstr(),
        None => prepare(s, Case::Ignore, Blank::VALUE),
    }
}

/// The form that `caseExactMatch` compares (RFC 4517 §4.2.4): [`case_ignore`] without folding.
pub fn case_exact(s: &str) -> SmolStr {
    prepare(s, Case::Exact, Blank::VALUE)
}

/// The form of one part of a `caseIgnoreSubstringsMatch` assertion (RFC 4517 §4.2.13), to be
/// looked for in values that [`case_ignore`] prepared.
///
/// A space where the part meets the rest of the value is significant and kept as one space, so
/// initial `smith ` finds `smith john` and not `smithson`. A part that prepares to the empty text
/// matches every value.
pub fn case_ignore_part(s: &str, place: Part) -> SmolStr {
    prepare(s, Case::Ignore, Blank::part(place))
}

/// The form of one part of a `caseExactSubstringsMatch` assertion (RFC 4517 §4.2.6), to be looked
/// for in values that [`case_exact`] prepared.
pub fn case_exact_part(s: &str, place: Part) -> SmolStr {
    prepare(s, Case::Exact, Blank::part(place))
}

/// The form that `telephoneNumberMatch` compares (RFC 4517 §4.2.29, RFC 4518 §2.6.3): case folded,
/// spaces and hyphens left out. Parts of a substring assertion take the same form.
pub fn telephone(s: &str) -> SmolStr {
    prepare_without(s, |c| {
        matches!(c, ' ' | '-' | '\u{58A}' | '\u{2010}' | '\u{2212}')
    })
}

/// The form that `numericStringMatch` compares (RFC 4517 §4.2.22, RFC 4518 §2.6.2): spaces left
/// out. Parts of a substring assertion take the same form.
pub fn numeric(s: &str) -> SmolStr {
    prepare_without(s, |c| c == ' ')
}

/// Whether `case_ignore(stored) == key`, for a `key` that is prepared already.
///
/// Allocates nothing when `stored` is ASCII: meant for scans over many records.
pub fn eq_case_ignore(stored: &str, key: &str) -> bool {
    // No letter of ASCII becomes another one; with a mark behind it, it may become none of ASCII.
    if let (Some(first), Some(own)) = (stored.bytes().next(), key.bytes().next())
        && first.is_ascii_alphanumeric()
        && own.is_ascii_alphanumeric()
        && first.to_ascii_lowercase() != own
    {
        return false;
    }
    match plain(stored) {
        Some(Plain::Prepared) => stored == key,
        Some(Plain::Cased) => {
            let lowered = stored.bytes().map(|byte| byte.to_ascii_lowercase());
            stored.len() == key.len() && lowered.eq(key.bytes())
        }
        None if stored.is_ascii() => {
            Squeeze::new(map(stored, Case::Ignore), Blank::VALUE).eq(key.chars())
        }
        None => case_ignore(stored) == key,
    }
}

/// Gives the [`case_ignore`] form of `stored` to `f`, without allocating when `stored` is ASCII of
/// at most 128 bytes, or in that form already.
pub fn with_case_ignore<R>(stored: &str, f: impl FnOnce(&str) -> R) -> R {
    let mut buffer = [0; 128];
    let prepared = match plain(stored) {
        Some(Plain::Prepared) => Some(stored),
        Some(Plain::Cased) => lowered_into(stored, &mut buffer),
        None => prepare_into(stored, &mut buffer),
    };
    match prepared {
        Some(prepared) => f(prepared),
        None => f(&case_ignore(stored)),
    }
}

/// [`case_ignore`] without accents (`Müller` becomes `muller`, `Søren` `soren`; `ß` is `ss`
/// already): what a search for people as they are typed on a telephone wants.
///
/// Marks of other scripts are part of their letters and stay.
pub fn fold_accents(s: &str) -> SmolStr {
    without_accents(case_ignore(s))
}

/// Takes the accents off what [`case_ignore`] or [`case_ignore_part`] prepared.
pub fn without_accents(prepared: SmolStr) -> SmolStr {
    if prepared.is_ascii() {
        return prepared;
    }
    let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(&prepared);
    let mut before = ' ';
    let mut bare = SmolStrBuilder::new();
    for c in apart.chars() {
        // An accent that stands by itself is significant (RFC 4518 §2.6).
        let is_significant = before == ' ';
        before = c;
        match c {
            _ if is_accent(c) && !is_significant => {}
            'ø' => bare.push('o'),
            'ł' => bare.push('l'),
            'đ' | 'ð' => bare.push('d'),
            'ı' => bare.push('i'),
            'þ' => bare.push_str("th"),
            'æ' => bare.push_str("ae"),
            'œ' => bare.push_str("oe"),
            _ => bare.push(c),
        }
    }
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(&bare.finish())
        .into()
}

/// The form in which a password is hashed and checked, whatever keyboard it was typed on
/// (RFC 8265 §4.2, the mapping rules of OpaqueString): spaces of any width are one kind, and the
/// composition is form C. Case and width count. What no text can contain is left to the caller.
pub fn opaque(password: &str) -> Cow<'_, str> {
    if password.is_ascii() {
        return Cow::Borrowed(password);
    }
    let spaced: String = password
        .chars()
        .map(|c| match category(c) {
            GeneralCategory::SpaceSeparator => ' ',
            _ => c,
        })
        .collect();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&spaced);
    Cow::Owned(composed.into_owned())
}

/// Whether `c` is one of the accents that [`fold_accents`] takes off.
pub fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Ignore,
    Exact,
}

fn prepare(s: &str, case: Case, blank: Blank) -> SmolStr {
    if s.is_ascii() {
        return Squeeze::new(map(s, case), blank).collect();
    }
    let mapped: String = map(s, case).collect();
    Squeeze::new(fold(&mapped, case).chars(), blank).collect()
}

fn prepare_without(s: &str, insignificant: impl Fn(char) -> bool) -> SmolStr {
    let mut buffer = [0; 64];
    if let Some(lowered) = buffer.get_mut(..s.len())
        && s.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    {
        let mut length = 0;
        let significant = s.bytes().filter(|byte| !insignificant(char::from(*byte)));
        for (slot, byte) in lowered.iter_mut().zip(significant) {
            *slot = byte.to_ascii_lowercase();
            length += 1;
        }
        if let Some(Ok(text)) = lowered.get(..length).map(str::from_utf8) {
            return SmolStr::new(text);
        }
    }
    let mapped: String = map(s, Case::Ignore).collect();
    let folded = fold(&mapped, Case::Ignore);
    let mut chars = folded.chars().peekable();
    let significant = std::iter::from_fn(|| {
        loop {
            let c = chars.next()?;
            if !insignificant(c) || chars.peek().is_some_and(|next| is_mark(*next)) {
                return Some(c);
            }
        }
    });
    significant.collect()
}

/// [`case_ignore`] written to `buffer`; `None` if it is not ASCII or could be too long.
fn prepare_into<'b>(s: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    if !s.is_ascii() || s.len() > buffer.len() {
        return None;
    }
    let mut length = 0;
    let prepared = Squeeze::new(map(s, Case::Ignore), Blank::VALUE);
    for (slot, c) in buffer.iter_mut().zip(prepared) {
        *slot = u8::try_from(c).ok()?;
        length += 1;
    }
    str::from_utf8(buffer.get(..length)?).ok()
}

/// ASCII in lower case, written to `buffer`; `None` if it is too long.
fn lowered_into<'b>(s: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    let lowered = buffer.get_mut(..s.len())?;
    lowered.copy_from_slice(s.as_bytes());
    lowered.make_ascii_lowercase();
    str::from_utf8(lowered).ok()
}

/// Text of which [`case_ignore`] changes the case at the most: printable ASCII, with single spaces
/// inside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// It is its own form.
    Prepared,
    /// It has capital letters.
    Cased,
}

/// Whether `s` is such text, as most is.
fn plain(s: &str) -> Option<Plain> {
    let (mut after_space, mut plain) = (true, Plain::Prepared);
    for byte in s.bytes() {
        match byte {
            b' ' if after_space => return None,
            b' ' => {
                after_space = true;
                continue;
            }
            b'A'..=b'Z' => plain = Plain::Cased,
            b'!'..=b'~' => {}
            _ => return None,
        }
        after_space = false;
    }
    (!after_space || s.is_empty()).then_some(plain)
}

/// RFC 4518 §2.2; of the folding only the ASCII part, which is all that ASCII needs.
fn map(s: &str, case: Case) -> impl Iterator<Item = char> {
    s.chars().filter_map(move |c| match c {
        '\t'..='\r' | '\u{85}' => Some(' '),
        ' '..='~' if case == Case::Ignore => Some(c.to_ascii_lowercase()),
        ' '..='~' => Some(c),
        _ => map_other(c),
    })
}

fn map_other(c: char) -> Option<char> {
    use GeneralCategory as G;
    match c {
        // The grapheme joiner, Mongolian hyphen and object replacement, and variation selectors.
        '\u{34F}'
        | '\u{1806}'
        | '\u{FFFC}'
        | '\u{180B}'..='\u{180F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}' => None,
        _ => match category(c) {
            G::Control | G::Format => None,
            G::SpaceSeparator | G::LineSeparator | G::ParagraphSeparator => Some(' '),
            _ => Some(c),
        },
    }
}

/// RFC 4518 §2.3 and the folding of §2.2. Normalised first, so that folding sees the same text
/// for canonical equivalents, and again after it, since folding can take composed text apart.
fn fold(mapped: &str, case: Case) -> Cow<'_, str> {
    const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
    let normal = NFKC.normalize(mapped);
    if case == Case::Exact || mapped.is_ascii() {
        return normal;
    }
    let folded = CaseMapper::new().fold_string(&normal);
    Cow::Owned(NFKC.normalize(&folded).into_owned())
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Whether `c` is a combining mark, which makes a space or hyphen before it significant
/// (RFC 4518 §2.6 and Appendix A).
fn is_mark(c: char) -> bool {
    use GeneralCategory as G;
    c >= '\u{300}'
        && matches!(
            category(c),
            G::NonspacingMark | G::SpacingMark | G::EnclosingMark
        )
}

#[cfg(test)]
mod tests;
