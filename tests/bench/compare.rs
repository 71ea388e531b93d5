//! Processor time for LDAP work, beside slapd.

use std::time::Duration;

use anyhow::Result;

use crate::load::{self, Measured, Work};
use crate::people::People;
use crate::target::{self, Jackfield, Slapd};
use crate::{Arguments, floor, report};

pub fn run(people: People, arguments: &Arguments) -> Result<String> {
    eprintln!("Loading Jackfield with {} people over SCIM", people.count());
    let (jackfield, facts) = Jackfield::load(people)?;
    target::pin(Some(0))?;
    let (server, ours) = jackfield.serve()?;
    eprintln!("Loading slapd");
    target::pin(None)?;
    let slapd = Slapd::load(people, &ours.base)?;
    target::pin(Some(0))?;
    let (process, theirs) = slapd.serve(&[])?;
    let floor = floor::start(&ours, people)?;
    target::pin(Some(1))?;

    let duration = Duration::from_secs(arguments.seconds);
    let mut rows = Vec::new();
    for work in Work::ALL {
        eprintln!("{}", work.title());
        let mut targets = vec![&ours, &theirs];
        targets.extend(Some(&floor.closing).filter(|_| work == Work::NewConnection));
        targets.extend(Some(&floor.keeping).filter(|_| work.has_kept_floor()));
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
    Ok(report::render(people, arguments, &facts, rows))
}
