//! `jackfield token create`, `list` and `revoke`: the bearer tokens of SCIM connections.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_gateway::administer::NewConnection;
use jackfield_model::{Clock as _, Id, Timestamp};
use serde::Serialize;

use super::print;
use crate::ambient::SystemClock;
use crate::cli::{Common, NewToken, RevokeToken, TenantOnly};
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
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let expires = arguments.expires_in_days.map(end);
    let new = NewConnection {
        name: &arguments.connection,
        kind: arguments.kind.as_deref(),
        ceiling: known(&operator, arguments.ceiling.as_deref())?,
        takes_passwords: arguments.take_passwords,
    };
    let connection = operator.ensure_connection(new).await?;
    let made = operator.make_token(connection, "", expires).await?;
    gateway.stop().await;
    let token = Created {
        id: made.id.to_string(),
        connection: &arguments.connection,
        url: scim_url(config, &arguments.tenant),
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

/// The SCIM base URL of a tenant.
pub(super) fn scim_url(config: &Config, tenant: &str) -> String {
    let address = Addresses::of(&config.server).http;
    let base = address
        .map(|address| config.server.base_url(address))
        .unwrap_or_default();
    format!("{base}/scim/{tenant}/v2")
}

/// The ceiling that was named, if there is such a role.
fn known<'a>(operator: &Session, ceiling: Option<&'a str>) -> Result<Option<&'a str>> {
    let roles = operator.tenant().roles();
    match ceiling {
        Some(role) if role != "full" && roles.get(role).is_none() => {
            let keys: Vec<&str> = roles.iter().map(|role| role.key().as_str()).collect();
            bail!(
                "there is no role {role:?}; there are {}, and \"full\"",
                keys.join(", ")
            )
        }
        other => Ok(other),
    }
}

fn end(days: u32) -> Timestamp {
    SystemClock.now().plus_seconds(i64::from(days) * 86_400)
}

#[derive(Serialize)]
struct Listed {
    id: String,
    connection: String,
    created: String,
    expires: Option<String>,
    last_used: Option<String>,
}

pub(super) async fn list(
    common: &Common,
    arguments: &TenantOnly,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let tokens: Vec<Listed> = operator
        .tokens()
        .into_iter()
        .map(|token| Listed {
            id: token.id.to_string(),
            connection: token.connection,
            created: token.created.to_rfc3339(),
            expires: token.expires.map(Timestamp::to_rfc3339),
            last_used: token.last_used.map(Timestamp::to_rfc3339),
        })
        .collect();
    gateway.stop().await;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&tokens)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:36}  {:20}  {:24}  {:24}  last used",
        "id", "connection", "created", "expires"
    );
    for token in &tokens {
        let expires = token.expires.as_deref().unwrap_or("never");
        let last_used = token.last_used.as_deref().unwrap_or("never");
        println!(
            "{}  {:20}  {:24}  {expires:24}  {last_used}",
            token.id, token.connection, token.created
        );
    }
    Ok(ExitCode::SUCCESS)
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
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let outcome = operator.revoke(id).await;
    gateway.stop().await;
    outcome?;
    print(
        common,
        &Revoked {
            revoked: &arguments.id,
        },
        &[("revoked", &arguments.id)],
    )
}
