//! Commands that are done together: one change of the tenant, an answer for each, and more of them
//! planned while the first are being committed.

use std::sync::Arc;

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Done, Error, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Outcome, Principal};

use crate::faulty::Call::{self, Apply, Changes, Commit, Find, Lock};
use crate::faulty::Fault::{self, Conflict, LostAfter, LostBefore, Unavailable};
use crate::faulty::faulty;
use crate::harness::{
    Hands, Ids, absent, act_as, change_sets, create, delete, gateway, head, make, names, operator,
    start, until, user,
};

fn kinds(outcomes: &[Result<Done, Error>]) -> Vec<&'static str> {
    let kind = |outcome: &Result<_, Error>| match outcome {
        Ok(Done { changed: true, .. }) => "done",
        Ok(_) => "as it was",
        Err(Error::Taken { .. }) => "taken",
        Err(Error::NotFound { .. }) => "not found",
        Err(Error::NoSeat(_)) => "no seat",
        Err(Error::WeakPassword(_)) => "weak",
        Err(Error::Unavailable) => "unavailable",
        Err(_) => "refused",
    };
    outcomes.iter().map(kind).collect()
}

async fn done(session: &Session, commands: Vec<Command>) -> Vec<&'static str> {
    let underway = session.write_together(commands).await.expect("handed over");
    kinds(&underway.outcomes().await)
}

fn users(names: &[&str]) -> Vec<Command> {
    names.iter().map(|name| user(name, &[])).collect()
}

#[tokio::test]
async fn they_change_the_tenant_once_and_each_is_answered() {
    let test = start().await;
    let session = operator(&test.gateway);
    let old = make(&session, user("old", &[])).await;
    let weak = Attributes::new()
        .with(attr::USER_NAME, "weak")
        .with(attr::PASSWORD, "weak");
    let commands = || {
        vec![
            user("anna", &[]),
            create(Kind::User, weak.clone()),
            user("anna", &[]),
            delete(old, Kind::User),
            delete(old, Kind::User),
            user("old", &[]),
        ]
    };
    let before = change_sets(&*test.store).await.len();
    for trial in [true, false] {
        let writer = if trial {
            session.rehearse()
        } else {
            session.clone()
        };
        let expected = ["done", "weak", "taken", "done", "not found", "done"];
        assert_eq!(done(&writer, commands()).await, expected, "tried: {trial}");
        assert_eq!(names(&writer.read().unwrap()), ["anna", "old"]);
        let sets = change_sets(&*test.store).await.len() - before;
        assert_eq!(sets, usize::from(!trial));
    }
    assert!(done(&session, Vec::new()).await.is_empty());
    // Each of them is told.
    let log = test.store.audit(head(&*test.store).await.id, 0, 1_000);
    let log = log.await.expect("the log");
    let told: Vec<&str> = log.iter().map(|it| it.entry.action.as_str()).collect();
    let expected = ["user.create", "user.delete", "user.create"];
    assert!(told.ends_with(&expected), "{told:?}");
    let stranger = act_as(&test.gateway, Principal::Anonymous);
    let refused = stranger.write_together(users(&["ben"])).await;
    assert_eq!(refused.err(), Some(Error::LoginRequired));
}

/// What is refused only after it changed something must not take the others with it.
#[tokio::test]
async fn one_that_is_refused_late_costs_the_others_nothing() {
    let test = start().await;
    let session = operator(&test.gateway);
    let with_extension = |name: &str, number: &str| {
        let extension = Attributes::new().with(attr::EXTENSIONS_VALUE, number);
        let bag = Attributes::new()
            .with(attr::USER_NAME, name)
            .with(attr::EXTENSIONS, extension);
        create(Kind::User, bag)
    };
    let commands = vec![
        with_extension("anna", "101"),
        with_extension("ben", "101"),
        user("cleo", &[]),
        user("cleo", &[]),
    ];
    let found = done(&session, commands).await;
    assert_eq!(found, ["done", "taken", "done", "taken"]);
    assert_eq!(names(&session.read().unwrap()), ["anna", "cleo"]);
    let log = test.store.audit(head(&*test.store).await.id, 0, 1_000);
    let refused = log.await.expect("the log").into_iter();
    let refused = refused.filter(|it| matches!(it.entry.outcome, Outcome::Refused(_)));
    assert_eq!(refused.count(), 0, "a number that is taken is no rule");
}

/// What a fresh load of the store shows.
async fn kept(test: &TestGateway) -> Vec<String> {
    let fresh = gateway(Arc::clone(&test.store), Hands::new(), Ids::new(), absent());
    let fresh = fresh.await.expect("a gateway");
    names(&operator(&fresh).read().expect("a reader"))
}

#[tokio::test]
async fn what_comes_next_stands_on_what_is_being_committed() {
    type Faults = &'static [(Call, Fault)];
    let none = ["unavailable", "unavailable"];
    let made = ["done", "done"];
    // What befalls the first commit; what becomes of the first two, and of those after them.
    let cases: [(Faults, [&str; 2], [&str; 2]); 7] = [
        (&[], made, ["taken", "done"]),
        (&[(Apply, Conflict)], made, ["taken", "done"]),
        (&[(Apply, LostAfter)], made, ["taken", "done"]),
        (&[(Apply, Unavailable)], none, made),
        (&[(Apply, LostBefore)], none, made),
        (&[(Apply, Conflict), (Lock, Unavailable)], none, made),
        (
            &[(Apply, Conflict), (Commit, LostAfter)],
            made,
            ["taken", "done"],
        ),
    ];
    for (faults, first, second) in cases {
        let (test, store, _gateway, session) = faulty().await;
        for (call, fault) in faults {
            store.fail(*call, &[*fault]);
        }
        store.hold_commits();
        let ahead = session.write_together(users(&["anna", "ben"])).await;
        until(|| async { store.is_waiting().then_some(()) }).await;
        let next = session.write_together(users(&["ben", "cleo"])).await;
        assert!(
            names(&session.read().unwrap()).is_empty(),
            "nothing is committed"
        );
        store.release_commits();
        let outcomes = ahead.expect("handed over").outcomes().await;
        assert_eq!(kinds(&outcomes), first, "{faults:?}");
        let outcomes = next.expect("handed over").outcomes().await;
        assert_eq!(kinds(&outcomes), second, "{faults:?}");
        let there = names(&session.read().unwrap());
        assert_eq!(there, kept(&test).await, "{faults:?}");
        assert!(!store.has_faults(), "{faults:?}: all of it happened");
    }
}

/// It may have been committed though nobody could say so: who tries again learns it.
#[tokio::test]
async fn what_nobody_knows_of_is_found_by_who_tries_again() {
    let (test, store, _gateway, session) = faulty().await;
    store.fail(Apply, &[LostAfter]);
    store.fail(Find, &[Unavailable]);
    let lost = done(&session, users(&["anna", "ben"])).await;
    assert_eq!(lost, ["unavailable", "unavailable"]);
    let again = done(&session, users(&["anna", "ben", "cleo"])).await;
    assert_eq!(again, ["taken", "taken", "done"]);
    assert_eq!(kept(&test).await, ["anna", "ben", "cleo"]);
}

/// Where nothing would change, it is made sure that nobody else changed it.
#[tokio::test]
async fn what_others_wrote_is_seen_before_somebody_is_said_to_be_there() {
    let (test, store, _gateway, session) = faulty().await;
    let other = operator(&test.gateway);
    let old = make(&session, user("anna", &[])).await;
    until(|| async { other.write(delete(old, Kind::User)).await.ok() }).await;
    assert_eq!(done(&session, users(&["anna"])).await, ["done"]);
    store.fail(Changes, &[Unavailable]);
    assert_eq!(done(&session, users(&["anna"])).await, ["taken"]);
}

/// Other nodes, and other writes of this one, see what was made.
#[tokio::test]
async fn everybody_sees_what_was_done_together() {
    let test = start().await;
    let session = operator(&test.gateway);
    let many: Vec<String> = (0..600).map(|n| format!("u{n:03}")).collect();
    let batch: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut underway = Vec::new();
    for batch in batch.chunks(200) {
        underway.push(
            session
                .write_together(users(batch))
                .await
                .expect("handed over"),
        );
    }
    // It waits for its turn.
    let last = session.write(user("u000", &[])).await.map(drop);
    assert!(matches!(last, Err(Error::Taken { .. })), "{last:?}");
    for underway in underway {
        let outcomes = underway.outcomes().await;
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Ok(done) if done.changed))
        );
    }
    assert_eq!(names(&session.read().unwrap()), many);
    assert_eq!(kept(&test).await, many);
    make(&session, user("zoe", &[])).await;
    assert_eq!(names(&session.read().unwrap()).len(), 601);
}
