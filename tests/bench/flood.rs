//! People's passwords at the limit of Argon2id, and what searches cost meanwhile.
//!
//! What is shown are wrong passwords: each is hashed like a right one, and none is remembered.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use argon2::{Argon2, PasswordHasher as _};
use jackfield_tests::ber::{self, Connection};

use crate::load::{Load, Measured, Work};
use crate::people::People;
use crate::target::{Jackfield, Target, cpu_time, precise};
use crate::{Arguments, report};

/// How many searches begin each second, over how many connections.
const SEARCHES: u32 = 1_000;
const CONNECTIONS: usize = 16;

/// How many connections guess passwords, each without a pause.
const GUESSERS: usize = 32;

/// How many passwords are hashed to learn how long one takes.
const HASHES: u32 = 50;

const INVALID_CREDENTIALS: Option<u8> = Some(49);

pub fn run(people: People, arguments: &Arguments) -> Result<String> {
    let (one_core, threads) = (hashes_per_second()?, half_of_processors());
    eprintln!("Loading Jackfield with {} people over SCIM", people.count());
    let (jackfield, _) = Jackfield::load(people)?;
    // Both processors are the server's, of which half hash.
    let (_server, target) = jackfield.serve()?;
    let duration = arguments.duration();
    let mut load = Load::new(&target, Work::Equality, people, CONNECTIONS)?;
    load.run(|begun| begun < 1_000)?;
    eprintln!("searches alone");
    let alone = measured(&target, || load.steady(SEARCHES, duration))?;
    eprintln!("guesses alone");
    let (guesses, nothing) = flooded(&target, people, || {
        measured(&target, || {
            thread::sleep(duration);
            Ok(Vec::new())
        })
    })?;
    eprintln!("both");
    let (beside_guesses, beside) = flooded(&target, people, || {
        measured(&target, || load.steady(SEARCHES, duration))
    })?;
    // What so many guesses take is not the searches'.
    let guess = nothing.cpu.all().as_secs_f64() / precise(guesses);
    let own = beside.cpu.all().as_secs_f64() - guess * precise(beside_guesses);
    let own = own * 1e6 / precise(beside.latencies.len());
    let limit = one_core * precise(threads);
    let rate = |guesses: usize, while_: &Measured| precise(guesses) / while_.elapsed.as_secs_f64();
    let (free, busy) = (rate(guesses, &nothing), rate(beside_guesses, &beside));
    let mut out = format!(
        "{} people, {SEARCHES} searches for one person a second over {CONNECTIONS} connections, \
         {GUESSERS} connections with wrong passwords, {} s each, {}.\n\n\
         One processor hashes {one_core:.1} passwords a second; so {threads} at once hash {limit:.1} at the most.\n\n\
         | | binds/s | share of the limit |\n| --- | ---: | ---: |\n\
         | alone | {free:.1} | {:.2} |\n| beside searches | {busy:.1} | {:.2} |\n\n{}",
        people.count(),
        duration.as_secs(),
        report::processor(),
        free / limit,
        busy / limit,
        report::STEADY,
    );
    report::steady_row(&mut out, "searches alone", alone);
    report::steady_row(&mut out, "searches beside guesses, CPU of both", beside);
    let _ = writeln!(out, "\nOf that the searches' own: {own:.1} µs each.");
    Ok(out)
}

/// On one processor, with the parameters that the server has.
fn hashes_per_second() -> Result<f64> {
    let start = Instant::now();
    for _ in 0..HASHES {
        let hashed = Argon2::default().hash_password(b"correct horse battery staple");
        hashed.map_err(|error| anyhow!("{error}"))?;
    }
    Ok(f64::from(HASHES) / start.elapsed().as_secs_f64())
}

/// As many as hash by default.
fn half_of_processors() -> usize {
    (thread::available_parallelism().map_or(1, usize::from) / 2).max(1)
}

fn measured(target: &Target, work: impl FnOnce() -> Result<Vec<u64>>) -> Result<Measured> {
    let (start, cpu) = (Instant::now(), cpu_time(target.process)?);
    let latencies = work()?;
    Ok(Measured {
        latencies,
        elapsed: start.elapsed(),
        cpu: cpu_time(target.process)?.since(cpu),
    })
}

/// Does something while passwords are guessed; says how many guesses were answered meanwhile.
fn flooded(
    target: &Target,
    people: People,
    work: impl FnOnce() -> Result<Measured>,
) -> Result<(usize, Measured)> {
    let (answered, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let guess = |at: usize| -> Result<()> {
        let name = people.person(at % people.count()).uid;
        let name = format!("uid={name},ou=people,{}", target.base);
        let mut connection = Connection::open(target.address)?;
        while !is_over.load(Ordering::Relaxed) {
            connection.send(&ber::bind(1, &name, "a-wrong-guess"))?;
            let code = connection.receive_code()?.and_then(|(_, code)| code);
            ensure!(code == INVALID_CREDENTIALS, "not refused: {code:?}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let guessers: Vec<_> = (0..GUESSERS)
            .map(|at| scope.spawn(move || guess(at)))
            .collect();
        // Until all of them wait.
        thread::sleep(Duration::from_secs(1));
        let before = answered.load(Ordering::Relaxed);
        let done = work();
        let count = answered.load(Ordering::Relaxed) - before;
        is_over.store(true, Ordering::Relaxed);
        for guesser in guessers {
            guesser
                .join()
                .map_err(|_| anyhow!("a guesser panicked"))??;
        }
        Ok((count, done?))
    })
}
