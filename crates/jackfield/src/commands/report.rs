//! `jackfield report`: what deserves a look, and that somebody had one.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;
use jackfield_gateway::access::RoleKey;
use serde::Serialize;

use super::print::{list, table};
use crate::cli::audit::ReportCommand;
use crate::cli::{Common, TenantOnly};
use crate::node;

pub(super) async fn run(
    common: &Common,
    command: &ReportCommand,
    config: &Config,
) -> Result<ExitCode> {
    match command {
        ReportCommand::Access(arguments) => access(common, arguments, config).await,
        ReportCommand::Reviewed { tenant, role } => {
            reviewed(common, tenant, role.as_deref(), config).await
        }
    }
}

#[derive(Serialize)]
struct Found {
    kind: &'static str,
    id: String,
    subject: String,
    text: String,
}

async fn access(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let findings = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.access_report()?)
    })
    .await?;
    let all: Vec<Found> = findings
        .into_iter()
        .map(|finding| Found {
            kind: finding.kind.name(),
            id: finding.id.to_string(),
            subject: finding.subject,
            text: finding.text,
        })
        .collect();
    let rows = all
        .iter()
        .map(|own| [own.kind.to_owned(), format!("{} {}", own.subject, own.text)]);
    list(common, &all, || match all.is_empty() {
        true => "Nothing deserves a look.\n".to_owned(),
        false => table(["finding", ""], rows),
    })
}

#[derive(Serialize)]
struct Noted {
    reviewed: Vec<String>,
}

async fn reviewed(
    common: &Common,
    tenant: &str,
    role: Option<&str>,
    config: &Config,
) -> Result<ExitCode> {
    let noted = node::with_tenant(config, tenant, async |operator| {
        let all: Vec<RoleKey> = match role {
            Some(role) => vec![RoleKey::from(role)],
            None => operator.roles()?.into_iter().map(|role| role.key).collect(),
        };
        let mut reviewed = Vec::new();
        for role in all {
            operator.review_role(role.clone()).await?;
            reviewed.push(role.to_string());
        }
        Ok(Noted { reviewed })
    })
    .await?;
    list(common, &noted, || {
        format!("reviewed: {}\n", noted.reviewed.join(", "))
    })
}
