//! The audit log in its table: adding, reading, trimming and checking entries.

use jackfield_model::{AuditEntry, TenantId, Timestamp};

use super::locked::{LockedTenant, WIDEST};
use super::read::{collect, malformed, number, read_cut, read_sealed};
use super::tenant::{TenantRow, select_tenant};
use super::{Arg, Engine, Transaction};
use crate::Result;
use crate::audit::{Broken, Chain, Cut, Extent, Sealed, Verified};

/// How many entries are checked at a time.
const PAGE: u32 = 1_000;

/// Adds entries that belong to no change.
pub(super) async fn append<E: Engine>(
    engine: &E,
    tenant: TenantId,
    entries: &[AuditEntry],
) -> Result<()> {
    let mut locked = LockedTenant::take(engine, tenant).await?;
    let rows = locked.row.append_audit(engine.audit_key(), entries);
    locked.write(&rows, WIDEST).await?;
    locked.transaction.commit().await
}

/// The entries after a sequence number.
pub(super) async fn page<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
    after: u64,
    limit: u32,
) -> Result<Vec<Sealed>> {
    let sql = "SELECT sequence, body, mac, COALESCE(revision, 0) FROM audit \
               WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let args = vec![
        Arg::Uuid(tenant.0),
        Arg::Int(Some(after)),
        Arg::Int(Some(limit.into())),
    ];
    collect(transaction, sql, args, read_sealed).await
}

/// Drops the entries older than the moment, and seals where the log begins now.
pub(super) async fn trim<E: Engine>(
    engine: &E,
    tenant: TenantId,
    before: Timestamp,
) -> Result<u64> {
    let mut locked = LockedTenant::take(engine, tenant).await?;
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
    let cut = Cut::new(engine.audit_key(), tenant, last, sealed.mac);
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

/// Checks the whole chain, a page at a time. All of it is read as of one moment: what is trimmed
/// meanwhile is not missing.
pub(super) async fn verify<E: Engine>(
    engine: &E,
    tenant: TenantId,
) -> Result<std::result::Result<Verified, Broken>> {
    let mut transaction = engine.begin_read().await?;
    let Extent { cut, last, mac } = extent(&mut transaction, tenant).await?;
    let mut chain = match Chain::begin(engine.audit_key(), tenant, cut.as_ref()) {
        Ok(chain) => chain,
        Err(broken) => return Ok(Err(broken)),
    };
    let first = chain.sequence() + 1;
    while chain.sequence() < last {
        let page = page(&mut transaction, tenant, chain.sequence(), PAGE).await?;
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

/// Where the log begins and ends.
pub(super) async fn extent<T: Transaction>(
    transaction: &mut T,
    tenant: TenantId,
) -> Result<Extent> {
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
pub(super) async fn last_before<T: Transaction>(
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
