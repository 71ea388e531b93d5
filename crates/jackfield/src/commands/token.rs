//! `jackfield token create`, `list` and `revoke`: the bearer tokens of SCIM connections.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
use jackfield_gateway::administer::{HeldCredential, NewCredential};
use jackfield_model::{Clock as _, Id, Timestamp};
use serde::Serialize;

use super::connection::with_connection;
use super::{print, print_list};
use crate::ambient::SystemClock;
use crate::cli::{Common, CredentialArgs, NewToken, RevokeToken, TenantOnly};
use crate::listeners::Addresses;
use crate::node;

#[derive(Serialize)]
struct Created<'a> {
    id: String,
    connection: &'a str,
    url: String,
    token: &'a str,
    expires: Option<String>,
}

pub(super) async fn create(
    common: &Common,
    arguments: &NewToken,
    config: &Config,
) -> Result<ExitCode> {
    let NewToken { connection, limits } = arguments;
    let new = credential(limits);
    let expires = new.expires;
    let made = with_connection(config, connection, async |operator, id| {
        Ok(operator.make_token(id, new.clone()).await?)
    })
    .await?;
    let token = Created {
        id: made.id.to_string(),
        connection: &connection.connection,
        url: scim_url(config, &connection.tenant),
        token: &made.text,
        expires: expires.map(Timestamp::to_rfc3339),
    };
    let expires = token.expires.as_deref().unwrap_or("never");
    let lines = [
        ("url", token.url.as_str()),
        ("token", token.token),
        ("expires", expires),
        ("", "The token is shown this once."),
    ];
    print(common, &token, &lines)
}

/// A credential that is limited as was said.
pub(super) fn credential(limits: &CredentialArgs) -> NewCredential<'_> {
    NewCredential {
        label: &limits.label,
        scopes: &limits.scope,
        ceiling: limits.ceiling.as_deref(),
        networks: &limits.network,
        expires: limits
            .expires
            .map(|expiry| expiry.moment(SystemClock.now())),
    }
}

/// The SCIM base URL of a tenant.
pub(super) fn scim_url(config: &Config, tenant: &str) -> String {
    format!("{}/scim/{tenant}/v2", base_url(config))
}

/// The URL that clients reach the server under.
pub(super) fn base_url(config: &Config) -> String {
    let address = Addresses::of(&config.server).http;
    address
        .map(|address| config.server.base_url(address))
        .unwrap_or_default()
}

#[derive(Serialize)]
struct Listed {
    id: String,
    connection: String,
    kind: &'static str,
    label: String,
    scopes: Vec<&'static str>,
    ceiling: Option<String>,
    networks: Vec<String>,
    created: String,
    expires: Option<String>,
    last_used: Option<String>,
}

impl Listed {
    fn of(held: HeldCredential) -> Self {
        let info = held.credential;
        Self {
            id: info.id.to_string(),
            connection: held.holder,
            kind: info.kind.name(),
            label: info.label,
            scopes: info.scopes,
            ceiling: info.ceiling,
            networks: info.networks,
            created: info.created.to_rfc3339(),
            expires: info.expires.map(Timestamp::to_rfc3339),
            last_used: info.last_used.map(Timestamp::to_rfc3339),
        }
    }

    fn row(&self) -> [String; 9] {
        let or = |text: &Option<String>, absent: &str| text.clone().unwrap_or(absent.to_owned());
        let networks = match self.networks.is_empty() {
            true => "any".to_owned(),
            false => self.networks.join(","),
        };
        [
            self.id.clone(),
            self.connection.clone(),
            self.kind.to_owned(),
            self.label.clone(),
            self.scopes.join(","),
            or(&self.ceiling, "connection's"),
            networks,
            or(&self.expires, "never"),
            or(&self.last_used, "never"),
        ]
    }
}

pub(super) async fn list(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let tokens = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.read()?.connection_credentials())
    })
    .await?;
    let listed: Vec<Listed> = tokens.into_iter().map(Listed::of).collect();
    let head = [
        "id",
        "connection",
        "kind",
        "label",
        "scopes",
        "ceiling",
        "networks",
        "expires",
        "last used",
    ];
    print_list(common, &listed, head, Listed::row)
}

#[derive(Serialize)]
struct Revoked<'a> {
    revoked: &'a str,
}

pub(super) async fn revoke(
    common: &Common,
    arguments: &RevokeToken,
    config: &Config,
) -> Result<ExitCode> {
    let id = Id::parse(&arguments.id).with_context(|| format!("{:?} is no id", arguments.id))?;
    node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.revoke(id).await?)
    })
    .await?;
    let revoked = &arguments.id;
    print(common, &Revoked { revoked }, &[("revoked", revoked)])
}
