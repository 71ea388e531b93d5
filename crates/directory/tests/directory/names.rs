//! Names that are one, and names that may not be.

use jackfield_directory::{Command, Located, Node, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Dn, Kind, Principal, Value, text};

use crate::world::{OPBX, World, delete, named, op, patch, put};

fn create(kind: Kind, attribute: jackfield_model::AttrId, name: &str) -> Command {
    Command::Create {
        kind,
        attributes: Attributes::new().with(attribute, name),
    }
}

#[test]
fn names_that_are_prepared_alike_are_one_name() {
    let same: [&[&str]; 5] = [
        &["anna", "Anna", "ANNA", " anna ", "an\u{ad}na", "ａｎｎａ"],
        &["Müller", "Mu\u{308}ller", "MÜLLER", "mu\u{308}ller"],
        &["Straße", "STRASSE", "strasse"],
        &[
            "anna berg",
            "Anna   Berg",
            "anna\u{a0}berg",
            "anna\u{2003}berg",
        ],
        &["Ωmega", "ωmega", "Ω\u{200b}mega"],
    ];
    let kinds = [
        (Kind::User, attr::USER_NAME),
        (Kind::Group, attr::DISPLAY_NAME),
        (Kind::Desk, attr::DISPLAY_NAME),
        (Kind::Extension, attr::EXTENSION_NUMBER),
        (Kind::Service, attr::LOGIN),
        (Kind::Device, attr::LOGIN),
        (Kind::Connection, attr::LOGIN),
    ];
    for names in same {
        for (kind, attribute) in kinds {
            let mut world = World::new(OPBX);
            world.must(Principal::Operator, create(kind, attribute, names[0]));
            for name in names {
                let refused = world.run(Principal::Operator, create(kind, attribute, name));
                assert!(
                    matches!(refused, Err(Refusal::Taken { .. })),
                    "{kind:?} {name:?}"
                );
            }
        }
    }
}

#[test]
fn what_shares_a_branch_of_the_tree_shares_its_names() {
    let mut world = World::new(OPBX);
    for (kind, name, other) in [
        (Kind::Service, "pbx", None),
        (Kind::Device, "phone", None),
        (Kind::Connection, "pbx", None),
        (Kind::User, "pbx", None),
        (Kind::Device, "PBX", Some("service")),
        (Kind::Service, "Phone", Some("device")),
        (Kind::Service, "PBX", Some("service")),
    ] {
        let attribute = match kind {
            Kind::User => attr::USER_NAME,
            _ => attr::LOGIN,
        };
        let outcome = world.run(Principal::Operator, create(kind, attribute, name));
        let taken = match outcome {
            Ok(_) => None,
            Err(Refusal::Taken { kind, .. }) => Some(kind),
            Err(refusal) => panic!("{kind:?} {name}: {refusal:?}"),
        };
        assert_eq!(taken, other, "{kind:?} {name}");
    }
}

#[test]
fn other_names_are_other_names() {
    let mut world = World::new(OPBX);
    let names = [
        "anna",
        "änna",
        "anna berg",
        "annaberg",
        "аnna",
        "anna1",
        "muller",
        "müller",
    ];
    let users = names.map(|name| world.user(name, &[]));
    for (name, user) in names.into_iter().zip(users) {
        let key = text::case_ignore(name);
        let found = world.now.keyed(Kind::User, &key).map(|found| found.id);
        assert_eq!(found, Some(user), "{name}");
    }
}

#[test]
fn a_name_is_free_again_once_it_was_given_up() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &[]);
    let rename = |name: &str| {
        patch(
            anna,
            Kind::User,
            vec![op(Replace, "userName", &[name.into()])],
        )
    };
    world.must(Principal::Operator, rename("ANNA"));
    assert_eq!(
        world.record(anna).login(),
        Some("ANNA"),
        "the same name, written otherwise"
    );
    world.must(Principal::Operator, rename("berg"));
    let other = world.user("anna", &[]);
    let refused = world.run(Principal::Operator, rename("Anna"));
    assert!(matches!(refused, Err(Refusal::Taken { .. })), "{refused:?}");
    world.must(Principal::Operator, delete(other, Kind::User));
    world.must(Principal::Operator, rename("Anna"));
    let found = world.now.keyed(Kind::User, "anna").map(|record| record.id);
    assert_eq!(found, Some(anna));
    assert!(world.now.keyed(Kind::User, "berg").is_none());
}

#[test]
fn a_name_is_not_empty() {
    for name in ["", " ", "\u{200b}", "\t\n", "\u{ad}\u{2060}", "\u{3000}"] {
        let mut world = World::new(OPBX);
        let anna = world.user("anna", &[]);
        let rename = patch(
            anna,
            Kind::User,
            vec![op(Replace, "userName", &[name.into()])],
        );
        for command in [
            create(Kind::User, attr::USER_NAME, name),
            create(Kind::Group, attr::DISPLAY_NAME, name),
            create(Kind::Extension, attr::EXTENSION_NUMBER, name),
            put(anna, Kind::User, named(name)),
            rename,
        ] {
            let refused = world.run(Principal::Operator, command);
            assert!(
                matches!(refused, Err(Refusal::InvalidValue { .. })),
                "{name:?} {refused:?}"
            );
        }
    }
}

#[test]
fn a_required_name_cannot_be_removed() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &[]);
    let group = world.group(Principal::Operator, "sales", &[]);
    for (id, kind, path) in [
        (anna, Kind::User, "userName"),
        (group, Kind::Group, "displayName"),
    ] {
        for values in [Vec::new(), vec![Value::from("anna")]] {
            let refused = world.run(
                Principal::Operator,
                patch(id, kind, vec![op(Remove, path, &values)]),
            );
            assert!(
                matches!(refused, Err(Refusal::Mutability { .. })),
                "{refused:?}"
            );
        }
        let nulled = patch(id, kind, vec![op(Replace, path, &[])]);
        let refused = world.run(Principal::Operator, nulled);
        assert!(
            matches!(refused, Err(Refusal::Mutability { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn groups_of_different_owners_may_share_a_name() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let sales = |actor| (actor, create(Kind::Group, attr::DISPLAY_NAME, "Sales"));
    let first = world.must(okta, sales(okta).1).id.expect("an id");
    let second = world.must(entra, sales(entra).1).id.expect("an id");
    for actor in [okta, entra] {
        let refused = world.run(actor, sales(actor).1);
        assert!(matches!(refused, Err(Refusal::Taken { .. })), "{refused:?}");
    }
    // The operator owns nothing, so an owner's group is another's to it.
    let third = world
        .must(Principal::Operator, sales(okta).1)
        .id
        .expect("an id");
    let refused = world.run(Principal::Operator, sales(okta).1);
    assert!(matches!(refused, Err(Refusal::Taken { .. })), "{refused:?}");
    // Each is still edited, its name with it, and found by a name of its own.
    let described = vec![op(Add, "description", &["x".into()])];
    world.must(okta, patch(first, Kind::Group, described));
    for id in [first, second, third] {
        let dn = world.now.dn(world.record(id));
        assert!(dn.contains(&format!("+entryUUID={id}")), "{dn}");
        let found = world.now.locate(&Dn::parse(&dn).expect("a name"));
        assert_eq!(found, Located::Found(Node::Record(id)));
    }
    let plain = Dn::parse("cn=Sales,ou=groups,dc=acme,dc=example").expect("a name");
    assert!(
        matches!(world.now.locate(&plain), Located::Missing { .. }),
        "it means three"
    );
    for id in [second, third] {
        world.must(Principal::Operator, delete(id, Kind::Group));
    }
    assert_eq!(
        world.now.locate(&plain),
        Located::Found(Node::Record(first))
    );
    let other = Dn::parse("cn=Sales+uid=x,ou=groups,dc=acme,dc=example").expect("a name");
    assert!(
        matches!(world.now.locate(&other), Located::Missing { .. }),
        "another name"
    );
}

#[test]
fn a_group_is_not_called_as_a_role_is() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    for name in ["Owner", "pbx ADMIN", "Reporter "] {
        let refused = world.run(okta, create(Kind::Group, attr::DISPLAY_NAME, name));
        assert!(matches!(refused, Err(Refusal::Taken { .. })), "{name}");
    }
    let group = world.group(okta, "sales", &[]);
    let refused = world.run(
        okta,
        patch(
            group,
            Kind::Group,
            vec![op(Replace, "displayName", &["owner".into()])],
        ),
    );
    assert!(matches!(refused, Err(Refusal::Taken { .. })), "{refused:?}");
    // A user is not a group.
    world.user("owner", &[]);
    let bag = named("x").with(attr::DISPLAY_NAME, "sales");
    world.create(okta, Kind::User, bag);
}

#[test]
fn a_group_that_a_later_role_is_called_like_can_still_be_edited() {
    let mut world = World::new(crate::world::TENANT);
    let okta = world.connection("okta", "full");
    let group = world.group(okta, "Auditor", &[]);
    let declared = crate::world::declaration(crate::world::TENANT, &[("auditor", "Auditor")]);
    world.must(Principal::Config, Command::Declare(Box::new(declared)));
    let described = vec![op(Add, "description", &["x".into()])];
    assert!(
        world
            .must(okta, patch(group, Kind::Group, described))
            .changed
    );
}

#[test]
fn a_role_keeps_its_name() {
    let mut world = World::new(OPBX);
    let owner = world.role("owner");
    for command in [
        put(
            owner,
            Kind::Group,
            Attributes::new().with(attr::DISPLAY_NAME, "Boss"),
        ),
        patch(
            owner,
            Kind::Group,
            vec![op(Replace, "displayName", &["Boss".into()])],
        ),
    ] {
        let refused = world.run(Principal::Operator, command);
        assert!(
            matches!(refused, Err(Refusal::Mutability { .. })),
            "{refused:?}"
        );
    }
    let refused = world.run(
        Principal::Operator,
        create(Kind::Role, attr::ROLE_KEY, "boss"),
    );
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
}
