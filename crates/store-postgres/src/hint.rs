//! What other nodes committed.

use std::time::Duration;

use jackfield_model::{Revision, TenantId};
use jackfield_store::Result;
use sqlx::postgres::{PgListener, PgPool};

use crate::error::unavailable;

/// The channel of notifications. The payload is the tenant's id and its revision.
pub(crate) const CHANNEL: &str = "jackfield";

/// How long a broken connection rests before it is tried again.
const REST: Duration = Duration::from_secs(1);

/// Something that another node, or this one, committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A tenant reached a revision.
    Moved(TenantId, Revision),
    /// Hints may have been missed: look at every tenant.
    Missed,
}

/// The hints as they come. They are not complete: a poll of the revisions must run beside them.
#[derive(Debug)]
pub struct Hints(PgListener);

impl Hints {
    pub(crate) async fn listen(pool: &PgPool) -> Result<Self> {
        let mut listener = PgListener::connect_with(pool).await.map_err(unavailable)?;
        listener.listen(CHANNEL).await.map_err(unavailable)?;
        Ok(Self(listener))
    }

    /// Waits for the next hint. A lost connection is made again.
    pub async fn next(&mut self) -> Hint {
        match self.0.try_recv().await {
            Ok(Some(notification)) => parse(notification.payload()).unwrap_or(Hint::Missed),
            Ok(None) => Hint::Missed,
            Err(_) => {
                tokio::time::sleep(REST).await;
                Hint::Missed
            }
        }
    }
}

pub(crate) fn payload(tenant: TenantId, revision: Revision) -> String {
    format!("{} {revision}", tenant.0)
}

fn parse(payload: &str) -> Option<Hint> {
    let (tenant, revision) = payload.split_once(' ')?;
    Some(Hint::Moved(
        TenantId(tenant.parse().ok()?),
        Revision(revision.parse().ok()?),
    ))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_payload_reads_back_and_anything_else_is_a_missed_hint() {
        let (tenant, revision) = (TenantId(Uuid::from_u128(7)), Revision(u64::MAX));
        assert_eq!(
            parse(&payload(tenant, revision)),
            Some(Hint::Moved(tenant, revision))
        );
        for other in [
            "",
            "x",
            "00000000-0000-0000-0000-000000000007",
            "x 1",
            "7 -1",
        ] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }
}
