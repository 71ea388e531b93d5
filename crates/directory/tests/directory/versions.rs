//! What makes a revision, and whose version changes.

use jackfield_directory::{Command, Precondition, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal, Revision};

use crate::world::{
    OPBX, World, delete, member, named, op, patch, put, put_keeping, role, with_extensions,
    with_members, with_roles,
};

struct Cast {
    world: World,
    okta: Principal,
    anna: Id,
    ben: Id,
    sales: Id,
}

fn cast() -> Cast {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let bag = with_extensions(named("anna").with(attr::TITLE, "Manager"), &["101"]);
    let bag = with_roles(bag, &["reporter", "chess club"]);
    let anna = world.create(okta, Kind::User, bag.with(attr::EXTERNAL_ID, "1"));
    let ben = world.user_by(okta, "ben", &[]);
    let sales = world.group(okta, "sales", &[anna]);
    Cast {
        world,
        okta,
        anna,
        ben,
        sales,
    }
}

/// A case: what it is called, the command, and which records then have a new version.
type Case = (&'static str, fn(&Cast) -> Command, &'static [&'static str]);

#[test]
fn a_write_touches_what_looks_different_and_nothing_else() {
    let cases: [Case; 14] = [
        ("a new member", |c| add_members(c.sales, c.ben), &["sales"]),
        (
            "a member gone",
            |c| patch(c.sales, Kind::Group, vec![op(Remove, "members", &[])]),
            &["sales"],
        ),
        (
            "another name",
            |c| put_keeping(c.sales, Kind::Group, display("other"), &[attr::MEMBERS]),
            &["other"],
        ),
        (
            "a grant by the role's group",
            |c| add_members(c.world.role("reporter"), c.ben),
            &["reporter"],
        ),
        (
            "a grant by the user",
            |c| {
                patch(
                    c.ben,
                    Kind::User,
                    vec![op(Add, "roles", &[role("pbx_admin")])],
                )
            },
            &["pbx_admin"],
        ),
        (
            "grants exchanged",
            |c| {
                put(
                    c.anna,
                    Kind::User,
                    with_roles(anna_s_bag(), &["pbx_admin", "chess club"]),
                )
            },
            &["pbx_admin", "reporter"],
        ),
        (
            "an extension",
            |c| {
                patch(
                    c.ben,
                    Kind::User,
                    vec![op(Add, "extensions", &["102".into()])],
                )
            },
            &["ben", "102"],
        ),
        (
            "an extension gone",
            |c| patch(c.anna, Kind::User, vec![op(Remove, "extensions", &[])]),
            &["anna"],
        ),
        (
            "an extension deleted",
            |c| delete(extension(&c.world), Kind::Extension),
            &["anna"],
        ),
        (
            "a desk",
            |c| patch(c.ben, Kind::User, vec![op(Add, "desks", &["Lobby".into()])]),
            &["ben", "Lobby"],
        ),
        (
            "an external id",
            |c| {
                patch(
                    c.anna,
                    Kind::User,
                    vec![op(Replace, "externalId", &["2".into()])],
                )
            },
            &["anna"],
        ),
        (
            "a user gone",
            |c| delete(c.anna, Kind::User),
            &["sales", "reporter"],
        ),
        ("a group gone", |c| delete(c.sales, Kind::Group), &[]),
        (
            "inactive: the groups stay as they are",
            |c| {
                patch(
                    c.anna,
                    Kind::User,
                    vec![op(Replace, "active", &[false.into()])],
                )
            },
            &["anna"],
        ),
    ];
    for (what, command, touched) in cases {
        let mut cast = cast();
        let command = command(&cast);
        let outcome = cast.world.must(cast.okta, command);
        assert!(outcome.changed, "{what}");
        let revision = cast.world.now.revision();
        // What the guard counts of a connection nobody sees.
        let mut fresh: Vec<&str> = crate::state::records(&cast.world.now)
            .filter(|record| record.version == revision.0 && record.kind != Kind::Connection)
            .filter_map(|record| record.login())
            .collect();
        let mut expected = touched.to_vec();
        fresh.sort_unstable();
        expected.sort_unstable();
        assert_eq!(fresh, expected, "{what}");
        let times = crate::state::records(&cast.world.now).filter(|r| r.version == revision.0);
        let now = cast.world.sets.last().expect("a set").at;
        assert!(
            times.into_iter().all(|r| r.modified == now),
            "{what}: meta.lastModified"
        );
    }
}

#[test]
fn what_changes_nothing_makes_no_change_set() {
    let commands: [(&str, fn(&Cast) -> Command); 16] = [
        ("the same again", |c| {
            put(
                c.anna,
                Kind::User,
                with_roles(anna_s_bag(), &["reporter", "chess club"]),
            )
        }),
        ("without relations", |c| {
            put(c.anna, Kind::User, anna_s_bag())
        }),
        ("no operation", |c| patch(c.anna, Kind::User, vec![])),
        ("the same title", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![op(Replace, "title", &["Manager".into()])],
            )
        }),
        ("nothing to remove", |c| {
            patch(c.anna, Kind::User, vec![op(Remove, "nickName", &[])])
        }),
        ("there and back", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![
                    op(Replace, "title", &["x".into()]),
                    op(Replace, "title", &["Manager".into()]),
                ],
            )
        }),
        ("the same extension", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![op(Add, "extensions", &["101".into()])],
            )
        }),
        ("the same role", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![op(Add, "roles", &[role("Reporter")])],
            )
        }),
        ("the same external id", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![op(Replace, "externalId", &["1".into()])],
            )
        }),
        ("a member who is one", |c| add_members(c.sales, c.anna)),
        ("a grantee who is one", |c| {
            add_members(c.world.role("reporter"), c.anna)
        }),
        ("no such member to remove", |c| {
            patch(
                c.sales,
                Kind::Group,
                vec![op(Remove, "members", &[member(c.ben).into()])],
            )
        }),
        ("the same members", |c| {
            put(
                c.sales,
                Kind::Group,
                with_members(display("sales"), &[c.anna]),
            )
        }),
        ("what is computed", |c| {
            patch(
                c.anna,
                Kind::User,
                vec![
                    op(Replace, "groups", &[]),
                    op(Add, "id", &["x".into()]),
                    op(
                        Replace,
                        "meta",
                        &[Attributes::new().with(attr::META_VERSION, "x").into()],
                    ),
                    op(Replace, "seat", &[true.into()]),
                    op(Replace, "password", &["x".into()]),
                ],
            )
        }),
        ("computed in a PUT", |c| {
            let bag = anna_s_bag()
                .with(attr::GROUPS, Attributes::new())
                .with(attr::ID, "x");
            put(c.anna, Kind::User, bag.with(attr::PASSWORD, "secret"))
        }),
        ("a role's own title", |c| {
            patch(
                c.world.role("reporter"),
                Kind::Group,
                vec![op(Replace, "displayName", &["reporter".into()])],
            )
        }),
    ];
    for (what, command) in commands {
        let mut cast = cast();
        let before = cast.world.now.clone();
        let command = command(&cast);
        let outcome = cast.world.must(cast.okta, command);
        assert!(!outcome.changed, "{what}: {:?}", cast.world.sets.last());
        assert_eq!(cast.world.now.revision(), before.revision(), "{what}");
        assert_eq!(
            crate::state::lines(&before),
            crate::state::lines(&cast.world.now),
            "{what}"
        );
    }
}

#[test]
fn each_change_set_is_one_revision_and_its_version() {
    let mut cast = cast();
    let before = cast.world.now.revision();
    let both = vec![
        op(Replace, "title", &["x".into()]),
        op(Add, "roles", &[role("pbx_admin")]),
    ];
    cast.world
        .must(cast.okta, patch(cast.anna, Kind::User, both));
    assert_eq!(cast.world.now.revision(), Revision(before.0 + 1));
    assert_eq!(cast.world.record(cast.anna).version, before.0 + 1);
    let count = u64::try_from(cast.world.sets.len()).expect("few");
    assert_eq!(cast.world.now.revision(), Revision(count), "without gaps");
}

#[test]
fn a_precondition_names_the_version() {
    let mut cast = cast();
    let version = cast.world.record(cast.anna).version;
    let with = |expect| Command::Patch {
        id: cast.anna,
        kind: Kind::User,
        ops: vec![op(Replace, "title", &["x".into()])],
        expect,
    };
    let stale = cast.world.run(
        cast.okta,
        with(Precondition::Versions(vec![version + 1, 0])),
    );
    assert_eq!(stale.unwrap_err(), Refusal::VersionMismatch);
    let none = cast
        .world
        .run(cast.okta, with(Precondition::Versions(Vec::new())));
    assert_eq!(none.unwrap_err(), Refusal::VersionMismatch);
    cast.world.must(cast.okta, with(Precondition::Exists));
    let newer = cast.world.record(cast.anna).version;
    assert!(newer > version);
    let deletion = |expect| Command::Delete {
        id: cast.anna,
        kind: Kind::User,
        expect,
    };
    let late = cast
        .world
        .run(cast.okta, deletion(Precondition::Versions(vec![version])));
    assert_eq!(late.unwrap_err(), Refusal::VersionMismatch);
    cast.world.must(
        cast.okta,
        deletion(Precondition::Versions(vec![version, newer])),
    );
    let gone = cast
        .world
        .run(cast.okta, deletion(Precondition::Versions(vec![newer])));
    assert_eq!(gone.unwrap_err(), Refusal::NotFound("user"));
}

#[test]
fn a_record_is_found_under_its_own_kind_only() {
    let mut cast = cast();
    for (id, kind, found) in [
        (cast.anna, Kind::Group, false),
        (cast.sales, Kind::User, false),
        (cast.sales, Kind::Role, false),
        (cast.world.role("reporter"), Kind::Group, true),
        (cast.world.role("reporter"), Kind::Role, true),
        (cast.okta.record().expect("an id"), Kind::User, false),
    ] {
        let outcome = cast.world.run(cast.okta, patch(id, kind, Vec::new()));
        assert_eq!(outcome.is_ok(), found, "{kind:?}: {outcome:?}");
    }
}

#[test]
fn numbers_are_never_used_again() {
    let mut world = World::new(OPBX);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..5 {
        let id = world.user("anna", &[]);
        assert!(
            seen.insert(world.record(id).number),
            "{:?}",
            world.record(id).number
        );
        world.must(Principal::Operator, delete(id, Kind::User));
        let refused = world.run(
            Principal::Operator,
            Command::Create {
                kind: Kind::User,
                attributes: named(""),
            },
        );
        assert!(refused.is_err());
    }
    let loaded = {
        let mut snapshot = jackfield_directory::Snapshot::empty();
        for set in &world.sets {
            snapshot.apply(set).expect("it fits");
        }
        snapshot
    };
    assert_eq!(loaded.next_number(), world.now.next_number());
}

fn anna_s_bag() -> Attributes {
    named("anna")
        .with(attr::TITLE, "Manager")
        .with(attr::EXTERNAL_ID, "1")
}

fn display(name: &str) -> Attributes {
    Attributes::new().with(attr::DISPLAY_NAME, name)
}

fn add_members(group: Id, user: Id) -> Command {
    patch(
        group,
        Kind::Group,
        vec![op(Add, "members", &[member(user).into()])],
    )
}

fn extension(world: &World) -> Id {
    world.now.keyed(Kind::Extension, "101").expect("it").id
}
