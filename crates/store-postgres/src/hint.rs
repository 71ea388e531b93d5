//! What other nodes committed.

use std::time::Duration;

use async_trait::async_trait;
use jackfield_model::{Revision, TenantId};
use jackfield_store::{Hint, Hints, Result};
use sqlx::postgres::{PgListener, PgPool};
use uuid::Uuid;

use crate::error::unavailable;
use crate::patience::{SILENCE, within};

/// The channel of notifications. The payload is the tenant's id, its revision, and which node it was
/// that committed.
pub(crate) const CHANNEL: &str = "jackfield";

/// How long a broken connection rests before it is tried again.
const REST: Duration = Duration::from_secs(1);

/// What other nodes commit, on a connection of its own.
pub(crate) struct PgHints {
    listener: PgListener,
    node: Uuid,
}

impl PgHints {
    /// Listens to all nodes but this one.
    pub(crate) async fn listen(pool: &PgPool, node: Uuid) -> Result<Self> {
        let connecting = within(SILENCE, PgListener::connect_with(pool));
        let mut listener = connecting.await.map_err(unavailable)?;
        let listening = within(SILENCE, listener.listen(CHANNEL));
        listening.await.map_err(unavailable)?;
        Ok(Self { listener, node })
    }
}

#[async_trait]
impl Hints for PgHints {
    /// A lost connection is made again.
    async fn next(&mut self) -> Hint {
        loop {
            match self.listener.try_recv().await {
                Ok(Some(notification)) => match parse(notification.payload()) {
                    Some((_, node)) if node == self.node => {}
                    Some((hint, _)) => return hint,
                    None => return Hint::Missed,
                },
                Ok(None) => return Hint::Missed,
                Err(_) => {
                    tokio::time::sleep(REST).await;
                    return Hint::Missed;
                }
            }
        }
    }
}

pub(crate) fn payload(tenant: TenantId, revision: Revision, node: Uuid) -> String {
    format!("{} {revision} {node}", tenant.0)
}

fn parse(payload: &str) -> Option<(Hint, Uuid)> {
    let (tenant, rest) = payload.split_once(' ')?;
    let (revision, node) = rest.split_once(' ')?;
    let tenant = TenantId(tenant.parse().ok()?);
    let hint = Hint::Moved(tenant, Revision(revision.parse().ok()?));
    Some((hint, node.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_back_and_nothing_else_does() {
        let (tenant, node) = (TenantId(Uuid::from_u128(7)), Uuid::from_u128(8));
        let revision = Revision(u64::MAX);
        assert_eq!(
            parse(&payload(tenant, revision, node)),
            Some((Hint::Moved(tenant, revision), node))
        );
        let nil = Uuid::nil();
        for other in [
            String::new(),
            "x".to_owned(),
            format!("{nil}"),
            format!("{nil} 1"),
            format!("x 1 {nil}"),
            format!("{nil} -1 {nil}"),
            format!("{nil} 1 x"),
        ] {
            assert_eq!(parse(&other), None, "{other:?}");
        }
    }
}
