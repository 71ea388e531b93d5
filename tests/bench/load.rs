//! The work that is done, and how long it takes.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jackfield_tests::ber::{self, Connection, tag};

use crate::people::{EVERYBODY, GROUP, People, TEAM, team};
use crate::target::{Cpu, Target, cpu_time};

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

    /// Whether the minimal server knows what to answer on a connection that is kept.
    pub fn has_kept_floor(self) -> bool {
        matches!(self, Self::Equality | Self::Bind)
    }

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
    pub cpu: Cpu,
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
    let mut load = Load::new(target, work, people, connections)?;
    let cpu = cpu_time(target.process)?;
    let start = Instant::now();
    let end = start + duration;
    let latencies = load.run(|_| Instant::now() < end)?;
    Ok(Measured {
        latencies,
        elapsed: start.elapsed(),
        cpu: cpu_time(target.process)?.since(cpu),
    })
}

/// Connections that do one kind of work.
///
/// One thread has them all: to wake a client up is work that no server on another machine has, and
/// here the servers would pay for it.
pub struct Load<'t> {
    target: &'t Target,
    clients: Vec<Client<'t>>,
}

impl<'t> Load<'t> {
    /// Bound, if the work does not begin with that.
    pub fn new(target: &'t Target, work: Work, people: People, connections: usize) -> Result<Self> {
        let clients = (1..=connections as u64).map(|seed| Client::new(target, people, work, seed));
        Ok(Self {
            target,
            clients: clients.collect::<Result<_>>()?,
        })
    }

    /// Each connection does one operation after the other, for as long as `goes_on` says, which is
    /// told how many were begun. Never sleeps. Gives how long each took, in nanoseconds.
    pub fn run(&mut self, goes_on: impl Fn(usize) -> bool) -> Result<Vec<u64>> {
        let mut latencies = Vec::with_capacity(1 << 18);
        let (mut begun, mut busy) = (0, true);
        while busy {
            busy = goes_on(begun);
            for client in &mut self.clients {
                if client.asked.is_some() {
                    busy = true;
                    latencies.extend(client.done(self.target)?);
                } else if goes_on(begun) {
                    client.ask()?;
                    begun += 1;
                }
            }
        }
        Ok(latencies)
    }

    /// Operations begin at this rate, whatever becomes of those before: one that finds no
    /// connection free waits, and that counts. Gives how long each took, in nanoseconds.
    pub fn steady(&mut self, per_second: u32, duration: Duration) -> Result<Vec<u64>> {
        let (gap, start) = (Duration::from_secs(1) / per_second, Instant::now());
        let all = per_second * u32::try_from(duration.as_secs())?;
        let mut latencies = Vec::with_capacity(1 << 18);
        let mut begun = 0;
        while latencies.len() < usize::try_from(all)? {
            let mut idle = true;
            for client in &mut self.clients {
                let due = start + gap * begun;
                if client.asked.is_some() {
                    let done = client.done(self.target)?;
                    idle &= done.is_none();
                    latencies.extend(done);
                } else if begun < all && due <= Instant::now() {
                    client.ask()?;
                    client.asked = Some(due);
                    begun += 1;
                    idle = false;
                }
            }
            if idle {
                std::thread::sleep(NAP);
            }
        }
        Ok(latencies)
    }
}

/// How long nothing is looked at where nothing is due: the machine is the server's, too.
const NAP: Duration = Duration::from_micros(20);

/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(30);

/// One connection, with the operation that is under way on it.
struct Client<'t> {
    target: &'t Target,
    people: People,
    work: Work,
    random: u64,
    connection: Connection,
    /// When the operation was begun.
    asked: Option<Instant>,
    /// What is asked once the connection is bound.
    next: Option<Vec<u8>>,
    entries: usize,
    cookie: Vec<u8>,
}

impl<'t> Client<'t> {
    fn new(target: &'t Target, people: People, work: Work, seed: u64) -> Result<Self> {
        let mut connection = Connection::open(target.address)?;
        if work != Work::NewConnection {
            connection.send(&bind(target))?;
            is_bound(connection.receive_code()?)?;
        }
        connection.never_wait()?;
        Ok(Self {
            target,
            people,
            work,
            random: seed,
            connection,
            asked: None,
            next: None,
            entries: 0,
            cookie: Vec::new(),
        })
    }

    /// How long the operation took that is under way, if it is done.
    fn done(&mut self, target: &Target) -> Result<Option<u64>> {
        let Some(since) = self.asked else {
            return Ok(None);
        };
        if self.hears()? {
            self.asked = None;
            return Ok(Some(u64::try_from(since.elapsed().as_nanos())?));
        }
        ensure!(since.elapsed() < LONGEST, "no answer from {}", target.name);
        Ok(None)
    }

    /// Begins an operation.
    fn ask(&mut self) -> Result<()> {
        let request = self.request(self.work, &self.cookie.clone());
        self.asked = Some(Instant::now());
        self.entries = 0;
        match self.work {
            Work::Bind => self.connection.send(&bind(self.target))?,
            Work::NewConnection => {
                self.connection = Connection::open(self.target.address)?;
                self.connection.never_wait()?;
                self.connection.send(&bind(self.target))?;
                self.next = Some(request);
            }
            _ => self.connection.send(&request)?,
        }
        Ok(())
    }

    /// Takes what has come, and counts it. Says whether the operation is done.
    fn hears(&mut self) -> Result<bool> {
        loop {
            let heard = match self.connection.receive_code() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                heard => heard?,
            };
            match heard {
                Some((tag::ENTRY, _)) => self.entries += 1,
                Some((tag::DONE, Some(0))) => {
                    self.check()?;
                    return Ok(true);
                }
                bound => {
                    is_bound(bound)?;
                    match self.next.take() {
                        Some(request) => self.connection.send(&request)?,
                        None => return Ok(true),
                    }
                }
            }
        }
    }

    /// Whether what was found is right.
    fn check(&mut self) -> Result<()> {
        let (entries, work) = (self.entries, self.work);
        if work == Work::Paged {
            self.cookie = self.connection.cookie();
            let is_whole = u32::try_from(entries)? == PAGE || self.cookie.is_empty();
            ensure!(is_whole, "{entries} entries on a page");
            return Ok(());
        }
        if work == Work::NewConnection {
            let unbind = ber::message(3, &ber::tlv(tag::UNBIND, &[]));
            self.connection.send(&unbind)?;
        }
        let expected = work.results();
        ensure!(
            entries == expected,
            "{entries} results where {expected} are right"
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

/// How many octets the entry has that a search for a person finds.
pub fn entry_length(target: &Target, people: People) -> Result<usize> {
    let mut client = Client::new(target, people, Work::Equality, 1)?;
    let request = client.request(Work::Equality, &[]);
    let mut connection = Connection::open(target.address)?;
    connection.send(&bind(target))?;
    is_bound(connection.receive_code()?)?;
    connection.send(&request)?;
    let entry = connection.receive()?.context("no entry")?;
    ensure!(entry.tag == tag::ENTRY, "not an entry: {entry:?}");
    Ok(entry.content.len())
}

fn bind(target: &Target) -> Vec<u8> {
    ber::bind(1, &target.bind_dn, &target.password)
}

fn is_bound(answer: Option<(u8, Option<u8>)>) -> Result<()> {
    let is_bound = answer == Some((tag::BIND_RESPONSE, Some(0)));
    ensure!(is_bound, "not the right answer: {answer:?}");
    Ok(())
}
