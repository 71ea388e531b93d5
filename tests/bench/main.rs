//! Drives Jackfield and Debian's slapd with the same people and the same questions, in one run, and
//! prints a table. Started by `tests/bench/run`, which builds and installs what is needed.
//!
//! Each server in its turn is alone on processor 0, and this program on processor 1. The rounds of
//! the servers are interleaved, so that what else the machine does hits both alike. A wrong number
//! of results ends the run. What a new connection costs the system itself is measured beside them. With
//! `--scim` it asks Jackfield alone, over SCIM.

mod floor;
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
    /// How many people; to compare with slapd a multiple of 100
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// How many connections at once, each with one operation under way
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many rounds for each kind of work and each server
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long a round takes, in seconds
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Answer connections as fast as the system can, for the comparison
    #[arg(long, hide = true)]
    floor: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.floor {
        return floor::serve();
    }
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
    let floor = floor::start(&ours)?;
    target::pin(Some(1))?;

    let duration = Duration::from_secs(arguments.seconds);
    let mut rows = Vec::new();
    for work in Work::ALL {
        eprintln!("{}", work.title());
        let mut targets = vec![&ours, &theirs];
        targets.extend(Some(&floor.target).filter(|_| work == Work::NewConnection));
        let mut rounds: Vec<Vec<Measured>> = vec![Vec::new(); targets.len()];
        for round in 0..=arguments.rounds {
            for (target, measured) in targets.iter().zip(&mut rounds) {
                let one = load::round(target, work, people, arguments.connections, duration)?;
                // The first warms all up.
                if round > 0 {
                    measured.push(one);
                }
            }
        }
        let names = targets.into_iter().map(|target| target.name);
        rows.push((work, names.zip(rounds).collect()));
    }
    drop((server, process));
    print!("{}", report::render(people, &arguments, &facts, rows));
    Ok(())
}
