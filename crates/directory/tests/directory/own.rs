//! Attributes of a tenant's own: declaring them, and declaring others.

use jackfield_directory::{AccessView, Command, Refusal, Snapshot};
use jackfield_model::path::PatchKind::Add;
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::rule::Key;
use jackfield_model::schema::own::{MOST, OwnAttribute, OwnSchema};
use jackfield_model::schema::{Type, Uniqueness};
use jackfield_model::{
    AttrId, Attributes, Filter, Kind, KindSet, MatchingRule, OwnSchemas, Principal, Value,
};

use crate::world::{OPBX, World, declaration, delete, named, patch, put, search};

pub(crate) const HR: &str = "urn:acme:params:scim:schemas:hr:2.0:User";

pub(crate) const OPERATOR: Principal = Principal::Operator;

pub(crate) fn text(name: &str) -> OwnAttribute {
    OwnAttribute::new(name, Type::String)
}

pub(crate) fn of(name: &str, ty: Type) -> OwnAttribute {
    OwnAttribute::new(name, ty)
}

pub(crate) fn schemas(attributes: Vec<OwnAttribute>) -> OwnSchemas {
    OwnSchemas(vec![OwnSchema {
        urn: HR.into(),
        name: "HR".into(),
        description: "What HR knows".into(),
        kind: Kind::User,
        attributes,
    }])
}

pub(crate) fn declare(world: &mut World, schemas: OwnSchemas) -> Result<bool, Refusal> {
    let mut declared = declaration(OPBX, &[]);
    declared.schemas = schemas;
    let outcome = world.run(Principal::Config, Command::Declare(Box::new(declared)))?;
    Ok(outcome.changed)
}

pub(crate) fn world(attributes: Vec<OwnAttribute>) -> World {
    let mut world = World::new(OPBX);
    declare(&mut world, schemas(attributes)).unwrap();
    world
}

#[track_caller]
pub(crate) fn attr_of(world: &World, name: &str) -> AttrId {
    let registry = world.now.registry();
    let hr = registry.schema(HR).expect("the schema");
    registry.attribute(hr, name).expect("the attribute")
}

#[track_caller]
pub(crate) fn sub_of(world: &World, name: &str, sub: &str) -> AttrId {
    let parent = attr_of(world, name);
    world.now.registry().child(Some(parent), sub).expect("it")
}

pub(crate) fn op(kind: PatchKind, attr: AttrId, values: &[Value]) -> PatchOp {
    PatchOp {
        kind,
        path: Path {
            attr,
            filter: None,
            sub: None,
            text: "own".into(),
        },
        values: values.to_vec(),
        missing: None,
    }
}

pub(crate) fn found(snapshot: &Snapshot, filter: &Filter) -> usize {
    let view = AccessView::everything(Principal::System);
    search(snapshot, &view, KindSet::of(&[Kind::User]), filter, None).len()
}

pub(crate) fn equal(attr: AttrId, text: &str) -> Filter {
    let key = MatchingRule::CaseIgnore.key(text).unwrap();
    Filter::equal(attr, MatchingRule::CaseIgnore, Key::Text(key))
}

pub(crate) fn refused(outcome: Result<impl std::fmt::Debug, Refusal>) -> String {
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
