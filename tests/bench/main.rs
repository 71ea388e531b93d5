//! Drives Jackfield and Debian's slapd with the same people and the same questions, in one run, and
//! prints a table. Started by `tests/bench/run`, which builds and installs what is needed.
//!
//! Each server in its turn is alone on processor 0, and this program on processor 1. The rounds of
//! the servers are interleaved, so that what else the machine does hits both alike. A wrong number
//! of results ends the run. With `--scim` it asks Jackfield alone, over SCIM.

mod load;
mod people;
mod report;
mod scim;
mod target;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;

use crate::load::{Measured, Work};
use crate::people::People;
use crate::target::{Jackfield, Slapd};

#[derive(Parser)]
#[command(about = "Compares Jackfield with slapd on the same data")]
struct Arguments {
    /// What SCIM requests cost, without slapd
    #[arg(long)]
    scim: bool,
    /// How many people; to compare with slapd a multiple of 50
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// How many connections at once, each with one operation under way
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// How many rounds for each kind of work and each server
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long a round takes, in seconds
    #[arg(long, default_value_t = 3)]
    seconds: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.scim {
        let table = scim::run(arguments.people, arguments.rounds, arguments.seconds)?;
        print!("{table}");
        return Ok(());
    }
    let people = People::new(arguments.people)?;
    ensure!(
        arguments.rounds > 0 && arguments.connections > 0,
        "nothing to do"
    );

    eprintln!("Loading Jackfield with {} people over SCIM", people.count());
    let (jackfield, facts) = Jackfield::load(people)?;
    target::pin(Some(0))?;
    let (server, ours) = jackfield.serve()?;
    eprintln!("Loading slapd");
    target::pin(None)?;
    let slapd = Slapd::load(people, &ours.base)?;
    target::pin(Some(0))?;
    let (process, theirs) = slapd.serve()?;
    target::pin(Some(1))?;

    let duration = Duration::from_secs(arguments.seconds);
    let mut rows = Vec::new();
    for work in Work::ALL {
        eprintln!("{}", work.title());
        let mut measured = [Measured::default(), Measured::default()];
        for round in 0..=arguments.rounds {
            for (target, sum) in [&ours, &theirs].into_iter().zip(&mut measured) {
                let one = load::round(target, work, people, arguments.connections, duration)?;
                // The first warms both up.
                if round > 0 {
                    sum.add(one);
                }
            }
        }
        let names = [ours.name, theirs.name];
        rows.extend(
            names
                .into_iter()
                .zip(measured)
                .map(|(name, sum)| (work, name, sum)),
        );
    }
    drop((server, process));
    print!("{}", report::render(people, &arguments, &facts, rows));
    Ok(())
}
