//! A record has at most one owning connection; others may link to it.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal, Verifier};

use crate::world::{
    OPBX, World, delete, member, named, op, patch, put, with_extensions, with_members,
};

fn owned() -> (World, Principal, Principal, Id, Id) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let bag = named("anna")
        .with(attr::EXTERNAL_ID, "okta-1")
        .with(attr::TITLE, "Manager");
    let anna = world.create(okta, Kind::User, bag);
    let group = world.group(okta, "sales", &[anna]);
    (world, okta, entra, anna, group)
}

fn external(world: &World, reader: Principal, id: Id) -> Option<String> {
    let values = world.values(reader, id, attr::EXTERNAL_ID);
    values.first().and_then(|v| v.as_str()).map(str::to_owned)
}

#[test]
fn attribute_writes_of_others_are_ignored() {
    let (mut world, _, entra, anna, group) = owned();
    let before = (world.record(anna).clone(), world.members(group));
    let bag = with_extensions(named("other").with(attr::TITLE, "Clerk"), &["101"]);
    for command in [
        put(anna, Kind::User, bag),
        patch(
            anna,
            Kind::User,
            vec![op(Replace, "title", &["Clerk".into()])],
        ),
        patch(
            anna,
            Kind::User,
            vec![op(Replace, "active", &[false.into()])],
        ),
        patch(anna, Kind::User, vec![op(Remove, "title", &[])]),
        patch(
            anna,
            Kind::User,
            vec![op(Add, "extensions", &["101".into()])],
        ),
        patch(anna, Kind::User, vec![op(Add, "desks", &["Lobby".into()])]),
        put(
            group,
            Kind::Group,
            Attributes::new().with(attr::DISPLAY_NAME, "other"),
        ),
        patch(group, Kind::Group, vec![op(Remove, "members", &[])]),
        patch(group, Kind::Group, vec![op(Replace, "members", &[])]),
    ] {
        let outcome = world.must(entra, command.clone());
        assert!(!outcome.changed, "{command:?}");
    }
    assert_eq!(*world.record(anna), before.0);
    assert_eq!(world.members(group), before.1);
    let argon2 = Verifier {
        scheme: "argon2id".into(),
        value: jackfield_model::Secret::new("$argon2id$…"),
    };
    let outcome = world.run_with(entra, &patch(anna, Kind::User, Vec::new()), Some(&argon2));
    assert!(
        !outcome.expect("no refusal").changed,
        "a password is an attribute"
    );
    assert_eq!(world.now.credentials_of(anna).count(), 0);
}

#[test]
fn external_ids_are_each_connections_own() {
    let (mut world, okta, entra, anna, _) = owned();
    let bag = named("anna").with(attr::EXTERNAL_ID, "entra-9");
    world.must(entra, put(anna, Kind::User, bag));
    assert_eq!(external(&world, okta, anna).as_deref(), Some("okta-1"));
    assert_eq!(external(&world, entra, anna).as_deref(), Some("entra-9"));
    assert_eq!(external(&world, Principal::Operator, anna), None);
    assert_eq!(
        world.record(anna).attributes.text(attr::TITLE),
        Some("Manager")
    );
    // A PUT without it takes it away, from this connection's link only.
    world.must(entra, put(anna, Kind::User, named("anna")));
    assert_eq!(external(&world, entra, anna), None);
    assert_eq!(external(&world, okta, anna).as_deref(), Some("okta-1"));
    // A PATCH of something else leaves it.
    world.must(
        okta,
        patch(anna, Kind::User, vec![op(Add, "nickName", &["a".into()])]),
    );
    assert_eq!(external(&world, okta, anna).as_deref(), Some("okta-1"));
}

#[test]
fn a_delete_by_another_unlinks() {
    let (mut world, okta, entra, anna, group) = owned();
    world.must(
        entra,
        put(anna, Kind::User, named("anna").with(attr::EXTERNAL_ID, "e")),
    );
    let reporter = world.role("reporter");
    let add = vec![op(Add, "members", &[member(anna).into()])];
    world.must(entra, patch(reporter, Kind::Group, add));
    assert_eq!(world.grants_of(anna), ["reporter by entra"]);
    assert!(world.must(entra, delete(anna, Kind::User)).changed);
    assert!(world.grants_of(anna).is_empty());
    assert_eq!(external(&world, entra, anna), None);
    assert_eq!(external(&world, okta, anna).as_deref(), Some("okta-1"));
    // Again: there is nothing left to unlink.
    assert!(!world.must(entra, delete(anna, Kind::User)).changed);
    assert!(!world.must(entra, delete(group, Kind::Group)).changed);
    assert!(world.must(okta, delete(anna, Kind::User)).changed);
    assert!(world.now.record(anna).is_none());
    assert!(world.members(group).is_empty());
}

#[test]
fn a_record_without_an_owner_is_adopted_by_the_first_that_writes_it() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let anna = world.user("anna", &[]);
    let title = |text: &str| patch(anna, Kind::User, vec![op(Replace, "title", &[text.into()])]);
    world.must(okta, title("Manager"));
    assert!(!world.must(entra, title("Clerk")).changed);
    assert_eq!(
        world.record(anna).attributes.text(attr::TITLE),
        Some("Manager")
    );
    // The operator stands above ownership.
    world.must(Principal::Operator, title("Director"));
    assert_eq!(
        world.record(anna).attributes.text(attr::TITLE),
        Some("Director")
    );
    assert!(world.must(okta, title("Manager")).changed);
}

#[test]
fn what_a_deleted_connection_owned_is_there_to_be_adopted() {
    let (mut world, okta, entra, anna, group) = owned();
    let okta_id = okta.record().expect("a record");
    world.must(Principal::Operator, delete(okta_id, Kind::Connection));
    assert_eq!(external(&world, okta, anna), None);
    let title = patch(
        anna,
        Kind::User,
        vec![op(Replace, "title", &["Clerk".into()])],
    );
    world.must(entra, title);
    assert_eq!(
        world.record(anna).attributes.text(attr::TITLE),
        Some("Clerk")
    );
    world.must(
        entra,
        put(
            group,
            Kind::Group,
            Attributes::new().with(attr::DISPLAY_NAME, "all"),
        ),
    );
    assert!(world.members(group).is_empty());
    // Who is gone does nothing any more.
    let refused = world.run(okta, delete(anna, Kind::User));
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
}

#[test]
fn nobody_owns_a_role() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let anna = world.user("anna", &[]);
    let reporter = world.role("reporter");
    let bag = Attributes::new().with(attr::EXTERNAL_ID, "group-1");
    world.must(okta, put(reporter, Kind::Group, with_members(bag, &[anna])));
    assert_eq!(external(&world, okta, reporter).as_deref(), Some("group-1"));
    world.must(
        entra,
        put(
            reporter,
            Kind::Group,
            with_members(Attributes::new(), &[anna]),
        ),
    );
    assert_eq!(
        world.grants_of(anna),
        ["reporter by entra", "reporter by okta"]
    );
    for actor in [okta, entra, Principal::Operator] {
        let refused = world.run(actor, delete(reporter, Kind::Group));
        assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    }
}

#[test]
fn only_the_operator_decides_who_comes_in() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "");
    let okta_id = okta.record().expect("a record");
    let anna = world.user("anna", &["owner"]);
    let device = world.create(
        Principal::Operator,
        Kind::Device,
        Attributes::new().with(attr::LOGIN, "phone"),
    );
    let credential = jackfield_model::Credential {
        id: Id(uuid::Uuid::from_u128(1)),
        principal: okta_id,
        kind: jackfield_model::CredentialKind::Token,
        verifiers: Vec::new(),
        label: String::new(),
        scopes: Vec::new(),
        ceiling: None,
        networks: Vec::new(),
        created: jackfield_model::Timestamp(0),
        expires: None,
        must_change: false,
        trust: None,
    };
    let login = |name: &str| Attributes::new().with(attr::LOGIN, name);
    let raised = login("okta").with(attr::CEILING, "full");
    let declared = crate::world::declaration(OPBX, &[]);
    let mut commands = vec![
        patch(
            okta_id,
            Kind::Connection,
            vec![op(Replace, "ceiling", &["full".into()])],
        ),
        put(okta_id, Kind::Connection, raised),
        delete(okta_id, Kind::Connection),
        delete(device, Kind::Device),
        Command::AddCredential(credential.clone()),
        Command::RemoveCredential(credential.id),
        Command::Suspend(true),
        Command::Declare(Box::new(declared)),
    ];
    for kind in [Kind::Connection, Kind::Service, Kind::Device] {
        let attributes = login("new");
        commands.push(Command::Create { kind, attributes });
    }
    for command in commands {
        for actor in [
            okta,
            Principal::Person(anna),
            Principal::Device(device),
            Principal::Anonymous,
        ] {
            let refused = world.run(actor, command.clone());
            assert!(
                matches!(refused, Err(Refusal::Forbidden(_))),
                "{actor:?} {command:?}"
            );
        }
    }
    // The operator does; a PUT of what clients do not see changes it.
    let raised = login("okta").with(attr::CEILING, "full");
    world.must(Principal::Operator, put(okta_id, Kind::Connection, raised));
    assert_eq!(
        world.record(okta_id).attributes.text(attr::CEILING),
        Some("full")
    );
    world.must(Principal::Operator, Command::AddCredential(credential));
}

#[test]
fn those_who_only_read_change_nothing() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &[]);
    let group = world.group(Principal::Operator, "sales", &[anna]);
    let device = world.create(
        Principal::Operator,
        Kind::Device,
        Attributes::new().with(attr::LOGIN, "phone"),
    );
    for command in [
        put(anna, Kind::User, named("anna").with(attr::TITLE, "x")),
        put(anna, Kind::User, with_extensions(named("anna"), &["101"])),
        patch(
            anna,
            Kind::User,
            vec![op(Add, "extensions", &["101".into()])],
        ),
        patch(anna, Kind::User, vec![op(Add, "desks", &["Lobby".into()])]),
        patch(
            anna,
            Kind::User,
            vec![op(Add, "roles", &[crate::world::role("reporter")])],
        ),
        patch(group, Kind::Group, vec![op(Remove, "members", &[])]),
        put(
            group,
            Kind::Group,
            Attributes::new().with(attr::DISPLAY_NAME, "x"),
        ),
        delete(anna, Kind::User),
        delete(group, Kind::Group),
        Command::Create {
            kind: Kind::User,
            attributes: named("new"),
        },
        Command::Create {
            kind: Kind::Extension,
            attributes: Attributes::new().with(attr::EXTENSION_NUMBER, "1"),
        },
    ] {
        for actor in [Principal::Device(device), Principal::Anonymous] {
            let refused = world.run(actor, command.clone());
            assert!(
                matches!(refused, Err(Refusal::Forbidden(_))),
                "{actor:?} {command:?}"
            );
        }
    }
}
