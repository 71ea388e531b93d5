//! How much a record holds, and what names are made of.

use jackfield_directory::Refusal;
use jackfield_directory::plan::{LONGEST_SHOWN, LONGEST_TEXT, MOST_VALUES, MOST_VISITED};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Id, Kind, Principal, Record, Value};

use crate::world::{OPBX, World, named, op, patch, put};

const ACTOR: Principal = Principal::Operator;

fn emails(count: usize) -> Vec<Value> {
    let email = |n| Attributes::new().with(attr::EMAILS_VALUE, &*format!("{n}@example.com"));
    (0..count).map(|n| email(n).into()).collect()
}

fn with(attr: AttrId, values: Vec<Value>) -> Attributes {
    let mut bag = named("anna");
    bag.set(attr, values);
    bag
}

/// The path and the problem of a value that is refused, by each way in which it can come.
fn refusals(attr: AttrId, path: &str, values: &[Value]) -> Vec<(String, String)> {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &[]);
    let mut made = with(attr, values.to_vec());
    if attr != attr::USER_NAME {
        made.put(attr::USER_NAME, "ben");
    }
    let create = jackfield_directory::Command::Create {
        kind: Kind::User,
        attributes: made,
    };
    let whole = op(Replace, path, values);
    let commands = [
        create,
        put(anna, Kind::User, with(attr, values.to_vec())),
        patch(anna, Kind::User, vec![whole]),
        patch(anna, Kind::User, vec![op(Add, path, values)]),
    ];
    let refused = commands.map(|command| match world.fork().run(ACTOR, command) {
        Err(Refusal::InvalidValue { path, problem }) => Some((path, problem)),
        Err(other) => panic!("{path}: {other}"),
        Ok(_) => None,
    });
    refused.into_iter().flatten().collect()
}

#[test]
fn an_attribute_has_so_many_values_and_no_more() {
    let role = |n: usize| Attributes::new().with(attr::ROLES_VALUE, &*format!("r{n}"));
    let roles: Vec<Value> = (0..=MOST_VALUES).map(|n| role(n).into()).collect();
    let desk = |n: usize| Attributes::new().with(attr::DESKS_VALUE, &*format!("d{n}"));
    let desks: Vec<Value> = (0..=MOST_VALUES).map(|n| desk(n).into()).collect();
    for (attr, path, values) in [
        (attr::EMAILS, "emails", emails(MOST_VALUES + 1)),
        (attr::ROLES, "roles", roles),
        (attr::DESKS, "desks", desks),
    ] {
        let refused = refusals(attr, path, &values);
        assert_eq!(refused.len(), 4, "{path}");
        for (named, problem) in refused {
            assert_eq!(named, path);
            assert!(problem.contains(&MOST_VALUES.to_string()), "{problem}");
        }
        let fewer = values.get(1..).expect("so many");
        assert_eq!(refusals(attr, path, fewer), [], "{path}");
    }
}

#[test]
fn members_are_no_values_of_a_group() {
    let mut world = World::new(OPBX);
    let users: Vec<Id> = (0..=MOST_VALUES)
        .map(|n| world.user(&format!("u{n}"), &[]))
        .collect();
    let group = world.group(ACTOR, "all", &users);
    assert_eq!(world.members(group).len(), MOST_VALUES + 1);
}

#[test]
fn a_list_of_what_goes_may_be_long() {
    let mut world = World::new(OPBX);
    let anna = world.create(ACTOR, Kind::User, with(attr::EMAILS, emails(MOST_VALUES)));
    let gone = op(Remove, "emails", &emails(200_000));
    world.must(ACTOR, patch(anna, Kind::User, vec![gone]));
    assert_eq!(world.record(anna).attributes.values(attr::EMAILS), []);
}

#[test]
fn texts_are_so_long_and_no_longer_and_names_are_of_what_can_be_shown() {
    let name = |part: AttrId, text: &str| Value::from(Attributes::new().with(part, text));
    let long = |many: usize| "ä".repeat(many);
    let shown = format!("longer than {LONGEST_SHOWN}");
    let text = format!("longer than {LONGEST_TEXT}");
    for (attr, path, value, problem) in [
        (attr::USER_NAME, "userName", long(256).as_str().into(), None),
        (
            attr::USER_NAME,
            "userName",
            long(257).as_str().into(),
            Some(&*shown),
        ),
        (
            attr::DISPLAY_NAME,
            "displayName",
            long(257).as_str().into(),
            Some(&*shown),
        ),
        (
            attr::DISPLAY_NAME,
            "displayName",
            "a\r\nb".into(),
            Some("control"),
        ),
        (
            attr::DISPLAY_NAME,
            "displayName",
            "a\u{85}b".into(),
            Some("control"),
        ),
        (
            attr::DISPLAY_NAME,
            "displayName",
            "👩\u{200d}👧".into(),
            None,
        ),
        (attr::TITLE, "title", "a\tb".into(), Some("control")),
        (
            attr::NAME,
            "name",
            name(attr::NAME_GIVEN_NAME, &long(257)),
            Some(&*shown),
        ),
        (
            attr::NAME,
            "name",
            name(attr::NAME_FAMILY_NAME, "x\u{0}"),
            Some("control"),
        ),
        (
            attr::NICK_NAME,
            "nickName",
            long(8_192).as_str().into(),
            None,
        ),
        (
            attr::NICK_NAME,
            "nickName",
            long(8_193).as_str().into(),
            Some(&*text),
        ),
        (attr::DESCRIPTION, "description", "one\n\ttwo".into(), None),
        (
            attr::EMAILS,
            "emails",
            name(attr::EMAILS_VALUE, &long(8_193)),
            Some(&*text),
        ),
        (
            attr::PHOTOS,
            "photos",
            name(attr::PHOTOS_VALUE, &long(100_000)),
            None,
        ),
    ] {
        let refused = refusals(attr, path, &[value]);
        assert_eq!(
            refused.len(),
            problem.map_or(0, |_| 4),
            "{path}: {refused:?}"
        );
        for (named, found) in refused {
            assert!(named.starts_with(path), "{named}");
            assert!(found.contains(problem.unwrap_or_default()), "{found}");
        }
    }
}

#[test]
fn what_is_there_stays_until_it_is_changed() {
    let mut world = World::new(OPBX);
    let anna = world.user("anna", &[]);
    // As an older version kept it.
    let old = Record {
        attributes: with(attr::EMAILS, emails(2 * MOST_VALUES)).with(attr::DISPLAY_NAME, "a\nb"),
        ..world.record(anna).clone()
    };
    let kept = jackfield_model::Change::PutRecord(old.clone().into());
    world.now.apply_changes([&kept]).expect("it fits");
    world.now.settle();
    let title = op(Replace, "title", &["Dr".into()]);
    world.must(ACTOR, patch(anna, Kind::User, vec![title]));
    world.must(ACTOR, put(anna, Kind::User, old.attributes.clone()));
    let fewer = op(Remove, "emails", &emails(1));
    world.must(ACTOR, patch(anna, Kind::User, vec![fewer]));
    let more = emails(2 * MOST_VALUES + 1);
    let more = op(Replace, "emails", &more);
    assert!(
        world
            .run(ACTOR, patch(anna, Kind::User, vec![more]))
            .is_err()
    );
}

#[test]
fn what_is_wrong_with_a_place_is_said_of_what_the_client_named() {
    for (path, value, attr) in [
        ("extensions", attr::EXTENSIONS_VALUE, attr::EXTENSIONS),
        ("desks", attr::DESKS_VALUE, attr::DESKS),
    ] {
        for name in [" ", "a\nb", &"x".repeat(300)] {
            let element = Attributes::new().with(value, name);
            let refused = refusals(attr, path, &[element.into()]);
            let named: Vec<&str> = refused.iter().map(|(path, _)| path.as_str()).collect();
            let part = format!("{path}.value");
            assert_eq!(named, [&*part, &*part, path, path], "{name:?}");
        }
    }
}

#[test]
fn the_operations_of_a_patch_look_at_so_many_values() {
    let mut world = World::new(OPBX);
    let anna = world.create(ACTOR, Kind::User, with(attr::EMAILS, emails(MOST_VALUES)));
    let ben = world.user("ben", &[]);
    let users: Vec<Id> = (0..100)
        .map(|n| world.user(&format!("u{n}"), &[]))
        .collect();
    let group = world.group(ACTOR, "all", &users);
    let one = |path: &str| op(Remove, path, &[]);
    let named = format!("members[value eq \"{}\"]", users[0]);
    let most = MOST_VISITED / MOST_VALUES;
    let display = "emails[type eq \"work\"].display";
    let each: Vec<_> = emails(MOST_VALUES)
        .into_iter()
        .map(|it| op(Add, "emails", &[it]))
        .collect();
    for (id, kind, ops, may) in [
        (anna, Kind::User, vec![one(display); most], true),
        (anna, Kind::User, vec![one(display); most + 1], false),
        (ben, Kind::User, each, true),
        (ben, Kind::User, vec![one(display); 2 * most], true),
        (
            group,
            Kind::Group,
            vec![one("members[type eq \"Group\"]"); MOST_VISITED / 100 + 1],
            false,
        ),
        (
            group,
            Kind::Group,
            vec![one(&named); MOST_VISITED / 100 + 1],
            true,
        ),
    ] {
        let outcome = world.fork().run(ACTOR, patch(id, kind, ops));
        match outcome {
            Ok(_) => assert!(may),
            Err(Refusal::InvalidValue { problem, .. }) => assert!(!may, "{problem}"),
            Err(other) => panic!("{other}"),
        }
    }
}
