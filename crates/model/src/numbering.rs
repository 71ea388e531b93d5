//! Telephone numbers as people mean them: one canonical form, however a number is written.
//!
//! `telephoneNumberMatch` (RFC 4517 §4.2.29) leaves out spaces and hyphens. Beyond it, a tenant's
//! numbering plan makes `+49 30 1234567`, `0049301234567`, `030 1234567` and `(030) 123-4567` one
//! number, and `201` the same as `+49 30 555 201` where that is how the extension is dialled from
//! outside. It is an addition: what the matching rule finds is found too.

mod dial;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use crate::filter::{Assertion, Substring};
use crate::rule::Key;
use crate::text;

pub use dial::{DialFormat, InvalidDialFormat};

/// How numbers are dialled where a tenant is. Without a country only the way of writing is seen
/// through, and `+` and the international prefix are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// The country code, digits only, such as `49`; empty if it is not said.
    #[serde(default)]
    pub country: SmolStr,
    /// What is dialled before a number of another country: `00`, in North America `011`.
    pub international: SmolStr,
    /// What is dialled before a number of another area: `0`, in North America `1`; empty where
    /// there is no such thing.
    pub trunk: SmolStr,
    /// The area code without the trunk prefix, for numbers that are written without one; empty if
    /// they are not understood.
    #[serde(default)]
    pub area: SmolStr,
    /// How many digits a national number has without the trunk prefix, where all have as many:
    /// 10 in North America, 8 in Denmark.
    #[serde(default)]
    pub national_digits: Option<u8>,
    /// The extensions that can be dialled from outside.
    #[serde(default)]
    pub extensions: Vec<ExtensionRange>,
}

/// Extensions that stand behind one number of the public network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRange {
    /// What stands before them, in canonical form, such as `+4930555`.
    pub prefix: SmolStr,
    /// How many digits they have.
    pub digits: u8,
}

impl Default for Numbering {
    fn default() -> Self {
        Self {
            country: SmolStr::default(),
            international: SmolStr::new_static("00"),
            trunk: SmolStr::new_static("0"),
            area: SmolStr::default(),
            national_digits: None,
            extensions: Vec::new(),
        }
    }
}

/// The forms under which one number is found.
pub type Forms = SmallVec<[SmolStr; 2]>;

impl Numbering {
    /// The canonical form of a number: `+` and the digits, where the plan tells the country, else
    /// the digits that are dialled. `None` for what is no number, such as a feature code.
    pub fn canonical(&self, written: &str) -> Option<SmolStr> {
        let dialled = Dialling::read(written)?;
        Some(self.complete(&dialled))
    }

    /// The canonical form, and the digits as they are written where they stand for themselves:
    /// somebody who types the beginning of an extension means it as it is.
    pub fn forms(&self, written: &str) -> Forms {
        let Some(dialled) = Dialling::read(written) else {
            return Forms::new();
        };
        let canonical = self.complete(&dialled);
        let mut forms = Forms::new();
        if !dialled.is_international && self.opening(&dialled.digits).is_none() {
            forms.push(dialled.digits);
        }
        if !forms.contains(&canonical) {
            forms.push(canonical);
        }
        forms
    }

    /// Some trunks announce a caller by country code and number alone.
    fn without_plus(&self, number: &str) -> Option<SmolStr> {
        let dialled = Dialling::read(number).filter(|dialled| !dialled.is_international)?;
        let rest = dialled.digits.strip_prefix(self.country.as_str())?;
        let is_whole = !self.country.is_empty() && rest.len() >= LONG;
        is_whole.then(|| joined(&["+", &dialled.digits]))
    }

    fn complete(&self, dialled: &Dialling) -> SmolStr {
        let digits = dialled.digits.as_str();
        if dialled.is_international {
            return joined(&["+", digits]);
        }
        let range = self
            .extensions
            .iter()
            .find(|range| usize::from(range.digits) == digits.len());
        if let Some(range) = range {
            return joined(&[&range.prefix, digits]);
        }
        if let Some(open) = self.opening(digits) {
            return open;
        }
        let has_length = self
            .national_digits
            .is_some_and(|length| usize::from(length) == digits.len());
        match (self.country.as_str(), self.area.as_str()) {
            (country, _) if !country.is_empty() && has_length => joined(&["+", country, digits]),
            (country, area) if !country.is_empty() && !area.is_empty() && digits.len() > SHORT => {
                joined(&["+", country, area, digits])
            }
            _ => digits.into(),
        }
    }

    /// The canonical form of digits that begin with a prefix, whole or not.
    fn opening(&self, digits: &str) -> Option<SmolStr> {
        let behind = |prefix: &SmolStr| {
            let rest = digits.strip_prefix(prefix.as_str())?;
            (!prefix.is_empty()).then_some(rest)
        };
        if let Some(rest) = behind(&self.international) {
            return Some(joined(&["+", rest]));
        }
        let national = behind(&self.trunk)?;
        let is_whole = self
            .national_digits
            .is_none_or(|length| usize::from(length) == national.len());
        (is_whole && !self.country.is_empty()).then(|| joined(&["+", &self.country, national]))
    }
}

/// Numbers of so many digits or fewer are extensions and services, not numbers of the own area.
const SHORT: usize = 4;

/// Digits behind a country code are a national number if there are as many, or more.
const LONG: usize = 7;

/// What is dialled when a written number is.
struct Dialling {
    is_international: bool,
    digits: SmolStr,
}

impl Dialling {
    /// Reads a number, whole or in part (RFC 3966 §3, ITU-T E.123): separators do not count, nor
    /// does the `(0)` that is left out from abroad, nor what follows when the line is open.
    fn read(written: &str) -> Option<Self> {
        let written = written.trim();
        let written = match written.split_at_checked(4) {
            Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number,
            _ => written,
        };
        let (is_international, rest) = match written.trim_start_matches(['(', ' ']) {
            stripped if stripped.starts_with('+') => (true, stripped.trim_start_matches('+')),
            _ => (false, written),
        };
        let mut digits = SmolStrBuilder::new();
        let mut count = 0_usize;
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    count += 1;
                }
                '(' if is_international && rest.get(at..at + 3) == Some("(0)") => {
                    chars.nth(1);
                }
                ' '
                | '-'
                | '.'
                | '/'
                | '('
                | ')'
                | '\t'
                | '\u{a0}'
                | '\u{58a}'
                | '\u{2010}'..='\u{2015}'
                | '\u{202f}'
                | '\u{2212}' => {}
                // An extension, a pause or a parameter.
                ';' | ',' | 'x' | 'X' | 'e' | 'E' | 'p' | 'P' | 'w' | 'W' if count > 0 => break,
                _ => return None,
            }
        }
        (count > 0).then(|| Self {
            is_international,
            digits: digits.finish(),
        })
    }
}

fn joined(parts: &[&str]) -> SmolStr {
    let mut text = SmolStrBuilder::new();
    for part in parts {
        text.push_str(part);
    }
    text.finish()
}

/// What a filter asserts of a telephone number: what the matching rule compares, or the same
/// number in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialled {
    numbering: Arc<Numbering>,
    /// The assertion as the matching rule has it.
    written: Assertion,
    /// Alternatives over the [`Numbering::forms`] of a value.
    meant: SmallVec<[Assertion; 2]>,
}

impl Dialled {
    /// Equal to a number.
    pub fn equal(numbering: &Arc<Numbering>, number: &str) -> Self {
        let mut forms = numbering.forms(number);
        forms.extend(numbering.without_plus(number));
        let is_equal = |form| Assertion::Equal(Key::Text(form));
        Self {
            numbering: Arc::clone(numbering),
            written: is_equal(text::telephone(number)),
            meant: forms.into_iter().map(is_equal).collect(),
        }
    }

    /// With these parts, as they were typed.
    ///
    /// Single digits between wildcards (`5*0*3*8`) are one sequence of digits: that is how some
    /// gateways ask for a number in any way of writing.
    pub fn parts(numbering: &Arc<Numbering>, typed: &Substring) -> Self {
        let written = Assertion::Substring(typed.clone());
        let sequence = interleaved(typed);
        let typed = sequence.as_ref().unwrap_or(typed);
        let mut meant = SmallVec::new();
        let mut add = |parts: Option<Substring>| {
            let parts = parts.map(Assertion::Substring);
            meant.extend(parts.filter(|parts| !meant.contains(parts)));
        };
        add(in_digits(typed, |_, dialled| dialled.plain()));
        add(in_digits(typed, |is_first, dialled| {
            if is_first {
                numbering.begun(&dialled)
            } else {
                dialled.plain()
            }
        }));
        let begun = typed.initial.as_deref().and_then(Dialling::read);
        for before in begun.iter().flat_map(|begun| numbering.left_out(begun)) {
            add(in_digits(typed, |is_first, dialled| {
                if is_first {
                    joined(&[&before, &dialled.digits])
                } else {
                    dialled.plain()
                }
            }));
        }
        let written = match sequence {
            Some(sequence) => Assertion::Substring(sequence),
            None => written,
        };
        Self {
            numbering: Arc::clone(numbering),
            written,
            meant,
        }
    }

    /// The assertion as the matching rule has it, over values prepared by it.
    pub fn written(&self) -> &Assertion {
        &self.written
    }

    /// The alternatives, over the [`Numbering::forms`] of a value.
    pub fn meant(&self) -> &[Assertion] {
        &self.meant
    }

    /// Whether a value satisfies it.
    pub fn holds(&self, value: &str) -> bool {
        let prepared = text::telephone(value);
        is_so(&self.written, &prepared) || {
            let forms = self.numbering.forms(value);
            let is_meant = |form: &SmolStr| self.meant.iter().any(|one| is_so(one, form));
            forms.iter().any(is_meant)
        }
    }
}

impl Dialling {
    fn plain(self) -> SmolStr {
        if self.is_international {
            joined(&["+", &self.digits])
        } else {
            self.digits
        }
    }
}

impl Numbering {
    /// The canonical form of the beginning of a number.
    fn begun(&self, dialled: &Dialling) -> SmolStr {
        if dialled.is_international {
            return joined(&["+", &dialled.digits]);
        }
        let national = || {
            let rest = dialled.digits.strip_prefix(self.trunk.as_str())?;
            let is_said = !self.trunk.is_empty() && !self.country.is_empty();
            is_said.then(|| joined(&["+", &self.country, rest]))
        };
        let international = dialled.digits.strip_prefix(self.international.as_str());
        match international.filter(|_| !self.international.is_empty()) {
            Some(rest) => joined(&["+", rest]),
            None => national().unwrap_or_else(|| dialled.digits.clone()),
        }
    }

    /// What may stand before the beginning of a number that is dialled without it: `555` begins
    /// `+49 30 555 201` where the area is known, and `20` does as the beginning of an extension.
    fn left_out(&self, begun: &Dialling) -> SmallVec<[SmolStr; 2]> {
        let digits = begun.digits.as_str();
        let mut before = SmallVec::new();
        if begun.is_international {
            return before;
        }
        let ranges = self.extensions.iter();
        let ranges = ranges.filter(|range| digits.len() <= usize::from(range.digits));
        before.extend(ranges.map(|range| range.prefix.clone()));
        let has = |prefix: &SmolStr| !prefix.is_empty() && digits.starts_with(prefix.as_str());
        if self.country.is_empty() || has(&self.international) || has(&self.trunk) {
            return before;
        }
        let fits = |length: u8| digits.len() <= usize::from(length);
        if self.national_digits.is_some_and(fits) {
            before.push(joined(&["+", &self.country]));
        }
        if !self.area.is_empty() {
            before.push(joined(&["+", &self.country, &self.area]));
        }
        before
    }
}

fn is_so(assertion: &Assertion, value: &str) -> bool {
    match assertion {
        Assertion::Equal(Key::Text(key)) => value == key,
        Assertion::Substring(parts) => parts.matches(value),
        _ => false,
    }
}

/// The parts as digits; `None` if one of them is no part of a number.
fn in_digits(typed: &Substring, form: impl Fn(bool, Dialling) -> SmolStr) -> Option<Substring> {
    let mut is_first = true;
    let mut digits = |part: &SmolStr| {
        let dialled = Dialling::read(part)?;
        Some(form(std::mem::take(&mut is_first), dialled))
    };
    let initial = typed.initial.as_ref().map(&mut digits);
    let any: Option<Vec<SmolStr>> = typed.any.iter().map(&mut digits).collect();
    let last = typed.last.as_ref().map(&mut digits);
    let parts = Substring {
        initial: initial.map_or(Some(None), |found| found.map(Some))?,
        any: any?,
        last: last.map_or(Some(None), |found| found.map(Some))?,
    };
    (parts != Substring::default()).then_some(parts)
}

/// Three single digits or more, and nothing else, as one part.
fn interleaved(typed: &Substring) -> Option<Substring> {
    let all = typed.initial.iter().chain(&typed.any).chain(&typed.last);
    let mut digits = SmolStrBuilder::new();
    let mut count = 0;
    for part in all {
        let is_one = part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit() || b == b'+');
        if !is_one {
            return None;
        }
        digits.push_str(part);
        count += 1;
    }
    let digits = digits.finish();
    let mut sequence = Substring::default();
    match (&typed.initial, &typed.last) {
        _ if count < 3 => return None,
        (Some(_), _) => sequence.initial = Some(digits),
        (None, Some(_)) => sequence.last = Some(digits),
        (None, None) => sequence.any.push(digits),
    }
    Some(sequence)
}

#[cfg(test)]
mod tests;
