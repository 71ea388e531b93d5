//! What is made of a large group's members and kept is what would be made anew.

use std::ops::ControlFlow;

use jackfield_directory::{AccessView, AttrSet, Command, Entry};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Id, Kind, KindSet, Principal, Value};

use crate::world::{OPBX, World, declaration, delete, member, op, patch};

/// So many, that what is made of them is kept.
const MANY: usize = 1_000;

/// Who sees inactive users among members, and who does not.
fn views() -> [AccessView; 2] {
    let all = AccessView::everything(Principal::Operator);
    let phone_book = AttrSet::of(&[attr::HOLDERS, attr::USER_NAME]);
    [
        all,
        AccessView {
            attributes: phone_book,
            ..all
        },
    ]
}

/// The names of a group's members as they are kept, and as they are.
fn names(world: &World, view: &AccessView, group: Id) -> (Option<String>, String) {
    let line = |entry: Entry<'_>| world.now.dn(entry.record()) + "\n";
    let record = world.now.record(group).expect("a group");
    let entry = Entry::new(&world.now, view, record);
    let kept = entry.kept_members(&mut |member, octets| octets.extend(line(member).bytes()));
    let kept = kept.map(|octets| String::from_utf8(octets.to_vec()).expect("text"));
    let mut anew = String::new();
    let _ = entry.references(attr::HOLDERS, &mut |member| {
        anew += &line(member);
        ControlFlow::Continue(())
    });
    (kept, anew)
}

#[test]
fn a_large_group_is_shown_with_the_members_it_has_whatever_was_kept_of_it() {
    let mut world = World::new(OPBX);
    let operator = Principal::Operator;
    let users: Vec<Id> = (0..=MANY)
        .map(|n| world.user(&format!("user{n}"), &[]))
        .collect();
    let late = world.user("late", &[]);
    let group = world.group(operator, "everybody", &users);
    let other = world.group(operator, "others", &[]);
    let text = |text: &str| [Value::from(text)];
    let members = |id| [Value::from(member(id))];
    let of_group = |op| patch(group, Kind::Group, vec![op]);
    let of_user = |op| patch(users[7], Kind::User, vec![op]);
    let mut settings = declaration(OPBX, &[]);
    settings.settings.suffix = Dn::parse("o=acme").expect("a name");

    // Each change, and whether the members can be kept after it.
    let changes: [(&str, Command, bool); 9] = [
        (
            "a member comes",
            of_group(op(Add, "members", &members(late))),
            true,
        ),
        (
            "a member goes",
            of_group(op(Remove, "members", &members(users[3]))),
            true,
        ),
        (
            "a member is renamed",
            of_user(op(Replace, "userName", &text("renamed"))),
            true,
        ),
        (
            "a member leaves",
            of_user(op(Replace, "active", &[Value::Bool(false)])),
            true,
        ),
        (
            "a member is back",
            of_user(op(Replace, "active", &[Value::Bool(true)])),
            true,
        ),
        ("a member is deleted", delete(users[9], Kind::User), true),
        ("the tree moves", Command::Declare(Box::new(settings)), true),
        (
            "a group is among them",
            of_group(op(Add, "members", &members(other))),
            false,
        ),
        (
            "few are left",
            of_group(op(Replace, "members", &members(late))),
            false,
        ),
    ];
    for (what, command, is_kept) in changes {
        let kept_before: Vec<_> = views()
            .iter()
            .map(|view| names(&world, view, group))
            .collect();
        assert!(
            kept_before
                .iter()
                .all(|(kept, anew)| kept.as_ref().is_none_or(|it| it == anew))
        );
        world.must(operator, command);
        for view in views() {
            let (kept, anew) = names(&world, &view, group);
            assert_eq!(kept, is_kept.then_some(anew), "{what}");
        }
    }
}

#[test]
fn a_reader_who_does_not_see_all_kinds_of_members_is_not_given_what_others_made() {
    let mut world = World::new(OPBX);
    let users: Vec<Id> = (0..MANY)
        .map(|n| world.user(&format!("user{n}"), &[]))
        .collect();
    let group = world.group(Principal::Operator, "everybody", &users);
    let [all, _] = views();
    let blind = AccessView {
        kinds: KindSet::of(&[Kind::Group]),
        ..all
    };
    assert!(names(&world, &all, group).0.is_some());
    assert_eq!(names(&world, &blind, group), (None, String::new()));
    let unreadable = AccessView {
        attributes: AttrSet::of(&[attr::USER_NAME]),
        own: AttrSet::NONE,
        ..all
    };
    assert_eq!(names(&world, &unreadable, group), (None, String::new()));
}
