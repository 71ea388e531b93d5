//! Telephone numbers as people mean them: one canonical form, however a number is written.
//!
//! `telephoneNumberMatch` (RFC 4517 §4.2.29) leaves out spaces and hyphens. Beyond it, a tenant's
//! numbering plan makes `+49 30 1234567`, `0049301234567`, `030 1234567` and `(030) 123-4567` one
//! number, and `201` the same as `+49 30 555 201` where that is how the extension is dialled from
//! outside. It is an addition: what the matching rule finds is found too.

mod dial;
mod dialled;
mod dialling;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use dialling::Dialling;

pub use dial::{DialFormat, InvalidDialFormat};
pub use dialled::Dialled;

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
        Dialling::read(written)
            .map(|dialled| self.forms_of(&dialled))
            .unwrap_or_default()
    }

    fn forms_of(&self, dialled: &Dialling) -> Forms {
        let canonical = self.complete(dialled);
        let mut forms = Forms::new();
        if !dialled.is_international && self.opening(&dialled.digits).is_none() {
            forms.push(dialled.digits.clone());
        }
        if !forms.contains(&canonical) {
            forms.push(canonical);
        }
        forms
    }

    /// Some trunks announce a caller by country code and number alone.
    fn without_plus(&self, dialled: &Dialling) -> Option<SmolStr> {
        let rest = dialled.digits.strip_prefix(self.country.as_str())?;
        let is_said = !dialled.is_international && !self.country.is_empty();
        (is_said && rest.len() >= LONG).then(|| joined(&["+", &dialled.digits]))
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

fn joined(parts: &[&str]) -> SmolStr {
    let mut text = SmolStrBuilder::new();
    for part in parts {
        text.push_str(part);
    }
    text.finish()
}

#[cfg(test)]
mod tests;
