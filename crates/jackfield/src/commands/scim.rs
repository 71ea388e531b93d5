//! `jackfield scim held`, `release` and `pending`: what keeps provisioning clients waiting.

use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use jackfield_config::Config;
use jackfield_model::{Kind, Timestamp};
use serde::Serialize;

use super::{print, print_list};
use crate::cli::{Common, ReleaseConnection, TenantOnly};
use crate::node;

#[derive(Serialize)]
struct Held {
    connection: String,
    since: String,
    users: u32,
    before: u32,
}

pub(super) async fn held(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let held = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.held_connections())
    })
    .await?;
    let listed: Vec<Held> = held
        .into_iter()
        .map(|held| Held {
            connection: held.connection,
            since: Timestamp::to_rfc3339(held.since),
            users: held.users,
            before: held.before,
        })
        .collect();
    let row = |held: &Held| {
        let (users, before) = (held.users.to_string(), held.before.to_string());
        [held.connection.clone(), held.since.clone(), users, before]
    };
    let head = ["connection", "held since", "active users", "before"];
    print_list(common, &listed, head, row)
}

#[derive(Serialize)]
struct Released<'a> {
    released: &'a str,
}

pub(super) async fn release(
    common: &Common,
    arguments: &ReleaseConnection,
    config: &Config,
) -> Result<ExitCode> {
    let name = &arguments.connection;
    let was_held = node::with_tenant(config, &arguments.tenant, async |operator| {
        let connection = operator.named(Kind::Connection, name);
        let connection = connection.with_context(|| format!("there is no connection {name:?}"))?;
        Ok(operator.release(connection).await?)
    })
    .await?;
    ensure!(was_held, "the connection {name:?} is not held");
    let released = Released { released: name };
    print(common, &released, &[("released", name)])
}

#[derive(Serialize)]
struct Pending {
    group: String,
    connection: String,
    member: String,
}

pub(super) async fn pending(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let pending = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.pending_members())
    })
    .await?;
    let listed: Vec<Pending> = pending
        .into_iter()
        .map(|pending| Pending {
            group: pending.group,
            connection: pending.connection,
            member: pending.member,
        })
        .collect();
    let row = |p: &Pending| [p.group.clone(), p.connection.clone(), p.member.clone()];
    print_list(common, &listed, ["group", "connection", "member"], row)
}
