//! Timestamps, and the two sources that are passed in instead of being ambient.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads an `xsd:dateTime` with an offset (RFC 7643 §2.3.5).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000)
            .ok()
            .map(Self)
    }

    /// Writes it as `2026-11-22T03:04:05.678Z`, milliseconds, always UTC.
    pub fn to_rfc3339(self) -> String {
        let at = self.to_utc();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts = [
            (0..4, u32::try_from(at.year()).unwrap_or(0)),
            (5..7, u8::from(at.month()).into()),
            (8..10, at.day().into()),
            (11..13, at.hour().into()),
            (14..16, at.minute().into()),
            (17..19, at.second().into()),
            (20..23, at.millisecond().into()),
        ];
        for (place, mut number) in parts {
            // Formatted by hand: answers are full of moments.
            for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
                number /= 10;
            }
        }
        text.into_iter().map(char::from).collect()
    }

    /// Writes it as LDAP's GeneralizedTime, `20261122030405Z` (RFC 4517 §3.3.13).
    pub fn to_generalized_time(self) -> String {
        let at = self.to_utc();
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// Reads a GeneralizedTime with seconds and a zone: `20261122030405Z`, `…05.5Z`, `…05+0100`
    /// (RFC 4517 §3.3.13; minutes and seconds may be left out).
    pub fn parse_generalized_time(text: &str) -> Option<Self> {
        let zone_at = text.find(['Z', '+', '-'])?;
        let (stamp, zone) = text.split_at_checked(zone_at)?;
        let (whole, fraction) = stamp.split_once(['.', ',']).unwrap_or((stamp, "0"));
        let digits = |from: usize, to: usize| -> Option<&str> {
            whole
                .get(from..to)
                .filter(|part| part.bytes().all(|b| b.is_ascii_digit()))
        };
        let optional = |from: usize| -> Option<&str> {
            if whole.len() <= from {
                Some("00")
            } else {
                digits(from, from + 2)
            }
        };
        if !matches!(whole.len(), 10 | 12 | 14) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let offset = match zone {
            "Z" => "Z".to_owned(),
            _ if zone.len() == 5 => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
            _ if zone.len() == 3 => format!("{zone}:00"),
            _ => return None,
        };
        Self::parse_rfc3339(&format!(
            "{}-{}-{}T{}:{}:{}.{fraction}{offset}",
            digits(0, 4)?,
            digits(4, 6)?,
            digits(6, 8)?,
            digits(8, 10)?,
            optional(10)?,
            optional(12)?,
        ))
    }

    /// This moment, `seconds` later (earlier if negative); saturates.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Cut to whole milliseconds, the precision in which it is shown.
    #[must_use]
    pub fn to_millis_precision(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000))
    }

    fn to_utc(self) -> OffsetDateTime {
        let (seconds, micros) = (self.0.div_euclid(1_000_000), self.0.rem_euclid(1_000_000));
        OffsetDateTime::from_unix_timestamp(seconds).map_or(OffsetDateTime::UNIX_EPOCH, |at| {
            at + time::Duration::microseconds(micros)
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// Tells the time. Passed in; nothing reads the system's clock but the binary.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Makes ids and secrets. Passed in; nothing reads randomness but the binary.
pub trait IdSource: Send + Sync + 'static {
    /// A new unique id, roughly ordered by time (UUID version 7).
    fn id(&self) -> Uuid;

    /// 256 unpredictable bits.
    fn secret(&self) -> [u8; 32];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back_in_both_forms() {
        let at = Timestamp::parse_rfc3339("2026-11-22T03:04:05.678901Z").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-22T03:04:05.678Z");
        assert_eq!(at.to_generalized_time(), "20261122030405Z");
        assert_eq!(at.to_millis_precision().to_rfc3339(), at.to_rfc3339());
        let same = Timestamp::parse_rfc3339("2026-11-22T04:04:05.678901+01:00").unwrap();
        assert_eq!(at, same);
    }

    #[test]
    fn generalized_time_takes_fractions_zones_and_missing_parts() {
        for (text, expected) in [
            ("20261122030405Z", Some("2026-11-22T03:04:05.000Z")),
            ("20261122030405.5Z", Some("2026-11-22T03:04:05.500Z")),
            ("20261122040405+0100", Some("2026-11-22T03:04:05.000Z")),
            ("202611220304Z", Some("2026-11-22T03:04:00.000Z")),
            ("2026112203Z", Some("2026-11-22T03:00:00.000Z")),
            ("20261322030405Z", None),
            ("20261122030405", None),
            ("2026ä", None),
            ("", None),
        ] {
            let read = Timestamp::parse_generalized_time(text).map(Timestamp::to_rfc3339);
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
