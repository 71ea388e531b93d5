//! `jackfield sip`: the secrets with which the phones of extensions register.

use std::io;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_model::{Id, Kind, Timestamp};
use serde::Serialize;

use super::{print, print_list};
use crate::cli::sip::{OneExtension, SipCommand};
use crate::cli::{Common, TenantOnly};
use crate::node;

pub(super) async fn run(
    common: &Common,
    command: &SipCommand,
    config: &Config,
) -> Result<ExitCode> {
    match command {
        SipCommand::List(arguments) => list(common, arguments, config).await,
        SipCommand::Generate(arguments) => set(common, arguments, None, config).await,
        SipCommand::Set(arguments) => {
            let given = first_line()?;
            set(common, arguments, Some(&given), config).await
        }
        SipCommand::Remove(arguments) => remove(common, arguments, config).await,
    }
}

#[derive(Serialize)]
struct Listed {
    extension: String,
    holder: Option<String>,
    since: Option<String>,
}

async fn list(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let accounts = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.sip_accounts()?)
    })
    .await?;
    let all: Vec<Listed> = accounts
        .into_iter()
        .map(|account| Listed {
            extension: account.number,
            holder: account.holder,
            since: account.since.map(Timestamp::to_rfc3339),
        })
        .collect();
    let row = |own: &Listed| {
        let since = own.since.clone().unwrap_or_else(|| "none".to_owned());
        let holder = own.holder.clone().unwrap_or_default();
        [own.extension.clone(), holder, since]
    };
    print_list(common, &all, ["extension", "holder", "secret since"], row)
}

/// What a phone is told, with the password where it was made here.
#[derive(Serialize)]
struct Account {
    user: String,
    domain: Option<String>,
    realm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

async fn set(
    common: &Common,
    arguments: &OneExtension,
    given: Option<&str>,
    config: &Config,
) -> Result<ExitCode> {
    let account = node::with_tenant(config, &arguments.tenant, async |operator| {
        let extension = extension(&operator, &arguments.extension)?;
        let made = operator.set_sip_secret(extension, given).await?;
        let sip = operator.tenant().settings().sip.clone();
        Ok(Account {
            user: arguments.extension.clone(),
            domain: sip.domain.map(Into::into),
            realm: sip.realm.map(Into::into),
            password: given.is_none().then(|| made.text.to_string()),
        })
    })
    .await?;
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let (domain, realm) = (or_none(&account.domain), or_none(&account.realm));
    let mut lines = vec![
        ("user", account.user.as_str()),
        ("domain", &domain),
        ("realm", &realm),
    ];
    if let Some(password) = &account.password {
        lines.push(("password", password));
        lines.push(("", "The password is shown this once."));
    }
    print(common, &account, &lines)
}

#[derive(Serialize)]
struct Removed<'a> {
    removed: &'a str,
}

async fn remove(common: &Common, arguments: &OneExtension, config: &Config) -> Result<ExitCode> {
    node::with_tenant(config, &arguments.tenant, async |operator| {
        let extension = extension(&operator, &arguments.extension)?;
        Ok(operator.remove_sip_secret(extension).await?)
    })
    .await?;
    let removed = &arguments.extension;
    print(common, &Removed { removed }, &[("removed", removed)])
}

fn extension(operator: &Session, number: &str) -> Result<Id> {
    let found = operator.named(Kind::Extension, number);
    found.ok_or_else(|| anyhow!("there is no extension {number:?}"))
}

/// What was typed or piped in. It never stands on a command line, which others can read.
fn first_line() -> Result<String> {
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .context("the secret cannot be read from standard input")?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}
