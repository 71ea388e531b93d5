//! The command line of what SCIM connections asked for.

use clap::Args;
use jackfield_model::Timestamp;
use uuid::Uuid;

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Requests of this connection only
    #[arg(long)]
    pub(crate) connection: Option<String>,
    /// Requests that were refused, or failed, only
    #[arg(long)]
    pub(crate) failed: bool,
    /// From when on: a time such as 2026-11-22T03:04:05Z, or how long ago, such as 30m, 12h or 7d
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    pub(crate) since: Option<Since>,
    /// How many of the newest
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) limit: u32,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The request's id, as `scim log` shows it
    pub(crate) id: Uuid,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The requests' ids, as `scim log` shows them; they are asked one after the other
    #[arg(required = true)]
    pub(crate) ids: Vec<Uuid>,
    /// Change nothing, and say what would come of them now
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// A moment.
    At(Timestamp),
    /// So many seconds ago.
    Ago(i64),
}

impl Since {
    fn parse(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let ago = units.into_iter().find_map(|(unit, seconds)| {
            let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
            (count >= 0).then(|| Self::Ago(count.saturating_mul(seconds)))
        });
        ago.or_else(|| Timestamp::parse_rfc3339(text).map(Self::At))
            .ok_or_else(|| "no time such as 2026-11-22T03:04:05Z, 30m, 12h or 7d".to_owned())
    }

    /// The moment, seen from now.
    pub(crate) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => now.plus_seconds(-seconds.min(now.0 / 1_000_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_or_so_long_ago() {
        let now = Timestamp(10_000_000_000_000);
        for (text, expected) in [
            ("90s", Some(now.plus_seconds(-90))),
            ("2h", Some(now.plus_seconds(-7_200))),
            ("99999999d", Some(Timestamp(0))),
            ("1970-01-01T00:00:01Z", Some(Timestamp(1_000_000))),
            ("-2h", None),
            ("yesterday", None),
            ("", None),
        ] {
            let since = Since::parse(text).ok();
            assert_eq!(since.map(|since| since.moment(now)), expected, "{text}");
        }
    }
}
