//! Drives Jackfield and Debian's slapd with the same people and the same questions, in one run, and
//! prints a table. Started by `tests/bench/run`, which builds and installs what is needed.
//!
//! Each server in its turn is alone on processor 0, and this program on processor 1. The rounds of
//! the servers are interleaved, so that what else the machine does hits both alike. A wrong number
//! of results ends the run. What the system itself costs is measured beside them.
//!
//! | module | measures |
//! | --- | --- |
//! | `compare` | LDAP work, beside slapd |
//! | `counts` | the same by system calls and instructions, which do not depend on the machine's mood |
//! | `import` | `jackfield import` beside `slapadd` |
//! | `beside` | searches at a steady rate while users are provisioned; publishing what is written |
//! | `flood` | searches while people's passwords are guessed |
//! | `scim` | SCIM, and questions over the HTTP API |
//! | `load`, `floor`, `people`, `target`, `report` | parts of these |

mod beside;
mod compare;
mod counts;
mod flood;
mod floor;
mod import;
mod load;
mod people;
mod report;
mod scim;
mod target;

use anyhow::{Result, ensure};
use clap::Parser;

use crate::people::People;

#[derive(Parser)]
#[command(about = "Compares Jackfield with slapd on the same data")]
struct Arguments {
    #[command(flatten)]
    what: What,
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
}

/// What is measured; if it is not said, processor time for LDAP work.
#[derive(clap::Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "an option each")]
struct What {
    /// What SCIM requests and questions to the HTTP API cost, without slapd
    #[arg(long)]
    scim: bool,
    /// System calls and instructions for each LDAP operation (10,000 people are enough)
    #[arg(long)]
    counts: bool,
    /// The time to import people
    #[arg(long)]
    import: bool,
    /// Searches at a steady rate, alone and while users are provisioned
    #[arg(long)]
    beside: bool,
    /// Searches at a steady rate, alone and while passwords are guessed
    #[arg(long)]
    flood: bool,
    /// Answer as fast as the system can, with entries of so many octets
    #[arg(long, hide = true)]
    floor: Option<usize>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let What { floor, .. } = arguments.what;
    if let Some(entry) = floor {
        return floor::serve(entry);
    }
    let is = arguments.rounds > 0 && arguments.connections > 0 && arguments.seconds > 0;
    ensure!(is, "nothing to do");
    let people = People::new(arguments.people);
    let table = match arguments.what {
        What { scim: true, .. } => {
            scim::run(arguments.people, arguments.rounds, arguments.seconds)?
        }
        What { counts: true, .. } => counts::run(people?, arguments.connections)?,
        What { import: true, .. } => import::run(people?, arguments.rounds)?,
        What { beside: true, .. } => beside::run(people?, &arguments)?,
        What { flood: true, .. } => flood::run(people?, &arguments)?,
        _ => compare::run(people?, &arguments)?,
    };
    print!("{table}");
    Ok(())
}

impl Arguments {
    /// Of all rounds together.
    fn duration(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.seconds * self.rounds as u64)
    }
}
