//! PUT (RFC 7644 §3.5.1): what is left out is cleared, but for what the client says it keeps and
//! for what it cannot know of.

use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal, Verifier};

use crate::world::{OPBX, World, named, put, put_keeping, with_extensions, with_roles};

fn anna() -> (World, Principal, Id) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let bag = named("anna")
        .with(attr::TITLE, "Manager")
        .with(attr::ACTIVE, false)
        .with(attr::EXTERNAL_ID, "1")
        .with(
            attr::DESKS,
            Attributes::new().with(attr::DESKS_VALUE, "Lobby"),
        );
    let bag = with_roles(
        with_extensions(bag, &["101", "102"]),
        &["reporter", "chess club"],
    );
    let id = world.create(okta, Kind::User, bag);
    (world, okta, id)
}

#[test]
fn what_is_left_out_is_cleared() {
    let (mut world, okta, id) = anna();
    world.must(okta, put(id, Kind::User, named("anna")));
    let record = world.record(id);
    assert_eq!(record.attributes.text(attr::TITLE), None);
    assert!(record.is_active(), "absent means active");
    assert!(world.values(okta, id, attr::EXTERNAL_ID).is_empty());
}

#[test]
fn what_is_kept_stays() {
    let (mut world, okta, id) = anna();
    let keep = [attr::ACTIVE, attr::EXTERNAL_ID, attr::TITLE];
    world.must(okta, put_keeping(id, Kind::User, named("berg"), &keep));
    let record = world.record(id);
    assert_eq!(record.login(), Some("berg"));
    assert_eq!(record.attributes.text(attr::TITLE), Some("Manager"));
    assert!(!record.is_active());
    assert_eq!(world.values(okta, id, attr::EXTERNAL_ID), ["1".into()]);
}

#[test]
fn roles_extensions_and_desks_that_are_not_named_stay() {
    let (mut world, okta, id) = anna();
    world.must(okta, put(id, Kind::User, named("anna")));
    assert_eq!(world.grants_of(id), ["reporter by okta"]);
    assert_eq!(world.values(okta, id, attr::EXTENSIONS).len(), 2);
    assert_eq!(world.values(okta, id, attr::DESKS).len(), 1);
    let plain = world.record(id).attributes.values(attr::ROLES);
    assert_eq!(
        plain.len(),
        1,
        "values that name no role are kept with them"
    );
}

#[test]
fn those_that_are_named_are_put_in_place() {
    let (mut world, okta, id) = anna();
    let bag = with_roles(
        with_extensions(named("anna"), &["102", "103"]),
        &["pbx_admin"],
    );
    world.must(okta, put(id, Kind::User, bag));
    assert_eq!(world.grants_of(id), ["pbx_admin by okta"]);
    let numbers: Vec<String> = world
        .values(okta, id, attr::EXTENSIONS)
        .iter()
        .filter_map(|v| {
            v.as_complex()?
                .text(attr::EXTENSIONS_VALUE)
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(numbers, ["102", "103"]);
    assert!(world.record(id).attributes.values(attr::ROLES).is_empty());
}

#[test]
fn what_clients_cannot_write_they_cannot_clear() {
    let (mut world, okta, _) = anna();
    let group = world.group(okta, "sales", &[]);
    let described = vec![crate::world::op(
        jackfield_model::path::PatchKind::Add,
        "login",
        &["x".into()],
    )];
    world.must(okta, crate::world::patch(group, Kind::Group, described));
    let bag = Attributes::new().with(attr::DISPLAY_NAME, "Sales");
    world.must(okta, put(group, Kind::Group, bag));
    assert_eq!(world.record(group).attributes.text(attr::LOGIN), Some("x"));
}

#[test]
fn a_password_comes_beside_and_replaces_the_one_before() {
    let (mut world, okta, id) = anna();
    let verifier = |hash: &str| Verifier {
        scheme: "argon2id".into(),
        value: jackfield_model::Secret::new(hash),
    };
    let must_change = named("anna").with(attr::MUST_CHANGE_PASSWORD, true);
    for (hash, bag, changes) in [("$1", named("anna"), false), ("$2", must_change, true)] {
        let command = put(id, Kind::User, bag);
        let outcome = world.run_with(okta, &command, Some(&verifier(hash)));
        assert!(outcome.expect("no refusal").changed);
        let all: Vec<_> = world.now.credentials_of(id).collect();
        let [only] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(only.verifiers, [verifier(hash)]);
        assert_eq!(only.must_change, changes, "as the same request says");
    }
    let last = world.now.credentials_of(id).next().map(|only| only.id);
    let last = last.expect("a password");
    world.must(okta, crate::world::delete(id, Kind::User));
    assert!(
        world.now.credential(last).is_none(),
        "it goes with the user"
    );
    let told = format!("{:?}", world.sets);
    assert!(
        !told.contains("$1") && !told.contains("$2"),
        "a secret never prints"
    );
    let audit: Vec<_> = world.sets.iter().flat_map(|set| &set.audit).collect();
    let audit = serde_json::to_string(&audit).expect("JSON");
    assert!(
        !audit.contains("$1") && !audit.contains("$2"),
        "nor is it told"
    );
}

#[test]
fn extensions_and_desks_that_are_named_without_a_value_are_cleared() {
    let (mut world, okta, id) = anna();
    world.must(okta, put_keeping(id, Kind::User, named("anna"), &[]));
    assert!(world.values(okta, id, attr::EXTENSIONS).is_empty());
    assert!(world.values(okta, id, attr::DESKS).is_empty());
    assert_eq!(world.grants_of(id), ["reporter by okta"]);
}
