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
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let held = operator.held_connections().into_iter();
    let listed: Vec<Held> = held
        .map(|held| Held {
            connection: held.connection,
            since: Timestamp::to_rfc3339(held.since),
            users: held.users,
            before: held.before,
        })
        .collect();
    gateway.stop().await;
    let row = |held: &Held| {
        let (users, before) = (held.users.to_string(), held.before.to_string());
        [held.connection.clone(), held.since.clone(), users, before]
    };
    let rows: Vec<[String; 4]> = listed.iter().map(row).collect();
    let header = ["connection", "held since", "active users", "before"];
    print_list(common, &listed, header, &rows)
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
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let name = &arguments.connection;
    let connection = operator.named(Kind::Connection, name);
    let outcome = match connection {
        Some(connection) => Some(operator.release(connection).await),
        None => None,
    };
    gateway.stop().await;
    let was_held = outcome.with_context(|| format!("there is no connection {name:?}"))??;
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
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let pending = operator.pending_members().into_iter();
    let listed: Vec<Pending> = pending
        .map(|pending| Pending {
            group: pending.group,
            connection: pending.connection,
            member: pending.member,
        })
        .collect();
    gateway.stop().await;
    let row = |p: &Pending| [p.group.clone(), p.connection.clone(), p.member.clone()];
    let rows: Vec<[String; 3]> = listed.iter().map(row).collect();
    print_list(common, &listed, ["group", "connection", "member"], &rows)
}
