//! Finding by attributes of a tenant's own, and who reads them.

use jackfield_directory::view::{oneself, phone_book};
use jackfield_directory::{AccessView, Order, Query, Snapshot, Start};
use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::own::{OwnAttribute, Readers};
use jackfield_model::schema::{Index, Type, attr};
use jackfield_model::{Filter, Kind, KindSet, MatchingRule, Timestamp, Value};

use crate::own::{OPERATOR, attr_of, declare, found, of, schemas, text, world};
use crate::world::named;

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
