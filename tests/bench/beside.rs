//! Searches for one person at a steady rate, alone and while users are provisioned over SCIM; and how
//! long what is written takes from the commit until it is seen.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use jackfield_tests::home::ScimAccess;
use jackfield_tests::metrics::Metrics;

use crate::load::{Load, Measured, Work};
use crate::people::People;
use crate::scim::Http;
use crate::target::{self, Cpu, Jackfield, cpu_time};
use crate::{Arguments, report};

/// How many searches begin each second, over how many connections.
const SEARCHES: u32 = 5_000;
const CONNECTIONS: usize = 64;

/// How many users are created each second, over how many connections.
const CREATES: u32 = 200;
const WRITERS: u32 = 4;

pub fn run(people: People, arguments: &Arguments) -> Result<String> {
    eprintln!("Loading Jackfield with {} people over SCIM", people.count());
    let (jackfield, _) = Jackfield::load(people)?;
    target::pin(Some(0))?;
    let (server, target) = jackfield.serve()?;
    target::pin(Some(1))?;
    let metrics = server.listeners().metrics.context("no metrics")?;
    let scim = ScimAccess {
        url: server.http("/scim/acme/v2"),
        token: jackfield.token().to_owned(),
    };
    let duration = arguments.duration();
    let mut load = Load::new(&target, Work::Equality, people, CONNECTIONS)?;
    load.run(|begun| begun < 1_000)?;
    let search = |load: &mut Load<'_>| -> Result<Measured> {
        let (start, cpu) = (Instant::now(), cpu_time(target.process)?);
        Ok(Measured {
            latencies: load.steady(SEARCHES, duration)?,
            elapsed: start.elapsed(),
            cpu: cpu_time(target.process)?.since(cpu),
        })
    };
    eprintln!("searches alone");
    let alone = search(&mut load)?;
    eprintln!("searches beside provisioning");
    let before = Metrics::read(metrics)?;
    let (beside, created) = thread::scope(|scope| {
        let provisioning = scope.spawn(|| provision(&scim, people, duration));
        let beside = search(&mut load);
        let created = provisioning
            .join()
            .map_err(|_| anyhow!("a writer panicked"))?;
        Ok::<_, anyhow::Error>((beside?, created?))
    })?;
    let after = Metrics::read(metrics)?;
    let mut out = format!(
        "{} people, {SEARCHES} searches for one person a second over {CONNECTIONS} connections, \
         {CREATES} creates a second, {} s each, {}.\n\n{}",
        people.count(),
        duration.as_secs(),
        report::processor(),
        report::STEADY,
    );
    report::steady_row(&mut out, "searches alone", alone);
    report::steady_row(&mut out, "searches beside creates", beside);
    report::steady_row(&mut out, "creates beside searches", created);
    out.push_str(&published(&before, &after));
    Ok(out)
}

/// Users are created at their rate, each on disk before the next of its connection.
fn provision(scim: &ScimAccess, people: People, duration: Duration) -> Result<Measured> {
    let (start, next) = (Instant::now(), AtomicUsize::new(people.count()));
    let gap = Duration::from_secs(1) * WRITERS / CREATES;
    let write = |writer: u32| -> Result<Vec<u64>> {
        let mut client = Http::open(scim)?;
        let mut latencies = Vec::new();
        for turn in 0.. {
            let due = start + gap * turn + gap * writer / WRITERS;
            if due >= start + duration {
                break;
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let number = next.fetch_add(1, Ordering::Relaxed);
            let body = people.person(number).scim().to_string();
            client.skim("POST", "/Users", &body, 201)?;
            latencies.push(u64::try_from(due.elapsed().as_nanos())?);
        }
        Ok(latencies)
    };
    let latencies = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| scope.spawn(move || write(writer)))
            .collect();
        let mut all = Vec::new();
        for writer in writers {
            all.extend(writer.join().map_err(|_| anyhow!("a writer panicked"))??);
        }
        Ok::<_, anyhow::Error>(all)
    })?;
    Ok(Measured {
        latencies,
        elapsed: start.elapsed(),
        cpu: Cpu::default(),
    })
}

/// As the server counted it.
fn published(before: &Metrics, after: &Metrics) -> String {
    let rose = |name: &str| after.since(before, name);
    let of = |what: &str| {
        let count = rose(&format!("jackfield_{what}_duration_seconds_count"));
        let sum = rose(&format!("jackfield_{what}_duration_seconds_sum"));
        (count, 1e6 * sum / count)
    };
    let (commits, commit) = of("commit");
    let (count, publish) = of("publish");
    let under = |bound: &str| {
        let name = format!("jackfield_publish_duration_seconds_bucket{{le=\"{bound}\"}}");
        100.0 * rose(&name) / count
    };
    format!(
        "\n{commits:.0} commits, {commit:.0} µs each; from the commit until every reader sees it {publish:.0} \
         µs, {:.1} % within 0.1 ms, {:.1} % within 1 ms, {:.1} % within 10 ms.\n",
        under("0.0001"),
        under("0.001"),
        under("0.01"),
    )
}
