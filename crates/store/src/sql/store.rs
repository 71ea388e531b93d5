//! The store itself, over any [`Engine`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use jackfield_model::{
    AuditEntry, Change, ChangeSet, Exchange, Id, Revision, TenantId, TenantName, Timestamp,
};
use uuid::Uuid;

use super::locked::{LockedTenant, WIDEST, tail, write};
use super::read::{
    TABLES, collect, malformed, number, read_activity, read_exchange, read_lockout, read_tombstone,
};
use super::row::Row;
use super::tenant::{TenantRow, read_head, select_tenant};
use super::{Arg, Columns, Engine, Fault, Transaction, audit_log, exchange};
use crate::audit::{Broken, Extent, Sealed, Verified};
use crate::{
    Activity, Error, ExchangeLimits, ExchangeQuery, Head, Hints, Locked, LockedOut, Result, Store,
    Tail, Tombstone,
};

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

    async fn replace_kept(&self, name: &str, value: &[u8]) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let sql = "INSERT INTO kept (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let args = vec![
            Arg::Text(Cow::Owned(name.to_owned())),
            Arg::Bytes(Some(value.to_vec())),
        ];
        transaction.execute(sql.into(), args).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<Head>> {
        let mut transaction = self.begin_read().await?;
        let select = TenantRow::SELECT_HEADS;
        let mut heads = collect(&mut transaction, select, Vec::new(), read_head).await?;
        heads.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(heads)
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
        // Mostly there is none, which one statement tells.
        let mut current = None;
        let mut each = |row: &dyn Columns| {
            current = Some(Revision(number(row, 0)?));
            Ok(())
        };
        let args = vec![Arg::Uuid(tenant.0)];
        self.fetch_alone(TenantRow::SELECT_REVISION.into(), args, &mut each)
            .await?;
        match current {
            None => Err(Error::NoTenant),
            Some(current) if current == after => Ok(Tail::Sets(Vec::new())),
            Some(_) => tail(&mut self.begin_read().await?, tenant, after).await,
        }
    }

    async fn listen(&self) -> Result<Option<Box<dyn Hints>>> {
        self.hints().await
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
        audit_log::append(self, tenant, entries).await
    }

    async fn audit(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<Sealed>> {
        audit_log::page(&mut self.begin_read().await?, tenant, after, limit).await
    }

    async fn audit_extent(&self, tenant: TenantId) -> Result<Extent> {
        audit_log::extent(&mut self.begin_read().await?, tenant).await
    }

    async fn audit_before(&self, tenant: TenantId, at: Timestamp) -> Result<u64> {
        audit_log::last_before(&mut self.begin_read().await?, tenant, at).await
    }

    async fn trim_audit(&self, tenant: TenantId, before: Timestamp) -> Result<u64> {
        audit_log::trim(self, tenant, before).await
    }

    async fn verify_audit(
        &self,
        tenant: TenantId,
    ) -> Result<std::result::Result<Verified, Broken>> {
        audit_log::verify(self, tenant).await
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
        let rows: Vec<_> = latest
            .into_iter()
            .map(|(subject, last_used)| Row::Activity(Activity { subject, last_used }))
            .collect();
        // Not beside a commit, which may forget some of them: each would wait for the other's rows.
        let mut transaction = LockedTenant::take(self, tenant).await?.transaction;
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

    async fn note_lockout(&self, tenant: TenantId, lockout: &LockedOut) -> Result<()> {
        let tenant = Arg::Uuid(tenant.0);
        let mut transaction = self.begin_write().await?;
        let sql = "DELETE FROM lockout WHERE tenant = $1 AND until <= $2";
        let args = vec![tenant.clone(), Arg::Int(Some(lockout.since.0))];
        transaction.execute(sql.into(), args).await?;
        let sql = "INSERT INTO lockout (tenant, account, network, since, until) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, account, network) \
                   DO UPDATE SET since = excluded.since, until = excluded.until";
        let args = vec![
            tenant,
            Arg::Uuid(lockout.account.0),
            Arg::Text(lockout.network.to_string().into()),
            Arg::Int(Some(lockout.since.0)),
            Arg::Int(Some(lockout.until.0)),
        ];
        transaction.execute(sql.into(), args).await?;
        transaction.commit().await
    }

    async fn lockouts(&self, tenant: TenantId, account: Option<Id>) -> Result<Vec<LockedOut>> {
        let (of_one, account) = match account {
            Some(account) => (" AND account = $2", Some(Arg::Uuid(account.0))),
            None => ("", None),
        };
        let select = "SELECT account, network, since, until FROM lockout WHERE tenant = $1";
        let sql = [select, of_one].concat();
        let args = [Arg::Uuid(tenant.0)].into_iter().chain(account).collect();
        let mut transaction = self.begin_read().await?;
        let mut found = collect(&mut transaction, sql, args, read_lockout).await?;
        found.sort_unstable_by_key(|it| (it.since, it.account, it.network));
        Ok(found)
    }

    async fn lift_lockouts(&self, tenant: TenantId, account: Id) -> Result<u64> {
        let mut transaction = self.begin_write().await?;
        let sql = "DELETE FROM lockout WHERE tenant = $1 AND account = $2";
        let args = vec![Arg::Uuid(tenant.0), Arg::Uuid(account.0)];
        let lifted = transaction.execute(sql.into(), args).await?;
        transaction.commit().await?;
        Ok(lifted)
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
