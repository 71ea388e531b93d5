//! `jackfield client secret` and `trust`: how a connection gets tokens by OAuth 2.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
use jackfield_model::{Timestamp, TrustedKeys};
use serde::Serialize;

use super::connection::with_connection;
use super::print;
use super::token::{base_url, credential, scim_url};
use crate::cli::{Common, NewToken, NewTrust};

#[derive(Serialize)]
struct Secret<'a> {
    id: String,
    connection: &'a str,
    url: String,
    token_url: String,
    client_id: String,
    #[serde(rename = "client_secret")]
    text: &'a str,
    expires: Option<String>,
}

pub(super) async fn secret(
    common: &Common,
    arguments: &NewToken,
    config: &Config,
) -> Result<ExitCode> {
    let NewToken { connection, limits } = arguments;
    let new = credential(limits);
    let expires = new.expires;
    let (made, client_id) = with_connection(config, connection, async |operator, id| {
        let made = operator.make_client_secret(id, new.clone()).await?;
        Ok((made, operator.client_id(id).to_string()))
    })
    .await?;
    let secret = Secret {
        id: made.id.to_string(),
        connection: &connection.connection,
        url: scim_url(config, &connection.tenant),
        token_url: token_url(config),
        client_id,
        text: &made.text,
        expires: expires.map(Timestamp::to_rfc3339),
    };
    let lines = [
        ("url", secret.url.as_str()),
        ("token url", &secret.token_url),
        ("client id", &secret.client_id),
        ("client secret", secret.text),
        ("expires", secret.expires.as_deref().unwrap_or("never")),
        ("", "The secret is shown this once."),
    ];
    print(common, &secret, &lines)
}

#[derive(Serialize)]
struct Trusted<'a> {
    id: String,
    connection: &'a str,
    url: String,
    token_url: String,
    client_id: String,
    issuer: String,
    subject: String,
    audiences: Vec<String>,
}

pub(super) async fn trust(
    common: &Common,
    arguments: &NewTrust,
    config: &Config,
) -> Result<ExitCode> {
    let NewTrust {
        connection, limits, ..
    } = arguments;
    let keys = match (&arguments.keys.jwks, &arguments.keys.jwks_url) {
        (Some(file), _) => {
            let text = fs::read_to_string(file);
            TrustedKeys::Document(text.with_context(|| format!("cannot read {}", file.display()))?)
        }
        (None, url) => TrustedKeys::Url(url.clone().unwrap_or_default()),
    };
    let (id, client_id, trust) = with_connection(config, connection, async |operator, id| {
        let (issuer, subject) = (arguments.issuer.as_deref(), arguments.subject.as_deref());
        let trust = operator.trust(id, issuer, subject, &arguments.audience, keys.clone());
        let new = credential(limits);
        let made = operator.add_trust(id, trust.clone(), new).await?;
        Ok((made, operator.client_id(id).to_string(), trust))
    })
    .await?;
    let base = base_url(config);
    let audiences = match arguments.audience.is_empty() {
        true => vec![token_url(config), base],
        false => arguments.audience.clone(),
    };
    let trusted = Trusted {
        id: id.to_string(),
        connection: &connection.connection,
        url: scim_url(config, &connection.tenant),
        token_url: token_url(config),
        client_id,
        issuer: trust.issuer.to_string(),
        subject: trust.subject.to_string(),
        audiences,
    };
    let audiences = trusted.audiences.join(", ");
    let lines = [
        ("url", trusted.url.as_str()),
        ("token url", &trusted.token_url),
        ("client id", &trusted.client_id),
        ("issuer", &trusted.issuer),
        ("subject", &trusted.subject),
        ("audience", &audiences),
    ];
    print(common, &trusted, &lines)
}

fn token_url(config: &Config) -> String {
    format!("{}/oauth2/token", base_url(config))
}
