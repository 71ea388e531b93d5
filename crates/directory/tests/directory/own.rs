//! Attributes of a tenant's own: declaring them, what they ask of records, finding by them.

use jackfield_directory::view::{oneself, phone_book};
use jackfield_directory::{AccessView, Command, Order, Query, Refusal, Snapshot, Start};
use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::rule::Key;
use jackfield_model::schema::own::{MOST, OwnAttribute, OwnSchema, Readers};
use jackfield_model::schema::{Index, Mutability, Type, Uniqueness, attr};
use jackfield_model::{
    AttrId, Attributes, Filter, Id, Kind, KindSet, MatchingRule, OwnSchemas, Principal, Timestamp,
    Value,
};

use crate::world::{OPBX, World, declaration, delete, named, patch, put, put_keeping, search};

const HR: &str = "urn:acme:params:scim:schemas:hr:2.0:User";
const OPERATOR: Principal = Principal::Operator;

fn text(name: &str) -> OwnAttribute {
    OwnAttribute::new(name, Type::String)
}

fn of(name: &str, ty: Type) -> OwnAttribute {
    OwnAttribute::new(name, ty)
}

fn schemas(attributes: Vec<OwnAttribute>) -> OwnSchemas {
    OwnSchemas(vec![OwnSchema {
        urn: HR.into(),
        name: "HR".into(),
        description: "What HR knows".into(),
        kind: Kind::User,
        attributes,
    }])
}

fn declare(world: &mut World, schemas: OwnSchemas) -> Result<bool, Refusal> {
    let mut declared = declaration(OPBX, &[]);
    declared.schemas = schemas;
    let outcome = world.run(Principal::Config, Command::Declare(Box::new(declared)))?;
    Ok(outcome.changed)
}

fn world(attributes: Vec<OwnAttribute>) -> World {
    let mut world = World::new(OPBX);
    declare(&mut world, schemas(attributes)).unwrap();
    world
}

#[track_caller]
fn attr_of(world: &World, name: &str) -> AttrId {
    let registry = world.now.registry();
    let hr = registry.schema(HR).expect("the schema");
    registry.attribute(hr, name).expect("the attribute")
}

#[track_caller]
fn sub_of(world: &World, name: &str, sub: &str) -> AttrId {
    let parent = attr_of(world, name);
    world.now.registry().child(Some(parent), sub).expect("it")
}

fn op(kind: PatchKind, attr: AttrId, values: &[Value]) -> PatchOp {
    PatchOp {
        kind,
        path: Path {
            attr,
            filter: None,
            sub: None,
            text: "own".into(),
        },
        values: values.to_vec(),
        create_missing: false,
    }
}

fn found(snapshot: &Snapshot, filter: &Filter) -> usize {
    let view = AccessView::everything(Principal::System);
    search(snapshot, &view, KindSet::of(&[Kind::User]), filter, None).len()
}

fn equal(attr: AttrId, text: &str) -> Filter {
    let key = MatchingRule::CaseIgnore.key(text).unwrap();
    Filter::equal(attr, MatchingRule::CaseIgnore, Key::Text(key))
}

fn refused(outcome: Result<impl std::fmt::Debug, Refusal>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn what_is_declared_again_changes_nothing() {
    let mut world = world(vec![text("badge"), text("team")]);
    let badge = attr_of(&world, "badge");
    let same = schemas(vec![text("badge"), text("team")]);
    assert!(!declare(&mut world, same).unwrap());
    let more = schemas(vec![text("about"), text("badge"), text("team")]);
    assert!(declare(&mut world, more).unwrap());
    assert_eq!(attr_of(&world, "badge"), badge, "a number stays");
    assert_ne!(attr_of(&world, "about"), badge);
}

#[test]
fn what_is_held_is_hidden_and_comes_back_with_its_values() {
    let mut world = world(vec![text("badge"), text("team")]);
    let badge = attr_of(&world, "badge");
    let anna = world.create(OPERATOR, Kind::User, named("anna").with(badge, "B-1"));
    declare(&mut world, schemas(vec![text("team")])).unwrap();
    let registry = world.now.registry();
    assert!(registry.get(badge).is_none());
    // Neither a PUT that cannot name it nor a PATCH loses it.
    world.must(OPERATOR, put(anna, Kind::User, named("anne")));
    let team = attr_of(&world, "team");
    let ops = vec![op(Add, team, &["red".into()])];
    world.must(OPERATOR, patch(anna, Kind::User, ops));
    declare(&mut world, OwnSchemas::default()).unwrap();
    let back = schemas(vec![text("badge"), text("team")]);
    declare(&mut world, back).unwrap();
    assert_eq!(attr_of(&world, "badge"), badge);
    for (name, value) in [("badge", "B-1"), ("team", "red")] {
        let attr = attr_of(&world, name);
        let values = world.values(OPERATOR, anna, attr);
        assert_eq!(values, [Value::from(value)], "{name}");
    }
    assert_eq!(found(&world.now, &equal(badge, "b-1")), 1);
}

#[test]
fn a_number_is_free_once_nobody_holds_a_value() {
    let mut world = world(vec![text("badge")]);
    let badge = attr_of(&world, "badge");
    let anna = world.create(OPERATOR, Kind::User, named("anna").with(badge, "B-1"));
    for name in ["one", "two"] {
        declare(&mut world, schemas(vec![text(name)])).unwrap();
        assert_ne!(attr_of(&world, name), badge);
    }
    world.must(OPERATOR, delete(anna, Kind::User));
    declare(&mut world, OwnSchemas::default()).unwrap();
    assert!(world.now.schemas().0.is_empty());
}

#[test]
fn there_is_room_for_so_many() {
    let attributes = |from: usize, to: usize| {
        let names = (from..to).map(|number| text(&format!("a{number}")));
        schemas(names.collect())
    };
    let mut world = World::new(OPBX);
    declare(&mut world, attributes(0, MOST)).unwrap();
    let refusal = refused(declare(&mut world, attributes(0, MOST + 1)));
    assert!(refusal.contains("64"), "{refusal}");
    let last = attr_of(&world, "a63");
    world.create(OPERATOR, Kind::User, named("anna").with(last, "x"));
    // All others are renamed; who is held keeps its place, hidden, and there is room for 63.
    let refusal = refused(declare(&mut world, attributes(100, 100 + MOST)));
    assert!(refusal.contains("no longer declared"), "{refusal}");
    declare(&mut world, attributes(100, 100 + MOST - 1)).unwrap();
}

#[test]
fn a_definition_that_does_not_fit_what_people_hold_is_refused() {
    let complex = |subs: &[&str]| OwnAttribute {
        multi_valued: true,
        sub: subs.iter().map(|name| text(name)).collect(),
        ..of("car", Type::Complex)
    };
    let many = |attribute| OwnAttribute {
        multi_valued: true,
        ..attribute
    };
    let unique = |attribute| OwnAttribute {
        uniqueness: Uniqueness::Server,
        ..attribute
    };
    let before = || {
        vec![
            many(text("badge")),
            complex(&["plate", "colour"]),
            text("team"),
        ]
    };
    let mut world = world(before());
    let (badge, car, team) = (
        attr_of(&world, "badge"),
        attr_of(&world, "car"),
        attr_of(&world, "team"),
    );
    let plate = sub_of(&world, "car", "plate");
    for name in ["anna", "ben"] {
        let bag = named(name)
            .with(badge, "1")
            .with(badge, "2")
            .with(team, "red")
            .with(car, Attributes::new().with(plate, "B-AA 1"));
        world.create(OPERATOR, Kind::User, bag);
    }
    for (after, expected) in [
        (
            vec![text("badge"), complex(&["plate", "colour"]), text("team")],
            "2 users have values",
        ),
        (
            vec![
                many(of("badge", Type::Integer)),
                complex(&["plate"]),
                text("team"),
            ],
            "hr:2.0:User:badge",
        ),
        (
            vec![many(text("badge")), complex(&["colour"]), text("team")],
            "hr:2.0:User:car",
        ),
        (
            vec![many(text("badge")), many(text("car")), text("team")],
            "hr:2.0:User:car",
        ),
        (
            vec![
                many(text("badge")),
                complex(&["plate"]),
                unique(text("team")),
            ],
            "others have, too",
        ),
    ] {
        let revision = world.now.revision();
        let refusal = refused(declare(&mut world, schemas(after)));
        assert!(refusal.contains(expected), "{expected}: {refusal}");
        assert_eq!(world.now.revision(), revision);
    }
    // What nobody holds may go, and what fits may come.
    let after = vec![
        many(of("badge", Type::Reference)),
        complex(&["plate"]),
        many(text("team")),
    ];
    declare(&mut world, schemas(after)).unwrap();
    let badge = attr_of(&world, "badge");
    assert_eq!(found(&world.now, &Filter::Present(badge)), 2);
}

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
fn indexed_and_not_they_are_found_and_put_in_order_alike() {
    let all = |index: Index| {
        let indexed = |attribute| OwnAttribute { index, ..attribute };
        vec![
            indexed(text("badge")),
            indexed(of("floor", Type::Integer)),
            indexed(of("hired", Type::DateTime)),
        ]
    };
    let mut world = world(all(Index::None));
    world.crowd(60);
    let (badge, floor, hired) = (
        attr_of(&world, "badge"),
        attr_of(&world, "floor"),
        attr_of(&world, "hired"),
    );
    for number in 0..20i64 {
        let bag = named(&format!("u{number}"))
            .with(badge, format!("B-{number:03}").as_str())
            .with(floor, number - 10)
            .with(hired, Value::Time(Timestamp(number * 1_000_000)));
        world.create(OPERATOR, Kind::User, bag);
    }
    let moment = |seconds: i64| Key::Time(Timestamp(seconds * 1_000_000));
    let part = |any: &str| {
        Assertion::Substring(Substring {
            any: vec![any.into()],
            ..Substring::default()
        })
    };
    let questions = [
        (badge, MatchingRule::CaseIgnore, part("-01"), 10),
        (
            badge,
            MatchingRule::CaseIgnore,
            Assertion::Less(Key::Text("b-005".into())),
            5,
        ),
        (
            floor,
            MatchingRule::Integer,
            Assertion::Equal(Key::Int(-3)),
            1,
        ),
        (
            floor,
            MatchingRule::Integer,
            Assertion::Less(Key::Int(0)),
            10,
        ),
        (
            floor,
            MatchingRule::Integer,
            Assertion::GreaterOrEqual(Key::Int(8)),
            2,
        ),
        (hired, MatchingRule::Time, Assertion::Equal(moment(4)), 1),
        (hired, MatchingRule::Time, Assertion::Greater(moment(4)), 15),
    ];
    for index in [Index::None, Index::Exact, Index::Text] {
        if index != Index::None {
            declare(&mut world, schemas(all(index))).unwrap();
        }
        // Folded from nothing it has the same indexes as after the edit.
        let mut folded = Snapshot::empty();
        world.sets.iter().for_each(|set| folded.apply(set).unwrap());
        for snapshot in [&world.now, &folded] {
            for (attr, rule, assertion, expected) in &questions {
                let filter = Filter::Match(*attr, *rule, assertion.clone());
                assert_eq!(found(snapshot, &filter), *expected, "{index:?} {filter:?}");
            }
        }
    }
    let view = AccessView::everything(OPERATOR);
    let query = Query {
        kinds: KindSet::of(&[Kind::User]),
        only: None,
        filter: &Filter::Present(floor),
        order: Order::By {
            attr: floor,
            descending: true,
        },
        start: Start::FIRST,
        limit: 2,
        count: true,
        stop: &|| false,
    };
    let page = world.now.search(&view, &query).unwrap();
    let names: Vec<_> = page
        .numbers
        .iter()
        .filter_map(|number| world.now.numbered(*number)?.login())
        .collect();
    assert_eq!(names, ["u19", "u18"]);
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
fn who_may_read_it_is_as_the_file_says() {
    let for_whom = |name, readers| OwnAttribute {
        readers,
        ..text(name)
    };
    let world = world(vec![
        for_whom("all", Readers::PhoneBook),
        for_whom("own", Readers::Person),
        for_whom("admin", Readers::Administrators),
    ]);
    let registry = world.now.registry();
    for (name, phone, own) in [
        ("all", true, true),
        ("own", false, true),
        ("admin", false, false),
    ] {
        let attr = attr_of(&world, name);
        assert_eq!(phone_book(registry).contains(attr), phone, "{name}");
        assert_eq!(oneself(registry).contains(attr), own, "{name}");
    }
    assert!(oneself(registry).contains(attr::ROLES));
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
