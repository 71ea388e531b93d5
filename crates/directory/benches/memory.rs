//! What a tenant in memory takes: how long it is built as a start builds it, how much memory it has
//! then, and what a search and a write cost. The people are those of the comparison with slapd.
//!
//!     cargo bench -p jackfield-directory --bench memory -- [people]

#[path = "../../../tests/bench/people.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::indexing_slicing,
    reason = "it belongs to the comparison, which asks for more"
)]
mod people;

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jackfield_access::{Catalogue, Mandate};
use jackfield_directory::plan::{Declaration, plan};
use jackfield_directory::snapshot::in_turn;
use jackfield_directory::{AccessView, Command, Context, Order, Planned, Query, Snapshot, Start};
use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Change, Dn, Edge, EdgeKind, Filter, Id, IdSource, Kind, KindSet, Link,
    MatchingRule, Number, Origin, OwnSchemas, Principal, Record, Revision, Settings, Timestamp,
};
use people::{EVERYBODY, People, TEAM, team};
use smol_str::SmolStr;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is asked, by whom it is about.
type Asked<'a> = &'a dyn Fn(usize) -> Filter;

/// How many changes are applied at once, as at a start.
const CHUNK: usize = 2_000;
/// How often a search is asked.
const ASKED: usize = 2_000;
/// How many people are created.
const CREATED: usize = 2_000;
const CATALOGUE: &str = include_str!("../../../config/catalogues/opbx.toml");

fn main() -> Result<()> {
    let count = std::env::args().find_map(|arg| arg.parse().ok());
    let people = People::unlimited(count.unwrap_or(100_000));
    let mut tenant = Tenant::new()?;
    let before = resident()?;
    let took = tenant.fill(people)?;
    let begin = Instant::now();
    tenant.now.loaded(Revision(1), tenant.next, in_turn);
    let bytes = resident()?.saturating_sub(before);
    println!(
        "{} people: put in in {took:.2?}, indexed in {:.2?}, {} MB, {} octets each",
        people.count(),
        begin.elapsed(),
        bytes >> 20,
        bytes / people.count(),
    );
    tenant.ask(people)?;
    tenant.create(people)?;
    println!("{} MB in the end", resident()?.saturating_sub(before) >> 20);
    Ok(())
}

/// How much processor time this thread has used.
fn used() -> Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().ok_or("no schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// How much memory the process has.
fn resident() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB");
    Ok(kilobytes.parse::<usize>()? << 10)
}

/// Ids in order.
#[derive(Default)]
struct Ids(AtomicU64);

impl IdSource for Ids {
    fn id(&self) -> Uuid {
        // Spread, as real ones are.
        let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let spread = next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Uuid::from_u64_pair(0x0193_0000_0000_7000 | next << 32, 1 << 63 | spread)
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

struct Tenant {
    now: Snapshot,
    ids: Ids,
    next: u32,
    connection: Id,
}

impl Tenant {
    /// One with a role system.
    fn new() -> Result<Self> {
        let catalogue: Catalogue = toml::from_str(CATALOGUE)?;
        let declaration = Declaration {
            settings: Settings {
                suffix: Dn::parse("dc=acme,dc=example")?,
                catalogue: catalogue.key.clone(),
                ..Settings::default()
            },
            schemas: OwnSchemas::default(),
            catalogue,
            custom_roles: Vec::new(),
        };
        let ids = Ids::default();
        let mut tenant = Self {
            now: Snapshot::empty(),
            connection: Id(ids.id()),
            ids,
            next: 0,
        };
        let declare = Command::Declare(Box::new(declaration));
        let planned = tenant.plan(Principal::Config, &declare)?;
        tenant.apply(&planned.set.ok_or("nothing declared")?.changes)?;
        tenant.next = tenant.now.next_number();
        let connection = Attributes::new().with(attr::LOGIN, "bench");
        let put = tenant.record(tenant.connection, Kind::Connection, connection);
        tenant.apply(&[put])?;
        Ok(tenant)
    }

    fn plan(&self, actor: Principal, command: &Command) -> Result<Planned> {
        let ctx = Context {
            actor,
            mandate: &Mandate::default(),
            origin: &Origin::local("scim"),
            now: Timestamp(0),
            ids: &self.ids,
            password: None,
        };
        Ok(plan(&self.now, &ctx, command)?)
    }

    /// Puts everybody in, in teams and in one group; says how long that took, without what makes
    /// them.
    fn fill(&mut self, people: People) -> Result<Duration> {
        let ids: Vec<Id> = (0..people.count()).map(|_| Id(self.ids.id())).collect();
        let mut took = Duration::ZERO;
        let numbers: Vec<usize> = (0..people.count()).collect();
        for chunk in numbers.chunks(CHUNK) {
            let bodies: Vec<String> = chunk.iter().map(|at| body(people, *at)).collect();
            let begin = used()?;
            let mut changes = Vec::with_capacity(chunk.len());
            for (at, body) in chunk.iter().zip(&bodies) {
                let id = ids.get(*at).ok_or("no id")?;
                changes.push(self.record(*id, Kind::User, serde_json::from_str(body)?));
            }
            self.apply(&changes)?;
            took += used()?.saturating_sub(begin);
        }
        let begin = used()?;
        for chunk in ids.chunks(CHUNK) {
            let links = chunk.iter().map(|id| {
                Change::PutLink(Link {
                    record: *id,
                    connection: self.connection,
                    external_id: None,
                    owner: true,
                })
            });
            self.apply(&links.collect::<Vec<_>>())?;
        }
        for (at, members) in ids.chunks(TEAM).enumerate() {
            self.group(&team(at), members)?;
        }
        self.group(EVERYBODY, &ids)?;
        Ok(took + used()?.saturating_sub(begin))
    }

    fn group(&mut self, name: &str, members: &[Id]) -> Result<()> {
        let id = Id(self.ids.id());
        let named = Attributes::new().with(attr::DISPLAY_NAME, name);
        let put = self.record(id, Kind::Group, named);
        self.apply(&[put])?;
        for chunk in members.chunks(CHUNK) {
            let edges = chunk.iter().map(|member| {
                Change::PutEdge(Edge {
                    kind: EdgeKind::Member,
                    from: id,
                    to: *member,
                    primary: false,
                })
            });
            self.apply(&edges.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn record(&mut self, id: Id, kind: Kind, attributes: Attributes) -> Change {
        let number = Number(self.next);
        self.next += 1;
        Change::PutRecord(Arc::new(Record {
            id,
            kind,
            number,
            created: Timestamp(0),
            modified: Timestamp(0),
            version: 1,
            attributes,
        }))
    }

    fn apply(&mut self, changes: &[Change]) -> Result<()> {
        Ok(self.now.apply_changes(changes)?)
    }

    /// Asks as phones do.
    fn ask(&self, people: People) -> Result<()> {
        let works: [(&str, Asked<'_>, usize); 4] = [
            (
                "userName",
                &|at| is(attr::USER_NAME, &people.person(at).uid),
                1,
            ),
            (
                "caller",
                &|at| {
                    let of = || is(attr::PHONE_NUMBERS_VALUE, &people.person(at).phone);
                    Filter::Or(vec![of(), of()])
                },
                1,
            ),
            (
                "prefix",
                &|at| {
                    let name = People::surname(at % people.groups());
                    let initial = Some(name.to_ascii_lowercase().into());
                    part(attr::NAME_FAMILY_NAME, initial, None)
                },
                people::GROUP,
            ),
            (
                "contains",
                &|at| {
                    let name = People::middle_name(at % people.groups());
                    part(
                        attr::COMMON_NAME,
                        None,
                        Some(name.to_ascii_lowercase().into()),
                    )
                },
                people::GROUP,
            ),
        ];
        for (name, filter, least) in works {
            let filters: Vec<Filter> = (0..ASKED)
                .map(|turn| filter(turn * 7_919 % people.count()))
                .collect();
            let mut all = Vec::with_capacity(ASKED);
            for filter in &filters {
                let begin = Instant::now();
                let found = search(&self.now, filter)?;
                all.push(begin.elapsed());
                if found < least {
                    return Err(format!("{name}: {found} found").into());
                }
            }
            all.sort_unstable();
            println!("{name}: {:.2?}", share(&all, 50));
        }
        Ok(())
    }

    /// Creates people, one after the other, each published by itself.
    fn create(&mut self, people: People) -> Result<()> {
        let mut all = Vec::new();
        for at in people.count()..people.count() + CREATED {
            let attributes = serde_json::from_str(&body(people, at))?;
            let command = Command::Create {
                kind: Kind::User,
                attributes,
            };
            let begin = Instant::now();
            let actor = Principal::Connection(self.connection);
            let mut next = self.plan(actor, &command)?.snapshot;
            next.settle();
            self.now = next;
            all.push(begin.elapsed());
        }
        all.sort_unstable();
        println!(
            "a create, planned and published: {:.1?}, {:.1?} for one of a hundred, {:.1?} at the most",
            share(&all, 50),
            share(&all, 99),
            share(&all, 100),
        );
        Ok(())
    }
}

/// What so many of a hundred need at the most; they are in order.
fn share(all: &[Duration], hundredths: usize) -> Duration {
    let at = (all.len() * hundredths / 100).min(all.len() - 1);
    all.get(at).copied().unwrap_or_default()
}

/// A person as the store keeps them.
fn body(people: People, at: usize) -> String {
    let mut body = people.person(at).scim();
    if let Some(body) = body.as_object_mut() {
        body.remove("schemas");
    }
    body.to_string()
}

fn is(attr: AttrId, text: &str) -> Filter {
    let rule = match attr {
        attr::PHONE_NUMBERS_VALUE => MatchingRule::Telephone,
        _ => MatchingRule::CaseIgnore,
    };
    Filter::equal(attr, rule, Key::Text(rule.key(text).unwrap_or_default()))
}

fn part(attr: AttrId, initial: Option<SmolStr>, any: Option<SmolStr>) -> Filter {
    let parts = Substring {
        initial,
        any: any.into_iter().collect(),
        last: None,
    };
    Filter::Match(attr, MatchingRule::CaseIgnore, Assertion::Substring(parts))
}

/// How many a search finds, in the order of names.
fn search(snapshot: &Snapshot, filter: &Filter) -> Result<usize> {
    let query = Query {
        kinds: KindSet::ALL,
        only: None,
        filter,
        order: Order::Name,
        start: Start::FIRST,
        limit: 1_000,
        count: false,
        stop: &|| false,
    };
    let view = AccessView::everything(Principal::System);
    Ok(snapshot.search(&view, &query)?.numbers.len())
}
