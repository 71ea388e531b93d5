//! The guard against accidents.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::Replace;
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind, Principal};

use crate::world::{OPBX, World, delete, named, op, patch, put};

/// A tenant with a connection that has so many users.
fn tenant(users: usize) -> (World, Principal, Vec<Id>) {
    let mut world = World::new(OPBX);
    let okta = world.connection("okta", "full");
    let users = (0..users)
        .map(|n| world.user_by(okta, &format!("u{n}"), &[]))
        .collect();
    (world, okta, users)
}

fn off(user: Id) -> Command {
    patch(
        user,
        Kind::User,
        vec![op(Replace, "active", &[false.into()])],
    )
}

fn held(outcome: Result<crate::world::Outcome, Refusal>) -> bool {
    match outcome {
        Ok(_) => false,
        Err(Refusal::Held { connection }) => connection == "okta",
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_connection_that_loses_too_many_users_is_held_until_it_is_released() {
    let (mut world, okta, users) = tenant(60);
    let id = okta.record().expect("a connection");
    // By whichever way: 12 are a fifth of 60.
    for (n, user) in users[..12].iter().enumerate() {
        let command = match n % 3 {
            0 => off(*user),
            1 => delete(*user, Kind::User),
            _ => put(
                *user,
                Kind::User,
                named(&format!("u{n}")).with(attr::ACTIVE, false),
            ),
        };
        assert!(!held(world.run(okta, command)), "{n}");
    }
    let (next, other) = (users[12], users[13]);
    assert!(held(world.run(okta, off(next))));
    // The writer holds the connection; from now on a single loss is refused.
    world.must(Principal::System, Command::Hold(id));
    assert!(
        !world.must(Principal::System, Command::Hold(id)).changed,
        "once"
    );
    world.user_by(okta, "new", &[]);
    for n in 0..100 {
        world.user_by(Principal::Operator, &format!("o{n}"), &[]);
    }
    for command in [off(next), delete(other, Kind::User)] {
        assert!(held(world.run(okta, command)));
    }
    assert!(world.record(next).is_active());
    // All else goes on, for this connection and for others.
    let title = op(Replace, "title", &["Clerk".into()]);
    assert!(
        world
            .must(okta, patch(next, Kind::User, vec![title]))
            .changed
    );
    assert!(
        !world.must(okta, off(users[0])).changed,
        "who is disabled is not lost again"
    );
    let gone = world.must(okta, delete(users[0], Kind::User));
    assert!(gone.changed);
    world.must(Principal::Operator, delete(other, Kind::User));

    for actor in [okta, Principal::Anonymous] {
        let refused = world.run(actor, Command::Release(id));
        assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
    }
    world.must(Principal::Operator, Command::Release(id));
    assert!(
        !world
            .must(Principal::Operator, Command::Release(id))
            .changed
    );
    for user in &users[14..] {
        assert!(
            !held(world.run(okta, off(*user))),
            "it is let go for a while"
        );
    }
    let actions: Vec<String> = world
        .sets
        .iter()
        .flat_map(|set| &set.audit)
        .map(|e| e.action.to_string())
        .collect();
    for action in ["connection.hold", "connection.release"] {
        assert_eq!(
            actions.iter().filter(|a| *a == action).count(),
            1,
            "{action}"
        );
    }
}

#[test]
fn only_a_connections_own_active_users_count() {
    let (mut world, okta, users) = tenant(12);
    let entra = world.connection("entra", "full");
    let theirs: Vec<Id> = (0..50)
        .map(|n| world.user_by(entra, &format!("e{n}"), &[]))
        .collect();
    // What another owns it cannot lose, what it shares it hands on, and the operator is free.
    for user in &theirs {
        assert!(!world.must(okta, delete(*user, Kind::User)).changed);
    }
    for user in &users {
        let link = named("x").with(attr::EXTERNAL_ID, &*user.to_string());
        world.must(entra, put(*user, Kind::User, link));
        world.must(okta, delete(*user, Kind::User));
        assert!(world.now.record(*user).is_some());
    }
    for user in &theirs[..40] {
        world.must(Principal::Operator, off(*user));
    }
    let entra_id = entra.record().expect("a connection");
    assert_eq!(world.now.active_users_of(entra_id), 22);
}
