//! `jackfield service-account create`: an account of software that reads the directory.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_model::Id;
use serde::Serialize;

use super::print;
use crate::cli::{Common, NewServiceAccount};
use crate::node;

/// An account that binds over LDAP.
#[derive(Serialize)]
pub(super) struct Account<'a> {
    pub(super) bind_dn: String,
    pub(super) password: &'a str,
}

pub(super) async fn create(
    common: &Common,
    arguments: &NewServiceAccount,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let scopes: Vec<&str> = arguments.scope.iter().map(String::as_str).collect();
    let service = operator.ensure_service(&arguments.name, &scopes).await?;
    let secret = operator.make_secret(service, "").await?;
    let bind_dn = dn(&operator, service)?;
    gateway.stop().await;
    print_account(
        common,
        &Account {
            bind_dn,
            password: &secret.text,
        },
    )
}

pub(super) fn print_account(common: &Common, account: &Account<'_>) -> Result<ExitCode> {
    let lines = [
        ("bind DN", account.bind_dn.as_str()),
        ("password", account.password),
        ("", "The password is shown this once."),
    ];
    print(common, account, &lines)
}

/// The record's name in the LDAP tree.
pub(super) fn dn(operator: &Session, id: Id) -> Result<String> {
    let reader = operator.read()?;
    let entry = reader
        .entry(id)
        .ok_or_else(|| anyhow!("the account is gone again"))?;
    Ok(reader.dn(entry))
}
