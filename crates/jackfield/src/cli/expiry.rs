//! When a credential ends: after so long, or at a moment.

use std::str::FromStr;

use jackfield_model::Timestamp;

/// When a credential ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// After so many days.
    After(u32),
    /// Then.
    At(Timestamp),
}

const DAY_SECONDS: i64 = 86_400;

/// A hundred years: whoever means for ever says nothing.
const MOST_DAYS: u32 = 36_500;

impl Expiry {
    /// The moment, for a credential that is made now.
    pub(crate) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(days) => now.plus_seconds(i64::from(days) * DAY_SECONDS),
            Self::At(moment) => moment,
        }
    }
}

/// `90` or `90d`, `6m` (30 days each), `2y` (365 days each); `2027-11-22`, or with a time.
impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
            Some(at) => text.split_at(at),
            None => (text, "d"),
        };
        let days = match unit {
            "d" => Some(1),
            "m" => Some(30),
            "y" => Some(365),
            _ => None,
        };
        if let Some(days) = days {
            let count = digits.parse::<u32>().ok();
            return count
                .and_then(|count| count.checked_mul(days))
                .filter(|days| (1..=MOST_DAYS).contains(days))
                .map(Self::After)
                .ok_or_else(|| format!("1 to {MOST_DAYS} days"));
        }
        Timestamp::parse_rfc3339(text)
            .or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")))
            .map(Self::At)
            .ok_or_else(|| "90d, 6m, 2y, 2027-11-22 or 2027-11-22T12:00:00Z".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_span_or_a_moment() {
        let at = |text: &str| Some(Expiry::At(Timestamp::parse_rfc3339(text).unwrap()));
        for (text, expected) in [
            ("90", Some(Expiry::After(90))),
            ("90d", Some(Expiry::After(90))),
            ("6m", Some(Expiry::After(180))),
            ("2y", Some(Expiry::After(730))),
            ("2027-11-22", at("2027-11-22T00:00:00Z")),
            ("2027-11-22T12:00:00Z", at("2027-11-22T12:00:00Z")),
            ("0", None),
            ("101y", None),
            ("99999999999y", None),
            ("d", None),
            ("-1", None),
            ("", None),
            ("soon", None),
            ("2027-13-01", None),
        ] {
            assert_eq!(text.parse::<Expiry>().ok(), expected, "{text}");
        }
        let now = Timestamp(0);
        assert_eq!(Expiry::After(1).moment(now), now.plus_seconds(86_400));
    }
}
