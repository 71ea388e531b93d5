//! The table.

use std::fmt::Write;

use crate::Arguments;
use crate::load::{Measured, Work};
use crate::people::People;
use crate::target::{Facts, precise};

pub fn render(
    people: People,
    arguments: &Arguments,
    facts: &Facts,
    rows: Vec<(Work, &str, Measured)>,
) -> String {
    let mut out = format!(
        "{} people, {} connections, {} rounds of {} s each, on {}.\n\n\
         | work | server | ops/s | p50 µs | p95 µs | p99 µs | server CPU µs/op | CPU busy |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        people.count(),
        arguments.connections,
        arguments.rounds,
        arguments.seconds,
        processor()
    );
    for (work, name, measured) in rows {
        let Measured {
            mut latencies,
            elapsed,
            cpu,
        } = measured;
        latencies.sort_unstable();
        let operations = precise(latencies.len());
        let _ = writeln!(
            out,
            "| {} | {name} | {:.0} | {} | {} | {} | {:.1} | {:.0} % |",
            work.title(),
            operations / elapsed.as_secs_f64(),
            percentile(&latencies, 50),
            percentile(&latencies, 95),
            percentile(&latencies, 99),
            cpu.as_secs_f64() * 1e6 / operations,
            100.0 * cpu.as_secs_f64() / elapsed.as_secs_f64(),
        );
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

/// A row of the table of SCIM requests.
pub fn scim_row(out: &mut String, work: &str, measured: Measured) {
    let Measured {
        mut latencies,
        elapsed,
        cpu,
    } = measured;
    latencies.sort_unstable();
    let requests = precise(latencies.len());
    let _ = writeln!(
        out,
        "| {work} | {} | {:.0} | {} | {} | {} | {:.1} |",
        latencies.len(),
        requests / elapsed.as_secs_f64(),
        percentile(&latencies, 50),
        percentile(&latencies, 95),
        percentile(&latencies, 99),
        cpu.as_secs_f64() * 1e6 / requests,
    );
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
