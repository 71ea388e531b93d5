//! The `jackfield` program: reads the command line, wires the crates together, runs.
//!
//! | module | holds |
//! | --- | --- |
//! | `cli` | the command line |
//! | `commands` | one subcommand a file |
//! | `node` | the store, the keys and the gateway, opened |
//! | `ambient` | the system's clock and randomness, passed in to everything else |
//! | `http`, `certificate`, `listeners`, `reload` | parts of a running server |
//! | `watched` | what is counted beside the gateway: connections, and what the process uses |
//! | `web` | what others publish |
//! | `files` | files that only the server's user reads, and that appear whole |
//! | `logging`, `syslog` | the log on standard error; messages to a syslog server |
//! | `sample`, `first_start` | what the first start shows |
//! | `way_in` | access to a tenant, for a start |
//! | `output` | standard output: the only way to it |

#![warn(clippy::print_stdout)]

#[macro_use]
mod output;

mod ambient;
mod certificate;
mod cli;
mod commands;
mod files;
mod first_start;
mod http;
mod listeners;
mod logging;
mod node;
mod reload;
mod sample;
mod syslog;
mod watched;
mod way_in;
mod web;

use std::process::ExitCode;

use clap::Parser as _;
use jackfield_config::{Environment, Report};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The configuration has mistakes.
const WRONG_CONFIGURATION: u8 = 3;

fn main() -> ExitCode {
    let environment = Environment::read();
    let cli = cli::Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(commands::run(cli, &environment)));
    match outcome {
        Ok(code) => code,
        Err(error) => report(&error, &environment),
    }
}

fn report(error: &anyhow::Error, environment: &Environment) -> ExitCode {
    if let Some(report) = error.downcast_ref::<Report>() {
        let colour = !environment.no_color && std::io::IsTerminal::is_terminal(&std::io::stderr());
        eprintln!("{}", report.render(colour));
        return ExitCode::from(WRONG_CONFIGURATION);
    }
    if output::is_unread(error) {
        return ExitCode::SUCCESS;
    }
    eprintln!("jackfield: {}", told(error));
    ExitCode::FAILURE
}

/// What went wrong and why, each said once: some say their cause themselves.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("not a DN: {0}")]
        struct Saying(#[source] std::io::Error);

        let cause = || std::io::Error::other("no `=`");
        let plain = anyhow::Error::from(cause());
        for (error, expected) in [
            (anyhow::Error::from(Saying(cause())), "not a DN: no `=`"),
            (plain.context("the entry"), "the entry: no `=`"),
        ] {
            assert_eq!(told(&error), expected);
        }
    }
}
