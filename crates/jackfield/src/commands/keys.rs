//! `jackfield keys reseal`: after another key was put first.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;
use serde::Serialize;

use super::print;
use crate::cli::Common;
use crate::node;

#[derive(Serialize)]
struct Resealed {
    resealed: usize,
}

pub(super) async fn reseal(common: &Common, config: &Config) -> Result<ExitCode> {
    let resealed = node::reseal(config).await?;
    let count = resealed.to_string();
    print(common, &Resealed { resealed }, &[("sealed anew", &count)])
}
