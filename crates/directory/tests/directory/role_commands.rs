//! Custom roles at run time.

use jackfield_access::{RoleDef, RoleKey};
use jackfield_directory::{Command, Precondition, Refusal, RoleCommand};
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind, Principal};

use crate::world::{OPBX, TENANT, World, declaration, op, patch};

fn def(title: &str, permissions: &[&str]) -> RoleDef {
    RoleDef {
        title: title.into(),
        permissions: permissions.iter().map(|text| (*text).into()).collect(),
        ..RoleDef::default()
    }
}

pub(crate) fn create(key: &str, def: RoleDef) -> Command {
    Command::Role(RoleCommand::Create {
        key: key.into(),
        def,
    })
}

fn edit(key: &str, def: RoleDef) -> Command {
    Command::Role(RoleCommand::Edit {
        key: key.into(),
        def,
        expect: Precondition::None,
    })
}

fn remove(key: &str) -> Command {
    Command::Role(RoleCommand::Delete {
        key: key.into(),
        expect: Precondition::None,
    })
}

pub(crate) fn assign(user: Id, role: &str) -> Command {
    Command::Role(RoleCommand::Assign {
        user,
        role: role.into(),
    })
}

fn permissions(world: &World, user: Id) -> Vec<String> {
    let values = world.values(Principal::System, user, attr::PERMISSIONS);
    values
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// A tenant with custom roles, an admin and a user.
fn tenant() -> (World, Principal, Id) {
    let mut world = World::new(TENANT);
    let admin = world.user("admin", &["tenant_admin"]);
    let user = world.user("user", &[]);
    (world, Principal::Person(admin), user)
}

#[test]
fn editing_a_custom_role_applies_at_once_to_everyone_who_holds_it() {
    let (mut world, admin, user) = tenant();
    world.must(admin, create("night", def("Night", &["extensions:view"])));
    world.must(admin, assign(user, "night"));
    let may = |world: &World, text: &str| permissions(world, user).iter().any(|own| own == text);
    assert!(may(&world, "extensions:view") && !may(&world, "billing:view"));
    world.must(admin, edit("night", def("Night desk", &["billing:view"])));
    assert!(may(&world, "billing:view") && !may(&world, "extensions:view"));
    let holders = world.now.permission_holders("billing:view");
    assert!(holders.into_iter().any(|holder| holder.id == user));
    assert_eq!(
        world.record(world.role("night")).common_name(),
        "Night desk"
    );
    let entry = world
        .sets
        .last()
        .expect("a set")
        .audit
        .first()
        .expect("an entry")
        .clone();
    assert_eq!(entry.action, "role.edit");
    assert!(
        entry.changes[0]
            .before
            .as_deref()
            .is_some_and(|def| def.contains("extensions:view"))
    );
    assert!(
        entry.changes[0]
            .after
            .as_deref()
            .is_some_and(|def| def.contains("billing:view"))
    );
    assert!(
        !world
            .must(admin, edit("night", def("Night desk", &["billing:view"])))
            .changed
    );
}

#[test]
fn a_rank_that_changes_moves_its_holders_and_no_others() {
    let (mut world, admin, user) = tenant();
    for key in ["night", "day"] {
        world.must(admin, create(key, def(key, &["extensions:view"])));
        world.must(
            Principal::Operator,
            patch(
                user,
                Kind::User,
                vec![op(
                    jackfield_model::path::PatchKind::Add,
                    "roles",
                    &[crate::world::role(key)],
                )],
            ),
        );
    }
    let shown = world.roles_of(user);
    assert_eq!(
        shown,
        ["day", "tenant_user"],
        "of two that rank alike, the first by key"
    );
    let mut high = def("night", &["extensions:view"]);
    high.rank = Some(30);
    world.must(admin, edit("night", high));
    assert_eq!(world.roles_of(user), ["night", "tenant_user"]);
}

#[test]
fn deleting_a_custom_role_leaves_its_holders_their_built_in_role() {
    let (mut world, admin, user) = tenant();
    world.must(admin, create("night", def("Night", &["extensions:view"])));
    world.must(admin, assign(user, "night"));
    world.must(admin, remove("night"));
    assert_eq!(world.roles_of(user), ["tenant_user"]);
    assert!(world.now.role_record("night").is_none());
    assert!(world.record(user).is_active());
    let set = world.sets.last().expect("a set");
    let told: Vec<&str> = set
        .audit
        .iter()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(told, ["user.roles", "role.delete"]);
    assert_eq!(
        set.audit[0].changes[0].before.as_deref(),
        Some("Tenant User, Night")
    );
    assert_eq!(
        set.audit[0].changes[0].after.as_deref(),
        Some("Tenant User")
    );
}

#[test]
fn a_role_that_makes_no_sense_is_refused_where_it_makes_none() {
    let (mut world, admin, _) = tenant();
    for (key, def, at) in [
        ("Night Desk", def("Night", &[]), "key"),
        ("night", def("", &[]), "role.night.title"),
        ("night", def("TENANT  user", &[]), "role.night.title"),
        (
            "night",
            def("Night", &["fax:send"]),
            "role.night.permissions[0]",
        ),
        (
            "night",
            RoleDef {
                rank: Some(40),
                ..def("Night", &[])
            },
            "role.night.rank",
        ),
    ] {
        let refused = world.run(Principal::Operator, create(key, def.clone()));
        let Err(Refusal::InvalidValue { path, .. }) = refused else {
            panic!("{def:?}: {refused:?}");
        };
        assert_eq!(path, at);
    }
    world.must(admin, create("night", def("Night", &[])));
    let again = world.run(admin, create("night", def("Other", &[])));
    assert!(matches!(again, Err(Refusal::Taken { .. })), "{again:?}");
    let gone = world.run(admin, edit("day", def("Day", &[])));
    assert_eq!(
        gone.map(|outcome| outcome.changed),
        Err(Refusal::NotFound("role"))
    );
}

#[test]
fn an_edit_of_a_role_is_as_much_work_as_it_has_holders() {
    let (mut world, admin, _) = tenant();
    world.must(admin, create("night", def("Night", &["fax:view"])));
    let rank = edit("night", def("Nights", &["fax:view"]));
    for holders in 0..3 {
        assert_eq!(rank.work(&world.now), holders);
        let user = world.user(&format!("user {holders}"), &[]);
        world.must(admin, assign(user, "night"));
    }
}

#[test]
fn who_defines_roles_is_said_by_the_catalogue() {
    let (mut world, admin, user) = tenant();
    let okta = world.connection("okta", "full");
    for actor in [Principal::Person(user), okta] {
        let refused = world.run(actor, create("night", def("Night", &[])));
        assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    }
    for command in [
        edit("tenant_user", def("User", &[])),
        remove("tenant_admin"),
    ] {
        let refused = world.run(admin, command);
        assert!(
            matches!(refused, Err(Refusal::Forbidden(_))),
            "built in: {refused:?}"
        );
    }
    let mut opbx = World::new(OPBX);
    let refused = opbx.run(Principal::Operator, create("night", def("Night", &[])));
    assert!(
        matches!(refused, Err(Refusal::Forbidden(_))),
        "no custom roles: {refused:?}"
    );
}

#[test]
fn what_the_tenants_file_declares_is_read_only_elsewhere() {
    let (mut world, admin, user) = tenant();
    let declare = |custom: &[(&str, &str)]| Command::Declare(Box::new(declaration(TENANT, custom)));
    world.must(Principal::Config, declare(&[("auditor", "Auditor")]));
    world.must(admin, create("night", def("Night", &["fax:view"])));
    for actor in [admin, Principal::Operator] {
        for command in [edit("auditor", def("Auditor", &[])), remove("auditor")] {
            let refused = world.run(actor, command);
            assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
        }
    }
    world.must(admin, assign(user, "auditor"));
    world.must(admin, assign(user, "night"));
    // A reload leaves alone what was made at run time, and takes over what it declares itself.
    assert!(
        !world
            .must(Principal::Config, declare(&[("auditor", "Auditor")]))
            .changed
    );
    assert_eq!(world.roles_of(user), ["night", "tenant_user"]);
    world.must(
        Principal::Config,
        declare(&[("auditor", "Auditor"), ("night", "Nights")]),
    );
    let refused = world.run(admin, remove("night"));
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    assert_eq!(world.roles_of(user), ["night", "tenant_user"]);
}

#[test]
fn a_declaration_that_no_longer_fits_the_roles_made_at_run_time_is_refused() {
    let (mut world, admin, _) = tenant();
    world.must(admin, create("night", def("Night", &["fax:view"])));
    let fax = "fax = { title = \"Fax\" }\n";
    assert!(TENANT.contains(fax));
    let mut without = declaration(&TENANT.replace(fax, ""), &[]);
    let refused = world.run(
        Principal::Config,
        Command::Declare(Box::new(without.clone())),
    );
    let Err(Refusal::Protected(denial)) = refused else {
        panic!("{refused:?}");
    };
    let why = denial.why;
    assert!(why.contains("role.night.permissions[0]"), "{why}");
    assert!(
        world.now.roles().permissions().contains_str("fax:view"),
        "as it was"
    );
    without = declaration(TENANT, &[]);
    without.catalogue.holding.custom = jackfield_access::catalogue::HowMany::None;
    let refused = world.run(Principal::Config, Command::Declare(Box::new(without)));
    assert!(matches!(refused, Err(Refusal::Protected(_))), "{refused:?}");
}

#[test]
fn a_review_is_noted_by_whoever_changes_roles() {
    let mut world = World::new(OPBX);
    let owner = Principal::Person(world.user("olga", &["owner"]));
    let user = Principal::Person(world.user("anna", &[]));
    let review = || {
        Command::Role(RoleCommand::Review {
            role: RoleKey::from("owner"),
        })
    };
    let refused = world.run(user, review());
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    world.must(owner, review());
    let role = world.record(world.role("owner"));
    assert!(role.attributes.first(attr::REVIEWED).is_some());
    let reload = Command::Declare(Box::new(declaration(OPBX, &[])));
    assert!(
        !world.must(Principal::Config, reload).changed,
        "a reload forgets no review"
    );
}
