//! Extensions and desks that users hold.

use jackfield_directory::{AccessView, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Filter, Id, Kind, KindSet, MatchingRule, Principal, Value};

use crate::world::{OPBX, World, delete, named, op, patch, put, search, with_extensions};

fn two() -> (World, Principal, Id, Id) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let anna = world.create(
        okta,
        Kind::User,
        with_extensions(named("anna"), &["101", "102"]),
    );
    let ben = world.user_by(okta, "ben", &[]);
    (world, okta, anna, ben)
}

/// Numbers, the primary one first and marked.
fn held(world: &World, user: Id) -> Vec<String> {
    let values = world.values(Principal::System, user, attr::EXTENSIONS);
    values
        .iter()
        .filter_map(Value::as_complex)
        .map(|held| {
            let number = held.text(attr::EXTENSIONS_VALUE).unwrap_or_default();
            match held.flag(attr::EXTENSIONS_PRIMARY) {
                Some(true) => format!("{number}!"),
                _ => number.to_owned(),
            }
        })
        .collect()
}

fn extension(number: &str, primary: bool) -> Value {
    Attributes::new()
        .with(attr::EXTENSIONS_VALUE, number)
        .with(attr::EXTENSIONS_PRIMARY, primary)
        .into()
}

#[test]
fn extensions_and_desks_are_found_by_those_who_have_them() {
    let (mut world, okta, anna, ben) = two();
    let lobby = Attributes::new().with(attr::DESKS_VALUE, "Lobby");
    let add = vec![op(Add, "desks", &[lobby.into()])];
    world.must(okta, patch(anna, Kind::User, add));
    // Among so many others an index is asked, not each record.
    world.crowd(40);
    let view = AccessView::everything(Principal::System);
    let places = KindSet::of(&[Kind::Extension, Kind::Desk]);
    // As one look-up, and by going through the holders of each.
    for rule in [MatchingRule::Id, MatchingRule::CaseIgnore] {
        let found = |user| {
            let filter = Filter::equal(attr::HOLDERS, rule, Key::Id(user));
            search(&world.now, &view, places, &filter, None).len()
        };
        assert_eq!((found(anna), found(ben)), (3, 0), "{rule:?}");
    }
}

#[test]
fn the_first_extension_is_the_primary_one_unless_another_is_marked() {
    let (mut world, okta, anna, ben) = two();
    assert_eq!(held(&world, anna), ["101!", "102"]);
    let bag = named("ben")
        .with(
            attr::EXTENSIONS,
            Attributes::new().with(attr::EXTENSIONS_VALUE, "103"),
        )
        .with(
            attr::EXTENSIONS,
            extension("104", true).as_complex().expect("it").clone(),
        );
    world.must(okta, put(ben, Kind::User, bag));
    assert_eq!(held(&world, ben), ["104!", "103"]);
    let add = vec![op(Add, "extensions", &[extension("105", true)])];
    world.must(okta, patch(ben, Kind::User, add));
    assert_eq!(held(&world, ben), ["105!", "103", "104"]);
    let mut both = named("ben");
    both.set(
        attr::EXTENSIONS,
        vec![extension("105", true), extension("103", true)],
    );
    world.must(okta, put(ben, Kind::User, both));
    assert_eq!(held(&world, ben), ["105!", "103"], "one at most");
}

#[test]
fn an_extension_that_somebody_holds_is_taken() {
    let (mut world, okta, anna, ben) = two();
    let inactive = vec![op(Replace, "active", &[false.into()])];
    world.must(okta, patch(anna, Kind::User, inactive));
    for command in [
        put(
            ben,
            Kind::User,
            with_extensions(named("ben"), &["103", "101"]),
        ),
        patch(
            ben,
            Kind::User,
            vec![op(Add, "extensions", &["101".into()])],
        ),
        patch(
            ben,
            Kind::User,
            vec![op(Replace, "extensions", &[extension(" 101 ", true)])],
        ),
        jackfield_directory::Command::Create {
            kind: Kind::User,
            attributes: with_extensions(named("carl"), &["101"]),
        },
    ] {
        let refused = world.run(okta, command);
        assert!(matches!(refused, Err(Refusal::Taken { .. })), "{refused:?}");
        assert!(
            world.now.keyed(Kind::Extension, "103").is_none(),
            "all or nothing"
        );
    }
    // Given up, or left by a deletion, it is free; its record stays.
    let drop = vec![op(Remove, "extensions[value eq \"101\"]", &[])];
    world.must(okta, patch(anna, Kind::User, drop));
    assert_eq!(held(&world, anna), ["102"]);
    let add = patch(
        ben,
        Kind::User,
        vec![op(Add, "extensions", &["101".into()])],
    );
    world.must(okta, add);
    world.must(okta, delete(anna, Kind::User));
    let add = patch(
        ben,
        Kind::User,
        vec![op(Add, "extensions", &["102".into()])],
    );
    world.must(okta, add);
    assert_eq!(held(&world, ben), ["101!", "102"]);
    assert_eq!(world.now.len(Kind::Extension), 2);
}

#[test]
fn several_share_a_desk() {
    let (mut world, okta, anna, ben) = two();
    for user in [anna, ben] {
        let add = vec![op(Add, "desks", &["Lobby".into(), "LOBBY ".into()])];
        world.must(okta, patch(user, Kind::User, add));
        assert_eq!(world.values(okta, user, attr::DESKS).len(), 1);
    }
    assert_eq!(world.now.len(Kind::Desk), 1);
    world.must(
        okta,
        patch(anna, Kind::User, vec![op(Remove, "desks", &[])]),
    );
    assert!(world.values(okta, anna, attr::DESKS).is_empty());
    assert_eq!(world.values(okta, ben, attr::DESKS).len(), 1);
}

#[test]
fn a_place_without_a_name_is_refused() {
    let (mut world, okta, anna, _) = two();
    for path in ["extensions", "desks"] {
        for name in ["", "  "] {
            let add = vec![op(Add, path, &[name.into()])];
            let refused = world.run(okta, patch(anna, Kind::User, add));
            assert!(
                matches!(refused, Err(Refusal::InvalidValue { .. })),
                "{refused:?}"
            );
        }
    }
}
