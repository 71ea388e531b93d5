//! What attributes of a tenant's own ask of records.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::own::OwnAttribute;
use jackfield_model::schema::{Mutability, Type, Uniqueness};
use jackfield_model::{Attributes, Id, Kind, Value};

use crate::own::{HR, OPERATOR, attr_of, equal, found, of, op, refused, sub_of, text, world};
use crate::world::{World, named, patch, put, put_keeping};

#[test]
fn a_unique_value_is_had_by_one() {
    let unique = |name, ty| OwnAttribute {
        uniqueness: Uniqueness::Server,
        ..of(name, ty)
    };
    let exact = OwnAttribute {
        case_exact: true,
        ..unique("key", Type::String)
    };
    let mut world = world(vec![
        unique("badge", Type::String),
        unique("pin", Type::Integer),
        exact,
    ]);
    let (badge, pin, key) = (
        attr_of(&world, "badge"),
        attr_of(&world, "pin"),
        attr_of(&world, "key"),
    );
    let bag = named("anna")
        .with(badge, "B-1")
        .with(pin, 7i64)
        .with(key, "k");
    let anna = world.create(OPERATOR, Kind::User, bag);
    let ben = |attr, value: Value| {
        let attributes = named("ben").with(attr, value);
        let command = Command::Create {
            kind: Kind::User,
            attributes,
        };
        world.fork().run(OPERATOR, command).map(|_| ())
    };
    for (attr, value) in [
        (badge, Value::from(" b-1 ")),
        (pin, 7i64.into()),
        (key, "k".into()),
    ] {
        let refusal = ben(attr, value).unwrap_err();
        let Refusal::Taken { attribute, .. } = refusal else {
            panic!("{refusal}");
        };
        assert!(attribute.starts_with(HR), "{attribute}");
    }
    for (attr, value) in [
        (badge, Value::from("B-2")),
        (pin, 8i64.into()),
        (key, "K".into()),
    ] {
        ben(attr, value).unwrap();
    }
    // One's own value is no other's.
    let ops = vec![op(Replace, badge, &["b-1".into()])];
    world.must(OPERATOR, patch(anna, Kind::User, ops));
}

#[test]
fn required_and_immutable_hold_within_the_schema() {
    let required = OwnAttribute {
        required: true,
        ..text("badge")
    };
    let fixed = OwnAttribute {
        mutability: Mutability::Immutable,
        ..text("hired")
    };
    let mut world = world(vec![required, fixed, text("team")]);
    let (badge, hired, team) = (
        attr_of(&world, "badge"),
        attr_of(&world, "hired"),
        attr_of(&world, "team"),
    );
    // Who has nothing of the schema lacks nothing of it (RFC 7643 §6).
    let anna = world.user("anna", &[]);
    let patch = |world: &mut World, ops| world.run(OPERATOR, patch(anna, Kind::User, ops));
    let refusal = refused(patch(&mut world, vec![op(Add, team, &["red".into()])]));
    assert!(refusal.contains("badge: is required"), "{refusal}");
    let both = vec![
        op(Add, badge, &["B-1".into()]),
        op(Add, hired, &["2026".into()]),
    ];
    patch(&mut world, both).unwrap();
    let refusal = refused(patch(&mut world, vec![op(Remove, badge, &[])]));
    assert!(refusal.contains("is required"), "{refusal}");
    for ops in [
        vec![op(Remove, hired, &[])],
        vec![op(Replace, hired, &["2027".into()])],
    ] {
        let outcome = patch(&mut world, ops);
        assert!(
            matches!(outcome, Err(Refusal::Mutability { .. })),
            "{outcome:?}"
        );
    }
    let bag = named("anna").with(badge, "B-1");
    world.must(OPERATOR, put(anna, Kind::User, bag));
    let values = world.values(OPERATOR, anna, hired);
    assert_eq!(values, ["2026".into()], "a PUT cannot clear it");
    world.must(
        OPERATOR,
        put_keeping(anna, Kind::User, named("anna"), &[badge]),
    );
    assert_eq!(world.values(OPERATOR, anna, badge), ["B-1".into()]);
}

#[test]
fn a_value_of_another_type_is_refused() {
    let mut world = world(vec![of("floor", Type::Integer)]);
    let floor = attr_of(&world, "floor");
    let attributes = named("anna").with(floor, "third");
    let command = Command::Create {
        kind: Kind::User,
        attributes,
    };
    let refusal = refused(world.run(OPERATOR, command));
    assert!(refusal.contains("floor"), "{refusal}");
}

#[test]
fn a_patch_of_a_complex_attribute_works_as_on_the_products_own() {
    let sub = vec![text("value"), text("type"), of("primary", Type::Boolean)];
    let car = OwnAttribute {
        multi_valued: true,
        sub,
        ..of("car", Type::Complex)
    };
    let mut world = world(vec![car]);
    let car = attr_of(&world, "car");
    let sub = |name| sub_of(&world, "car", name);
    let (value, ty, primary) = (sub("value"), sub("type"), sub("primary"));
    let one = |plate: &str, kind: &str| {
        let bag = Attributes::new().with(value, plate).with(ty, kind);
        Value::from(bag.with(primary, true))
    };
    let bag = named("anna").with(car, one("B 1", "own"));
    let anna = world.create(OPERATOR, Kind::User, bag);
    let add = op(Add, car, &[one("B 2", "company")]);
    let mut change = op(Replace, car, &["B 3".into()]);
    change.path.filter = Some(equal(ty, "OWN"));
    change.path.sub = Some(value);
    world.must(OPERATOR, patch(anna, Kind::User, vec![add, change]));
    let shown: Vec<_> = world
        .values(OPERATOR, anna, car)
        .iter()
        .filter_map(Value::as_complex)
        .map(|car| (car.text(value).unwrap().to_owned(), car.flag(primary)))
        .collect();
    assert_eq!(
        shown,
        [
            ("B 3".to_owned(), Some(false)),
            ("B 2".to_owned(), Some(true))
        ]
    );
    assert_eq!(found(&world.now, &equal(value, "b 2")), 1, "of any element");
    let remove = op(Remove, car, &[Attributes::new().with(value, "b 2").into()]);
    world.must(OPERATOR, patch(anna, Kind::User, vec![remove]));
    assert_eq!(world.values(OPERATOR, anna, car).len(), 1);
}

#[test]
fn the_audit_log_names_it_with_its_schema() {
    let mut world = world(vec![text("badge")]);
    let badge = attr_of(&world, "badge");
    let told = |world: &World| -> Vec<String> {
        let audit = &world.sets.last().unwrap().audit;
        let changes = audit.iter().flat_map(|entry| &entry.changes);
        changes.map(|change| change.attribute.clone()).collect()
    };
    assert_eq!(told(&world), [format!("{HR}:badge")]);
    let _: Id = world.create(OPERATOR, Kind::User, named("anna").with(badge, "B-1"));
    assert!(told(&world).contains(&format!("{HR}:badge")));
}
