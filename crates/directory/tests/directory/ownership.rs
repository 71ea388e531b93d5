//! A record has at most one owning connection; others may link to it.

use jackfield_directory::{Command, Note, Refusal};
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
    let version = world.record(anna).version;
    assert!(world.must(entra, delete(anna, Kind::User)).changed);
    assert_ne!(
        world.record(anna).version,
        version,
        "entra sees no name of its own any more"
    );
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
    assert_eq!(world.grants_of(anna), ["reporter by okta"]);
    let add = vec![op(Add, "members", &[member(anna).into()])];
    world.must(entra, patch(reporter, Kind::Group, add));
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

#[test]
fn what_its_owner_deletes_is_the_eldest_others() {
    let (mut world, okta, entra, anna, group) = owned();
    let ping = world.connection("ping", "full");
    let reporter = world.role("reporter");
    let known = |name: &str| named("anna").with(attr::EXTERNAL_ID, name);
    // Ping links first, but its connection is younger.
    world.must(ping, put(anna, Kind::User, known("p-1")));
    world.must(entra, put(anna, Kind::User, known("e-1")));
    let theirs = world.group(entra, "support", &[anna]);
    let add = vec![op(Add, "members", &[member(anna).into()])];
    world.must(okta, patch(reporter, Kind::Group, add));

    world.must(okta, delete(anna, Kind::User));
    assert_eq!(
        world.record(anna).attributes.text(attr::TITLE),
        Some("Manager"),
        "it is as it was"
    );
    assert!(world.members(group).is_empty(), "the group is Okta's");
    assert_eq!(world.members(theirs), ["anna"]);
    assert!(
        world.grants_of(anna).is_empty(),
        "what Okta gave went with it"
    );
    assert_eq!(external(&world, okta, anna), None);

    let title = |text: &str| patch(anna, Kind::User, vec![op(Replace, "title", &[text.into()])]);
    assert!(!world.must(ping, title("Clerk")).changed);
    assert!(!world.must(okta, title("Clerk")).changed);
    assert!(world.must(entra, title("Clerk")).changed);
    // The next one goes with its connection.
    let entra = entra.record().expect("a record");
    world.must(Principal::Operator, delete(entra, Kind::Connection));
    assert!(!world.must(okta, title("Director")).changed);
    assert!(world.must(ping, title("Director")).changed);
    world.must(ping, delete(anna, Kind::User));
    assert!(world.now.record(anna).is_none(), "nobody is left");
}

#[test]
fn a_group_is_handed_on_with_its_members() {
    let (mut world, okta, entra, _, group) = owned();
    let bag = Attributes::new()
        .with(attr::DISPLAY_NAME, "sales")
        .with(attr::EXTERNAL_ID, "g-1");
    world.must(entra, put(group, Kind::Group, bag));
    world.must(okta, delete(group, Kind::Group));
    assert_eq!(world.members(group), ["anna"]);
    let emptied = patch(group, Kind::Group, vec![op(Replace, "members", &[])]);
    assert!(!world.must(okta, emptied.clone()).changed);
    assert!(world.must(entra, emptied).changed);
}

#[test]
fn a_user_that_is_made_again_is_the_one_that_was_disabled() {
    let (mut world, okta, entra, anna, group) = owned();
    let off = vec![
        op(Replace, "active", &[false.into()]),
        op(Replace, "mustChangePassword", &[true.into()]),
        op(Add, "extensions", &["101".into()]),
    ];
    world.must(okta, patch(anna, Kind::User, off));
    let again = |name: &str, external: &str| Command::Create {
        kind: Kind::User,
        attributes: named(name)
            .with(attr::EXTERNAL_ID, external)
            .with(attr::ACTIVE, true)
            .with(attr::LOCALE, "de"),
    };
    // Another's name for it means nothing.
    let other = world.must(entra, again("other", "okta-1")).id;
    assert_ne!(other, Some(anna));
    // Somebody else's user name is still taken.
    let taken = world.run(okta, again("other", "okta-1"));
    assert!(matches!(&taken, Err(Refusal::Taken { attribute, .. }) if attribute == "userName"));
    assert!(!world.record(anna).is_active());

    let command = again("anna.berg", "okta-1");
    assert_eq!(world.notes(okta, &command), [Note::Revived]);
    assert_eq!(world.must(okta, command.clone()).id, Some(anna));
    let record = world.record(anna);
    assert!(record.is_active());
    assert_eq!(record.login(), Some("anna.berg"));
    assert_eq!(
        record.attributes.text(attr::TITLE),
        None,
        "what is said is all"
    );
    assert_eq!(
        record.attributes.flag(attr::MUST_CHANGE_PASSWORD),
        Some(true)
    );
    assert_eq!(world.values(okta, anna, attr::EXTENSIONS).len(), 1);
    assert_eq!(world.members(group), ["anna.berg"]);
    // An active one is there already.
    let taken = world.run(okta, command);
    assert!(matches!(&taken, Err(Refusal::Taken { attribute, .. }) if attribute == "externalId"));
}

#[test]
fn what_is_not_the_connections_own_is_not_its_to_make_again() {
    let (mut world, okta, entra, anna, _) = owned();
    let link = named("anna").with(attr::EXTERNAL_ID, "e-1");
    world.must(entra, put(anna, Kind::User, link.clone()));
    let off = vec![op(Replace, "active", &[false.into()])];
    world.must(okta, patch(anna, Kind::User, off));
    let make = Command::Create {
        kind: Kind::User,
        attributes: link,
    };
    let taken = world.run(entra, make);
    assert!(matches!(taken, Err(Refusal::Taken { .. })), "{taken:?}");
    assert!(!world.record(anna).is_active());
}

#[test]
fn who_writes_what_is_anothers_is_told_so() {
    let (world, okta, entra, anna, group) = owned();
    let owner = "okta".to_owned();
    let foreign = [Note::Foreign { owner }];
    let title = patch(anna, Kind::User, vec![op(Replace, "title", &["x".into()])]);
    assert_eq!(world.notes(entra, &title), foreign);
    assert_eq!(
        world.notes(entra, &put(anna, Kind::User, named("anna"))),
        foreign
    );
    let emptied = patch(group, Kind::Group, vec![op(Replace, "members", &[])]);
    assert_eq!(world.notes(entra, &emptied), foreign);
    assert_eq!(world.notes(okta, &title), []);
    assert_eq!(world.notes(Principal::Operator, &title), []);
}
