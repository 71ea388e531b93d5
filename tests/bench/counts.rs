//! System calls and instructions for each operation: numbers that are nearly the same on a machine
//! that others use, too. strace counts the ones, callgrind the others, each in a run of its own since
//! both slow the server down.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::load::{Load, Work};
use crate::people::People;
use crate::report;
use crate::target::{Jackfield, Slapd, Target, precise};

/// Calls that are rarer than this for each operation are not named.
const RARE: f64 = 0.05;

/// What each kind of work takes, in the order of [`Work::ALL`].
type Counts<T> = Vec<T>;

pub fn run(people: People, connections: usize) -> Result<String> {
    eprintln!("Loading both with {} people", people.count());
    let (jackfield, _) = Jackfield::load(people)?;
    let slapd = Slapd::load(people, jackfield.base())?;
    let folder = TempDir::with_prefix("counts-")?;
    let wrapper = callgrind(folder.path());
    let ours = {
        let (_server, target) = jackfield.serve()?;
        system_calls(&target, folder.path(), people, connections)?
    };
    let theirs = {
        let (_process, target) = slapd.serve(&[])?;
        system_calls(&target, folder.path(), people, connections)?
    };
    let our_instructions = {
        let (_server, target) = jackfield.serve_under(&wrapper)?;
        instructions(&target, folder.path(), people, connections)?
    };
    let their_instructions = {
        let (_process, target) = slapd.serve(&wrapper)?;
        instructions(&target, folder.path(), people, connections)?
    };
    let mut out = format!(
        "{} people, {connections} connections, {}.\n\n\
         | work | server | instructions/op | share | system calls/op |\n\
         | --- | --- | ---: | ---: | --- |\n",
        people.count(),
        report::processor(),
    );
    let calls = ours.into_iter().zip(theirs);
    let instructions = our_instructions.into_iter().zip(their_instructions);
    for ((work, calls), instructions) in Work::ALL.into_iter().zip(calls).zip(instructions) {
        let (title, share) = (work.title(), instructions.0 / instructions.1);
        let (ours, theirs) = instructions;
        let _ = writeln!(
            out,
            "| {title} | Jackfield | {ours:.0} | {share:.2} | {} |",
            calls.0
        );
        let _ = writeln!(out, "| {title} | slapd | {theirs:.0} | | {} |", calls.1);
    }
    Ok(out)
}

/// How many operations are counted: more of those that take little.
fn operations(work: Work) -> usize {
    match work {
        Work::Equality | Work::CallerId | Work::Bind => 800,
        Work::Group | Work::Paged => 32,
        _ => 160,
    }
}

/// Lets the server do each kind of work, and counts it by `count`, which is given the work, ready to
/// be done. What is made once is made before.
fn each<T>(
    target: &Target,
    people: People,
    connections: usize,
    mut count: impl FnMut(&mut Load<'_>, usize) -> Result<T>,
) -> Result<Counts<T>> {
    let all = Work::ALL.into_iter().map(|work| {
        eprintln!("{}: {}", target.name, work.title());
        let mut load = Load::new(target, work, people, connections)?;
        load.run(|begun| begun < 2 * connections)?;
        count(&mut load, operations(work))
    });
    all.collect()
}

/// By `strace -c`: in all, and by name.
fn system_calls(
    target: &Target,
    folder: &Path,
    people: People,
    connections: usize,
) -> Result<Counts<String>> {
    let table = folder.join("strace");
    each(target, people, connections, |load, operations| {
        let mut strace = Command::new("strace")
            .args(["-c", "-f", "-p", &target.process.to_string(), "-o"])
            .arg(&table)
            .stderr(Stdio::piped())
            .spawn()
            .context("strace does not run")?;
        // It says that it has attached itself, to all threads at once.
        let mut said = BufReader::new(strace.stderr.take().context("no output")?);
        let mut line = String::new();
        said.read_line(&mut line)?;
        ensure!(line.contains("attached"), "strace: {line}");
        load.run(|begun| begun < operations)?;
        let id = strace.id().to_string();
        ensure!(Command::new("kill").args(["-INT", &id]).status()?.success());
        strace.wait()?;
        Ok(named(&fs::read_to_string(&table)?, precise(operations)))
    })
}

/// The table that strace prints: calls are in the fourth column, names in the last.
fn named(table: &str, operations: f64) -> String {
    let rows = table.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let calls: usize = columns.get(3)?.parse().ok()?;
        Some((*columns.last()?, precise(calls) / operations))
    });
    let mut rows: Vec<(&str, f64)> = rows.filter(|(_, calls)| *calls >= RARE).collect();
    rows.sort_by(|one, other| other.1.total_cmp(&one.1));
    let all = rows.iter().find(|(name, _)| *name == "total");
    let all = all.map_or(0.0, |(_, calls)| *calls);
    let names = rows.iter().filter(|(name, _)| *name != "total");
    let names: Vec<String> = names
        .map(|(name, calls)| format!("{name} {calls:.2}"))
        .collect();
    format!("{all:.2}: {}", names.join(", "))
}

/// What a server is started under, so that its instructions can be counted from some moment on.
fn callgrind(folder: &Path) -> Vec<String> {
    let out = folder.join("callgrind").display().to_string();
    vec![
        "valgrind".to_owned(),
        "--quiet".to_owned(),
        "--tool=callgrind".to_owned(),
        "--instr-atstart=no".to_owned(),
        format!("--callgrind-out-file={out}"),
    ]
}

/// By callgrind, under which the server was started.
fn instructions(
    target: &Target,
    folder: &Path,
    people: People,
    connections: usize,
) -> Result<Counts<f64>> {
    control(target, &["-i", "on"])?;
    let mut dumps = 0;
    each(target, people, connections, |load, operations| {
        control(target, &["-z"])?;
        load.run(|begun| begun < operations)?;
        control(target, &["-d"])?;
        dumps += 1;
        let dump = folder.join(format!("callgrind.{dumps}"));
        let text = fs::read_to_string(&dump).with_context(|| dump.display().to_string())?;
        fs::remove_file(&dump)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total: usize = total.context("no totals")?.trim().parse()?;
        Ok(precise(total) / precise(operations))
    })
}

fn control(target: &Target, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("callgrind_control");
    let output = command
        .args(arguments)
        .arg(target.process.to_string())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "callgrind_control: {said}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_strace_is_read() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
             ------ ----------- ----------- --------- --------- ----------------\n \
             60.00    0.000600           6       100        10 recvfrom\n \
             40.00    0.000400           4       200           sendto\n  \
             0.00    0.000000           0         1           futex\n\
             ------ ----------- ----------- --------- --------- ----------------\n\
             100.00    0.001000           3       301        10 total\n";
        assert_eq!(named(table, 100.0), "3.01: sendto 2.00, recvfrom 1.00");
    }
}
