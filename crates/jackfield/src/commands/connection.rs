//! `jackfield connection list`, `set` and `remove`: the provisioning clients of a tenant.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_gateway::administer::{ConnectionInfo, NewConnection};
use jackfield_model::{Id, Timestamp};
use serde::Serialize;

use super::{print, print_list};
use crate::cli::{Common, ConnectionArgs, RemoveConnection, SetConnection, TenantOnly};
use crate::node;

#[derive(Serialize)]
struct Listed {
    id: String,
    connection: String,
    kind: String,
    ceiling: Option<String>,
    takes_passwords: bool,
    credentials: usize,
    last_used: Option<String>,
}

impl Listed {
    fn of(info: ConnectionInfo) -> Self {
        Self {
            id: info.id.to_string(),
            connection: info.name,
            kind: info.kind,
            ceiling: info.ceiling,
            takes_passwords: info.takes_passwords,
            credentials: info.credentials,
            last_used: info.last_used.map(Timestamp::to_rfc3339),
        }
    }

    fn row(&self) -> [String; 6] {
        [
            self.connection.clone(),
            self.kind.clone(),
            self.ceiling.clone().unwrap_or_else(|| "default".into()),
            if self.takes_passwords {
                "taken"
            } else {
                "ignored"
            }
            .into(),
            self.credentials.to_string(),
            self.last_used.clone().unwrap_or_else(|| "never".into()),
        ]
    }
}

pub(super) async fn list(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let listed: Vec<Listed> = operator.connections().into_iter().map(Listed::of).collect();
    gateway.stop().await;
    let rows: Vec<[String; 6]> = listed.iter().map(Listed::row).collect();
    let header = [
        "connection",
        "kind",
        "ceiling",
        "passwords",
        "credentials",
        "last used",
    ];
    print_list(common, &listed, header, &rows)
}

pub(super) async fn set(
    common: &Common,
    arguments: &SetConnection,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.connection.tenant).await?;
    let outcome = ensure(
        &operator,
        &arguments.connection,
        arguments.ceiling.as_deref(),
    )
    .await;
    let all = operator.connections();
    gateway.stop().await;
    let id = outcome?;
    let info = all.into_iter().find(|info| info.id == id);
    let set = Listed::of(info.context("the connection is gone again")?);
    let [connection, kind, ceiling, passwords, credentials, last_used] = set.row();
    let lines = [
        ("connection", connection.as_str()),
        ("kind", &kind),
        ("ceiling", &ceiling),
        ("passwords", &passwords),
        ("credentials", &credentials),
        ("last used", &last_used),
    ];
    print(common, &set, &lines)
}

#[derive(Serialize)]
struct Removed<'a> {
    removed: &'a str,
}

pub(super) async fn remove(
    common: &Common,
    arguments: &RemoveConnection,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let outcome = operator.remove_connection(&arguments.connection).await;
    gateway.stop().await;
    outcome?;
    let removed = &arguments.connection;
    print(common, &Removed { removed }, &[("removed", removed)])
}

/// The connection of that name, made or changed as was said.
pub(super) async fn ensure(
    operator: &Session,
    arguments: &ConnectionArgs,
    ceiling: Option<&str>,
) -> Result<Id> {
    let new = NewConnection {
        name: &arguments.connection,
        kind: arguments.kind.as_deref(),
        ceiling,
        takes_passwords: arguments.take_passwords,
    };
    Ok(operator.ensure_connection(new).await?)
}
