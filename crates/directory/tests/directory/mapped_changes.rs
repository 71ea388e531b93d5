//! Roles by mapping rules, when members, roles and seats come and go: what nobody else takes, what is
//! retained, what is counted.

use jackfield_access::NoSeat;
use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Change, Id, Kind, Principal};

use crate::mapping::{by_name, declare, declared, join, leave, told, world};
use crate::world::{OPBX, World, delete, member, named, op, patch, put};

fn active(user: Id, is_active: bool) -> Command {
    patch(
        user,
        Kind::User,
        vec![op(Replace, "active", &[is_active.into()])],
    )
}

#[test]
fn what_a_rule_gives_nobody_else_takes() {
    let (mut world, okta) = world(&[by_name("admins", "Admins", &["pbx_admin"])]);
    let full = world.connection("full", "full");
    let anna = world.user_by(okta, "anna", &[]);
    world.group(okta, "Admins", &[anna]);
    let role = world.role("pbx_admin");
    for actor in [Principal::Operator, full, okta] {
        for command in [
            patch(anna, Kind::User, vec![op(Remove, "roles", &[])]),
            put(anna, Kind::User, named("anna")),
            leave(role, anna),
        ] {
            let _ = world.run(actor, command);
            assert_eq!(world.grants_of(anna), ["pbx_admin by mapping"], "{actor:?}");
        }
    }
    // By hand and by rule are two grants; each goes for itself.
    world.must(Principal::Operator, join(role, anna));
    assert_eq!(
        world.grants_of(anna),
        ["pbx_admin by mapping", "pbx_admin by operator"]
    );
    declare(&mut world, OPBX, &[]);
    assert_eq!(world.grants_of(anna), ["pbx_admin by operator"]);
}

#[test]
fn inactive_members_keep_their_grants_and_hold_nothing() {
    let (mut world, okta) = world(&[by_name("admins", "Admins", &["pbx_admin"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let group = world.group(okta, "Admins", &[]);
    world.must(okta, active(anna, false));
    world.must(okta, join(group, anna));
    assert_eq!(world.grants_of(anna), ["pbx_admin by mapping"]);
    assert!(world.roles_of(anna).is_empty());
    world.must(okta, active(anna, true));
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
}

#[test]
fn the_last_holders_grant_is_retained_told_and_released_once_there_is_another() {
    let (mut world, okta) = world(&[by_name("owners", "Bosses", &["owner"])]);
    let (anna, ben) = (
        world.user_by(okta, "anna", &[]),
        world.user_by(okta, "ben", &[]),
    );
    let group = world.group(okta, "Bosses", &[anna, ben]);
    // The identity provider's own group always changes as asked, whoever is in it.
    let empty = patch(group, Kind::Group, vec![op(Remove, "members", &[])]);
    world.must(okta, empty);
    assert!(world.members(group).is_empty());
    assert_eq!(world.holders("owner").len(), 1);
    let (kept, gone) = if world.roles_of(anna) == ["owner"] {
        (anna, ben)
    } else {
        (ben, anna)
    };
    assert_eq!(world.grants_of(kept), ["owner by retained"]);
    assert!(world.grants_of(gone).is_empty());
    let [entry] = told(&world, "role.retain").try_into().expect("one entry");
    assert_eq!(entry.target, Some(kept));

    // Still protected against direct requests.
    let refused = world.run(okta, active(kept, false));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    // Somebody inactive is no other holder.
    world.must(okta, active(gone, false));
    world.must(okta, join(group, gone));
    assert_eq!(world.grants_of(kept), ["owner by retained"]);
    world.must(okta, active(gone, true));
    assert_eq!(world.roles_of(gone), ["owner"]);
    assert!(world.grants_of(kept).is_empty(), "released");
    let [entry] = told(&world, "role.release").try_into().expect("one entry");
    assert_eq!(entry.target, Some(kept));
}

#[test]
fn a_retained_grant_becomes_a_mapped_one_again() {
    let (mut world, okta) = world(&[by_name("owners", "Bosses", &["owner"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let group = world.group(okta, "Bosses", &[anna]);
    declare(&mut world, OPBX, &[]);
    assert_eq!(
        world.grants_of(anna),
        ["owner by retained"],
        "a rule that goes"
    );
    declare(&mut world, OPBX, &[by_name("owners", "Bosses", &["owner"])]);
    assert_eq!(world.grants_of(anna), ["owner by mapping"]);
    world.must(okta, delete(group, Kind::Group));
    assert_eq!(
        world.grants_of(anna),
        ["owner by retained"],
        "a group that goes"
    );
    world.user("ben", &["owner"]);
    assert!(
        world.grants_of(anna).is_empty(),
        "another way to be a holder"
    );
}

#[test]
fn a_role_that_changes_hands_in_one_write_keeps_a_holder_and_retains_nothing() {
    let (mut world, okta) = world(&[by_name("owners", "Bosses", &["owner"])]);
    let (anna, ben) = (
        world.user_by(okta, "anna", &[]),
        world.user_by(okta, "ben", &[]),
    );
    let group = world.group(okta, "Bosses", &[anna]);
    let bag = Attributes::new()
        .with(attr::DISPLAY_NAME, "Bosses")
        .with(attr::MEMBERS, member(ben));
    world.must(okta, put(group, Kind::Group, bag));
    assert_eq!(world.holders("owner"), ["ben"]);
    assert!(world.grants_of(anna).is_empty());
}

#[test]
fn one_members_change_touches_nobody_else_of_a_large_group() {
    let (mut world, okta) = world(&[by_name("admins", "Admins", &["pbx_admin"])]);
    let members: Vec<Id> = (0..500)
        .map(|n| world.user_by(okta, &format!("u{n}"), &[]))
        .collect();
    let group = world.group(okta, "Admins", &members);
    let anna = world.user_by(okta, "anna", &[]);
    for command in [join(group, anna), leave(group, anna)] {
        world.must(okta, command);
        let set = world.sets.last().expect("a set");
        let grants = set
            .changes
            .iter()
            .filter(|change| matches!(change, Change::Grant(_) | Change::Revoke(_)));
        assert_eq!(grants.count(), 1);
        assert_eq!(told(&world, "user.roles").len(), 1);
    }
}

#[test]
fn a_user_who_goes_leaves_no_mapped_grant() {
    let (mut world, okta) = world(&[by_name("admins", "Admins", &["pbx_admin"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let group = world.group(okta, "Admins", &[anna]);
    world.must(okta, delete(anna, Kind::User));
    assert!(world.members(group).is_empty());
    assert!(world.holders("pbx_admin").is_empty());
}

/// That both seats are taken.
fn full() -> Refusal {
    Refusal::NoSeat(NoSeat {
        limit: 2,
        deactivators: vec!["Owner".into(), "PBX Admin".into()],
    })
}

#[test]
fn seats_are_counted_and_refused_when_full() {
    let mut world = World::new(OPBX);
    let mut limited = declared(OPBX, &[by_name("owners", "Bosses", &["owner"])]);
    limited.settings.seats = Some(2);
    world.must(
        Principal::Config,
        Command::Declare(Box::new(limited.clone())),
    );
    let okta = world.connection("okta", "full");
    let anna = world.user_by(okta, "anna", &[]);
    let ben = world.user_by(okta, "ben", &["reporter"]);
    world.user_by(okta, "olga", &["owner"]);
    assert_eq!(world.now.seats_taken(), 2, "an Owner takes none");
    let create = |name: &str| Command::Create {
        kind: Kind::User,
        attributes: named(name),
    };
    for actor in [okta, Principal::Operator] {
        let refused = world
            .run(actor, create("cleo"))
            .map(|outcome| outcome.changed);
        assert_eq!(refused, Err(full()));
    }
    // Inactive users hold none; who comes back takes one again.
    world.must(okta, active(anna, false));
    let cleo = world.must(okta, create("cleo")).id.expect("an id");
    let refused = world
        .run(okta, active(anna, true))
        .map(|outcome| outcome.changed);
    assert_eq!(refused, Err(full()));
    // Another role of the same price is no new seat; one that takes none frees it.
    world.must(okta, patch(ben, Kind::User, vec![op(Remove, "roles", &[])]));
    let group = world.group(okta, "Bosses", &[cleo]);
    world.must(okta, active(anna, true));
    let refused = world
        .run(okta, delete(group, Kind::Group))
        .map(|outcome| outcome.changed);
    assert_eq!(refused, Err(full()), "a rule counts, too");
    // A limit below what is taken takes no seat away.
    limited.settings.seats = Some(1);
    world.must(Principal::Config, Command::Declare(Box::new(limited)));
    assert_eq!(world.now.seats_taken(), 2);
    world.must(okta, delete(anna, Kind::User));
    assert_eq!(world.now.seats_taken(), 1);
}
