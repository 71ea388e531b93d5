//! The statements about exchanges.

use std::fmt::Write as _;

use jackfield_model::{Id, TenantId};

use super::Arg;
use super::row::connection;
use crate::{ExchangeLimits, ExchangeQuery, Result};

/// Finds the exchange of a tenant with an id.
pub(super) const FIND: &str = "SELECT body FROM exchange WHERE tenant = $1 AND id = $2";

/// Drops what is older than a moment.
pub(super) const DROP_OLD: &str = "DELETE FROM exchange WHERE tenant = $1 AND at < $2";

/// Drops what is too much, which the database counts from the newest on.
pub(super) const DROP_MUCH: &str = "DELETE FROM exchange WHERE tenant = $1 AND id IN (\
     SELECT id FROM (\
     SELECT id, row_number() OVER newer AS place, sum(bytes) OVER newer AS total \
     FROM exchange WHERE tenant = $1 AND connection = $2 WINDOW newer AS (ORDER BY id DESC)\
     ) AS kept WHERE place > $3 OR total > $4)";

/// What [`DROP_MUCH`] takes.
pub(super) fn much_args(
    tenant: TenantId,
    of: Option<Id>,
    limits: ExchangeLimits,
) -> Result<Vec<Arg>> {
    Ok(vec![
        Arg::Uuid(tenant.0),
        connection(of),
        Arg::Int(Some(limits.count.into())),
        Arg::number(limits.bytes)?,
    ])
}

/// Finds exchanges, the newest first.
pub(super) fn select(tenant: TenantId, query: ExchangeQuery) -> (String, Vec<Arg>) {
    let mut sql = "SELECT body FROM exchange WHERE tenant = $1".to_owned();
    let mut args = vec![Arg::Uuid(tenant.0)];
    let conditions = [
        (
            "connection = ",
            query.connection.map(|id| connection(Some(id))),
        ),
        ("is_failed = ", query.failed.then_some(Arg::Bool(true))),
        ("at >= ", query.since.map(|at| Arg::Int(Some(at.0)))),
    ];
    for (condition, arg) in conditions {
        if let Some(arg) = arg {
            args.push(arg);
            // Writing to a string does not fail.
            let _ = write!(sql, " AND {condition}${}", args.len());
        }
    }
    args.push(Arg::Int(Some(query.limit.into())));
    let _ = write!(sql, " ORDER BY id DESC LIMIT ${}", args.len());
    (sql, args)
}
