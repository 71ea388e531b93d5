//! `jackfield service-account create`: an account of software that reads the directory.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_model::{Id, Kind};
use jackfield_net::tls;
use serde::Serialize;

use super::print;
use crate::cli::{Common, NewServiceAccount};
use crate::node;

/// An account that binds over LDAP.
#[derive(Serialize)]
pub(super) struct Account {
    bind_dn: String,
    /// None where it logs in by a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

pub(super) async fn create(
    common: &Common,
    arguments: &NewServiceAccount,
    config: &Config,
) -> Result<ExitCode> {
    let scopes: Vec<&str> = arguments.scope.iter().map(String::as_str).collect();
    let account = node::with_tenant(config, &arguments.tenant, async |operator| {
        let service = operator.ensure_service(&arguments.name, &scopes).await?;
        if let Some(views) = arguments.views.set() {
            operator
                .set_views(Kind::Service, service, Some(views))
                .await?;
        }
        account(&operator, service, arguments.certificate.as_deref()).await
    })
    .await?;
    print_account(common, &account)
}

/// Lets it log in: by the certificate, or else by a password that is made here.
pub(super) async fn account(
    operator: &Session,
    id: Id,
    certificate: Option<&Path>,
) -> Result<Account> {
    let bind_dn = dn(operator, id)?;
    let password = match certificate {
        Some(path) => {
            let certificate = tls::read_certificate(path)?;
            operator.assign_certificate(id, &certificate, "").await?;
            None
        }
        None => Some(operator.make_secret(id, "").await?.text),
    };
    Ok(Account {
        bind_dn,
        password: password.map(|text| text.to_string()),
    })
}

pub(super) fn print_account(common: &Common, account: &Account) -> Result<ExitCode> {
    let mut lines = vec![("bind DN", account.bind_dn.as_str())];
    if let Some(password) = &account.password {
        lines.push(("password", password));
        lines.push(("", "The password is shown this once."));
    }
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
