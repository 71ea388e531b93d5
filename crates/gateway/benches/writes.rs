//! What writes cost, through the gateway onto a disk: users made by 16 connections at once, and
//! members added to groups of all sizes. Members must cost the same in each.
//!
//!     cargo bench -p jackfield-gateway --features testing --bench writes -- [users]
//!
//! The group of 1,000,000 needs as many users, which is the default.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Precondition, Session};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Change, ChangeSet, Edge, EdgeKind, Id, Kind, Number, Origin, Principal, Record,
    Timestamp, Value,
};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many rows a change set has with which the tenant is filled.
const CHUNK: usize = 10_000;

#[tokio::main]
async fn main() -> Result<()> {
    let count = std::env::args().find_map(|arg| arg.parse().ok());
    let count: usize = count.unwrap_or(1_000_000);
    let test = TestGateway::start().await?;
    let connection = test.connection("acme", "bench").await?;
    let tenant = test.gateway.tenant("acme")?;
    let principal = Principal::Connection(connection.id);
    let session = test
        .gateway
        .act_as(&tenant, principal, Origin::local("scim"));

    creates(&session, 2_000, 1).await?;
    creates(&session, 20_000, 16).await?;

    let (users, groups) = fill(&test, count, &[10, 10_000, 100_000, 1_000_000]).await?;
    tenant_is_loaded(&session, users.last().copied()).await?;
    creates(&session, 20_000, 16).await?;
    let spare: Vec<Id> = makes(&session, "spare", 3_000).await?;
    for round in ["first", "second"] {
        for (size, group) in &groups {
            let took = additions(&session, *group, &spare).await?;
            println!("{round}: 50 members more in a group of {size}: median {took:?}");
        }
    }
    for (size, group) in groups.iter().filter(|(size, _)| *size == 100_000) {
        let mut members: Vec<Id> = users.iter().take(*size).copied().collect();
        members.truncate(size - 10);
        members.extend(spare.iter().take(10));
        let begin = Instant::now();
        let op = members_op(PatchKind::Replace, &members);
        patch(&session, *group, op).await?;
        println!("{size} members replaced, 10 differ: {:?}", begin.elapsed());
        let begin = Instant::now();
        let op = members_op(PatchKind::Replace, &members);
        let changed = patch(&session, *group, op).await?;
        println!(
            "{size} members replaced, none differ ({changed}): {:?}",
            begin.elapsed()
        );
    }
    test.gateway.stop().await;
    Ok(())
}

fn user(name: &str) -> Attributes {
    let mail = Attributes::new()
        .with(attr::EMAILS_VALUE, format!("{name}@acme.example").as_str())
        .with(attr::EMAILS_TYPE, "work");
    let person = Attributes::new()
        .with(attr::NAME_GIVEN_NAME, name)
        .with(attr::NAME_FAMILY_NAME, "Example");
    Attributes::new()
        .with(attr::USER_NAME, format!("{name}@acme.example").as_str())
        .with(attr::DISPLAY_NAME, format!("{name} Example").as_str())
        .with(attr::NAME, person)
        .with(attr::EMAILS, mail)
        .with(attr::ACTIVE, true)
        .with(attr::EXTERNAL_ID, name)
}

async fn make(session: &Session, name: &str) -> Result<Id> {
    let command = Command::Create {
        kind: Kind::User,
        attributes: user(name),
    };
    let written = session.write(command).await?;
    Ok(written.id.ok_or("no id")?)
}

async fn makes(session: &Session, prefix: &str, count: usize) -> Result<Vec<Id>> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(make(session, &format!("{prefix}{n}")).await?);
    }
    Ok(ids)
}

async fn creates(session: &Session, count: usize, at_once: usize) -> Result<()> {
    let begin = Instant::now();
    let tasks: Vec<_> = (0..at_once)
        .map(|task| {
            let session = session.clone();
            tokio::spawn(async move {
                let prefix = format!("n{}x{task}x", Uuid::from_u128(begin_number()).as_u128());
                let made = makes(&session, &prefix, count / at_once).await;
                made.map(drop).map_err(|error| error.to_string())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let took = begin.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = count as f64 / took;
    println!("{at_once} connections make {rate:.0} users a second");
    Ok(())
}

/// Another number each time.
fn begin_number() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed).into()
}

/// Puts users and groups straight into the store, as another node would.
async fn fill(
    test: &TestGateway,
    count: usize,
    sizes: &[usize],
) -> Result<(Vec<Id>, Vec<(usize, Id)>)> {
    let head = test.store.tenants().await?;
    let head = head.iter().find(|head| head.name.as_str() == "acme");
    let head = head.ok_or("no tenant")?;
    let first = head.next_number;
    let mut revision = head.revision;
    let number = |n: usize| u32::try_from(n).map(|n| Number(first + n));
    let id = |n: usize| {
        Id(Uuid::from_u64_pair(
            0x0199_0000_0000_7000,
            1 << 63 | n as u64,
        ))
    };
    let record = |n: usize, kind, attributes| -> Result<Change> {
        Ok(Change::PutRecord(Arc::new(Record {
            id: id(n),
            kind,
            number: number(n)?,
            created: Timestamp(0),
            modified: Timestamp(0),
            version: 1,
            attributes,
        })))
    };
    let mut changes = Vec::new();
    for n in 0..count {
        changes.push(record(n, Kind::User, user(&format!("filled{n}")))?);
    }
    let mut groups = Vec::new();
    for (n, size) in sizes.iter().enumerate().filter(|(_, size)| **size <= count) {
        let bag = Attributes::new().with(attr::DISPLAY_NAME, format!("group{size}").as_str());
        changes.push(record(count + n, Kind::Group, bag)?);
        groups.push((*size, id(count + n)));
    }
    for (size, group) in &groups {
        changes.extend((0..*size).map(|n| {
            Change::PutEdge(Edge {
                kind: EdgeKind::Member,
                from: *group,
                to: id(n),
                primary: false,
            })
        }));
    }
    for chunk in changes.chunks(CHUNK) {
        let set = ChangeSet {
            id: Uuid::from_u128(0xbe4c << 64 | u128::from(revision.0)),
            at: Timestamp(0),
            actor: Principal::Operator,
            changes: chunk.to_vec(),
            audit: Vec::new(),
        };
        revision = test.store.apply(head.id, revision, &[set]).await?;
    }
    Ok(((0..count).map(id).collect(), groups))
}

async fn tenant_is_loaded(session: &Session, last: Option<Id>) -> Result<()> {
    while let Some(id) = last {
        if session.read()?.entry(id).is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Until the writer has caught up with the rest.
    tokio::time::sleep(Duration::from_secs(5)).await;
    Ok(())
}

fn members_op(kind: PatchKind, members: &[Id]) -> PatchOp {
    let value = |id: &Id| -> Value {
        Attributes::new()
            .with(attr::MEMBERS_VALUE, id.to_string().as_str())
            .into()
    };
    PatchOp {
        kind,
        path: Path {
            attr: attr::MEMBERS,
            filter: None,
            sub: None,
            text: "members".to_owned(),
        },
        values: members.iter().map(value).collect(),
        missing: None,
    }
}

async fn patch(session: &Session, group: Id, op: PatchOp) -> Result<bool> {
    let command = Command::Patch {
        id: group,
        kind: Kind::Group,
        ops: vec![op],
        expect: Precondition::None,
    };
    Ok(session.write(command).await?.changed)
}

/// Adds 50 members, and takes them out again, so that the size stays.
async fn additions(session: &Session, group: Id, spare: &[Id]) -> Result<Duration> {
    let mut took = Vec::new();
    for fifty in spare.chunks_exact(50) {
        let begin = Instant::now();
        patch(session, group, members_op(PatchKind::Add, fifty)).await?;
        took.push(begin.elapsed());
        patch(session, group, members_op(PatchKind::Remove, fifty)).await?;
    }
    took.sort_unstable();
    Ok(took.get(took.len() / 2).copied().unwrap_or_default())
}
