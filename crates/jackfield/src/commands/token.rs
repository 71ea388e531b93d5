//! `jackfield token create`: a bearer token for a SCIM connection.

use std::process::ExitCode;

use anyhow::{Result, bail};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_gateway::administer::NewConnection;
use jackfield_model::{Clock as _, Timestamp};
use serde::Serialize;

use super::print;
use crate::ambient::SystemClock;
use crate::cli::{Common, NewToken};
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
    let ceiling = ceiling(&operator, arguments.ceiling.as_deref())?;
    let new = NewConnection {
        name: &arguments.connection,
        kind: &arguments.kind,
        ceiling,
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

fn ceiling<'a>(operator: &Session, named: Option<&'a str>) -> Result<&'a str> {
    let snapshot = operator.tenant().snapshot();
    match named {
        None => Ok(""),
        Some("full") => Ok("full"),
        Some(role) if snapshot.roles().get(role).is_some() => Ok(role),
        Some(role) => {
            let keys: Vec<&str> = snapshot
                .roles()
                .iter()
                .map(|role| role.key().as_str())
                .collect();
            bail!(
                "there is no role {role:?}; there are {}, and \"full\"",
                keys.join(", ")
            )
        }
    }
}

fn end(days: u32) -> Timestamp {
    SystemClock.now().plus_seconds(i64::from(days) * 86_400)
}
