//! What a credential may be used for, of what its connection may do.

use jackfield_access::{Ceiling, Mandate, Scopes};
use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Change, Id, Kind, Principal};

use crate::world::{
    OPBX, World, delete, member, named, op, patch, put, role, with_members, with_roles,
};

/// A credential with these scopes, separated by spaces.
fn scoped(names: &str) -> Mandate {
    let names: Vec<&str> = names.split(' ').collect();
    Mandate {
        scopes: Scopes::named(&names),
        ..Mandate::default()
    }
}

/// A tenant with a connection of the full ceiling; it owns a user, whom it made a Reporter, and a
/// group.
fn one() -> (World, Principal, Id, Id) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let anna = world.user_by(okta, "anna", &["reporter"]);
    let group = Command::Create {
        kind: Kind::Group,
        attributes: named_group("staff"),
    };
    let group = world.must(okta, group).id.expect("an id");
    (world, okta, anna, group)
}

fn named_group(name: &str) -> jackfield_model::Attributes {
    jackfield_model::Attributes::new().with(attr::DISPLAY_NAME, name)
}

#[test]
fn a_credential_changes_what_its_scopes_name_and_nothing_else() {
    let (world, okta, anna, group) = one();
    let reporters = world.role("reporter");
    let create = |kind, attributes| Command::Create { kind, attributes };
    let edit = |id, kind, kind_of, path: &str, value: jackfield_model::Value| {
        patch(id, kind, vec![op(kind_of, path, &[value])])
    };
    let commands = [
        ("users", create(Kind::User, named("bert"))),
        (
            "users",
            edit(anna, Kind::User, Replace, "title", "Dr".into()),
        ),
        (
            "users",
            put(anna, Kind::User, with_roles(named("anna"), &["reporter"])),
        ),
        ("users", delete(anna, Kind::User)),
        ("groups", create(Kind::Group, named_group("sales"))),
        (
            "groups",
            edit(group, Kind::Group, Add, "members", member(anna).into()),
        ),
        (
            "groups",
            put(
                group,
                Kind::Group,
                with_members(named_group("staff"), &[anna]),
            ),
        ),
        ("groups", delete(group, Kind::Group)),
        (
            "roles",
            edit(
                reporters,
                Kind::Group,
                Remove,
                "members",
                member(anna).into(),
            ),
        ),
        (
            "roles",
            put(reporters, Kind::Group, named_group("Reporter")),
        ),
        // By a user's attribute, too, and both where more than that changes.
        (
            "roles",
            edit(anna, Kind::User, Add, "roles", role("pbx_user")),
        ),
        (
            "roles",
            patch(anna, Kind::User, vec![op(Remove, "roles", &[])]),
        ),
        (
            "users roles",
            create(Kind::User, with_roles(named("bert"), &["reporter"])),
        ),
        (
            "users roles",
            patch(
                anna,
                Kind::User,
                vec![
                    op(Add, "roles", &[role("pbx_user")]),
                    op(Replace, "title", &["Dr".into()]),
                ],
            ),
        ),
        (
            "users roles",
            put(anna, Kind::User, with_roles(named("anna"), &["pbx_admin"])),
        ),
    ];
    for (takes, command) in commands {
        for given in [
            "read",
            "users",
            "groups",
            "roles",
            "users roles",
            "read users groups roles",
        ] {
            let mut world = world.fork();
            world.mandate = scoped(given);
            let suffices = takes.split(' ').all(|scope| given.contains(scope));
            let before = world.now.revision();
            let outcome = world.run(okta, command.clone());
            match outcome {
                Ok(_) => assert!(suffices, "{given}: {command:?}"),
                Err(Refusal::Forbidden(denial)) => {
                    let why = denial.to_string();
                    assert!(!suffices, "{given}: {command:?}: {why}");
                    assert!(why.contains(given), "it says what there is: {why}");
                    assert_eq!(world.now.revision(), before);
                }
                Err(other) => panic!("{given}: {command:?}: {other}"),
            }
        }
    }
}

#[test]
fn what_names_the_roles_that_are_there_takes_no_scope_for_roles() {
    let (mut world, okta, anna, _) = one();
    world.mandate = scoped("users");
    // Okta and OneLogin put the whole user back, roles and all.
    let same = with_roles(named("anna"), &["reporter"]).with(attr::TITLE, "Dr");
    world.must(okta, put(anna, Kind::User, same));
    assert_eq!(world.roles_of(anna), ["reporter"]);
}

#[test]
fn who_gives_roles_only_does_not_make_a_user_its_own() {
    let (mut world, okta, ..) = one();
    let ben = world.user("ben", &[]);
    world.mandate = scoped("roles");
    let give = patch(ben, Kind::User, vec![op(Add, "roles", &[role("reporter")])]);
    world.must(okta, give);
    assert_eq!(world.grants_of(ben), ["reporter by okta"]);
    let mut changes = world.sets.iter().flat_map(|set| &set.changes);
    assert!(!changes.any(|it| matches!(it, Change::PutLink(link) if link.record == ben)));
}

#[test]
fn a_read_only_credential_is_refused_what_would_change_nothing() {
    let (mut world, okta, anna, _) = one();
    world.mandate = scoped("read");
    let same = put(anna, Kind::User, named("anna"));
    assert!(matches!(world.run(okta, same), Err(Refusal::Forbidden(_))));
}

#[test]
fn a_credential_gives_no_role_above_its_own_ceiling_or_its_connection_s() {
    for (own, lower, key, may) in [
        ("full", None, "owner", true),
        ("full", Some("pbx_admin"), "owner", false),
        ("full", Some("pbx_admin"), "pbx_admin", true),
        ("full", Some("reporter"), "pbx_admin", false),
        ("reporter", Some("pbx_admin"), "pbx_admin", false),
        ("", Some("full"), "owner", false),
        ("full", Some(""), "owner", false),
        ("full", Some("no_such_role"), "reporter", false),
    ] {
        let mut world = World::new(OPBX);
        let okta = world.connection("okta", own);
        let anna = world.user_by(okta, "anna", &[]);
        world.mandate.ceiling = lower.map(Ceiling::named);
        let by_user = patch(anna, Kind::User, vec![op(Add, "roles", &[role(key)])]);
        let group = world.role(key);
        let by_group = patch(
            group,
            Kind::Group,
            vec![op(Add, "members", &[member(anna).into()])],
        );
        for command in [by_user, by_group] {
            let mut world = world.fork();
            let outcome = world.run(okta, command);
            assert_eq!(outcome.is_ok(), may, "{own:?} {lower:?} {key}: {outcome:?}");
        }
    }
}
