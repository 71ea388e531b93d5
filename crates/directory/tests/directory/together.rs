//! Commands that are done together: one change set, and an answer for each.

use jackfield_directory::{Command, Refusal};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Principal};

use crate::world::{
    OPBX, World, declaration, delete, named, op, patch, with_extensions, with_roles,
};
use jackfield_model::path::PatchKind::Replace;

fn user(attributes: Attributes) -> Command {
    Command::Create {
        kind: Kind::User,
        attributes,
    }
}

/// What became of each command: whether it changed anything, or a word of why not.
fn told(world: &mut World, actor: Principal, commands: &[Command]) -> Option<Vec<&'static str>> {
    let outcomes = world.run_together(actor, commands)?;
    let word = |outcome| match outcome {
        Ok(done) => match done {
            jackfield_directory::plan::Done { changed: true, .. } => "done",
            jackfield_directory::plan::Done { changed: false, .. } => "as it was",
        },
        Err(Refusal::Taken { .. }) => "taken",
        Err(Refusal::NotFound(_)) => "not found",
        Err(Refusal::Forbidden(_)) => "forbidden",
        Err(refusal) => panic!("{refusal}"),
    };
    Some(outcomes.into_iter().map(word).collect())
}

#[test]
fn each_command_has_its_own_answer_and_all_have_one_change_set() {
    let mut world = World::new(OPBX);
    let small = world.connection("small", "pbx_user");
    let old = world.user_by(small, "old", &[]);
    let (revision, sets) = (world.now.revision(), world.sets.len());
    let title = |title: &str| patch(old, Kind::User, vec![op(Replace, "title", &[title.into()])]);
    let commands = [
        user(named("anna")),
        user(named("ANNA")),
        title("Boss"),
        title("Boss"),
        user(with_roles(named("olga"), &["owner"])),
        delete(old, Kind::User),
        title("Nobody"),
        user(named("old")),
    ];
    let expected = [
        "done",
        "taken",
        "done",
        "as it was",
        "forbidden",
        "done",
        "not found",
        "done",
    ];
    assert_eq!(told(&mut world, small, &commands).unwrap(), expected);
    assert_eq!(world.now.revision(), revision.next());
    let new = &world.sets[sets..];
    let actions: Vec<&str> = new[0].audit.iter().map(|it| it.action.as_str()).collect();
    let expected = ["user.create", "user.edit", "user.delete", "user.create"];
    assert_eq!((new.len(), actions.as_slice()), (1, &expected[..]));
    for name in ["anna", "old"] {
        let made = world.now.keyed(Kind::User, name).expect("there");
        assert_eq!(made.version, world.now.revision().0, "{name}");
    }
}

#[test]
fn where_nothing_changes_there_is_no_change_set() {
    let mut world = World::new(OPBX);
    world.user("anna", &[]);
    let (revision, sets) = (world.now.revision(), world.sets.len());
    for commands in [&[][..], &[user(named("anna"))]] {
        let outcomes = world.run_together(Principal::Operator, commands);
        assert_eq!(outcomes.expect("told apart").len(), commands.len());
        assert_eq!((world.now.revision(), world.sets.len()), (revision, sets));
    }
}

#[test]
fn what_is_refused_too_late_is_left_to_be_done_one_by_one() {
    let mut world = World::new(OPBX);
    let mut limited = declaration(OPBX, &[]);
    limited.settings.seats = Some(3);
    world.must(Principal::Config, Command::Declare(Box::new(limited)));
    world.create(
        Principal::Operator,
        Kind::User,
        with_extensions(named("anna"), &["101"]),
    );
    let gone = Principal::Person(world.user("gone", &[]));
    world.must(
        Principal::Operator,
        delete(gone.record().expect("a person"), Kind::User),
    );
    let late = user(with_extensions(named("ben"), &["102", "101"]));
    let cases = [
        ("the extension is another's", Principal::Operator, late),
        ("who acts is gone", gone, user(named("ben"))),
    ];
    for (why, actor, command) in cases {
        let commands = [user(named("first")), command];
        let before = world.sets.len();
        let refusals = match world.run_together(actor, &commands) {
            None => 0,
            Some(outcomes) => outcomes.iter().filter(|outcome| outcome.is_err()).count(),
        };
        let expected = if actor == gone { 2 } else { 0 };
        assert_eq!((refusals, world.sets.len()), (expected, before), "{why}");
    }
    // Each of them has a seat, and not all of them.
    let three = ["ben", "cleo", "dan"].map(|name| user(named(name)));
    assert!(world.run_together(Principal::Operator, &three).is_none());
    assert!(
        world
            .run_together(Principal::Operator, &three[..2])
            .is_some()
    );
    assert_eq!(world.now.seats_taken(), 3);
    let mail = Attributes::new().with(attr::DISPLAY_NAME, "Taxi");
    let contact = Command::Create {
        kind: Kind::Contact,
        attributes: mail,
    };
    let done = world.run_together(Principal::Operator, &[contact]);
    assert_eq!(done.expect("no seat").len(), 1);
}
