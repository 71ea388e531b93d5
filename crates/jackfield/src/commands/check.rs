//! `jackfield check`: every problem of the configuration at once.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::{Environment, check as check_files};

use crate::WRONG_CONFIGURATION;
use crate::cli::{Common, Serve};

pub(super) fn check(common: &Common, environment: &Environment) -> Result<ExitCode> {
    let file = common.file(environment);
    let report = check_files(&file, &common.overrides(environment, &Serve::default()));
    if common.json {
        say!("{}", serde_json::to_string_pretty(&report)?)?;
    } else if report.is_empty() {
        say!("{}: no problems", file.display())?;
    } else {
        let colour = !environment.no_color && std::io::stdout().is_terminal();
        say!("{}", report.render(colour))?;
    }
    let code = if report.is_empty() {
        0
    } else {
        WRONG_CONFIGURATION
    };
    Ok(ExitCode::from(code))
}
