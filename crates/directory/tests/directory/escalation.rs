//! Whatever a sequence of permitted actions, nobody gets more than the role system lets them.

use jackfield_access::{PermissionSet, RoleDef};
use jackfield_directory::{Command, Precondition, RoleCommand};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Credential, CredentialKind, GroupMatch, Id, Kind, MappingRule, Principal, Record,
    Timestamp,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{
    OPBX, World, declaration, delete, member, named, op, patch, put, role, with_members, with_roles,
};

const ROLES: [&str; 5] = ["owner", "pbx_admin", "pbx_user", "reporter", "night"];

/// One action, as numbers: what, on whom, with which role, and a little more.
type Step = (u8, u8, u8, u8);

fn pick<T: Copy>(all: &[T], at: u8) -> T {
    all[usize::from(at) % all.len()]
}

fn users(world: &World) -> Vec<Id> {
    world.now.all_of(Kind::User).map(|user| user.id).collect()
}

fn command(world: &World, step: Step, count: usize) -> Command {
    let (what, whom, which, more) = step;
    let (user, key) = (pick(&users(world), whom), pick(&ROLES, which));
    let in_role = world.now.role_record(key).map_or(user, |role| role.id);
    let def = RoleDef {
        title: format!("Night {more}").as_str().into(),
        permissions: vec![pick(&["*", "users:*", "cloudonix:edit", "ivr:view"], more).into()],
        rank: [None, Some(25), Some(35)][usize::from(more) % 3],
        ..RoleDef::default()
    };
    match what % 16 {
        0 => Command::Create {
            kind: Kind::User,
            attributes: with_roles(named(&format!("new{count}")), &[key]),
        },
        1 => patch(user, Kind::User, vec![op(Add, "roles", &[role(key)])]),
        2 => patch(user, Kind::User, vec![op(Replace, "roles", &[role(key)])]),
        3 => patch(user, Kind::User, vec![op(Remove, "roles", &[])]),
        4 => put(
            user,
            Kind::User,
            with_roles(named(&format!("put{count}")), &[key]),
        ),
        5 => patch(
            user,
            Kind::User,
            vec![op(Replace, "active", &[(more % 2 == 0).into()])],
        ),
        6 => delete(user, Kind::User),
        7 => Command::Role(RoleCommand::Assign {
            user,
            role: key.into(),
        }),
        8 => Command::Role(RoleCommand::Unassign {
            user,
            role: key.into(),
        }),
        9 => Command::Role(RoleCommand::Create {
            key: "night".into(),
            def,
        }),
        10 => Command::Role(RoleCommand::Edit {
            key: key.into(),
            def,
            expect: Precondition::None,
        }),
        11 => Command::Role(RoleCommand::Delete {
            key: key.into(),
            expect: Precondition::None,
        }),
        12 => patch(
            in_role,
            Kind::Group,
            vec![op(Add, "members", &[member(user).into()])],
        ),
        13 => Command::AddCredential(password(user, count)),
        14 => Command::Create {
            kind: Kind::Group,
            attributes: with_members(
                Attributes::new().with(attr::DISPLAY_NAME, "Bosses"),
                &[user],
            ),
        },
        _ => Command::Declare(Box::new(declaration(OPBX, &[]))),
    }
}

fn password(principal: Id, count: usize) -> Credential {
    Credential {
        id: Id(uuid::Uuid::from_u128(count as u128 + 1)),
        principal,
        kind: CredentialKind::Password,
        verifiers: Vec::new(),
        label: String::new(),
        scopes: Vec::new(),
        networks: Vec::new(),
        created: Timestamp(0),
        expires: None,
        must_change: false,
        trust: None,
        ceiling: None,
    }
}

/// What nobody below an Owner may touch: the record, its grants and its credentials.
fn print(world: &World, user: Id) -> (Record, Vec<String>, Vec<Id>) {
    let credentials = world.now.credentials_of(user).map(|own| own.id).collect();
    (
        world.record(user).clone(),
        world.grants_of(user),
        credentials,
    )
}

fn permissions(world: &World, user: Id) -> PermissionSet {
    world.now.effective_of(world.record(user)).permissions()
}

/// OPBX with custom roles switched on, which PBX Admins may define.
fn with_custom_roles() -> String {
    let edited = OPBX.replace("custom = \"none\"", "custom = \"any\"");
    let edited = edited.replace(
        "role_editors = [\"owner\"]",
        "role_editors = [\"owner\", \"pbx_admin\"]",
    );
    assert_ne!(edited, OPBX);
    edited
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_sequence_of_permitted_actions_by_a_pbx_admin_yields_more_than_an_admin_reaches(
        steps in vec(any::<Step>(), 1..40),
        has_custom in any::<bool>(),
    ) {
        let catalogue = if has_custom { with_custom_roles() } else { OPBX.to_owned() };
        let mut world = World::new(&catalogue);
        let mut rules = declaration(&catalogue, &[]);
        rules.settings.mappings = vec![rule()];
        world.must(Principal::Config, Command::Declare(Box::new(rules)));
        let protected = [world.user("olga", &["owner"]), world.user("ada", &["pbx_admin"])];
        let adam = world.user("adam", &["pbx_admin"]);
        for name in ["ulla", "udo"] {
            world.user(name, &[]);
        }
        world.user("rita", &["reporter"]);
        let before = protected.map(|user| print(&world, user));
        let reach = permissions(&world, adam);
        for (count, step) in steps.into_iter().enumerate() {
            let command = command(&world, step, count);
            if world.run(Principal::Person(adam), command.clone()).is_err() {
                continue;
            }
            for (user, before) in protected.iter().zip(&before) {
                prop_assert_eq!(&print(&world, *user), before, "{:?}", command);
            }
            for user in users(&world) {
                if protected.contains(&user) {
                    continue;
                }
                let roles = world.roles_of(user);
                let is_high = roles.iter().any(|role| role == "owner" || role == "pbx_admin");
                prop_assert!(!is_high || user == adam, "{:?} made {:?}", command, roles);
                // All reports are a Reporter's, whom a PBX Admin may make.
                let own = permissions(&world, user);
                let beyond = own.iter().find(|permission| {
                    !reach.contains(permission) && permission.as_str() != "reports:export"
                });
                prop_assert_eq!(beyond, None, "{:?}", command);
            }
            prop_assert_eq!(world.grants_of(adam), ["pbx_admin by operator"], "{:?}", command);
        }
    }

    #[test]
    fn the_last_owner_stays_under_any_interleaving(
        steps in vec((any::<Step>(), 0..5_u8), 1..60),
    ) {
        let mut world = World::new(OPBX);
        let okta = world.connection("okta", "full");
        let owners = ["olga", "otto"].map(|name| world.user_by(okta, name, &["owner"]));
        world.user_by(okta, "ulla", &[]);
        let group = world.group(okta, "Bosses", &[owners[0]]);
        for (count, (step, actor)) in steps.into_iter().enumerate() {
            let actor = [
                Principal::Operator,
                okta,
                Principal::Config,
                Principal::Person(owners[0]),
                Principal::Person(owners[1]),
            ][usize::from(actor)];
            let command = match step.0 {
                // The group that a rule makes Owners of, and the rule itself, come and go.
                0..40 => patch(group, Kind::Group, vec![op(
                    if step.3 % 2 == 0 { Add } else { Remove },
                    "members",
                    &[member(pick(&users(&world), step.1)).into()],
                )]),
                40..70 => {
                    let mut declared = declaration(OPBX, &[]);
                    declared.settings.mappings = Vec::from_iter((step.3 % 2 == 0).then(rule));
                    Command::Declare(Box::new(declared))
                }
                _ => command(&world, step, count),
            };
            let _ = world.run(actor, command.clone());
            let holders = world.holders("owner");
            prop_assert!(!holders.is_empty(), "{:?}", command);
            // Whoever holds it only for want of another lets go once there is one.
            let retained = users(&world).into_iter().filter(|user| {
                world.grants_of(*user).iter().any(|grant| grant.ends_with("by retained"))
            });
            prop_assert!(retained.count() == 0 || holders.len() == 1, "{:?}: {:?}", command, holders);
        }
    }
}

fn rule() -> MappingRule {
    MappingRule {
        name: "owners".into(),
        groups: GroupMatch::Name("Bosses".into()),
        connection: None,
        roles: vec!["owner".into()],
        nested: true,
        precedence: 0,
    }
}
