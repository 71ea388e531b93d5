//! What SCIM requests cost: processor time of the server, and how long clients wait.
//!
//! The server and this program share both processors: that is what the numbers are required of.

mod http;

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jackfield_tests::home::ScimAccess;
use jackfield_tests::{Home, Server, wait};
use serde_json::{Value, json};

use crate::load::Measured;
use crate::people::People;
use crate::report;
use crate::target::{cpu_time, resident_bytes, resident_peak};

pub use http::Http;

/// How many operations a bulk request has.
const BULK: usize = 1_000;
/// How many members a PATCH adds while a group is filled.
const CHUNK: usize = 10_000;
/// How many members the PATCH that is measured adds.
const ADDED: usize = 50;
/// How many such PATCHes are measured for each group.
const PATCHES: usize = 100;
/// Connections of those who read and create.
const CONNECTIONS: usize = 16;

/// Measures everything, and gives a table.
pub fn run(count: usize, rounds: usize, seconds: u64) -> Result<String> {
    let home = Home::new()?;
    crate::target::prepare(&home)?;
    let server = home.serve()?;
    let access = server.bootstrap()?.scim;
    let bench = Bench {
        server: &server,
        access: &access,
        people: People::unlimited(count),
        duration: Duration::from_secs(seconds * rounds as u64),
    };
    let mut rows = Vec::new();
    let ids = bench.load(&mut rows)?;
    bench.read(&ids, &mut rows)?;
    bench.ask(&mut rows)?;
    bench.create(&mut rows)?;
    let memory = bench.groups(&ids, &mut rows)?;
    let store = if home.database().is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let mut out = format!(
        "{count} people on {store}, {}.\n\n\
         | work | requests | per second | p50 µs | p95 µs | p99 µs | server CPU µs |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        report::processor()
    );
    for (work, measured) in rows {
        report::scim_row(&mut out, &work, measured);
    }
    let _ = writeln!(out, "\n{memory}");
    Ok(out)
}

type Rows = Vec<(String, Measured)>;

struct Bench<'b> {
    server: &'b Server,
    access: &'b ScimAccess,
    people: People,
    duration: Duration,
}

impl Bench<'_> {
    /// Creates everybody in bulk; gives their ids.
    fn load(&self, rows: &mut Rows) -> Result<Vec<String>> {
        let count = self.people.count();
        eprintln!("creating {count} people");
        let mut client = Http::open(self.access)?;
        let mut ids = Vec::with_capacity(count);
        let measured = self.once(&mut (0..count).step_by(BULK), |first| {
            let last = count.min(first + BULK);
            let operations: Vec<Value> = (first..last)
                .map(|number| {
                    let data = self.people.person(number).scim();
                    json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": data})
                })
                .collect();
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": operations,
            });
            let body = body.to_string();
            let start = Instant::now();
            let answer = client.ask("POST", "/Bulk", &body, 200)?;
            let took = start.elapsed();
            let operations = answer["Operations"].as_array().context("no operations")?;
            for operation in operations {
                let location = operation["location"].as_str();
                let id = location.and_then(|it| it.rsplit('/').next());
                ids.push(id.with_context(|| operation.to_string())?.to_owned());
            }
            Ok(took)
        })?;
        rows.push((format!("bulk of {BULK} creates"), measured));
        ensure!(ids.len() == count, "{} of {count} were created", ids.len());
        Ok(ids)
    }

    fn read(&self, ids: &[String], rows: &mut Rows) -> Result<()> {
        let count = self.people.count();
        let works: [(&str, &(dyn Fn(usize) -> String + Sync)); 3] = [
            ("`userName eq`", &|random| {
                let name = self.people.person(random % count).uid;
                format!("/Users?filter=userName%20eq%20%22{name}%22")
            }),
            ("GET by id", &|random| {
                format!("/Users/{}", ids[random % count])
            }),
            ("list page of 100", &|random| {
                format!("/Users?startIndex={}&count=100", random % count + 1)
            }),
        ];
        for (title, path) in works {
            eprintln!("{title}");
            let measured =
                self.many(|client, random| client.skim("GET", &path(random), "", 200).map(drop))?;
            rows.push((format!("{title}, {CONNECTIONS} connections"), measured));
        }
        Ok(())
    }

    /// Questions to the HTTP API, one in each request.
    fn ask(&self, rows: &mut Rows) -> Result<()> {
        let made: Value = self.server.home().run_json(&[
            "api-token",
            "create",
            "--tenant",
            "acme",
            "--account",
            "bench",
            "--scope",
            "check",
            "--json",
        ])?;
        let access = ScimAccess {
            url: self.server.http("/api/v1/acme"),
            token: made["token"].as_str().context("no token")?.to_owned(),
        };
        // The server hears of what another process made, soon but not at once.
        let is_known = || Http::open(&access).ok()?.ask("GET", "/me", "", 200).ok();
        wait::until(is_known).context("the token is not known")?;
        eprintln!("check");
        let measured = self.many_at(&access, |client, random| {
            let user = self.people.person(random % self.people.count()).uid;
            let body = json!({"user": user, "permission": "extensions:edit"});
            client
                .skim("POST", "/check", &body.to_string(), 200)
                .map(drop)
        })?;
        rows.push((
            format!("`POST /check`, {CONNECTIONS} connections"),
            measured,
        ));
        Ok(())
    }

    fn create(&self, rows: &mut Rows) -> Result<()> {
        eprintln!("create");
        let next = AtomicUsize::new(self.people.count());
        let measured = self.many(|client, _| {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let body = self.people.person(number).scim().to_string();
            client.skim("POST", "/Users", &body, 201).map(drop)
        })?;
        rows.push((
            format!("create without password, {CONNECTIONS} connections"),
            measured,
        ));
        Ok(())
    }

    /// Groups of all sizes; tells what memory the largest takes when it is read. Members are added
    /// to each in turn, so that what else grows meanwhile is the same for all.
    fn groups(&self, ids: &[String], rows: &mut Rows) -> Result<String> {
        let spare = ADDED * PATCHES;
        let most = ids.len().checked_sub(spare).context("too few people")?;
        let mut sizes: Vec<usize> = [10, 10_000, 100_000, 1_000_000]
            .into_iter()
            .map(|size: usize| size.min(most))
            .collect();
        sizes.dedup();
        let mut groups = Vec::new();
        for size in &sizes {
            eprintln!("a group of {size}");
            groups.push((*size, self.group(&ids[..*size])?, Measured::default()));
        }
        for chunk in ids[ids.len() - spare..].chunks(ADDED) {
            for (_, group, measured) in &mut groups {
                measured.add(self.add(group, chunk)?);
            }
        }
        let mut memory = String::new();
        for (size, group, added) in groups {
            rows.push((format!("PATCH adding {ADDED} members to {size}"), added));
            // The largest is read whole, and what is required of replacing is required of 100,000.
            if size == 100_000.min(most) {
                let replaced = self.replace(&group, ids, size)?;
                rows.push((format!("replace {size} members, 10 differ"), replaced));
            }
            memory = self.get_whole(&group, size)?;
        }
        Ok(memory)
    }

    fn group(&self, members: &[String]) -> Result<String> {
        let mut client = Http::open(self.access)?;
        let body = json!({"displayName": format!("group of {}", members.len())}).to_string();
        let made = client.ask("POST", "/Groups", &body, 201)?;
        let path = format!("/Groups/{}", made["id"].as_str().context("no id")?);
        for chunk in members.chunks(CHUNK) {
            client.skim(
                "PATCH",
                &format!("{path}?attributes=id"),
                &patch("add", chunk),
                200,
            )?;
        }
        Ok(path)
    }

    fn add(&self, group: &str, others: &[String]) -> Result<Measured> {
        let mut client = Http::open(self.access)?;
        let path = format!("{group}?attributes=id");
        let body = patch("add", others);
        self.once(&mut std::iter::once(()), |()| {
            let start = Instant::now();
            client.skim("PATCH", &path, &body, 200)?;
            Ok(start.elapsed())
        })
    }

    fn replace(&self, group: &str, ids: &[String], size: usize) -> Result<Measured> {
        let mut client = Http::open(self.access)?;
        let path = format!("{group}?attributes=id");
        // First to the members alone; then ten others, and the ten back.
        let (first, other) = (
            &ids[..size],
            [&ids[10..size], &ids[ids.len() - 10..]].concat(),
        );
        let bodies = [first.to_vec(), other].map(|members| patch("replace", &members));
        client.skim("PATCH", &path, &bodies[0], 200)?;
        self.once(&mut (0..6), |round: usize| {
            let start = Instant::now();
            client.skim("PATCH", &path, &bodies[(round + 1) % 2], 200)?;
            Ok(start.elapsed())
        })
    }

    fn get_whole(&self, group: &str, size: usize) -> Result<String> {
        let mut client = Http::open(self.access)?;
        let process = self.server.id();
        let before = resident_bytes(process)?;
        resident_peak(process, true)?;
        let start = Instant::now();
        let length = client.skim("GET", group, "", 200)?;
        let took = start.elapsed();
        let peak = resident_peak(process, false)?;
        Ok(format!(
            "GET of a group of {size} members: {} MB in {} ms; resident before {} MB, at the most \
             {} MB more.",
            length / 1_000_000,
            took.as_millis(),
            before / 1_000_000,
            peak.saturating_sub(before) / 1_000_000,
        ))
    }

    /// One request after the other; each says how long it took.
    fn once<T>(
        &self,
        each: &mut dyn Iterator<Item = T>,
        mut work: impl FnMut(T) -> Result<Duration>,
    ) -> Result<Measured> {
        let cpu = cpu_time(self.server.id())?;
        let mut latencies = Vec::new();
        let mut elapsed = Duration::ZERO;
        for item in each {
            let took = work(item)?;
            elapsed += took;
            latencies.push(u64::try_from(took.as_nanos())?);
        }
        Ok(Measured {
            latencies,
            elapsed,
            cpu: cpu_time(self.server.id())?.since(cpu),
        })
    }

    /// Many connections at once, each with one request under way; the work gets random numbers.
    fn many(&self, work: impl Fn(&mut Http, usize) -> Result<()> + Sync) -> Result<Measured> {
        self.many_at(self.access, work)
    }

    fn many_at(
        &self,
        access: &ScimAccess,
        work: impl Fn(&mut Http, usize) -> Result<()> + Sync,
    ) -> Result<Measured> {
        let cpu = cpu_time(self.server.id())?;
        let start = Instant::now();
        let end = start + self.duration;
        let latencies = thread::scope(|scope| {
            let work = &work;
            let client = |seed: u64| -> Result<Vec<u64>> {
                let mut client = Http::open(access)?;
                let (mut latencies, mut random) = (Vec::new(), seed);
                while Instant::now() < end {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(seed);
                    let start = Instant::now();
                    work(&mut client, usize::try_from(random >> 33)?)?;
                    latencies.push(u64::try_from(start.elapsed().as_nanos())?);
                }
                Ok(latencies)
            };
            let threads: Vec<_> = (0..CONNECTIONS)
                .map(|at| scope.spawn(move || client(2 * at as u64 + 1)))
                .collect();
            let mut all = Vec::new();
            for thread in threads {
                match thread.join() {
                    Ok(latencies) => all.extend(latencies?),
                    Err(_) => bail!("a client panicked"),
                }
            }
            Ok(all)
        })?;
        Ok(Measured {
            latencies,
            elapsed: start.elapsed(),
            cpu: cpu_time(self.server.id())?.since(cpu),
        })
    }
}

fn patch(op: &str, members: &[String]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let operations = json!([{"op": op, "path": "members", "value": members}]);
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
    .to_string()
}
