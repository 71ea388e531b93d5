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
    let connections = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.connections())
    })
    .await?;
    let listed: Vec<Listed> = connections.into_iter().map(Listed::of).collect();
    let head = [
        "connection",
        "kind",
        "ceiling",
        "passwords",
        "credentials",
        "last used",
    ];
    print_list(common, &listed, head, Listed::row)
}

pub(super) async fn set(
    common: &Common,
    arguments: &SetConnection,
    config: &Config,
) -> Result<ExitCode> {
    let SetConnection {
        connection,
        ceiling,
    } = arguments;
    let info = node::with_tenant(config, &connection.tenant, async |operator| {
        let id = ensure(&operator, connection, ceiling.as_deref()).await?;
        let mut all = operator.connections().into_iter();
        all.find(|info| info.id == id)
            .context("the connection is gone again")
    })
    .await?;
    let set = Listed::of(info);
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
    let removed = &arguments.connection;
    node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.remove_connection(removed).await?)
    })
    .await?;
    print(common, &Removed { removed }, &[("removed", removed)])
}

/// Does something with the connection of that name, made or changed as was said.
pub(super) async fn with_connection<T>(
    config: &Config,
    arguments: &ConnectionArgs,
    work: impl AsyncFnOnce(&Session, Id) -> Result<T>,
) -> Result<T> {
    node::with_tenant(config, &arguments.tenant, async |operator| {
        let id = ensure(&operator, arguments, None).await?;
        work(&operator, id).await
    })
    .await
}

/// The connection of that name, made or changed as was said.
async fn ensure(
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
