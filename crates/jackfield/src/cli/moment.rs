//! A moment of the past: said as it is, or as so long ago.

use std::str::FromStr;

use jackfield_model::Timestamp;

/// A moment of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Then.
    At(Timestamp),
    /// So many seconds ago.
    Ago(i64),
}

impl Moment {
    /// The moment, seen from now; none is before 1970.
    pub(crate) fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => now.plus_seconds(-seconds.min(now.0 / 1_000_000)),
        }
    }
}

/// `2026-11-22` (its beginning in UTC), or with a time; `90s`, `30m`, `12h` or `7d` ago.
impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let ago = units.into_iter().find_map(|(unit, seconds)| {
            let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
            (count >= 0).then(|| Self::Ago(count.saturating_mul(seconds)))
        });
        let at = |text: &str| Timestamp::parse_rfc3339(text).map(Self::At);
        ago.or_else(|| at(text))
            .or_else(|| at(&format!("{text}T00:00:00Z")))
            .ok_or_else(|| "no moment such as 2026-11-22, 2026-11-22T03:04:05Z or 7d".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_date_a_time_or_an_age() {
        let now = Timestamp::parse_rfc3339("2026-11-22T12:00:00Z").unwrap();
        for (text, expected) in [
            ("2026-11-01", Some("2026-11-01T00:00:00.000Z")),
            ("2026-11-01T03:04:05Z", Some("2026-11-01T03:04:05.000Z")),
            ("2d", Some("2026-11-20T12:00:00.000Z")),
            ("3h", Some("2026-11-22T09:00:00.000Z")),
            ("90m", Some("2026-11-22T10:30:00.000Z")),
            ("90s", Some("2026-11-22T11:58:30.000Z")),
            ("9999999999999999d", Some("1970-01-01T00:00:00.000Z")),
            ("99999999999999999999d", None),
            ("-2h", None),
            ("", None),
            ("d", None),
            ("2 weeks", None),
            ("yesterday", None),
            ("\u{fc}", None),
        ] {
            let moment = text.parse::<Moment>().ok();
            let moment = moment.map(|moment| moment.seen_from(now).to_rfc3339());
            assert_eq!(moment.as_deref(), expected, "{text}");
        }
    }
}
