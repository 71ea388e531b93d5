//! How many exchanges are kept in a while, so that an import of a million people is not told
//! request by request.

use std::collections::HashMap;

use jackfield_model::{Id, TenantId, Timestamp};

/// So many of a connection in a row, of those that failed and of the others each.
const BURST: u64 = 1_000;
/// And so many more each second.
const PER_SECOND: u64 = 50;

const SECOND: i64 = 1_000_000;

/// Who makes exchanges: a connection, or nobody.
type Who = (TenantId, Option<Id>);

/// What each may have kept.
#[derive(Default)]
pub(super) struct Pace {
    buckets: HashMap<(Who, bool), Bucket>,
    skipped: HashMap<Who, u64>,
}

/// What is left, as of a moment.
struct Bucket {
    left: u64,
    at: Timestamp,
}

impl Pace {
    /// How many before it were left out, if the exchange is kept; else it is one of them.
    pub(super) fn admit(&mut self, who: Who, failed: bool, now: Timestamp) -> Option<u64> {
        let bucket = self.buckets.entry((who, failed)).or_insert(Bucket {
            left: BURST,
            at: now,
        });
        if bucket.take(now) {
            return Some(self.skipped.remove(&who).unwrap_or_default());
        }
        self.skip(who, 1);
        None
    }

    /// Says that so many were left out.
    pub(super) fn skip(&mut self, who: Who, count: u64) {
        *self.skipped.entry(who).or_default() += count;
    }
}

impl Bucket {
    fn take(&mut self, now: Timestamp) -> bool {
        let seconds = now.0.saturating_sub(self.at.0) / SECOND;
        if let Some(seconds) = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0) {
            let more = seconds.saturating_mul(PER_SECOND);
            self.left = self.left.saturating_add(more).min(BURST);
            self.at = now;
        }
        let is_left = self.left > 0;
        self.left -= u64::from(is_left);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_burst_is_kept_whole_and_more_at_a_steady_pace() {
        let tenant = TenantId(Uuid::from_u128(1));
        let (one, other) = ((tenant, Some(Id(Uuid::from_u128(2)))), (tenant, None));
        let mut pace = Pace::default();
        for _ in 0..BURST {
            assert_eq!(pace.admit(one, false, Timestamp(0)), Some(0));
        }
        assert_eq!(pace.admit(one, false, Timestamp(0)), None);
        assert_eq!(pace.admit(one, false, Timestamp(SECOND - 1)), None);
        // Others, and what failed, are kept as before.
        assert_eq!(pace.admit(other, false, Timestamp(SECOND - 1)), Some(0));
        assert_eq!(pace.admit(one, true, Timestamp(SECOND - 1)), Some(2));
        pace.skip(one, 5);
        for kept in 0..PER_SECOND {
            let skipped = if kept == 0 { 5 } else { 0 };
            assert_eq!(pace.admit(one, false, Timestamp(SECOND)), Some(skipped));
        }
        assert_eq!(pace.admit(one, false, Timestamp(SECOND)), None);
        assert_eq!(pace.admit(one, false, Timestamp(SECOND * 1_000)), Some(1));
    }
}
