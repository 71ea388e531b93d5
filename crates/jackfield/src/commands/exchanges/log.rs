//! `jackfield scim log`: one line for each request.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::{ExchangeQuery, Session};
use jackfield_model::{Clock as _, Exchange, Kind};
use serde_json::Value;
use uuid::Uuid;

use super::{changed, name, path, shown};
use crate::ambient::SystemClock;
use crate::cli::{Common, exchanges};
use crate::node;

/// How often is looked for more.
const LOOK: Duration = Duration::from_millis(500);
/// How many are taken at a time.
const PAGE: u32 = 1_000;
/// What several processes write may come a little out of order, in seconds.
const LATE: i64 = 5;

pub(in crate::commands) async fn log(
    common: &Common,
    arguments: &exchanges::Log,
    config: &Config,
) -> Result<ExitCode> {
    node::with_tenant(config, &arguments.tenant, async |operator| {
        let connection = match &arguments.connection {
            None => None,
            Some(name) => {
                let id = operator.named(Kind::Connection, name);
                Some(id.ok_or_else(|| anyhow!("there is no connection {name:?}"))?)
            }
        };
        let query = ExchangeQuery {
            connection,
            failed: arguments.failed,
            since: arguments.since.map(|it| it.seen_from(SystemClock.now())),
            limit: arguments.limit,
        };
        let found = operator.exchanges(query).await?;
        if common.json && !arguments.follow {
            let all = found.iter().map(|exchange| shown(&operator, exchange));
            let all: Vec<Value> = all.collect::<Result<_>>()?;
            say!("{}", serde_json::to_string_pretty(&all)?)?;
        } else {
            show(common, &operator, &found)?;
        }
        if arguments.follow {
            tokio::select! {
                outcome = follow(common, &operator, query, found) => outcome?,
                outcome = tokio::signal::ctrl_c() => outcome?,
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Shows what comes after what was found.
async fn follow(
    common: &Common,
    operator: &Session,
    query: ExchangeQuery,
    found: Vec<Exchange>,
) -> Result<()> {
    let mut seen: Vec<Uuid> = found.iter().map(|exchange| exchange.id).collect();
    let mut newest = found
        .last()
        .map_or_else(|| SystemClock.now(), |last| last.at);
    loop {
        tokio::time::sleep(LOOK).await;
        let query = ExchangeQuery {
            since: Some(newest.plus_seconds(-LATE)),
            limit: PAGE,
            ..query
        };
        let recent = operator.exchanges(query).await?;
        let is_new = |exchange: &&Exchange| !seen.contains(&exchange.id);
        let new: Vec<Exchange> = recent.iter().filter(is_new).cloned().collect();
        show(common, operator, &new)?;
        newest = new
            .iter()
            .map(|exchange| exchange.at)
            .fold(newest, Ord::max);
        seen = recent.iter().map(|exchange| exchange.id).collect();
    }
}

fn show(common: &Common, operator: &Session, found: &[Exchange]) -> Result<()> {
    for exchange in found {
        if common.json {
            say!("{}", shown(operator, exchange)?)?;
        } else {
            say!("{}", line(operator, exchange))?;
        }
    }
    Ok(())
}

fn line(operator: &Session, exchange: &Exchange) -> String {
    let mut notes = Vec::new();
    if exchange.skipped > 0 {
        notes.push(format!(
            "{} before it were too many to keep",
            exchange.skipped
        ));
    }
    if !exchange.repairs.is_empty() {
        notes.push(format!("repaired: {}", exchange.repairs.join(", ")));
    }
    match exchange.deeds.as_slice() {
        [] => {}
        [deed] => notes.push(changed(deed)),
        deeds => notes.push(format!("{} changes", deeds.len())),
    }
    let scim_type = exchange.scim_type.as_ref().map(|it| format!("{it}: "));
    if let Some(detail) = &exchange.detail {
        notes.push(scim_type.unwrap_or_default() + detail);
    }
    format!(
        "{}  {}  {}  {}  {} {}  {} ms  {}",
        exchange.at.to_rfc3339(),
        exchange.id,
        name(operator, exchange),
        exchange.status,
        exchange.method,
        path(exchange),
        exchange.duration_us / 1_000,
        notes.join("; "),
    )
    .trim_end()
    .to_owned()
}
