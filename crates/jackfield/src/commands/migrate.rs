//! `jackfield migrate`: brings the database up to date and checks the keys, as `serve` does when it
//! starts.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;
use serde::Serialize;

use super::print;
use crate::cli::Common;
use crate::node;

#[derive(Serialize)]
struct Migrated {
    tenants: usize,
}

pub(super) async fn migrate(common: &Common, config: &Config) -> Result<ExitCode> {
    let store = node::open_store(config).await?.store;
    let tenants = store.tenants().await?.len();
    store.close().await;
    let count = tenants.to_string();
    let lines = [("database", "up to date"), ("tenants", count.as_str())];
    print(common, &Migrated { tenants }, &lines)
}
