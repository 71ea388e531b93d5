//! What a phone dials for a number: phones dial what they are shown.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Numbering, SHORT, joined};

/// How numbers are shown to those who dial them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DialFormat {
    /// As they are written.
    #[default]
    Written,
    /// From `+` on, as far as the plan tells the country.
    E164,
    /// As they are dialled in the tenant's country, extensions by themselves.
    National,
    /// As [`National`](Self::National), behind these digits what is no extension: for a line to
    /// the outside.
    Prefix(SmolStr),
}

/// The text is no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("written, e164, national, or prefix- and up to 6 digits, such as prefix-9")]
pub struct InvalidDialFormat;

/// Phones cut longer numbers off, and dial what is left of them.
const LONGEST: usize = 30;

impl DialFormat {
    /// The digits before what is no extension; none in most formats.
    pub fn outside(&self) -> &str {
        match self {
            Self::Prefix(digits) => digits,
            Self::Written | Self::E164 | Self::National => "",
        }
    }
}

impl Numbering {
    /// What to dial for a number that is written so; `None` if it is too long to be dialled.
    pub fn dialled<'w>(&self, written: &'w str, format: &DialFormat) -> Option<Cow<'w, str>> {
        if *format == DialFormat::Written {
            return Some(written.into());
        }
        let dialled = match (self.canonical(written), format) {
            (None, _) => Cow::Borrowed(written),
            (Some(number), DialFormat::E164) => String::from(number).into(),
            (Some(number), format) => self.local(&number, format).into(),
        };
        Some(dialled).filter(|dialled| dialled.len() <= LONGEST)
    }

    /// A number in canonical form as it is dialled where the tenant is.
    fn local(&self, number: &str, format: &DialFormat) -> String {
        let behind = |prefix: &SmolStr| number.strip_prefix(prefix.as_str());
        let mut ranges = self.extensions.iter().filter_map(|range| {
            behind(&range.prefix).filter(|digits| digits.len() == usize::from(range.digits))
        });
        if let Some(extension) = ranges.next() {
            return extension.to_owned();
        }
        let outside = format.outside();
        let Some(international) = number.strip_prefix('+') else {
            let is_outside = number.len() > SHORT;
            return joined(&[if is_outside { outside } else { "" }, number]).into();
        };
        let national = Some(&self.country)
            .filter(|country| !country.is_empty())
            .and_then(|country| international.strip_prefix(country.as_str()));
        match national {
            Some(national) => joined(&[outside, &self.trunk, national]),
            None => joined(&[outside, &self.international, international]),
        }
        .into()
    }
}

impl FromStr for DialFormat {
    type Err = InvalidDialFormat;

    fn from_str(text: &str) -> Result<Self, InvalidDialFormat> {
        match (text, text.strip_prefix("prefix-")) {
            ("written", _) => Ok(Self::Written),
            ("e164", _) => Ok(Self::E164),
            ("national", _) => Ok(Self::National),
            (_, Some(digits)) => {
                let is_some = (1..=6).contains(&digits.len());
                let are_digits = digits.bytes().all(|octet| octet.is_ascii_digit());
                match is_some && are_digits {
                    true => Ok(Self::Prefix(digits.into())),
                    false => Err(InvalidDialFormat),
                }
            }
            _ => Err(InvalidDialFormat),
        }
    }
}

impl TryFrom<String> for DialFormat {
    type Error = InvalidDialFormat;

    fn try_from(text: String) -> Result<Self, InvalidDialFormat> {
        text.parse()
    }
}

impl fmt::Display for DialFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written => f.write_str("written"),
            Self::E164 => f.write_str("e164"),
            Self::National => f.write_str("national"),
            Self::Prefix(digits) => write!(f, "prefix-{digits}"),
        }
    }
}

impl From<DialFormat> for String {
    fn from(format: DialFormat) -> Self {
        format.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ExtensionRange;
    use super::*;

    #[test]
    fn a_number_is_dialled_as_the_format_says() {
        let berlin = Numbering {
            country: "49".into(),
            area: "30".into(),
            extensions: vec![ExtensionRange {
                prefix: "+4930555".into(),
                digits: 3,
            }],
            ..Numbering::default()
        };
        let formats = ["written", "e164", "national", "prefix-9"];
        let formats = formats.map(|text| text.parse::<DialFormat>().unwrap());
        #[rustfmt::skip]
        let table = [
            ["(030) 123-4567", "+49301234567", "0301234567", "90301234567"],
            ["+49 (0)30 1234567", "+49301234567", "0301234567", "90301234567"],
            ["0044 20 7946 0000", "+442079460000", "00442079460000", "900442079460000"],
            ["1234567", "+49301234567", "0301234567", "90301234567"],
            ["030 555 201", "+4930555201", "201", "201"],
            ["201", "+4930555201", "201", "201"],
            ["110", "+4930555110", "110", "110"],
            ["1100", "1100", "1100", "1100"],
            ["*97", "*97", "*97", "*97"],
            ["ask at the desk", "ask at the desk", "ask at the desk", "ask at the desk"],
        ];
        for [written, rest @ ..] in table {
            let expected = [written].into_iter().chain(rest);
            for (format, expected) in formats.iter().zip(expected) {
                let dialled = berlin.dialled(written, format);
                assert_eq!(dialled.as_deref(), Some(expected), "{written} {format}");
            }
        }
    }

    #[test]
    fn what_a_phone_would_cut_off_is_not_shown_to_be_dialled() {
        let plan = Numbering::default();
        let long = "+49 30 1234567 (ask for the night porter)";
        for (format, expected) in [("written", Some(long)), ("e164", None), ("prefix-0", None)] {
            let dialled = plan.dialled(long, &format.parse().unwrap());
            assert_eq!(dialled.as_deref(), expected, "{format}");
        }
        assert_eq!(
            plan.dialled("0".repeat(31).as_str(), &DialFormat::National),
            None
        );
    }

    #[test]
    fn a_format_reads_back() {
        for text in ["written", "e164", "national", "prefix-0", "prefix-123456"] {
            assert_eq!(text.parse::<DialFormat>().unwrap().to_string(), text);
        }
        for text in ["", "E164", "prefix-", "prefix-x", "prefix-1234567", "9"] {
            assert_eq!(text.parse::<DialFormat>(), Err(InvalidDialFormat), "{text}");
        }
    }
}
