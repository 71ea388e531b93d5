//! A write that changes nothing tells nobody what is there who may not change it.

use jackfield_directory::{Command, Refusal, RoleCommand};
use jackfield_model::path::PatchKind::{Add, Replace};
use jackfield_model::{Kind, Principal};

use crate::world::{OPBX, World, op, patch, role};

#[test]
fn whoever_may_not_change_something_is_refused_though_it_would_stay_as_it_is() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &["pbx_user"]);
    let ben = world.user("ben", &["pbx_user"]);
    for (path, value) in [("title", "Boss"), ("department", "Sales")] {
        let has = patch(anna, Kind::User, vec![op(Replace, path, &[value.into()])]);
        world.must(Principal::Operator, has);
    }
    let reporter = Principal::Person(world.user("rita", &["reporter"]));
    let set = |path: &str, value: &str| op(Replace, path, &[value.into()]);
    let by_hand = |command: fn(jackfield_model::Id, jackfield_access::RoleKey) -> RoleCommand,
                   key: &str| { Command::Role(command(anna, key.into())) };
    let assign = |user, role| RoleCommand::Assign { user, role };
    let unassign = |user, role| RoleCommand::Unassign { user, role };
    let ops = |ops| patch(anna, Kind::User, ops);
    for (what, as_it_is, otherwise) in [
        (
            "title",
            ops(vec![set("title", "Boss")]),
            ops(vec![set("title", "Clerk")]),
        ),
        (
            "department",
            ops(vec![set("department", "Sales")]),
            ops(vec![set("department", "IT")]),
        ),
        (
            "an added value",
            ops(vec![op(Add, "title", &["Boss".into()])]),
            ops(vec![op(Add, "title", &["Clerk".into()])]),
        ),
        (
            "active",
            ops(vec![op(Replace, "active", &[true.into()])]),
            ops(vec![op(Replace, "active", &[false.into()])]),
        ),
        (
            "roles",
            ops(vec![op(Replace, "roles", &[role("pbx_user")])]),
            ops(vec![op(Replace, "roles", &[role("reporter")])]),
        ),
        (
            "a name",
            ops(vec![set("userName", "ben")]),
            ops(vec![set("userName", "nobody")]),
        ),
        (
            "assigning",
            by_hand(assign, "pbx_user"),
            by_hand(assign, "reporter"),
        ),
        (
            "taking",
            by_hand(unassign, "pbx_user"),
            by_hand(unassign, "reporter"),
        ),
    ] {
        for command in [as_it_is, otherwise] {
            let refused = world.run(reporter, command);
            assert!(
                matches!(refused, Err(Refusal::Forbidden(_))),
                "{what}: {refused:?}"
            );
        }
    }
    assert_eq!(world.roles_of(ben), ["pbx_user"]);
}

#[test]
fn what_is_ones_own_or_may_be_changed_may_be_written_as_it_is() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &["pbx_user"]);
    let (owner, own) = (world.user("olga", &["owner"]), Principal::Person(anna));
    let okta = world.connection("okta", "reporter");
    let ops = || {
        vec![
            op(Replace, "userName", &["anna".into()]),
            op(Replace, "roles", &[role("pbx_user")]),
        ]
    };
    for actor in [own, Principal::Person(owner), okta] {
        let written = world.run(actor, patch(anna, Kind::User, ops()));
        assert!(written.is_ok(), "{actor:?}: {written:?}");
    }
}
