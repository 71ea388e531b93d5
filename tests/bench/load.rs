//! The work that is done, and how long it takes.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use jackfield_tests::ber::{self, Connection, tag};

use crate::people::{GROUP, People};
use crate::target::{Target, cpu_time};

/// What a phone asks for.
const ATTRIBUTES: &[&str] = &["cn", "sn", "telephoneNumber", "mail"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Equality,
    Prefix,
    Contains,
    Bind,
    NewConnection,
}

impl Work {
    pub const ALL: [Self; 5] = [
        Self::Equality,
        Self::Prefix,
        Self::Contains,
        Self::Bind,
        Self::NewConnection,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Equality => "equality search, 1 result",
            Self::Prefix => "prefix search, 50 results",
            Self::Contains => "contains search, 50 results",
            Self::Bind => "bind with a machine secret",
            Self::NewConnection => "connect, bind, equality search",
        }
    }

    fn results(self) -> usize {
        match self {
            Self::Equality | Self::NewConnection => 1,
            Self::Prefix | Self::Contains => GROUP,
            Self::Bind => 0,
        }
    }
}

/// What one round, or several, came to.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Of each operation, in nanoseconds.
    pub latencies: Vec<u64>,
    pub elapsed: Duration,
    pub cpu: Duration,
}

impl Measured {
    pub fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
    }
}

/// One round: so many connections at once, each with one operation under way.
pub fn round(
    target: &Target,
    work: Work,
    people: People,
    connections: usize,
    duration: Duration,
) -> Result<Measured> {
    let cpu = cpu_time(target.process)?;
    let start = Instant::now();
    let latencies = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|seed| {
                scope.spawn(move || {
                    Client {
                        target,
                        people,
                        random: seed as u64 + 1,
                    }
                    .run(work, start + duration)
                })
            })
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
        cpu: cpu_time(target.process)?.saturating_sub(cpu),
    })
}

struct Client<'t> {
    target: &'t Target,
    people: People,
    random: u64,
}

impl Client<'_> {
    fn run(&mut self, work: Work, end: Instant) -> Result<Vec<u64>> {
        let mut latencies = Vec::with_capacity(1 << 16);
        let mut connection = self.connect()?;
        while Instant::now() < end {
            let request = self.request(work);
            let start = Instant::now();
            match work {
                Work::Bind => self.bind(&mut connection)?,
                Work::NewConnection => {
                    let mut fresh = self.connect()?;
                    ask(&mut fresh, &request, work.results())?;
                    fresh.send(&ber::message(3, &ber::tlv(tag::UNBIND, &[])))?;
                }
                _ => ask(&mut connection, &request, work.results())?,
            }
            latencies.push(u64::try_from(start.elapsed().as_nanos())?);
        }
        Ok(latencies)
    }

    fn connect(&self) -> Result<Connection> {
        let address: SocketAddr = self.target.address;
        let mut connection = Connection::open(address)?;
        self.bind(&mut connection)?;
        Ok(connection)
    }

    fn bind(&self, connection: &mut Connection) -> Result<()> {
        connection.send(&ber::bind(1, &self.target.bind_dn, &self.target.password))?;
        let answer = connection.receive_code()?;
        ensure!(
            answer == Some((tag::BIND_RESPONSE, Some(0))),
            "bind: {answer:?}"
        );
        Ok(())
    }

    fn request(&mut self, work: Work) -> Vec<u8> {
        let filter = match work {
            Work::Equality | Work::NewConnection => {
                let number = self.pick(self.people.count());
                ber::equality("uid", self.people.person(number).uid.as_bytes())
            }
            Work::Prefix => ber::prefix("sn", &People::surname(self.pick(self.people.groups()))),
            Work::Contains => {
                ber::contains("cn", &People::middle_name(self.pick(self.people.groups())))
            }
            Work::Bind => return Vec::new(),
        };
        ber::search(
            2,
            &format!("ou=people,{}", self.target.base),
            &filter,
            ATTRIBUTES,
        )
    }

    /// A number below `bound`: xorshift, the same row of numbers for each server.
    fn pick(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % bound as u64).unwrap_or(0)
    }
}

/// Searches, and counts what comes.
fn ask(connection: &mut Connection, request: &[u8], expected: usize) -> Result<()> {
    connection.send(request)?;
    let mut entries = 0;
    loop {
        match connection.receive_code()? {
            Some((tag::ENTRY, _)) => entries += 1,
            Some((tag::DONE, Some(0))) => break,
            other => bail!("search: {other:?}"),
        }
    }
    ensure!(
        entries == expected,
        "{entries} results where {expected} are right"
    );
    Ok(())
}
