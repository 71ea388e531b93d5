//! Members that a connection names before they are there.

use jackfield_access::{Ceiling, Mandate, Scopes};
use jackfield_directory::plan::MOST_PENDING;
use jackfield_directory::{Note, Refusal};
use jackfield_model::path::PatchKind::{self, Add, Remove, Replace};
use jackfield_model::path::PatchOp;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Outcome, Principal, Value};
use uuid::Uuid;

use crate::world::{OPBX, World, delete, named, op, patch, put, put_keeping};

/// A tenant with two connections and a group of the first.
fn tenant() -> (World, Principal, Principal, Id) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let group = world.group(okta, "sales", &[]);
    (world, okta, entra, group)
}

fn known_as(name: &str, external: &str) -> Attributes {
    named(name).with(attr::EXTERNAL_ID, external)
}

fn members(kind: PatchKind, names: &[&str]) -> PatchOp {
    let value = |name: &&str| Attributes::new().with(attr::MEMBERS_VALUE, *name).into();
    let values: Vec<Value> = names.iter().map(value).collect();
    op(kind, "members", &values)
}

fn push(world: &mut World, actor: Principal, group: Id, op: PatchOp) -> bool {
    world
        .must(actor, patch(group, Kind::Group, vec![op]))
        .changed
}

/// The names that groups wait for.
fn waiting(world: &World) -> Vec<String> {
    world.now.pending().map(|p| p.name.to_string()).collect()
}

#[test]
fn nothing_waits_for_members_but_groups_and_roles() {
    let (mut world, okta, ..) = tenant();
    let anna = world.user_by(okta, "anna", &[]);
    for (kind, id) in [
        (Kind::User, anna),
        (Kind::Connection, okta.record().unwrap()),
    ] {
        // What one is not asked for has no effect, or is refused.
        let _ = world.run(okta, patch(id, kind, vec![members(Add, &["ben-7"])]));
        assert!(waiting(&world).is_empty(), "{}", kind.name());
    }
}

#[test]
fn a_member_that_is_not_there_yet_costs_the_others_nothing_and_joins_when_it_comes() {
    let (mut world, okta, _, group) = tenant();
    let anna = world.user_by(okta, "anna", &[]).to_string();
    let version = world.record(group).version;
    assert!(push(
        &mut world,
        okta,
        group,
        members(Add, &[&anna, "ben-7", "ben-7"])
    ));
    assert_eq!(world.members(group), ["anna"]);
    assert_eq!(waiting(&world), ["ben-7"]);
    assert!(world.record(group).version > version, "Anna is new");

    let version = world.record(group).version;
    assert!(push(&mut world, okta, group, members(Add, &["carl-9"])));
    assert_eq!(
        world.record(group).version,
        version,
        "nobody sees a difference"
    );
    assert!(!push(
        &mut world,
        okta,
        group,
        members(Add, &["carl-9", &anna])
    ));

    let ben = world.create(okta, Kind::User, known_as("ben", "ben-7"));
    assert_eq!(world.members(group), ["anna", "ben"]);
    assert_eq!(waiting(&world), ["carl-9"]);
    assert!(world.record(group).version > version);
    // What the connection calls the user is as good as the id from now on.
    assert!(!push(
        &mut world,
        okta,
        group,
        members(Add, &["ben-7", &ben.to_string()])
    ));
    assert!(push(&mut world, okta, group, members(Remove, &["ben-7"])));
    assert_eq!(world.members(group), ["anna"]);

    // One that is there already joins when the connection names it.
    let carl = world.user_by(okta, "carl", &[]);
    let rename = op(Replace, "externalId", &["carl-9".into()]);
    world.must(okta, patch(carl, Kind::User, vec![rename]));
    assert_eq!(world.members(group), ["anna", "carl"]);
    assert_eq!(waiting(&world), Vec::<String>::new());
}

#[test]
fn groups_are_waited_for_too() {
    let (mut world, okta, _, group) = tenant();
    push(&mut world, okta, group, members(Add, &["inner-1"]));
    let bag = Attributes::new()
        .with(attr::DISPLAY_NAME, "inner")
        .with(attr::EXTERNAL_ID, "inner-1");
    let inner = world.create(okta, Kind::Group, bag);
    assert_eq!(world.members(group), ["inner"]);
    // A group that would contain itself does not join, and is made all the same.
    push(&mut world, okta, inner, members(Add, &["outer-1"]));
    let rename = op(Replace, "externalId", &["outer-1".into()]);
    world.must(okta, patch(group, Kind::Group, vec![rename]));
    assert!(world.members(inner).is_empty());
    assert_eq!(waiting(&world), Vec::<String>::new());
    let told = world.sets.last().and_then(|set| set.audit.last());
    let outcome = told.map(|entry| (entry.action.as_str(), &entry.outcome));
    assert!(
        matches!(outcome, Some(("group.pending", Outcome::Refused(_)))),
        "{told:?}"
    );
}

#[test]
fn whoever_was_named_is_removed_before_it_comes() {
    let stale = Id(Uuid::from_u128(9)).to_string();
    let by_value = format!("members[value eq \"{stale}\"]");
    let remove = [
        members(Remove, &[&stale]),
        op(Remove, &by_value, &[]),
        members(Remove, &[]),
        members(Replace, &[]),
        members(Replace, &["other"]),
    ];
    for last in remove {
        let (mut world, okta, _, group) = tenant();
        push(&mut world, okta, group, members(Replace, &[&stale]));
        assert_eq!(waiting(&world), [stale.as_str()]);
        assert!(push(&mut world, okta, group, last.clone()), "{last:?}");
        assert!(!waiting(&world).contains(&stale), "{last:?}");
        assert!(!push(&mut world, okta, group, last.clone()), "{last:?}");
    }
    let (mut world, okta, _, group) = tenant();
    push(&mut world, okta, group, members(Replace, &[&stale]));
    let bag = Attributes::new().with(attr::DISPLAY_NAME, "sales");
    let kept = put_keeping(group, Kind::Group, bag.clone(), &[attr::MEMBERS]);
    assert!(!world.must(okta, kept).changed);
    assert!(world.must(okta, put(group, Kind::Group, bag)).changed);
    assert!(waiting(&world).is_empty());
}

#[test]
fn what_one_connection_calls_somebody_means_nothing_to_another() {
    let (mut world, okta, entra, group) = tenant();
    let anna = world.create(okta, Kind::User, known_as("anna", "u-1"));
    let other = world.group(entra, "entra's", &[]);
    push(&mut world, entra, other, members(Add, &["u-1", "anna"]));
    assert!(world.members(other).is_empty());
    let ben = world.create(okta, Kind::User, known_as("ben", "u-2"));
    push(&mut world, entra, other, members(Add, &["u-2"]));
    assert!(world.members(other).is_empty(), "neither before nor after");
    // Okta's own, at the same time.
    push(&mut world, okta, group, members(Add, &["u-1", "u-2"]));
    assert_eq!(world.members(group), ["anna", "ben"]);
    // By the id, anybody names anybody.
    push(
        &mut world,
        entra,
        other,
        members(Add, &[&anna.to_string(), &ben.to_string()]),
    );
    assert_eq!(world.members(other), ["anna", "ben"]);
    assert_eq!(waiting(&world), ["anna", "u-1", "u-2"]);
    // What two are called names neither.
    let twice = |id| {
        patch(
            id,
            Kind::User,
            vec![op(Replace, "externalId", &["twin".into()])],
        )
    };
    push(&mut world, okta, group, members(Replace, &["twin"]));
    world.must(okta, twice(anna));
    assert_eq!(world.members(group), ["anna"]);
    world.must(okta, twice(ben));
    assert_eq!(world.members(group), ["anna"]);
    push(&mut world, okta, group, members(Replace, &["twin"]));
    assert!(world.members(group).is_empty());
}

#[test]
fn a_strict_connection_names_those_who_are_there() {
    let (mut world, _, _, _) = tenant();
    let strict = world.connection("strict", "full");
    let kind = op(Replace, "connectionKind", &["strict".into()]);
    let id = strict.record().expect("a connection");
    world.must(Principal::Operator, patch(id, Kind::Connection, vec![kind]));
    let group = world.group(strict, "support", &[]);
    for kind in [Add, Replace] {
        let command = patch(group, Kind::Group, vec![members(kind, &["nobody"])]);
        let refused = world.run(strict, command);
        assert!(
            matches!(refused, Err(Refusal::InvalidValue { .. })),
            "{refused:?}"
        );
    }
    assert!(!push(
        &mut world,
        strict,
        group,
        members(Remove, &["nobody"])
    ));
}

#[test]
fn a_role_is_given_when_its_holder_comes_as_far_as_the_connection_may_give_it() {
    let mut world = World::new(OPBX);
    let full = world.connection("full", "full");
    let small = world.connection("small", "pbx_admin");
    let (owner, admin) = (world.role("owner"), world.role("pbx_admin"));
    for (who, role) in [(full, owner), (small, admin), (full, admin)] {
        push(&mut world, who, role, members(Add, &["u-1"]));
    }
    // One's replace leaves what another waits for.
    push(&mut world, full, admin, members(Replace, &[]));
    assert_eq!(world.now.pending().count(), 2);
    let anna = world.create(small, Kind::User, known_as("anna", "u-1"));
    assert_eq!(world.grants_of(anna), ["pbx_admin by small"]);
    assert_eq!(world.now.pending().count(), 1, "full's");
    let ben = world.create(full, Kind::User, known_as("ben", "u-1"));
    assert_eq!(world.grants_of(ben), ["owner by full"]);
}

#[test]
fn nobody_promises_a_role_that_they_may_not_give() {
    for (own, lower, key, may) in [
        ("full", None, "owner", true),
        ("pbx_admin", None, "owner", false),
        ("pbx_admin", None, "pbx_admin", true),
        ("full", Some("reporter"), "pbx_admin", false),
        ("full", Some("reporter"), "reporter", true),
        ("", Some("full"), "owner", false),
    ] {
        for kind in [Add, Replace] {
            let mut world = World::new(OPBX);
            let okta = world.connection("okta", own);
            world.mandate.ceiling = lower.map(Ceiling::named);
            let role = world.role(key);
            let outcome = world.run(
                okta,
                patch(role, Kind::Group, vec![members(kind, &["u-1"])]),
            );
            let said = format!("{own:?} {lower:?} {key}: {outcome:?}");
            match outcome {
                Ok(_) => assert!(may, "{said}"),
                Err(Refusal::Forbidden(_)) => assert!(!may, "{said}"),
                Err(other) => panic!("{said}: {other}"),
            }
            assert_eq!(waiting(&world).is_empty(), !may, "{said}");
        }
    }
}

#[test]
fn a_promised_role_is_given_by_no_credential_that_may_not_give_it() {
    let low = Mandate {
        ceiling: Some(Ceiling::named("reporter")),
        ..Mandate::default()
    };
    let users = Mandate {
        scopes: Scopes::named(&["users"]),
        ..Mandate::default()
    };
    for (mandate, key, given) in [
        (Mandate::default(), "pbx_admin", true),
        (low.clone(), "pbx_admin", false),
        (low, "reporter", true),
        (users.clone(), "pbx_admin", false),
        (users, "reporter", false),
    ] {
        let mut world = World::new(OPBX);
        let okta = world.connection("okta", "full");
        let ben = world.user_by(okta, "ben", &[]);
        let role = world.role(key);
        push(&mut world, okta, role, members(Add, &["u-1", "u-2"]));
        world.mandate = mandate;
        // A user who is made, and one who is there.
        let anna = world.create(okta, Kind::User, known_as("anna", "u-1"));
        let rename = op(Replace, "externalId", &["u-2".into()]);
        world.must(okta, patch(ben, Kind::User, vec![rename]));
        let told = world.sets.iter().flat_map(|set| &set.audit);
        let refused = told.filter(|entry| matches!(entry.outcome, Outcome::Refused(_)));
        assert_eq!(refused.count(), if given { 0 } else { 2 }, "{key}");
        for user in [anna, ben] {
            assert_eq!(world.grants_of(user).len(), usize::from(given), "{key}");
        }
        assert!(waiting(&world).is_empty());
    }
}

#[test]
fn they_go_with_their_group_and_their_connection() {
    let (mut world, okta, entra, group) = tenant();
    let other = world.group(entra, "other", &[]);
    push(&mut world, okta, group, members(Add, &["a", "b"]));
    push(&mut world, entra, other, members(Add, &["a"]));
    world.must(okta, delete(group, Kind::Group));
    assert_eq!(world.now.pending().count(), 1);
    let entra = entra.record().expect("a connection");
    world.must(Principal::Operator, delete(entra, Kind::Connection));
    assert_eq!(world.now.pending().count(), 0);
}

#[test]
fn a_group_waits_for_so_many_and_no_more() {
    let (mut world, okta, _, group) = tenant();
    let names: Vec<String> = (0..MOST_PENDING + 2).map(|n| format!("u-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let notes = world.notes(okta, &patch(group, Kind::Group, vec![members(Add, &names)]));
    let all = names.len();
    assert_eq!(
        notes,
        [Note::Pending {
            waiting: all,
            left_out: 2
        }]
    );
    push(&mut world, okta, group, members(Add, &names));
    assert_eq!(world.now.pending().count(), MOST_PENDING);
    assert!(!push(&mut world, okta, group, members(Add, &["one more"])));
    // Room that a replace makes can be used by it.
    assert!(push(
        &mut world,
        okta,
        group,
        members(Replace, &["one more"])
    ));
    assert_eq!(waiting(&world), ["one more"]);
}
