//! `jackfield import` of people beside `slapadd -q` of the same: both without a server, from the same
//! file, into a directory in which nobody is.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use jackfield_tests::Home;
use serde_json::Value;
use tempfile::TempDir;

use crate::people::People;
use crate::report;
use crate::target::{self, children_cpu, precise};

/// What one of them took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

pub fn run(people: People, rounds: usize) -> Result<String> {
    let folder = TempDir::with_prefix("import-")?;
    let (file, whole) = (
        folder.path().join("people.ldif"),
        folder.path().join("all.ldif"),
    );
    let base = "dc=acme,dc=example";
    let entries: String = (0..people.count())
        .map(|at| people.person(at).entry(base) + "\n")
        .collect();
    fs::write(&file, &entries)?;
    fs::write(&whole, target::tree(base)? + &entries)?;
    drop(entries);
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for round in 1..=rounds {
        eprintln!("round {round}");
        ours.push(jackfield(&file, people.count())?);
        theirs.push(slapadd(&whole, base)?);
    }
    let pairs = || ours.iter().zip(&theirs);
    let wall =
        median(pairs().map(|(one, other)| one.wall.as_secs_f64() / other.wall.as_secs_f64()));
    let cpu = median(pairs().map(|(one, other)| one.cpu.as_secs_f64() / other.cpu.as_secs_f64()));
    let row = |all: &[Took]| {
        let seconds =
            |of: fn(&Took) -> Duration| median(all.iter().map(|took| of(took).as_secs_f64()));
        let wall = seconds(|took| took.wall);
        let rate = precise(people.count()) / wall;
        format!("{rate:.0} | {wall:.2} | {:.2}", seconds(|took| took.cpu))
    };
    Ok(format!(
        "{} people, {rounds} rounds, {}.\n\n\
         | | people/s | wall s | CPU s | share of wall | share of CPU |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n\
         | `jackfield import` | {} | {wall:.2} | {cpu:.2} |\n\
         | `slapadd -q` | {} | | |\n",
        people.count(),
        report::processor(),
        row(&ours),
        row(&theirs),
    ))
}

fn jackfield(file: &Path, count: usize) -> Result<Took> {
    let home = Home::new()?;
    target::prepare(&home)?;
    // Makes the store and the tenant.
    home.bootstrap()?;
    let file = file.display().to_string();
    let (report, took) = timed(|| -> Result<Value> {
        home.run_json(&["import", "--tenant", "acme", "--json", &file])
    })?;
    ensure!(
        report["users"] == count,
        "not everybody: {}",
        report["users"]
    );
    Ok(took)
}

fn slapadd(file: &Path, base: &str) -> Result<Took> {
    let slapd = target::empty_slapd(base)?;
    let ((), took) = timed(|| slapd.add(file))?;
    Ok(took)
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Took)> {
    let (start, cpu) = (Instant::now(), children_cpu()?);
    let done = work()?;
    let took = Took {
        wall: start.elapsed(),
        cpu: children_cpu()?.saturating_sub(cpu),
    };
    Ok((done, took))
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
