//! What filters assert of telephone numbers.

use std::sync::Arc;

use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use super::dialling::Dialling;
use super::{Numbering, SHORT, joined};
use crate::filter::{Assertion, Substring};
use crate::rule::Key;
use crate::text;

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
        let dialled = Dialling::read(number);
        let forms = dialled.iter().flat_map(|it| numbering.forms_of(it));
        let without_plus = dialled.iter().filter_map(|it| numbering.without_plus(it));
        let is_equal = |form| Assertion::Equal(Key::Text(form));
        Self {
            numbering: Arc::clone(numbering),
            written: is_equal(text::telephone(number)),
            meant: forms.chain(without_plus).map(is_equal).collect(),
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

    /// The same, and the numbers that are shown so behind the digits of a line to the outside to
    /// who asks ([`DialFormat::outside`](super::DialFormat::outside)).
    #[must_use]
    pub fn or_outside(mut self, outside: &str) -> Self {
        if outside.is_empty() {
            return self;
        }
        let behind = |number: &str| {
            let dialled = Dialling::read(number).filter(|number| !number.is_international)?;
            let rest = dialled.digits.strip_prefix(outside)?;
            (!rest.is_empty()).then(|| SmolStr::new(rest))
        };
        let more = match &self.written {
            Assertion::Equal(Key::Text(number)) => behind(number)
                // Shorter ones are shown by themselves.
                .filter(|rest| rest.len() > SHORT)
                .map(|rest| Assertion::Equal(Key::Text(self.numbering.outside(rest)))),
            Assertion::Substring(parts) => {
                let rest = parts.initial.as_deref().and_then(behind);
                let form = rest.map(|rest| self.numbering.outside(rest));
                let form = form.and_then(|form| {
                    in_digits(parts, |is_first, dialled| match is_first {
                        true => form.clone(),
                        false => dialled.plain(),
                    })
                });
                form.map(Assertion::Substring)
            }
            _ => None,
        };
        self.meant.extend(more);
        self
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

    /// The canonical form of the beginning of a number as it is dialled on a line to the outside.
    fn outside(&self, digits: SmolStr) -> SmolStr {
        let is_abroad = digits.starts_with(self.international.as_str());
        if self.trunk.is_empty() && !self.country.is_empty() && !is_abroad {
            return joined(&["+", &self.country, &digits]);
        }
        self.begun(&Dialling {
            is_international: false,
            digits,
        })
    }

    /// What may stand before the beginning of a number that is dialled without it: `555` begins
    /// `+49 30 555 201` where the area is known, and `20` does as the beginning of an extension.
    /// `49` begins it without the `+`.
    fn left_out(&self, begun: &Dialling) -> SmallVec<[SmolStr; 2]> {
        let digits = begun.digits.as_str();
        let mut before = SmallVec::new();
        if begun.is_international {
            return before;
        }
        let ranges = self.extensions.iter();
        let ranges = ranges.filter(|range| digits.len() <= usize::from(range.digits));
        before.extend(ranges.map(|range| range.prefix.clone()));
        if !self.country.is_empty() && digits.starts_with(self.country.as_str()) {
            // Some trunks announce a caller so.
            before.push(SmolStr::new_static("+"));
        }
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
