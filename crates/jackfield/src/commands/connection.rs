//! `jackfield connection list`, `set` and `remove`: the provisioning clients of a tenant.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
use jackfield_gateway::administer::{ConnectionInfo, NewConnection};
use jackfield_gateway::{ExchangeQuery, Session};
use jackfield_model::{Clock as _, Id, Timestamp};
use serde::Serialize;

use super::{print, print_list};
use crate::ambient::SystemClock;
use crate::cli::{Common, ConnectionArgs, RemoveConnection, SetConnection, TenantOnly};
use crate::node;

#[derive(Serialize)]
struct Listed {
    id: String,
    connection: String,
    kind: String,
    /// The kind that its requests of late look like, where that is another.
    suggested: Option<String>,
    ceiling: Option<String>,
    takes_passwords: bool,
    requires_versions: bool,
    credentials: usize,
    last_used: Option<String>,
}

impl Listed {
    async fn of(operator: &Session, info: ConnectionInfo) -> Result<Self> {
        Ok(Self {
            suggested: suggested(operator, &info).await?,
            id: info.id.to_string(),
            connection: info.name,
            kind: info.kind,
            ceiling: info.ceiling,
            takes_passwords: info.takes_passwords,
            requires_versions: info.requires_versions,
            credentials: info.credentials,
            last_used: info.last_used.map(Timestamp::to_rfc3339),
        })
    }

    fn row(&self) -> [String; 7] {
        let kind = match &self.suggested {
            Some(suggested) => format!("{}, looks like {suggested}", self.kind),
            None => self.kind.clone(),
        };
        [
            self.connection.clone(),
            kind,
            self.ceiling.clone().unwrap_or_else(|| "default".into()),
            if self.takes_passwords {
                "taken"
            } else {
                "ignored"
            }
            .into(),
            if self.requires_versions {
                "required"
            } else {
                "as it likes"
            }
            .into(),
            self.credentials.to_string(),
            self.last_used.clone().unwrap_or_else(|| "never".into()),
        ]
    }
}

/// So many requests are looked at for what a connection looks like.
const RECENT: u32 = 200;

/// The kind that the requests of a connection look like; the newest says most, since a connection
/// may have been given to another provider.
async fn suggested(operator: &Session, connection: &ConnectionInfo) -> Result<Option<String>> {
    let query = ExchangeQuery {
        connection: Some(connection.id),
        failed: false,
        since: None,
        limit: RECENT,
    };
    let recent = operator.exchanges(query).await?;
    let newest = recent.iter().rev().find_map(|it| it.suggested.as_ref());
    let newest = newest.filter(|kind| **kind != connection.kind);
    Ok(newest.map(ToString::to_string))
}

pub(super) async fn list(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let listed = node::with_tenant(config, &arguments.tenant, async |operator| {
        let mut listed = Vec::new();
        for info in operator.read()?.connections(SystemClock.now()) {
            listed.push(Listed::of(&operator, info).await?);
        }
        Ok(listed)
    })
    .await?;
    let head = [
        "connection",
        "kind",
        "ceiling",
        "passwords",
        "If-Match",
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
        require_versions,
    } = arguments;
    let set = node::with_tenant(config, &connection.tenant, async |operator| {
        let id = ensure(&operator, connection, ceiling.as_deref(), *require_versions).await?;
        let info = operator.read()?.connection(id, SystemClock.now());
        Listed::of(&operator, info.context("the connection is gone again")?).await
    })
    .await?;
    let [
        connection,
        kind,
        ceiling,
        passwords,
        versions,
        credentials,
        last_used,
    ] = set.row();
    let lines = [
        ("connection", connection.as_str()),
        ("kind", &kind),
        ("ceiling", &ceiling),
        ("passwords", &passwords),
        ("If-Match", &versions),
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

/// Does something with the connection of that name, made or changed as was said: all of it, or
/// nothing.
pub(super) async fn with_connection<T>(
    config: &Config,
    arguments: &ConnectionArgs,
    work: impl AsyncFn(&Session, Id) -> Result<T>,
) -> Result<T> {
    node::change_tenant(config, &arguments.tenant, async |operator| {
        let id = ensure(&operator, arguments, None, None).await?;
        work(&operator, id).await
    })
    .await
}

/// The connection of that name, made or changed as was said.
async fn ensure(
    operator: &Session,
    arguments: &ConnectionArgs,
    ceiling: Option<&str>,
    requires_versions: Option<bool>,
) -> Result<Id> {
    let new = NewConnection {
        name: &arguments.connection,
        kind: arguments.kind.as_deref(),
        ceiling,
        takes_passwords: arguments.take_passwords,
        requires_versions,
    };
    Ok(operator.ensure_connection(new).await?)
}
