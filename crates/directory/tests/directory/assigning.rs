//! Roles that are given by hand.

use jackfield_directory::{Command, Refusal, RoleCommand};
use jackfield_model::{Id, Principal};

use crate::role_commands::assign;
use crate::world::{OPBX, PBX_STATS, World};

fn unassign(user: Id, role: &str) -> Command {
    Command::Role(RoleCommand::Unassign {
        user,
        role: role.into(),
    })
}

#[test]
fn an_assigned_role_takes_the_place_of_the_one_before() {
    let mut world = World::new(OPBX);
    let owner = Principal::Person(world.user("owner", &["owner"]));
    let admin = Principal::Person(world.user("admin", &["pbx_admin"]));
    let okta = world.connection("okta", "");
    let anna = world.user_by(okta, "anna", &["reporter"]);
    world.must(admin, assign(anna, "pbx_user"));
    assert_eq!(
        world.grants_of(anna),
        ["pbx_user by person"],
        "whoever gave it before"
    );
    world.must(owner, assign(anna, "pbx_admin"));
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    let refused = world.run(admin, assign(anna, "pbx_user"));
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    world.must(owner, assign(anna, "reporter"));
    assert_eq!(world.grants_of(anna), ["reporter by person"]);
    let jump = world.run(owner, assign(anna, "pbx_admin"));
    assert!(
        matches!(jump, Err(Refusal::Forbidden(_))),
        "not in one step: {jump:?}"
    );
    world.must(owner, unassign(anna, "reporter"));
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    let nothing = world.run(owner, unassign(anna, "reporter"));
    assert!(matches!(nothing, Err(Refusal::NotFound(_))), "{nothing:?}");
}

#[test]
fn the_last_owner_keeps_the_role_when_another_is_assigned() {
    let mut world = World::new(OPBX);
    let olga = world.user("olga", &["owner"]);
    let refused = world.run(Principal::Operator, assign(olga, "pbx_user"));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    let refused = world.run(Principal::Person(olga), assign(olga, "pbx_user"));
    assert!(
        matches!(refused, Err(Refusal::Forbidden(_))),
        "nor the own: {refused:?}"
    );
    assert_eq!(world.roles_of(olga), ["owner"]);
}

#[test]
fn several_roles_are_assigned_beside_each_other_where_a_user_holds_several() {
    let mut world = World::new(PBX_STATS);
    let anna = world.user("anna", &[]);
    for role in ["viewer", "manager"] {
        world.must(Principal::Operator, assign(anna, role));
    }
    assert_eq!(world.roles_of(anna), ["manager", "viewer"]);
}
