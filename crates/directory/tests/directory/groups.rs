//! Who is in a group.

use jackfield_directory::Refusal;
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::path::PatchOp;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Change, Id, Kind, Principal, Value};
use uuid::Uuid;

use crate::world::{OPBX, World, delete, member, op, patch, put, put_keeping, with_members};

fn group_of_three() -> (World, Principal, Id, [Id; 3]) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let members = ["anna", "ben", "carl"].map(|name| world.user_by(okta, name, &[]));
    let group = world.group(okta, "sales", &members);
    (world, okta, group, members)
}

#[test]
fn members_are_added_removed_and_replaced() {
    type Case = (
        &'static str,
        fn(Id, [Id; 3]) -> Vec<PatchOp>,
        &'static [&'static str],
    );
    let cases: [Case; 13] = [
        (
            "add one that is in",
            |_, [a, ..]| vec![members(Add, &[a])],
            &["anna", "ben", "carl"],
        ),
        (
            "add another",
            |dora, _| vec![members(Add, &[dora])],
            &["anna", "ben", "carl", "dora"],
        ),
        (
            "add the same twice",
            |dora, _| vec![members(Add, &[dora, dora])],
            &["anna", "ben", "carl", "dora"],
        ),
        (
            "remove by value",
            |_, [a, ..]| vec![members(Remove, &[a])],
            &["ben", "carl"],
        ),
        (
            "remove one that is out",
            |dora, _| vec![members(Remove, &[dora])],
            &["anna", "ben", "carl"],
        ),
        (
            "remove by filter",
            |_, [a, ..]| vec![op(Remove, &format!("members[value eq \"{a}\"]"), &[])],
            &["ben", "carl"],
        ),
        (
            "remove by another filter",
            |_, _| {
                vec![op(
                    Remove,
                    "members[display eq \"anna\" or display eq \"BEN\"]",
                    &[],
                )]
            },
            &["carl"],
        ),
        (
            "remove by a filter that matches nobody",
            |_, _| vec![op(Remove, "members[display eq \"x\"]", &[])],
            &["anna", "ben", "carl"],
        ),
        ("remove all", |_, _| vec![members(Remove, &[])], &[]),
        (
            "replace",
            |dora, [a, ..]| vec![members(Replace, &[dora, a])],
            &["anna", "dora"],
        ),
        ("replace with none", |_, _| vec![members(Replace, &[])], &[]),
        (
            "one after the other",
            |dora, [a, b, _]| {
                vec![
                    members(Remove, &[]),
                    members(Add, &[a, dora]),
                    members(Remove, &[a]),
                    members(Add, &[b]),
                ]
            },
            &["ben", "dora"],
        ),
        (
            "upper-case ids",
            |_, [a, ..]| {
                let id = Attributes::new()
                    .with(attr::MEMBERS_VALUE, &*a.to_string().to_ascii_uppercase());
                vec![op(Remove, "members", &[id.into()])]
            },
            &["ben", "carl"],
        ),
    ];
    for (what, ops, expected) in cases {
        let (mut world, okta, group, members) = group_of_three();
        let dora = world.user_by(okta, "dora", &[]);
        world.must(okta, patch(group, Kind::Group, ops(dora, members)));
        assert_eq!(world.members(group), expected, "{what}");
    }
}

#[test]
fn a_patch_of_one_member_is_one_edge() {
    let (mut world, okta, group, _) = group_of_three();
    let dora = world.user_by(okta, "dora", &[]);
    world.must(okta, patch(group, Kind::Group, vec![members(Add, &[dora])]));
    let changes = &world.sets.last().expect("a set").changes;
    assert!(
        matches!(
            changes.as_slice(),
            [Change::PutEdge(_), Change::Touch { .. }]
        ),
        "{changes:?}"
    );
}

#[test]
fn members_left_out_of_a_put_stay_only_if_they_are_kept() {
    let (mut world, okta, group, [anna, ..]) = group_of_three();
    let bag = Attributes::new().with(attr::DISPLAY_NAME, "Sales");
    world.must(
        okta,
        put_keeping(group, Kind::Group, bag.clone(), &[attr::MEMBERS]),
    );
    assert_eq!(world.members(group).len(), 3);
    world.must(
        okta,
        put(group, Kind::Group, with_members(bag.clone(), &[anna])),
    );
    assert_eq!(world.members(group), ["anna"]);
    world.must(okta, put(group, Kind::Group, bag));
    assert!(world.members(group).is_empty());
}

#[test]
fn only_users_and_groups_that_are_there_are_members() {
    let (mut world, okta, group, _) = group_of_three();
    let device = world.create(
        Principal::Operator,
        Kind::Device,
        Attributes::new().with(attr::LOGIN, "phone"),
    );
    let owner = world.role("owner");
    let okta_id = okta.record().expect("an id");
    for id in [device, owner, okta_id] {
        for command in [
            patch(group, Kind::Group, vec![members(Add, &[id])]),
            patch(group, Kind::Group, vec![members(Replace, &[id])]),
            put(group, Kind::Group, with_members(Attributes::new(), &[id])),
        ] {
            let command = match command {
                jackfield_directory::Command::Replace { .. } => put(
                    group,
                    Kind::Group,
                    with_members(Attributes::new().with(attr::DISPLAY_NAME, "sales"), &[id]),
                ),
                other => other,
            };
            let refused = world.run(okta, command);
            assert!(
                matches!(refused, Err(Refusal::InvalidValue { .. })),
                "{refused:?}"
            );
        }
    }
    let nobody = Id(Uuid::from_u128(1)).to_string();
    for (who, value) in [
        (okta, Value::from(true)),
        (okta, Value::from(" ")),
        (okta, Value::from(&*"x".repeat(257))),
        (okta, Attributes::new().into()),
        (Principal::Operator, Value::from("anna")),
        (Principal::Operator, nobody.as_str().into()),
    ] {
        let refused = world.run(
            who,
            patch(group, Kind::Group, vec![op(Add, "members", &[value])]),
        );
        assert!(
            matches!(refused, Err(Refusal::InvalidValue { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        world.members(group),
        ["anna", "ben", "carl"],
        "all or nothing"
    );
}

#[test]
fn a_group_never_contains_itself() {
    let mut world = World::new(OPBX);
    let groups: Vec<Id> = ["a", "b", "c", "d"]
        .iter()
        .map(|name| world.group(Principal::Operator, name, &[]))
        .collect();
    let add =
        |to: usize, who: usize| patch(groups[to], Kind::Group, vec![members(Add, &[groups[who]])]);
    for (to, who) in [(0, 1), (1, 2), (0, 2), (2, 3)] {
        world.must(Principal::Operator, add(to, who));
    }
    for (to, who) in [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1), (3, 3)] {
        let refused = world.run(Principal::Operator, add(to, who));
        assert!(
            matches!(refused, Err(Refusal::InvalidValue { .. })),
            "{to} in {who}"
        );
    }
    // Once the way is interrupted, the other direction is free.
    let cut = patch(groups[1], Kind::Group, vec![members(Remove, &[])]);
    world.must(Principal::Operator, cut);
    let cut = patch(groups[0], Kind::Group, vec![members(Remove, &[groups[2]])]);
    world.must(Principal::Operator, cut);
    world.must(Principal::Operator, add(3, 0));
}

#[test]
fn members_are_not_edited() {
    let (mut world, okta, group, [anna, ..]) = group_of_three();
    for op in [
        op(Replace, "members.display", &["x".into()]),
        op(
            Replace,
            &format!("members[value eq \"{anna}\"].display"),
            &["x".into()],
        ),
        op(
            Replace,
            &format!("members[value eq \"{anna}\"]"),
            &[member(anna).into()],
        ),
    ] {
        let refused = world.run(okta, patch(group, Kind::Group, vec![op]));
        assert!(
            matches!(refused, Err(Refusal::Mutability { .. })),
            "{refused:?}"
        );
    }
    let nobody = op(Replace, "members[display eq \"x\"]", &[member(anna).into()]);
    let refused = world.run(okta, patch(group, Kind::Group, vec![nobody]));
    assert!(
        matches!(refused, Err(Refusal::NoTarget { .. })),
        "{refused:?}"
    );
}

#[test]
fn whoever_is_deleted_leaves_the_groups() {
    let (mut world, okta, group, [anna, ..]) = group_of_three();
    let outer = world.group(okta, "all", &[group, anna]);
    world.must(okta, delete(anna, Kind::User));
    assert_eq!(world.members(group), ["ben", "carl"]);
    assert_eq!(world.members(outer), ["sales"]);
    world.must(okta, delete(group, Kind::Group));
    assert!(world.members(outer).is_empty());
}

fn members(kind: jackfield_model::path::PatchKind, ids: &[Id]) -> PatchOp {
    let values: Vec<Value> = ids.iter().map(|id| member(*id).into()).collect();
    op(kind, "members", &values)
}
