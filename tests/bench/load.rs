//! The work that is done, and how long it takes.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use jackfield_tests::ber::{self, Connection, tag};

use crate::people::{EVERYBODY, GROUP, People, TEAM, team};
use crate::target::{Target, cpu_time};

/// What a phone asks for.
const ATTRIBUTES: &[&str] = &["cn", "telephoneNumber", "mobile"];

/// How many entries a page has.
const PAGE: u32 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Equality,
    CallerId,
    Prefix,
    Contains,
    MemberOf,
    Group,
    Paged,
    Bind,
    NewConnection,
}

impl Work {
    pub const ALL: [Self; 9] = [
        Self::Equality,
        Self::CallerId,
        Self::Prefix,
        Self::Contains,
        Self::MemberOf,
        Self::Group,
        Self::Paged,
        Self::Bind,
        Self::NewConnection,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Equality => "equality search, 1 result, all attributes",
            Self::CallerId => "caller-ID look-up, 1 result",
            Self::Prefix => "prefix search, 50 results",
            Self::Contains => "contains search, 50 results",
            Self::MemberOf => "members by `memberOf`, 100 results",
            Self::Group => "a group with everybody in it",
            Self::Paged => "a page of 1,000",
            Self::Bind => "bind with a machine secret",
            Self::NewConnection => "connect, bind, equality search",
        }
    }

    fn results(self) -> usize {
        match self {
            Self::Equality | Self::CallerId | Self::NewConnection | Self::Group => 1,
            Self::Prefix | Self::Contains => GROUP,
            Self::MemberOf => TEAM,
            Self::Paged | Self::Bind => 0,
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
        let mut connection = match work {
            Work::NewConnection => None,
            _ => Some(self.connect()?),
        };
        let mut cookie = Vec::new();
        while Instant::now() < end {
            let request = self.request(work, &cookie);
            let start = Instant::now();
            match (work, &mut connection) {
                (Work::Bind, Some(connection)) => self.bind(connection)?,
                (Work::Paged, Some(connection)) => cookie = page(connection, &request)?,
                (_, Some(connection)) => ask(connection, &request, work.results())?,
                (_, None) => {
                    let mut fresh = self.connect()?;
                    ask(&mut fresh, &request, work.results())?;
                    fresh.send(&ber::message(3, &ber::tlv(tag::UNBIND, &[])))?;
                }
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

    fn request(&mut self, work: Work, cookie: &[u8]) -> Vec<u8> {
        let person = self.people.person(self.pick(self.people.count()));
        let (people, groups) = (
            format!("ou=people,{}", self.target.base),
            format!("ou=groups,{}", self.target.base),
        );
        let search =
            |filter: Vec<u8>, attributes: &[&str]| ber::search(2, &people, &filter, attributes);
        match work {
            Work::Equality | Work::NewConnection => {
                search(ber::equality("uid", person.uid.as_bytes()), &[])
            }
            Work::CallerId => {
                let number = person.phone.as_bytes();
                let either = ["telephoneNumber", "mobile"].map(|name| ber::equality(name, number));
                search(ber::any(&either), ATTRIBUTES)
            }
            Work::Prefix => {
                let name = People::surname(self.pick(self.people.groups()));
                search(ber::prefix("sn", &name), ATTRIBUTES)
            }
            Work::Contains => {
                let name = People::middle_name(self.pick(self.people.groups()));
                search(ber::contains("cn", &name), ATTRIBUTES)
            }
            Work::MemberOf => {
                let team = team(self.pick(self.people.teams()));
                let dn = format!("cn={team},{groups}");
                search(ber::equality("memberOf", dn.as_bytes()), ATTRIBUTES)
            }
            Work::Group => {
                let filter = ber::equality("cn", EVERYBODY.as_bytes());
                ber::search(2, &groups, &filter, &["member"])
            }
            Work::Paged => {
                let all = ber::equality("objectClass", b"inetOrgPerson");
                ber::paged(2, &people, &all, ATTRIBUTES, PAGE, cookie)
            }
            Work::Bind => Vec::new(),
        }
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

/// Reads a page, and gives the cookie for the next.
fn page(connection: &mut Connection, request: &[u8]) -> Result<Vec<u8>> {
    connection.send(request)?;
    let mut entries = 0;
    let cookie = loop {
        match connection.receive_code()? {
            Some((tag::ENTRY, _)) => entries += 1,
            Some((tag::DONE, Some(0))) => break connection.cookie(),
            other => bail!("search: {other:?}"),
        }
    };
    ensure!(
        entries == PAGE || cookie.is_empty(),
        "{entries} entries on a page"
    );
    Ok(cookie)
}
