//! What a tenant's file declares.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Kind, Principal};

use crate::world::{OPBX, TENANT, World, declaration, delete, member, op, patch};

fn declare(catalogue: &str, custom: &[(&str, &str)]) -> Command {
    Command::Declare(Box::new(declaration(catalogue, custom)))
}

#[test]
fn what_is_declared_again_changes_nothing() {
    let mut world = World::new(TENANT);
    let auditor = declare(TENANT, &[("auditor", "Auditor")]);
    assert!(world.must(Principal::Config, auditor.clone()).changed);
    assert!(!world.must(Principal::Config, auditor).changed);
}

#[test]
fn a_role_that_is_held_stays_declared() {
    let mut world = World::new(TENANT);
    let full = declare(TENANT, &[("auditor", "Auditor"), ("chess", "Chess")]);
    world.must(Principal::Config, full);
    let anna = world.user("anna", &["auditor"]);
    let inactive = vec![op(Replace, "active", &[false.into()])];
    world.must(Principal::Operator, patch(anna, Kind::User, inactive));
    // Held by somebody inactive, too; nothing of the declaration is done then.
    let without = declare(TENANT, &[]);
    let refused = world.run(Principal::Config, without.clone());
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    assert!(world.now.role_record("chess").is_some(), "all or nothing");
    world.must(Principal::Operator, delete(anna, Kind::User));
    world.must(Principal::Config, without);
    assert!(world.now.role_record("auditor").is_none());
    assert!(world.now.roles().get("auditor").is_none());
}

#[test]
fn a_role_that_comes_back_has_a_number_of_its_own() {
    let mut world = World::new(TENANT);
    let numbers: Vec<u32> = (0..3)
        .map(|_| {
            world.must(
                Principal::Config,
                declare(TENANT, &[("auditor", "Auditor")]),
            );
            let number = world.record(world.role("auditor")).number.0;
            world.must(Principal::Config, declare(TENANT, &[]));
            number
        })
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "{numbers:?}"
    );
}

#[test]
fn a_new_title_is_a_new_name_of_the_same_role() {
    let mut world = World::new(TENANT);
    world.must(
        Principal::Config,
        declare(TENANT, &[("auditor", "Auditor")]),
    );
    let anna = world.user("anna", &["auditor"]);
    let before = world.record(world.role("auditor")).clone();
    world.must(
        Principal::Config,
        declare(TENANT, &[("auditor", "Inspector")]),
    );
    let after = world.record(world.role("auditor"));
    assert_eq!((before.id, before.number), (after.id, after.number));
    assert!(after.version > before.version);
    assert_eq!(after.common_name(), "Inspector");
    assert_eq!(world.roles_of(anna), ["auditor", "tenant_user"]);
}

#[test]
fn permissions_follow_the_declaration_at_the_same_revision() {
    let mut world = World::new(TENANT);
    world.must(
        Principal::Config,
        declare(TENANT, &[("auditor", "Auditor")]),
    );
    let anna = world.user("anna", &["auditor"]);
    let may = |world: &World| {
        let values = world.values(Principal::System, anna, attr::PERMISSIONS);
        let all: Vec<&str> = values.iter().filter_map(|v| v.as_str()).collect();
        (all.contains(&"billing:view"), all.contains(&"billing:edit"))
    };
    assert_eq!(may(&world), (true, false));
    let mut declared = declaration(TENANT, &[("auditor", "Auditor")]);
    declared.custom_roles[0].1.permissions = vec!["billing:*".into()];
    world.must(Principal::Config, Command::Declare(Box::new(declared)));
    assert_eq!(may(&world), (true, true));
    let holders = world.now.permission_holders("billing:edit");
    assert!(holders.into_iter().any(|user| user.id == anna));
}

#[test]
fn another_role_system_is_refused_while_people_hold_roles_of_this_one() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &["reporter"]);
    let refused = world.run(Principal::Config, declare(TENANT, &[]));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
    assert!(world.now.role_record("owner").is_some());
    world.must(Principal::Operator, delete(anna, Kind::User));
    world.must(Principal::Config, declare(TENANT, &[]));
    assert!(world.now.role_record("owner").is_none());
    // A baseline is held by nobody: it changes with the system.
    let ben = world.user("ben", &[]);
    assert_eq!(world.roles_of(ben), ["tenant_user"]);
    world.must(Principal::Config, declare(OPBX, &[]));
    assert_eq!(world.roles_of(ben), ["pbx_user"]);
}

#[test]
fn a_suspended_tenant_loses_nothing() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &["owner"]);
    assert!(
        world
            .must(Principal::Config, Command::Suspend(true))
            .changed
    );
    assert!(world.now.settings().suspended);
    assert!(
        !world
            .must(Principal::Config, Command::Suspend(true))
            .changed
    );
    assert_eq!(world.roles_of(anna), ["owner"]);
    world.must(Principal::Config, declare(OPBX, &[]));
    assert!(!world.now.settings().suspended, "its file is back");
}

#[test]
fn one_custom_role_stands_beside_a_built_in_one() {
    let mut world = World::new(TENANT);
    let both = declare(TENANT, &[("auditor", "Auditor"), ("chess", "Chess")]);
    world.must(Principal::Config, both);
    let anna = world.user("anna", &["auditor", "chess"]);
    assert_eq!(world.grants_of(anna).len(), 2, "every grant is kept");
    assert_eq!(
        world.roles_of(anna).len(),
        2,
        "one of them is shown, beside the baseline"
    );
    // In a role system without custom roles there are none to give.
    let mut opbx = World::new(OPBX);
    opbx.must(Principal::Config, declare(OPBX, &[("auditor", "Auditor")]));
    let ben = opbx.user("ben", &[]);
    let group = opbx.role("auditor");
    let add = vec![op(Add, "members", &[member(ben).into()])];
    let refused = opbx.run(Principal::Operator, patch(group, Kind::Group, add));
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
}
