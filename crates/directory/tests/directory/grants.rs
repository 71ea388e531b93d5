//! A grant has a source, and who acts changes only the own ones.

use jackfield_directory::Refusal;
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal};

use crate::world::{
    OPBX, World, delete, member, named, op, patch, put, put_keeping, role, with_members, with_roles,
};

struct Two {
    world: World,
    okta: Principal,
    entra: Principal,
    anna: Id,
}

/// Anna, whom okta owns; okta made her a PBX Admin, entra a Reporter, and the operator an Owner.
fn two() -> Two {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let entra = world.connection("entra", "full");
    let anna = world.user_by(okta, "anna", &["pbx_admin"]);
    world.user("chief", &["owner"]);
    for (actor, key) in [(entra, "reporter"), (Principal::Operator, "owner")] {
        let group = world.role(key);
        let add = vec![op(Add, "members", &[member(anna).into()])];
        world.must(actor, patch(group, Kind::Group, add));
    }
    let all = [
        "owner by operator",
        "pbx_admin by okta",
        "reporter by entra",
    ];
    assert_eq!(world.grants_of(anna), all);
    Two {
        world,
        okta,
        entra,
        anna,
    }
}

#[test]
fn the_highest_rank_is_shown_and_all_grants_are_kept() {
    let two = two();
    assert_eq!(two.world.roles_of(two.anna), ["owner"]);
    assert_eq!(
        two.world.grantees("pbx_admin"),
        ["anna"],
        "the group shows its grants"
    );
    let shown = two.world.values(two.okta, two.anna, attr::ROLES);
    let keys: Vec<&str> = shown
        .iter()
        .filter_map(|v| v.as_complex()?.text(attr::ROLES_VALUE))
        .collect();
    assert_eq!(keys, ["owner"]);
}

#[test]
fn a_connection_never_takes_what_another_gave() {
    let ways: [(&str, fn(&Two) -> jackfield_directory::Command); 7] = [
        ("PUT of no known role", |t| {
            put(t.anna, Kind::User, with_roles(named("anna"), &["x"]))
        }),
        ("PUT of another role", |t| {
            put(t.anna, Kind::User, with_roles(named("anna"), &["pbx_user"]))
        }),
        ("PATCH remove", |t| {
            patch(t.anna, Kind::User, vec![op(Remove, "roles", &[])])
        }),
        ("PATCH remove by filter", |t| {
            patch(t.anna, Kind::User, vec![op(Remove, "roles[value pr]", &[])])
        }),
        ("PATCH replace", |t| {
            patch(t.anna, Kind::User, vec![op(Replace, "roles", &[])])
        }),
        ("role group PUT", |t| {
            put(t.world.role("pbx_admin"), Kind::Group, Attributes::new())
        }),
        ("role group PATCH", |t| {
            let take = vec![op(Remove, "members", &[member(t.anna).into()])];
            patch(t.world.role("pbx_admin"), Kind::Group, take)
        }),
    ];
    for (way, command) in ways {
        let mut two = two();
        let command = command(&two);
        two.world.must(two.okta, command);
        let left = two.world.grants_of(two.anna);
        assert!(
            left.contains(&"owner by operator".to_owned()),
            "{way}: {left:?}"
        );
        assert!(
            left.contains(&"reporter by entra".to_owned()),
            "{way}: {left:?}"
        );
        assert!(
            !left.contains(&"pbx_admin by okta".to_owned()),
            "{way}: {left:?}"
        );
    }
}

#[test]
fn what_a_connection_did_not_give_it_cannot_take_through_the_group() {
    let mut two = two();
    for key in ["owner", "reporter"] {
        let group = two.world.role(key);
        for ops in [
            vec![op(Remove, "members", &[member(two.anna).into()])],
            vec![op(Remove, "members", &[])],
            vec![op(Replace, "members", &[])],
        ] {
            let outcome = two.world.must(two.okta, patch(group, Kind::Group, ops));
            assert!(!outcome.changed, "{key}");
        }
    }
    assert_eq!(two.world.grants_of(two.anna).len(), 3);
}

#[test]
fn roles_that_a_put_or_post_leaves_out_are_not_taken() {
    let mut two = two();
    two.world.must(
        two.okta,
        put(two.anna, Kind::User, named("anna").with(attr::TITLE, "x")),
    );
    assert_eq!(two.world.grants_of(two.anna).len(), 3);
    // An empty list is no list.
    let mut empty = named("anna").with(attr::TITLE, "y");
    empty.set(attr::ROLES, Vec::new());
    two.world.must(two.okta, put(two.anna, Kind::User, empty));
    assert_eq!(two.world.grants_of(two.anna).len(), 3);
}

#[test]
fn naming_what_others_gave_neither_gives_nor_takes_it() {
    let mut two = two();
    let same = with_roles(named("anna"), &["owner", "pbx_admin", "reporter"]);
    let outcome = two.world.must(two.okta, put(two.anna, Kind::User, same));
    assert!(!outcome.changed);
    let all = [
        "owner by operator",
        "pbx_admin by okta",
        "reporter by entra",
    ];
    assert_eq!(two.world.grants_of(two.anna), all);
}

#[test]
fn a_patch_that_adds_a_role_takes_none_away() {
    let mut two = two();
    // Entra's own grant is covered by a higher one and so not shown.
    let add = vec![op(Add, "roles", &[role("pbx_user")])];
    two.world.must(two.entra, patch(two.anna, Kind::User, add));
    let left = two.world.grants_of(two.anna);
    assert!(left.contains(&"reporter by entra".to_owned()), "{left:?}");
    assert!(left.contains(&"pbx_user by entra".to_owned()), "{left:?}");
    // The roles of somebody inactive are not shown either.
    let inactive = vec![op(Replace, "active", &[false.into()])];
    two.world
        .must(two.okta, patch(two.anna, Kind::User, inactive));
    let add = vec![op(Add, "roles", &[role("reporter")])];
    two.world.must(two.okta, patch(two.anna, Kind::User, add));
    let left = two.world.grants_of(two.anna);
    assert!(left.contains(&"pbx_admin by okta".to_owned()), "{left:?}");
}

#[test]
fn a_grant_is_named_by_key_title_or_id_and_counts_once() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let id = world.role("reporter").to_string();
    for (n, name) in ["reporter", "REPORTER", "Reporter", " reporter", &id]
        .iter()
        .enumerate()
    {
        let user = world.user_by(okta, &format!("u{n}"), &[name, "reporter"]);
        assert_eq!(world.grants_of(user), ["reporter by okta"], "{name}");
        let grants = world.sets.last().expect("a set").changes.iter();
        let grants = grants.filter(|c| matches!(c, jackfield_model::Change::Grant(_)));
        assert_eq!(grants.count(), 1, "{name}");
    }
    let user = world.user_by(okta, "other", &["chess club"]);
    assert!(world.grants_of(user).is_empty());
    let shown = world.values(okta, user, attr::ROLES);
    assert_eq!(
        shown.len(),
        2,
        "the baseline, and what names no role as it was sent"
    );
}

#[test]
fn the_baseline_is_derived_and_cannot_be_taken() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let anna = world.user_by(okta, "anna", &[]);
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    assert!(world.grants_of(anna).is_empty());
    let baseline = world.role("pbx_user");
    for command in [
        patch(anna, Kind::User, vec![op(Remove, "roles", &[])]),
        patch(
            baseline,
            Kind::Group,
            vec![op(Remove, "members", &[member(anna).into()])],
        ),
        put(baseline, Kind::Group, Attributes::new()),
        put(
            baseline,
            Kind::Group,
            with_members(Attributes::new(), &[anna]),
        ),
        put(anna, Kind::User, with_roles(named("anna"), &["pbx_user"])),
    ] {
        let outcome = world.must(okta, command);
        assert!(!outcome.changed);
    }
    // Made explicit, it is a grant like any other.
    let add = vec![op(Add, "members", &[member(anna).into()])];
    world.must(okta, patch(baseline, Kind::Group, add));
    assert_eq!(world.grants_of(anna), ["pbx_user by okta"]);
    // Another role takes its place while it lasts.
    let put_admin = put(anna, Kind::User, with_roles(named("anna"), &["pbx_admin"]));
    world.must(okta, put_admin);
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    world.must(
        okta,
        patch(anna, Kind::User, vec![op(Remove, "roles", &[])]),
    );
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    // Who is inactive holds nothing, not even that.
    world.must(
        okta,
        patch(
            anna,
            Kind::User,
            vec![op(Replace, "active", &[false.into()])],
        ),
    );
    assert!(world.roles_of(anna).is_empty());
    assert!(world.grantees("pbx_user").is_empty());
}

/// What GET shows of a user's roles, or of a role's members, may be sent back.
#[test]
fn what_is_shown_and_put_back_gives_and_takes_nothing() {
    let mut world = World::new(OPBX);
    let (okta, entra) = (
        world.connection("okta", "full"),
        world.connection("entra", "full"),
    );
    let anna = world.user_by(okta, "anna", &["reporter"]);
    let (reporter, admin) = (world.role("reporter"), world.role("pbx_admin"));
    let add = || vec![op(Add, "members", &[member(anna).into()])];
    world.must(entra, patch(admin, Kind::Group, add()));
    let grants = ["pbx_admin by entra", "reporter by okta"];
    assert_eq!(
        (world.roles_of(anna), world.grants_of(anna)),
        (
            vec!["pbx_admin".to_owned()],
            grants.map(str::to_owned).to_vec()
        )
    );
    let role_put = |role| put(role, Kind::Group, with_members(Attributes::new(), &[anna]));
    for (actor, command) in [
        (
            okta,
            put(anna, Kind::User, with_roles(named("anna"), &["pbx_admin"])),
        ),
        (entra, role_put(reporter)),
        (okta, role_put(admin)),
        (okta, role_put(reporter)),
    ] {
        world.must(actor, command);
        assert_eq!(world.grants_of(anna), grants);
    }
    // Whoever leaves out what is shown, or names something else, means it.
    let other = put(anna, Kind::User, with_roles(named("anna"), &["pbx_user"]));
    world.must(okta, other);
    assert_eq!(
        world.grants_of(anna),
        ["pbx_admin by entra", "pbx_user by okta"]
    );
}

/// It would stay when the other's goes.
#[test]
fn what_another_gave_is_above_the_ceiling_as_if_nobody_had() {
    let mut world = World::new(OPBX);
    let (hq, low) = (
        world.connection("hq", "full"),
        world.connection("low", "reporter"),
    );
    let anna = world.user("anna", &[]);
    let owners = world.role("owner");
    let group = || {
        patch(
            owners,
            Kind::Group,
            vec![op(Add, "members", &[member(anna).into()])],
        )
    };
    world.must(hq, group());
    let whole = put(
        owners,
        Kind::Group,
        with_members(Attributes::new(), &[anna]),
    );
    let refused = world.run(low, group());
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    assert!(!world.must(low, whole).changed);
    assert_eq!(world.grants_of(anna), ["owner by hq"]);
}

#[test]
fn inactive_users_keep_their_grants_and_get_them_back() {
    let mut two = two();
    for (active, roles) in [(false, vec![]), (true, vec!["owner"])] {
        let set = vec![op(Replace, "active", &[active.into()])];
        two.world.must(two.okta, patch(two.anna, Kind::User, set));
        assert_eq!(two.world.roles_of(two.anna), roles);
        assert_eq!(two.world.grants_of(two.anna).len(), 3);
    }
}

#[test]
fn a_connection_gives_nothing_above_its_ceiling() {
    for (ceiling, gives, refused) in [
        ("", "pbx_admin", Some("owner")),
        ("reporter", "reporter", Some("pbx_admin")),
        ("full", "owner", None),
        ("nonsense", "", Some("reporter")),
    ] {
        let mut world = World::new(OPBX);
        let conn = world.connection("okta", ceiling);
        let user = world.user("anna", &[]);
        let member = member(user);
        let ways = |world: &World, key: &str| {
            let group = world.role(key);
            let bag = with_members(Attributes::new(), &[user]);
            [
                put_keeping(group, Kind::Group, bag, &[]),
                patch(
                    group,
                    Kind::Group,
                    vec![op(Add, "members", &[member.clone().into()])],
                ),
                patch(user, Kind::User, vec![op(Add, "roles", &[role(key)])]),
                put(user, Kind::User, with_roles(named("anna"), &[key])),
                jackfield_directory::Command::Create {
                    kind: Kind::User,
                    attributes: with_roles(named("new"), &[key]),
                },
            ]
        };
        for command in refused.map(|key| ways(&world, key)).into_iter().flatten() {
            let outcome = world.run(conn, command.clone());
            assert!(
                matches!(outcome, Err(Refusal::Forbidden(_))),
                "{ceiling}: {command:?}"
            );
        }
        if !gives.is_empty() {
            let [.., create] = ways(&world, gives);
            world.must(conn, create);
        }
    }
}

#[test]
fn only_users_hold_roles() {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let group = world.group(okta, "sales", &[]);
    let owner = world.role("owner");
    let add = vec![op(Add, "members", &[member(group).into()])];
    let refused = world.run(okta, patch(owner, Kind::Group, add));
    assert!(
        matches!(refused, Err(Refusal::InvalidValue { .. })),
        "{refused:?}"
    );
}

#[test]
fn whoever_is_deleted_leaves_no_grants() {
    let mut two = two();
    two.world.must(two.okta, delete(two.anna, Kind::User));
    for key in ["owner", "pbx_admin", "reporter"] {
        assert!(
            !two.world.grantees(key).contains(&"anna".to_owned()),
            "{key}"
        );
    }
}
