//! What changes of members cost: counted, not timed.

use jackfield_access::Mandate;
use jackfield_model::{Attributes, ChangeSet, IdSource, Number, Origin, Revision, Timestamp};
use uuid::Uuid;

use super::*;
use crate::plan::{Command, Context, Precondition, plan};
use crate::snapshot::{Snapshot, in_turn};
use crate::visits::during;
use jackfield_model::Principal;

struct Ids;

impl IdSource for Ids {
    fn id(&self) -> Uuid {
        Uuid::from_u128(u128::MAX)
    }

    fn secret(&self) -> [u8; 32] {
        [0; 32]
    }
}

const GROUP: usize = 0;

fn id(n: usize) -> Id {
    Id(Uuid::from_u128(0x0193 << 112 | n as u128))
}

/// A tenant of so many users, of whom so many are in the group.
fn tenant(users: usize, members: usize) -> Snapshot {
    let record = |n: usize, kind, name: &str| {
        let attribute = match kind {
            Kind::User => attr::USER_NAME,
            _ => attr::DISPLAY_NAME,
        };
        Change::PutRecord(Arc::new(Record {
            id: id(n),
            kind,
            number: Number(10_000 + u32::try_from(n).unwrap()),
            created: Timestamp(0),
            modified: Timestamp(0),
            version: 1,
            attributes: Attributes::new().with(attribute, name),
        }))
    };
    let people = (1..=users).map(|n| record(n, Kind::User, &format!("u{n:07}")));
    let edges = (1..=members).map(|n| {
        Change::PutEdge(Edge {
            kind: EdgeKind::Member,
            from: id(GROUP),
            to: id(n),
            primary: false,
        })
    });
    let group = record(GROUP, Kind::Group, "all");
    let changes: Vec<Change> = [group].into_iter().chain(people).chain(edges).collect();
    let mut snapshot = Snapshot::empty();
    snapshot.apply_changes(&changes).unwrap();
    snapshot.loaded(Revision(1), 0, in_turn);
    snapshot
}

/// What an operation on the members looks at, and what it writes.
fn cost(
    snapshot: &Snapshot,
    kind: PatchKind,
    members: impl Iterator<Item = usize>,
) -> (u64, Option<ChangeSet>) {
    let value = |n: usize| -> Value {
        Attributes::new()
            .with(attr::MEMBERS_VALUE, id(n).to_string().as_str())
            .into()
    };
    let op = PatchOp::new(
        kind,
        jackfield_model::path::Path::of(attr::MEMBERS, None),
        members.map(value).collect(),
    );
    let command = Command::Patch {
        id: id(GROUP),
        kind: Kind::Group,
        ops: vec![op],
        expect: Precondition::None,
    };
    let ctx = Context {
        actor: Principal::Operator,
        origin: &Origin::local("scim"),
        now: Timestamp(1),
        ids: &Ids,
        mandate: &Mandate::default(),
        password: None,
    };
    let (planned, visits) = during(|| plan(snapshot, &ctx, &command));
    (visits, planned.unwrap().set)
}

fn bytes(set: Option<&ChangeSet>) -> usize {
    serde_json::to_string(&set).unwrap().len()
}

#[test]
fn fifty_members_cost_the_same_in_a_group_of_any_size() {
    const USERS: usize = 6_000;
    for kind in [PatchKind::Add, PatchKind::Remove] {
        let costs: Vec<(u64, usize, usize)> = [50, 500, 5_000]
            .into_iter()
            .map(|size| {
                let snapshot = tenant(USERS, size);
                let first = if kind == PatchKind::Add {
                    USERS - 49
                } else {
                    1
                };
                let (visits, set) = cost(&snapshot, kind, first..first + 50);
                let changes = set.as_ref().map_or(0, |set| set.changes.len());
                (visits, changes, bytes(set.as_ref()))
            })
            .collect();
        let (visits, changes, _) = costs[0];
        assert_eq!(changes, 51, "an edge each, and the group's version");
        assert!(visits < 1_000, "{visits}");
        assert!(
            costs.iter().all(|cost| *cost == costs[0]),
            "{kind:?}: {costs:?}"
        );
    }
}

#[test]
fn a_replacement_writes_what_differs_and_nothing_else() {
    const SIZE: usize = 5_000;
    let snapshot = tenant(SIZE + 10, SIZE);
    let (visits, set) = cost(&snapshot, PatchKind::Replace, 11..SIZE + 11);
    assert_eq!(set.map(|set| set.changes.len()), Some(21));
    assert!(visits < 4 * SIZE as u64, "{visits}");
    let (_, same) = cost(&snapshot, PatchKind::Replace, 1..=SIZE);
    assert_eq!(same, None);
}
