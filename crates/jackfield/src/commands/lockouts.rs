//! `jackfield lockouts`: who is locked out after too many wrong passwords.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use jackfield_config::Config;
use serde::Serialize;

use super::{print, print_list};
use crate::cli::lockouts::{Lift, LockoutsCommand};
use crate::cli::{Common, TenantOnly};
use crate::node;

pub(super) async fn run(
    common: &Common,
    command: &LockoutsCommand,
    config: &Config,
) -> Result<ExitCode> {
    match command {
        LockoutsCommand::List(arguments) => list(common, arguments, config).await,
        LockoutsCommand::Lift(arguments) => lift(common, arguments, config).await,
    }
}

#[derive(Serialize)]
struct Listed {
    account: String,
    network: String,
    since: String,
    until: String,
}

async fn list(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let locked = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.locked_accounts().await?)
    })
    .await?;
    let all: Vec<Listed> = locked
        .into_iter()
        .map(|locked| Listed {
            account: locked.name,
            network: locked.lock.network.to_string(),
            since: locked.lock.since.to_rfc3339(),
            until: locked.lock.until.to_rfc3339(),
        })
        .collect();
    let row = |own: &Listed| {
        let Listed {
            account,
            network,
            since,
            until,
        } = own;
        [account, network, since, until].map(String::clone)
    };
    print_list(common, &all, ["account", "network", "since", "until"], row)
}

#[derive(Serialize)]
struct Lifted {
    lifted: usize,
}

async fn lift(common: &Common, arguments: &Lift, config: &Config) -> Result<ExitCode> {
    let lifted = node::with_tenant(config, &arguments.tenant, async |operator| {
        let account = operator.account_named(&arguments.account);
        let account = account.ok_or_else(|| anyhow!("nobody is called {:?}", arguments.account))?;
        Ok(operator.lift_locks(account).await?)
    })
    .await?;
    print(
        common,
        &Lifted { lifted },
        &[("lifted", &lifted.to_string())],
    )
}
