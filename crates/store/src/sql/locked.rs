//! A tenant whose row is locked: committing change sets, and following those of others.

use async_trait::async_trait;
use jackfield_model::{ChangeSet, Revision, TenantId};

use super::batch::batches;
use super::read::{collect, read_change_set};
use super::row::Row;
use super::tenant::{TenantRow, select_tenant};
use super::{Arg, Engine, Fault, Transaction};
use crate::{CHANGE_SETS_KEPT, Error, Head, Locked, Result, Tail, WIDE_CHANGE_SETS_KEPT};

/// How many rows a statement takes at most.
pub(super) const WIDEST: usize = 64;

/// Old change sets are dropped whenever the revision passes a multiple of this.
const TRIM_EVERY: u64 = 256;

/// A change set of so many changes is wide.
const WIDE_CHANGES: usize = 1_000;

/// As text, which is what stands in the store, it has so many octets or more.
const WIDE_OCTETS: u64 = 50_000;

/// A transaction that holds a tenant's row.
pub(super) struct LockedTenant<E: Engine> {
    engine: E,
    pub(super) transaction: E::Transaction,
    pub(super) row: TenantRow,
}

#[async_trait]
impl<E: Engine> Locked for LockedTenant<E> {
    fn revision(&self) -> Revision {
        self.row.head.revision
    }

    async fn changes(&mut self, after: Revision) -> Result<Tail> {
        tail(&mut self.transaction, self.row.head.id, after).await
    }

    async fn commit(self: Box<Self>, sets: &[ChangeSet]) -> Result<Revision> {
        self.commit_sets(sets).await
    }
}

impl<E: Engine> LockedTenant<E> {
    pub(super) async fn take(engine: &E, tenant: TenantId) -> Result<Self> {
        let mut transaction = engine.begin_write().await?;
        let sql = [TenantRow::SELECT, E::LOCK].concat();
        let row = select_tenant(&mut transaction, sql.into(), tenant).await?;
        Ok(Self {
            engine: engine.clone(),
            transaction,
            row,
        })
    }

    pub(super) fn at(self, expected: Revision) -> Result<Self> {
        let actual = self.row.head.revision;
        if actual == expected {
            Ok(self)
        } else {
            Err(Error::Conflict { actual })
        }
    }

    /// Writes many rows a statement. Such a statement does not tell which row's key was taken, so
    /// after that everything is taken back and tried again row by row.
    pub(super) async fn commit_sets(self, sets: &[ChangeSet]) -> Result<Revision> {
        let (engine, head) = (self.engine.clone(), self.row.head.clone());
        match self.try_commit(sets, WIDEST).await {
            Err(Fault::Taken) => {
                let again = Self::take(&engine, head.id).await?.at(head.revision)?;
                Ok(again.try_commit(sets, 1).await?)
            }
            other => Ok(other?),
        }
    }

    async fn try_commit(
        mut self,
        sets: &[ChangeSet],
        largest: usize,
    ) -> std::result::Result<Revision, Fault> {
        let before = self.row.head.revision;
        let rows = self.row.advance(self.engine.audit_key(), sets)?;
        self.write(&rows, largest).await?;
        let Head { id, revision, .. } = self.row.head;
        if before.0 / TRIM_EVERY != revision.0 / TRIM_EVERY {
            let sql = "DELETE FROM change_set WHERE tenant = $1 AND revision <= $2";
            let oldest = Arg::number(revision.0.saturating_sub(CHANGE_SETS_KEPT))?;
            self.transaction
                .execute(sql.into(), vec![Arg::Uuid(id.0), oldest])
                .await?;
        }
        if sets.iter().any(|set| set.changes.len() >= WIDE_CHANGES) {
            let sql = "DELETE FROM change_set WHERE tenant = $1 AND revision > $2 \
                       AND revision <= $3 AND length(body) >= $4";
            let behind = |revision: Revision| revision.0.saturating_sub(WIDE_CHANGE_SETS_KEPT);
            let args = vec![
                Arg::Uuid(id.0),
                Arg::number(behind(before))?,
                Arg::number(behind(revision))?,
                Arg::number(WIDE_OCTETS)?,
            ];
            self.transaction.execute(sql.into(), args).await?;
        }
        self.transaction.announce(id, revision).await?;
        self.transaction.commit().await?;
        Ok(revision)
    }

    /// Writes the rows, and the tenant's own.
    pub(super) async fn write(
        &mut self,
        rows: &[Row<'_>],
        largest: usize,
    ) -> std::result::Result<(), Fault> {
        write(&mut self.transaction, self.row.head.id, rows, largest).await?;
        self.transaction
            .execute(TenantRow::UPDATE.into(), self.row.update_args()?)
            .await?;
        Ok(())
    }
}

/// Writes rows in as few statements as may be.
pub(super) async fn write<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
    rows: &[Row<'_>],
    largest: usize,
) -> std::result::Result<(), Fault> {
    for batch in batches(rows, largest) {
        match transaction
            .execute(batch.sql(T::PLACEHOLDERS).into(), batch.args(tenant)?)
            .await
        {
            Err(Fault::Taken) => return Err(batch.duplicate().map_or(Fault::Taken, Fault::Other)),
            other => other?,
        };
    }
    Ok(())
}

/// The change sets that came after a revision.
pub(super) async fn tail<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
    after: Revision,
) -> Result<Tail> {
    let current = select_tenant(transaction, TenantRow::SELECT.into(), tenant)
        .await?
        .head
        .revision;
    // A revision that is not there yet was seen in a database that has since been put back.
    let Some(expected) = current.0.checked_sub(after.0) else {
        return Ok(Tail::Gone);
    };
    if expected > CHANGE_SETS_KEPT + TRIM_EVERY {
        return Ok(Tail::Gone);
    }
    let sql = "SELECT revision, body FROM change_set \
               WHERE tenant = $1 AND revision > $2 ORDER BY revision";
    let args = vec![Arg::Uuid(tenant.0), Arg::number(after.0)?];
    let sets = collect(transaction, sql, args, read_change_set).await?;
    Ok(if sets.len() as u64 == expected {
        Tail::Sets(sets)
    } else {
        Tail::Gone
    })
}
