//! The system's clock and randomness: the only place that reads them.

use jackfield_model::{Clock, IdSource, Timestamp};
use rand::TryRng as _;
use rand::rngs::SysRng;
use time::OffsetDateTime;
use uuid::Uuid;

/// The system's clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = now();
        Timestamp(now.unix_timestamp() * 1_000_000 + i64::from(now.microsecond()))
    }
}

/// The present moment, for certificates.
#[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// The system's randomness.
#[derive(Debug)]
pub(crate) struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
    fn id(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(
        clippy::expect_used,
        reason = "without randomness nothing here is safe"
    )]
    fn secret(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        SysRng
            .try_fill_bytes(&mut octets)
            .expect("the system gives randomness");
        octets
    }
}
