//! What roles cost: one decision, and the change of a custom role that many people hold. Processor
//! time of the whole process, so that other work on the machine does not count.
//!
//!     cargo bench -p jackfield-gateway --features testing --bench roles -- [holders]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_gateway::access::{
    Action, Actor, Catalogue, Deed, RoleDef, RoleKey, Roles, Subject, decide,
};
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Precondition, Session};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Change, ChangeSet, Grant, GrantSource, Id, Kind, Number, Principal, Record,
    Timestamp,
};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const OPBX: &str = include_str!("../../../config/catalogues/opbx.toml");

/// How many decisions are made of each kind.
const DECISIONS: u32 = 1_000_000;

/// How often the role is changed.
const CHANGES: usize = 21;

/// Where the role stands after its last change.
const RANK: u16 = 15;

/// How many rows a change set has with which the tenant is filled.
const CHUNK: usize = 10_000;

#[tokio::main]
async fn main() -> Result<()> {
    let count = std::env::args().find_map(|arg| arg.parse().ok());
    decisions()?;
    changes(count.unwrap_or(100_000)).await
}

/// Each kind of question, as an owner and as somebody who may not.
fn decisions() -> Result<()> {
    let catalogue: Catalogue = toml::from_str(OPBX)?;
    let roles = Roles::new(Arc::new(catalogue), []);
    let others = |_: &RoleKey| 1;
    for actor in ["owner", "pbx_admin", "reporter"] {
        let own = roles.effective([actor]);
        let before = roles.effective(["reporter"]);
        let after = roles.effective(["pbx_user"]);
        let subject = Subject {
            roles: &before,
            is_self: false,
            is_active: true,
            other_holders: &others,
        };
        for (name, action) in [
            ("edits a user", Action::User(Deed::Edit, subject)),
            ("deletes a user", Action::User(Deed::Delete, subject)),
            ("changes a role", Action::ChangeRoles(subject, &after)),
        ] {
            let begin = processor_time()?;
            for _ in 0..DECISIONS {
                black_box(decide(
                    &roles,
                    Actor::Person(black_box(&own)),
                    black_box(action),
                ));
            }
            let took = processor_time()?.saturating_sub(begin) / DECISIONS;
            println!("{actor} {name}: {took:?}");
        }
    }
    Ok(())
}

async fn changes(count: usize) -> Result<()> {
    let test = TestGateway::start().await?;
    let session = test.operator("harbor")?;
    let key = RoleKey::from("crew");
    let def = |permission: &str| RoleDef {
        title: "Crew".into(),
        permissions: vec![permission.into()],
        ..RoleDef::default()
    };
    let role = session.create_role(key.clone(), def("fax:view")).await?.id;
    let last = fill(&test, count, role).await?;
    while !permissions(&session, last)?.contains("fax:view") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut took = Vec::new();
    for round in 0..CHANGES {
        let permission = if round % 2 == 0 {
            "media:view"
        } else {
            "fax:view"
        };
        let (begin, at) = (processor_time()?, Instant::now());
        session
            .edit_role(key.clone(), def(permission), Precondition::None)
            .await?;
        let found = permissions(&session, last)?;
        took.push((processor_time()?.saturating_sub(begin), at.elapsed()));
        assert!(found.contains(permission), "{found}");
    }
    took.sort_unstable();
    let (median, most) = (took.get(CHANGES / 2), took.last());
    println!(
        "a role of {count} changes, and is seen: median {median:?}, most {most:?} (processor, wall)"
    );
    let (begin, at) = (processor_time()?, Instant::now());
    let moved = RoleDef {
        rank: Some(RANK),
        ..def("fax:view")
    };
    session.edit_role(key, moved, Precondition::None).await?;
    let took = (processor_time()?.saturating_sub(begin), at.elapsed());
    println!("it moves to another rank: {took:?}");
    test.gateway.stop().await;
    Ok(())
}

/// What `pbxPermission` of the person shows.
fn permissions(session: &Session, person: Id) -> Result<String> {
    let reader = session.read()?;
    let Some(entry) = reader.entry(person) else {
        return Ok(String::new());
    };
    Ok(format!("{:?}", entry.attribute(attr::PERMISSIONS)))
}

/// Puts holders of the role straight into the store, as another node would; gives the last.
async fn fill(test: &TestGateway, count: usize, role: Id) -> Result<Id> {
    let head = test.store.tenants().await?;
    let head = head.iter().find(|head| head.name.as_str() == "harbor");
    let head = head.ok_or("no tenant")?;
    let mut revision = head.revision;
    let id = |n: usize| {
        Id(Uuid::from_u64_pair(
            0x0199_0000_0000_7000,
            1 << 63 | n as u64,
        ))
    };
    let numbers: Vec<usize> = (0..count).collect();
    for chunk in numbers.chunks(CHUNK) {
        let mut changes = Vec::new();
        for n in chunk {
            let name = format!("holder{n}@harbor.example");
            changes.push(Change::PutRecord(Arc::new(Record {
                id: id(*n),
                kind: Kind::User,
                number: Number(head.next_number + u32::try_from(*n)?),
                created: Timestamp(0),
                modified: Timestamp(0),
                version: 1,
                attributes: Attributes::new()
                    .with(attr::USER_NAME, name.as_str())
                    .with(attr::DISPLAY_NAME, name.as_str())
                    .with(attr::ACTIVE, true),
            })));
            changes.push(Change::Grant(Grant {
                user: id(*n),
                role,
                source: GrantSource::Operator,
            }));
        }
        let set = ChangeSet {
            id: Uuid::from_u128(0xbe4c << 64 | u128::from(revision.0)),
            at: Timestamp(0),
            actor: Principal::Operator,
            changes,
            audit: Vec::new(),
        };
        revision = test.store.apply(head.id, revision, &[set]).await?;
    }
    Ok(id(count - 1))
}

/// Of all threads of this process.
fn processor_time() -> Result<Duration> {
    let mut all = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let path = thread?.path().join("schedstat");
        // A thread may have ended meanwhile.
        let text = fs::read_to_string(path).unwrap_or_default();
        let own: u64 = text
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or(0);
        all += own;
    }
    Ok(Duration::from_nanos(all))
}
