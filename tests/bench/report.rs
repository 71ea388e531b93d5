//! The table.

use std::fmt::Write;

use crate::Arguments;
use crate::load::{Measured, Work};
use crate::people::People;
use crate::target::{Facts, precise};

/// The rounds of each server for one kind of work.
pub type Row<'n> = (Work, Vec<(&'n str, Vec<Measured>)>);

pub fn render(people: People, arguments: &Arguments, facts: &Facts, rows: Vec<Row<'_>>) -> String {
    let mut out = format!(
        "{} people, {} connections, {} rounds of {} s each, on {}.\n\n\
         | work | server | ops/s | p50 µs | p95 µs | p99 µs | server CPU µs/op | the kernel's of that | CPU busy | share |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        people.count(),
        arguments.connections,
        arguments.rounds,
        arguments.seconds,
        processor()
    );
    for (work, servers) in rows {
        let share = share(&servers);
        for (at, (name, rounds)) in servers.into_iter().enumerate() {
            let mut sum = Measured::default();
            for round in rounds {
                sum.add(round);
            }
            let busy = 100.0 * sum.cpu.all().as_secs_f64() / sum.elapsed.as_secs_f64();
            let kernel = sum.cpu.kernel.as_secs_f64() * 1e6 / precise(sum.latencies.len());
            let shown = share.filter(|_| at == 0);
            let shown = shown.map_or_else(String::new, |share| format!("{share:.2}"));
            let figures = figures(sum);
            let title = work.title();
            let _ = writeln!(
                out,
                "| {title} | {name} | {figures} | {kernel:.1} | {busy:.0} % | {shown} |"
            );
        }
    }
    let _ = writeln!(
        out,
        "\nJackfield alone, on both processors: {:.0} creates/s over SCIM with 16 clients (each on \
         disk before it is acknowledged); start on an empty store {} ms; start with {} people {} \
         ms, {} MB resident.",
        facts.creates_per_second,
        facts.empty_start.as_millis(),
        people.count(),
        facts.full_start.as_millis(),
        facts.resident_bytes / 1_000_000,
    );
    out
}

/// The first server's share of the second's processor time for an operation: the median of what
/// the rounds say, pair by pair.
fn share(servers: &[(&str, Vec<Measured>)]) -> Option<f64> {
    let [(_, ours), (_, theirs), ..] = servers else {
        return None;
    };
    let per = |round: &Measured| round.cpu.all().as_secs_f64() / precise(round.latencies.len());
    let pairs = ours.iter().zip(theirs);
    let mut shares: Vec<f64> = pairs
        .map(|(ours, theirs)| per(ours) / per(theirs))
        .collect();
    shares.sort_unstable_by(f64::total_cmp);
    shares.get(shares.len() / 2).copied()
}

/// The head of a table of what happens at a steady rate.
pub const STEADY: &str = "| | per second | p50 µs | p95 µs | p99 µs | server CPU µs | longest µs |\n\
     | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";

/// A row of it.
pub fn steady_row(out: &mut String, what: &str, measured: Measured) {
    let longest = measured.latencies.iter().max().map_or(0, |it| it / 1_000);
    let _ = writeln!(out, "| {what} | {} | {longest} |", figures(measured));
}

/// A row of the table of SCIM requests.
pub fn scim_row(out: &mut String, work: &str, measured: Measured) {
    let requests = measured.latencies.len();
    let _ = writeln!(out, "| {work} | {requests} | {} |", figures(measured));
}

/// Operations per second, percentiles, and processor time for each.
fn figures(measured: Measured) -> String {
    let Measured {
        mut latencies,
        elapsed,
        cpu,
    } = measured;
    latencies.sort_unstable();
    let operations = precise(latencies.len());
    format!(
        "{:.0} | {} | {} | {} | {:.1}",
        operations / elapsed.as_secs_f64(),
        percentile(&latencies, 50),
        percentile(&latencies, 95),
        percentile(&latencies, 99),
        cpu.all().as_secs_f64() * 1e6 / operations,
    )
}

/// In whole microseconds.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted
        .get(index)
        .map_or(0, |nanoseconds| nanoseconds / 1_000)
}

pub fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    model
        .map_or("an unknown processor", |m| {
            m.trim_start_matches([' ', '\t', ':'])
        })
        .to_owned()
}
