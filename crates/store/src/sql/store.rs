//! The store itself, over any [`Engine`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use jackfield_model::{
    AuditEntry, Change, ChangeSet, Exchange, Id, Revision, TenantId, TenantName, Timestamp,
};
use uuid::Uuid;

use super::batch::batches;
use super::read::{
    TABLES, malformed, number, read_activity, read_change_set, read_cut, read_exchange,
    read_sealed, read_tombstone,
};
use super::row::Row;
use super::tenant::{TenantRow, read_head};
use super::{Arg, Columns, Engine, Fault, Transaction, exchange};
use crate::audit::{Broken, Chain, Cut, Extent, Sealed, Verified};
use crate::{
    Activity, CHANGE_SETS_KEPT, Error, ExchangeLimits, ExchangeQuery, Head, Locked, Result, Store,
    Tail, Tombstone,
};

/// How many rows a statement takes at most.
const WIDEST: usize = 64;

/// How many audit entries are checked at a time.
const AUDIT_PAGE: u32 = 1_000;

/// Old change sets are dropped whenever the revision passes a multiple of this.
const TRIM_EVERY: u64 = 256;

#[async_trait]
impl<E: Engine> Store for E {
    async fn keep(&self, name: &str, value: &[u8]) -> Result<Vec<u8>> {
        let name = Arg::Text(Cow::Owned(name.to_owned()));
        let mut transaction = self.begin_write().await?;
        let sql = "INSERT INTO kept (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let args = vec![name.clone(), Arg::Bytes(Some(value.to_vec()))];
        transaction.execute(sql.into(), args).await?;
        // A statement of its own, which sees what another process has just written.
        let sql = "SELECT value FROM kept WHERE name = $1";
        let found = collect(&mut transaction, sql, vec![name], |row| {
            row.bytes(0)?
                .map(<[u8]>::to_vec)
                .ok_or_else(|| malformed("kept value"))
        })
        .await?;
        transaction.commit().await?;
        found
            .into_iter()
            .next()
            .ok_or_else(|| malformed("kept value"))
    }

    async fn tenants(&self) -> Result<Vec<Head>> {
        let mut transaction = self.begin_read().await?;
        collect(
            &mut transaction,
            TenantRow::SELECT_HEADS,
            Vec::new(),
            read_head,
        )
        .await
    }

    async fn create_tenant(&self, id: TenantId, name: &TenantName, at: Timestamp) -> Result<Head> {
        let mut transaction = self.begin_write().await?;
        let row = TenantRow::new(self.audit_key(), id, name.clone());
        match transaction
            .execute(TenantRow::INSERT.into(), row.insert_args(at)?)
            .await
        {
            Ok(_) => {}
            Err(Fault::Taken) => {
                return Err(Error::Duplicate {
                    space: "tenant".to_owned(),
                    key: name.to_string(),
                });
            }
            Err(fault) => return Err(fault.into()),
        }
        transaction.commit().await?;
        Ok(row.head)
    }

    async fn delete_tenant(&self, id: TenantId) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let sql = "DELETE FROM tenant WHERE id = $1";
        transaction
            .execute(sql.into(), vec![Arg::Uuid(id.0)])
            .await?;
        transaction.commit().await
    }

    async fn load(&self, tenant: TenantId, sink: &mut (dyn FnMut(Change) + Send)) -> Result<Head> {
        let mut transaction = self.begin_read().await?;
        let row = select_tenant(&mut transaction, TenantRow::SELECT.into(), tenant).await?;
        for (sql, read) in TABLES {
            let mut each = |row: &dyn Columns| {
                sink(read(row)?);
                Ok(())
            };
            transaction
                .fetch(sql.into(), vec![Arg::Uuid(tenant.0)], &mut each)
                .await?;
        }
        Ok(row.head)
    }

    async fn changes(&self, tenant: TenantId, after: Revision) -> Result<Tail> {
        tail(&mut self.begin_read().await?, tenant, after).await
    }

    async fn apply(
        &self,
        tenant: TenantId,
        expected: Revision,
        sets: &[ChangeSet],
    ) -> Result<Revision> {
        LockedTenant::take(self, tenant)
            .await?
            .at(expected)?
            .commit_sets(sets)
            .await
    }

    async fn lock(&self, tenant: TenantId) -> Result<Box<dyn Locked>> {
        Ok(Box::new(LockedTenant::take(self, tenant).await?))
    }

    async fn find_change_set(&self, tenant: TenantId, id: Uuid) -> Result<Option<Revision>> {
        let mut transaction = self.begin_read().await?;
        let sql = "SELECT revision FROM change_set WHERE tenant = $1 AND id = $2";
        let args = vec![Arg::Uuid(tenant.0), Arg::Uuid(id)];
        let found = collect(&mut transaction, sql, args, |row| {
            number(row, 0).map(Revision)
        })
        .await?;
        Ok(found.into_iter().next())
    }

    async fn append_audit(&self, tenant: TenantId, entries: &[AuditEntry]) -> Result<()> {
        let mut locked = LockedTenant::take(self, tenant).await?;
        let rows = locked.row.append_audit(self.audit_key(), entries);
        locked.write(&rows, WIDEST).await?;
        locked.transaction.commit().await
    }

    async fn audit(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<Sealed>> {
        let mut transaction = self.begin_read().await?;
        let sql = "SELECT sequence, body, mac, COALESCE(revision, 0) FROM audit \
                   WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let args = vec![
            Arg::Uuid(tenant.0),
            Arg::Int(Some(after)),
            Arg::Int(Some(limit.into())),
        ];
        collect(&mut transaction, sql, args, read_sealed).await
    }

    async fn audit_extent(&self, tenant: TenantId) -> Result<Extent> {
        extent(&mut self.begin_read().await?, tenant).await
    }

    async fn audit_before(&self, tenant: TenantId, at: Timestamp) -> Result<u64> {
        last_before(&mut self.begin_read().await?, tenant, at).await
    }

    async fn trim_audit(&self, tenant: TenantId, before: Timestamp) -> Result<u64> {
        let mut locked = LockedTenant::take(self, tenant).await?;
        let transaction = &mut locked.transaction;
        let last = last_before(transaction, tenant, before).await?;
        let first = extent(transaction, tenant)
            .await?
            .cut
            .map_or(0, |cut| cut.sequence);
        if last <= first {
            return Ok(0);
        }
        let sql = "SELECT sequence, body, mac, COALESCE(revision, 0) FROM audit \
                   WHERE tenant = $1 AND sequence = $2";
        let place = vec![Arg::Uuid(tenant.0), Arg::number(last)?];
        let found = collect(transaction, sql, place.clone(), read_sealed).await?;
        let sealed = found.first().ok_or_else(|| malformed("audit log"))?;
        let cut = Cut::new(self.audit_key(), tenant, last, sealed.mac);
        let sql = "DELETE FROM audit WHERE tenant = $1 AND sequence <= $2";
        transaction.execute(sql.into(), place).await?;
        let sql = "INSERT INTO audit_cut (tenant, sequence, mac, seal) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, \
                   mac = excluded.mac, seal = excluded.seal";
        let args = vec![
            Arg::Uuid(tenant.0),
            Arg::number(cut.sequence)?,
            Arg::Bytes(Some(cut.mac.to_vec())),
            Arg::Bytes(Some(cut.seal.to_vec())),
        ];
        transaction.execute(sql.into(), args).await?;
        locked.transaction.commit().await?;
        Ok(last - first)
    }

    async fn verify_audit(
        &self,
        tenant: TenantId,
    ) -> Result<std::result::Result<Verified, Broken>> {
        let Extent { cut, last, mac } = self.audit_extent(tenant).await?;
        let mut chain = match Chain::begin(self.audit_key(), tenant, cut.as_ref()) {
            Ok(chain) => chain,
            Err(broken) => return Ok(Err(broken)),
        };
        let first = chain.sequence() + 1;
        while chain.sequence() < last {
            let page = self.audit(tenant, chain.sequence(), AUDIT_PAGE).await?;
            let page: Vec<_> = page
                .into_iter()
                .filter(|sealed| sealed.sequence <= last)
                .collect();
            if page.is_empty() {
                let sequence = chain.sequence() + 1;
                return Ok(Err(Broken { sequence }));
            }
            if let Err(broken) = page.iter().try_for_each(|sealed| chain.check(sealed)) {
                return Ok(Err(broken));
            }
        }
        Ok(match chain.sequence() == last && chain.mac() == mac {
            true => Ok(Verified { first, last }),
            false => Err(Broken { sequence: last }),
        })
    }

    async fn tombstone(&self, tenant: TenantId, id: Id) -> Result<Option<Tombstone>> {
        let sql = "SELECT kind, deleted FROM record \
                   WHERE tenant = $1 AND id = $2 AND deleted IS NOT NULL";
        let args = vec![Arg::Uuid(tenant.0), Arg::Uuid(id.0)];
        let mut transaction = self.begin_read().await?;
        let found = collect(&mut transaction, sql, args, read_tombstone).await?;
        Ok(found.into_iter().next())
    }

    async fn note_activity(&self, tenant: TenantId, activity: &[Activity]) -> Result<()> {
        let mut latest = BTreeMap::new();
        for Activity { subject, last_used } in activity {
            let slot = latest.entry(*subject).or_insert(*last_used);
            *slot = (*slot).max(*last_used);
        }
        // In the order of the subjects, so that two nodes never wait for each other's rows.
        let rows: Vec<_> = latest
            .into_iter()
            .map(|(subject, last_used)| Row::Activity(Activity { subject, last_used }))
            .collect();
        let mut transaction = self.begin_write().await?;
        write(&mut transaction, tenant, &rows, WIDEST).await?;
        transaction.commit().await
    }

    async fn use_once(
        &self,
        tenant: TenantId,
        name: &[u8; 32],
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let tenant = Arg::Uuid(tenant.0);
        let mut transaction = self.begin_write().await?;
        let sql = "DELETE FROM used_once WHERE tenant = $1 AND expires <= $2";
        let args = vec![tenant.clone(), Arg::Int(Some(now.0))];
        transaction.execute(sql.into(), args).await?;
        let sql = "INSERT INTO used_once (tenant, name, expires) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        let name = Arg::Bytes(Some(name.to_vec()));
        let args = vec![tenant, name, Arg::Int(Some(expires.0))];
        let touched = transaction.execute(sql.into(), args).await?;
        transaction.commit().await?;
        Ok(touched == 1)
    }

    async fn activity(&self, tenant: TenantId) -> Result<Vec<Activity>> {
        let mut transaction = self.begin_read().await?;
        let sql = "SELECT subject, last_used FROM activity WHERE tenant = $1";
        collect(
            &mut transaction,
            sql,
            vec![Arg::Uuid(tenant.0)],
            read_activity,
        )
        .await
    }

    async fn note_exchanges(&self, tenant: TenantId, exchanges: &[Exchange]) -> Result<()> {
        let rows: Vec<_> = exchanges.iter().map(Row::Exchange).collect();
        let mut transaction = self.begin_write().await?;
        write(&mut transaction, tenant, &rows, WIDEST).await?;
        transaction.commit().await
    }

    async fn exchanges(&self, tenant: TenantId, query: ExchangeQuery) -> Result<Vec<Exchange>> {
        let mut transaction = self.begin_read().await?;
        let (sql, args) = exchange::select(tenant, query);
        let mut found = collect(&mut transaction, sql, args, read_exchange).await?;
        found.reverse();
        Ok(found)
    }

    async fn find_exchange(&self, tenant: TenantId, id: Uuid) -> Result<Option<Exchange>> {
        let mut transaction = self.begin_read().await?;
        let args = vec![Arg::Uuid(tenant.0), Arg::Uuid(id)];
        let found = collect(&mut transaction, exchange::FIND, args, read_exchange).await?;
        Ok(found.into_iter().next())
    }

    async fn trim_exchanges(
        &self,
        tenant: TenantId,
        connection: Option<Id>,
        limits: ExchangeLimits,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let args = vec![Arg::Uuid(tenant.0), Arg::Int(Some(limits.since.0))];
        transaction.execute(exchange::DROP_OLD.into(), args).await?;
        let args = exchange::much_args(tenant, connection, limits)?;
        transaction
            .execute(exchange::DROP_MUCH.into(), args)
            .await?;
        transaction.commit().await
    }

    async fn close(&self) {
        self.disconnect().await;
    }
}

/// A transaction that holds a tenant's row.
struct LockedTenant<E: Engine> {
    engine: E,
    transaction: E::Transaction,
    row: TenantRow,
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
    async fn take(engine: &E, tenant: TenantId) -> Result<Self> {
        let mut transaction = engine.begin_write().await?;
        let sql = [TenantRow::SELECT, E::LOCK].concat();
        let row = select_tenant(&mut transaction, sql.into(), tenant).await?;
        Ok(Self {
            engine: engine.clone(),
            transaction,
            row,
        })
    }

    fn at(self, expected: Revision) -> Result<Self> {
        let actual = self.row.head.revision;
        if actual == expected {
            Ok(self)
        } else {
            Err(Error::Conflict { actual })
        }
    }

    /// Writes many rows a statement. Such a statement does not tell which row's key was taken, so
    /// after that everything is taken back and tried again row by row.
    async fn commit_sets(self, sets: &[ChangeSet]) -> Result<Revision> {
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
        self.transaction.announce(id, revision).await?;
        self.transaction.commit().await?;
        Ok(revision)
    }

    /// Writes the rows, and the tenant's own.
    async fn write(&mut self, rows: &[Row<'_>], largest: usize) -> std::result::Result<(), Fault> {
        write(&mut self.transaction, self.row.head.id, rows, largest).await?;
        self.transaction
            .execute(TenantRow::UPDATE.into(), self.row.update_args()?)
            .await?;
        Ok(())
    }
}

async fn write<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
    rows: &[Row<'_>],
    largest: usize,
) -> std::result::Result<(), Fault> {
    for batch in batches(rows, largest) {
        match transaction
            .execute(batch.sql().into(), batch.args(tenant)?)
            .await
        {
            Err(Fault::Taken) => return Err(batch.duplicate().map_or(Fault::Taken, Fault::Other)),
            other => other?,
        };
    }
    Ok(())
}

async fn select_tenant<T: Transaction>(
    transaction: &mut T,
    sql: Cow<'static, str>,
    tenant: TenantId,
) -> Result<TenantRow> {
    let rows = collect(transaction, sql, vec![Arg::Uuid(tenant.0)], TenantRow::read).await?;
    rows.into_iter().next().ok_or(Error::NoTenant)
}

async fn extent<T: Transaction>(transaction: &mut T, tenant: TenantId) -> Result<Extent> {
    let row = select_tenant(transaction, TenantRow::SELECT.into(), tenant).await?;
    let sql = "SELECT sequence, mac, seal FROM audit_cut WHERE tenant = $1";
    let cut = collect(transaction, sql, vec![Arg::Uuid(tenant.0)], read_cut).await?;
    let (last, mac) = row.audit_end();
    Ok(Extent {
        cut: cut.into_iter().next(),
        last,
        mac,
    })
}

/// The number of the last entry behind which none is older than the moment.
async fn last_before<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
    at: Timestamp,
) -> Result<u64> {
    let sql = "SELECT COALESCE(MIN(sequence), 0) FROM audit WHERE tenant = $1 AND at >= $2";
    let args = vec![Arg::Uuid(tenant.0), Arg::Int(Some(at.0))];
    let first = collect(transaction, sql, args, |row| number::<u64>(row, 0)).await?;
    match first
        .first()
        .copied()
        .and_then(|first| first.checked_sub(1))
    {
        Some(before) => Ok(before),
        None => Ok(extent(transaction, tenant).await?.last),
    }
}

async fn tail<T: Transaction>(
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

async fn collect<T: Transaction, R: Send>(
    transaction: &mut T,
    sql: impl Into<Cow<'static, str>> + Send,
    args: Vec<Arg>,
    read: fn(&dyn Columns) -> Result<R>,
) -> Result<Vec<R>> {
    let mut all = Vec::new();
    let mut each = |row: &dyn Columns| {
        all.push(read(row)?);
        Ok(())
    };
    transaction.fetch(sql.into(), args, &mut each).await?;
    Ok(all)
}
