//! A role that must keep a holder keeps its last active one, on every path.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal, Value};

use crate::world::{
    OPBX, TENANT, World, delete, member, named, op, patch, put, put_keeping, role, with_members,
    with_roles,
};

/// A tenant whose owners were all made by one connection, which may do everything.
fn owned_by(names: &[&str]) -> (World, Principal, Vec<Id>) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let owners = names
        .iter()
        .map(|name| world.user_by(okta, name, &["owner"]))
        .collect();
    (world, okta, owners)
}

/// Every way in which a user can stop being an owner.
fn ways_out(world: &World, user: Id) -> Vec<(&'static str, Command)> {
    let owner = world.role("owner");
    let name = world.record(user).login().unwrap_or_default().to_owned();
    let inactive = || named(&name).with(attr::ACTIVE, false);
    let one = |op| vec![op];
    let members =
        |kind, path: &str, values: &[Value]| patch(owner, Kind::Group, one(op(kind, path, values)));
    let user_patch =
        |kind, path: &str, values: &[Value]| patch(user, Kind::User, one(op(kind, path, values)));
    let this = format!("members[value eq \"{user}\"]");
    vec![
        ("DELETE", delete(user, Kind::User)),
        ("PUT inactive", put(user, Kind::User, inactive())),
        (
            "PUT of other roles",
            put(user, Kind::User, with_roles(named(&name), &["reporter"])),
        ),
        (
            "PUT of a role that is none",
            put(user, Kind::User, with_roles(named(&name), &["x"])),
        ),
        (
            "PATCH inactive",
            user_patch(Replace, "active", &[false.into()]),
        ),
        (
            "PATCH add inactive",
            user_patch(Add, "active", &[false.into()]),
        ),
        ("PATCH remove roles", user_patch(Remove, "roles", &[])),
        (
            "PATCH remove this role",
            user_patch(Remove, "roles[value eq \"owner\"]", &[]),
        ),
        (
            "PATCH remove this value",
            user_patch(Remove, "roles", &[role("owner")]),
        ),
        (
            "PATCH replace roles",
            user_patch(Replace, "roles", &[role("pbx_admin")]),
        ),
        ("PATCH replace with none", user_patch(Replace, "roles", &[])),
        ("PATCH replace the value", {
            user_patch(
                Replace,
                "roles[value eq \"owner\"].value",
                &["reporter".into()],
            )
        }),
        ("role group: remove all", members(Remove, "members", &[])),
        (
            "role group: remove a value",
            members(Remove, "members", &[member(user).into()]),
        ),
        ("role group: remove by filter", members(Remove, &this, &[])),
        (
            "role group: remove by type",
            members(Remove, "members[type eq \"User\"]", &[]),
        ),
        (
            "role group: replace with none",
            members(Replace, "members", &[]),
        ),
        (
            "role group: PUT without members",
            put(owner, Kind::Group, Attributes::new()),
        ),
    ]
}

#[test]
fn the_last_active_owner_stays_on_every_path() {
    let (world, okta, owners) = owned_by(&["anna"]);
    for (way, command) in ways_out(&world, owners[0]) {
        for actor in [
            okta,
            Principal::Operator,
            Principal::System,
            Principal::Config,
        ] {
            let mut world = world.fork();
            let refusal = world.run(actor, command.clone()).unwrap_err();
            assert!(
                matches!(refusal, Refusal::Protected(_)),
                "{way}: {refusal:?}"
            );
            assert_eq!(world.roles_of(owners[0]), ["owner"], "{way}");
        }
    }
}

#[test]
fn of_two_owners_one_may_go_on_every_path() {
    let (world, okta, owners) = owned_by(&["anna", "ben"]);
    for (way, command) in ways_out(&world, owners[0]) {
        let mut world = world.fork();
        // What empties the group at once would take both.
        let takes_both = way.starts_with("role group")
            && !matches!(
                way,
                "role group: remove a value" | "role group: remove by filter"
            );
        let done = world.run(okta, command);
        assert_eq!(done.is_err(), takes_both, "{way}");
        if takes_both {
            assert_eq!(
                world.grantees("owner"),
                ["anna", "ben"],
                "{way}: all or nothing"
            );
        } else {
            assert_eq!(world.holders("owner"), ["ben"], "{way}");
        }
        let owner = world.role("owner");
        assert!(world.now.holder_count(world.record(owner)) > 0, "{way}");
    }
}

#[test]
fn an_inactive_owner_does_not_count_and_may_go() {
    let (mut world, okta, owners) = owned_by(&["anna", "ben"]);
    let (anna, ben) = (owners[0], owners[1]);
    let inactive = vec![op(Replace, "active", &[false.into()])];
    world.must(okta, patch(ben, Kind::User, inactive));
    let refused = world.run(okta, delete(anna, Kind::User));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    world.must(okta, delete(ben, Kind::User));
    assert_eq!(world.grantees("owner"), ["anna"]);
}

#[test]
fn the_owner_may_be_exchanged_in_one_step() {
    let (mut world, okta, owners) = owned_by(&["anna"]);
    let ben = world.user_by(okta, "ben", &[]);
    let owner = world.role("owner");
    let put_ben = put(owner, Kind::Group, with_members(Attributes::new(), &[ben]));
    world.must(okta, put_ben);
    assert_eq!(world.roles_of(owners[0]), ["pbx_user"]);
    assert_eq!(world.roles_of(ben), ["owner"]);
    // The other way about, operation by operation, as they are in order.
    let ops = vec![
        op(Add, "members", &[member(owners[0]).into()]),
        op(Remove, "members", &[member(ben).into()]),
    ];
    world.must(okta, patch(owner, Kind::Group, ops));
    assert_eq!(world.grantees("owner"), ["anna"]);
}

#[test]
fn an_owner_by_another_source_stays_an_owner() {
    let (mut world, okta, owners) = owned_by(&["anna"]);
    let owner = world.role("owner");
    let add = vec![op(Add, "members", &[member(owners[0]).into()])];
    world.must(Principal::Operator, patch(owner, Kind::Group, add));
    let entra = world.connection("entra", "full");
    world.must(
        entra,
        patch(
            owner,
            Kind::Group,
            vec![op(Add, "members", &[member(owners[0]).into()])],
        ),
    );
    // Each takes its own grant; the last one stays.
    world.must(
        okta,
        patch(owner, Kind::Group, vec![op(Remove, "members", &[])]),
    );
    assert_eq!(world.roles_of(owners[0]), ["owner"]);
    let last = world.run(
        entra,
        patch(owner, Kind::Group, vec![op(Remove, "members", &[])]),
    );
    assert!(matches!(last, Err(Refusal::Protected(_))), "{last:?}");
}

#[test]
fn a_connection_that_does_not_own_the_last_owner_cannot_take_the_role_by_unlinking() {
    let (mut world, _, owners) = owned_by(&["anna"]);
    let entra = world.connection("entra", "full");
    let owner = world.role("owner");
    let add = vec![op(Add, "members", &[member(owners[0]).into()])];
    world.must(entra, patch(owner, Kind::Group, add));
    let okta = world.now.keyed(Kind::Connection, "okta").expect("okta").id;
    let take = vec![op(Remove, "members", &[])];
    world.must(Principal::Connection(okta), patch(owner, Kind::Group, take));
    let refused = world.run(entra, delete(owners[0], Kind::User));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    assert_eq!(world.grants_of(owners[0]), ["owner by entra"]);
}

#[test]
fn the_other_role_systems_keep_theirs_too() {
    let mut world = World::new(TENANT);
    let anna = world.user("anna", &["tenant_admin"]);
    world.user("ben", &["tenant_user"]);
    for command in [
        delete(anna, Kind::User),
        put_keeping(
            anna,
            Kind::User,
            with_roles(named("anna"), &["tenant_user"]),
            &[],
        ),
    ] {
        let refused = world.run(Principal::Operator, command);
        assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    }
}
