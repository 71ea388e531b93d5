//! What is acknowledged is there, once; what could not be read leaves the last good snapshot.

use std::sync::Arc;

use jackfield_gateway::metrics::family::{Sample, Value};
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind, Outcome};
use tokio::task::JoinSet;

use crate::faulty::Call::{
    Apply, Audit, Changes, Commit, Find, Load, Lock, LockedChanges, Tenants,
};
use crate::faulty::Fault::{self, Conflict, Gone, LostAfter, LostBefore, Misfit, Unavailable};
use crate::faulty::{Call, Faulty, faulty};
use crate::harness::{
    Hands, Ids, absent, attentive, change_sets, delete, gateway, head, make, names, operator,
    refused, set, start, text, until, user,
};

/// A gateway over a store that will fail, the operator, and an owner.
async fn staffed() -> (TestGateway, Arc<Faulty>, Gateway, Session) {
    let all = faulty().await;
    make(&all.3, user("anna", &["owner"])).await;
    all
}

/// The names of the users, as the gateway shows them and as a fresh load of the store does.
async fn seen(test: &TestGateway, session: &Session) -> (Vec<String>, Vec<String>) {
    let fresh = gateway(Arc::clone(&test.store), Hands::new(), Ids::new(), absent());
    let fresh = fresh.await.expect("a gateway");
    let loaded = names(&operator(&fresh).read().expect("a reader"));
    (names(&session.read().expect("a reader")), loaded)
}

/// Whether the write is answered as done, and whether it is kept.
struct Expected {
    answered: bool,
    kept: bool,
}

#[tokio::test]
async fn whatever_happens_to_a_commit_an_answer_is_true_and_nothing_is_done_twice() {
    let done = || Expected {
        answered: true,
        kept: true,
    };
    let not_done = || Expected {
        answered: false,
        kept: false,
    };
    // Done, though nobody could say so: the client tries again and learns that it is there.
    let unknown = || Expected {
        answered: false,
        kept: true,
    };
    let cases: [(&[(Call, Fault)], Expected); 17] = [
        (&[], done()),
        (&[(Apply, Unavailable)], not_done()),
        (&[(Apply, LostAfter)], done()),
        (&[(Apply, LostBefore)], not_done()),
        (&[(Apply, LostAfter), (Find, Unavailable)], unknown()),
        (&[(Apply, LostBefore), (Find, Unavailable)], not_done()),
        (&[(Apply, Conflict)], done()),
        (&[(Apply, Conflict), (Lock, Unavailable)], not_done()),
        (
            &[(Apply, Conflict), (LockedChanges, Unavailable)],
            not_done(),
        ),
        (&[(Apply, Conflict), (LockedChanges, Gone)], done()),
        (
            &[
                (Apply, Conflict),
                (LockedChanges, Gone),
                (Load, Unavailable),
            ],
            not_done(),
        ),
        (
            &[
                (Apply, Conflict),
                (LockedChanges, Gone),
                (LockedChanges, Gone),
            ],
            not_done(),
        ),
        (&[(Apply, Conflict), (Commit, Unavailable)], not_done()),
        (&[(Apply, Conflict), (Commit, LostAfter)], done()),
        (&[(Apply, Conflict), (Commit, LostBefore)], not_done()),
        (
            &[(Apply, Conflict), (Commit, LostAfter), (Find, Unavailable)],
            unknown(),
        ),
        (
            &[(Apply, Conflict), (Commit, LostBefore), (Find, Unavailable)],
            not_done(),
        ),
    ];
    for (faults, expected) in cases {
        let (test, store, _, session) = staffed().await;
        for (call, fault) in faults {
            store.fail(*call, &[*fault]);
        }
        let before = head(&*test.store).await.revision;
        let outcome = session.write(user("ben", &[])).await;
        assert!(!store.has_faults(), "{faults:?}: all of it happened");
        match &outcome {
            Ok(written) => assert_eq!(names(&written.reader), ["anna", "ben"], "{faults:?}"),
            Err(error) => assert_eq!(*error, Error::Unavailable, "{faults:?}"),
        }
        assert_eq!(outcome.is_ok(), expected.answered, "{faults:?}");
        let kept = head(&*test.store).await.revision != before;
        assert_eq!(kept, expected.kept, "{faults:?}");
        // The client tries again, and all is well.
        match session.write(user("ben", &[])).await {
            Ok(_) => assert!(!kept, "{faults:?}: done twice"),
            Err(Error::Taken { .. }) => assert!(kept, "{faults:?}"),
            Err(other) => panic!("{faults:?}: {other}"),
        }
        assert_eq!(
            head(&*test.store).await.revision,
            before.next(),
            "{faults:?}"
        );
        session
            .write(user("carl", &[]))
            .await
            .map(drop)
            .expect("done");
        let all = vec!["anna".to_owned(), "ben".into(), "carl".into()];
        assert_eq!(
            seen(&test, &session).await,
            (all.clone(), all),
            "{faults:?}"
        );
        change_sets(&*test.store).await;
    }
}

#[tokio::test]
async fn what_another_process_wrote_meanwhile_is_seen_by_the_rules() {
    for faults in [
        vec![],
        vec![(LockedChanges, Gone)],
        vec![(LockedChanges, Misfit)],
        vec![(Commit, LostAfter)],
    ] {
        let (test, store, _, session) = staffed().await;
        let other = operator(&test.gateway);
        until(|| async {
            names(&other.read().ok()?)
                .contains(&"anna".into())
                .then_some(())
        })
        .await;
        let anna = other.named(Kind::User, "anna").expect("anna");
        let ben = make(&other, user("ben", &["owner"])).await;
        other
            .write(delete(anna, Kind::User))
            .await
            .map(drop)
            .expect("two owners");
        for (call, fault) in &faults {
            store.fail(*call, &[*fault]);
        }
        // This node still thinks that anna is the owner.
        assert_eq!(names(&session.read().expect("a reader")), ["anna"]);
        if !faults.is_empty() {
            // It learns of it by a write that collides.
            make(&session, user("dora", &[])).await;
            assert!(!store.has_faults(), "{faults:?}: all of it happened");
        }
        let error = refused(session.write(delete(ben, Kind::User)).await);
        assert!(matches!(error, Error::Protected(_)), "{faults:?} {error:?}");
        let error = refused(session.write(user("BEN", &[])).await);
        assert!(matches!(error, Error::Taken { .. }), "{faults:?} {error:?}");
        let error = refused(session.write(set(anna, attr::TITLE, "x")).await);
        assert!(
            matches!(error, Error::NotFound { .. }),
            "{faults:?} {error:?}"
        );
        make(&session, user("carl", &[])).await;
        let mut all = vec!["ben".to_owned(), "carl".into()];
        all.extend((!faults.is_empty()).then_some("dora".to_owned()));
        assert_eq!(
            seen(&test, &session).await,
            (all.clone(), all),
            "{faults:?}"
        );
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_read_leaves_the_last_good_snapshot() {
    let test = start().await;
    let store = Faulty::new(Arc::clone(&test.store));
    let node = gateway(store.clone(), Hands::new(), Ids::new(), attentive());
    let node = node.await.expect("a gateway");
    let session = operator(&node);
    let other = operator(&test.gateway);
    make(&other, user("anna", &[])).await;
    let sees = |name: &'static str| {
        let session = &session;
        move || async move {
            names(&session.read().ok()?)
                .contains(&name.to_owned())
                .then_some(())
        }
    };
    until(sees("anna")).await;
    // Whether the list, the changes or the load cannot be read, or are cut off in the middle.
    let ways: [(&'static str, &[(Call, Fault)]); 4] = [
        ("ben", &[(Tenants, Unavailable)]),
        ("carl", &[(Changes, Unavailable)]),
        ("dora", &[(Changes, Gone), (Load, Unavailable)]),
        ("emil", &[(Changes, Misfit), (Load, Unavailable)]),
    ];
    for (name, faults) in ways {
        for (call, fault) in faults {
            store.fail(*call, &[*fault; 3]);
        }
        let before = names(&session.read().expect("a reader"));
        make(&other, user(name, &[])).await;
        // Whatever is seen meanwhile is the old tenant or the new one, never less.
        let mut after = before.clone();
        after.push(name.to_owned());
        after.sort_unstable();
        until(|| async {
            let seen = names(&session.read().expect("it is served all the time"));
            assert!(seen == before || seen == after, "{seen:?}");
            (!store.has_faults() && seen == after).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_node_does_not_start_on_half_a_tenant() {
    let test = start().await;
    make(&operator(&test.gateway), user("anna", &[])).await;
    for call in [Tenants, Load] {
        let store = Faulty::new(Arc::clone(&test.store));
        store.fail(call, &[Unavailable]);
        let started = gateway(store.clone(), Hands::new(), Ids::new(), absent()).await;
        assert_eq!(started.err(), Some(Error::Unavailable), "{call:?}");
        let started = gateway(store, Hands::new(), Ids::new(), absent()).await;
        let session = operator(&started.expect("the second time"));
        assert_eq!(names(&session.read().expect("a reader")), ["anna"]);
    }
}

/// How often the node looked at the store without success.
fn failed_looks(node: &Gateway) -> u64 {
    let families = node.families(false).into_iter();
    let mut looks = families.filter(|family| family.name == "jackfield_store_looks_total");
    let samples = looks.next().expect("the family").samples.into_iter();
    let is_failed = |sample: &Sample| sample.labels.contains(&("outcome", "failed".to_owned()));
    match samples.filter(is_failed).map(|sample| sample.value).next() {
        Some(Value::Number(count)) => count,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tenant_that_cannot_be_loaded_keeps_nobody_else_waiting() {
    let test = start().await;
    let store = Faulty::new(Arc::clone(&test.store));
    let node = gateway(store.clone(), Hands::new(), Ids::new(), attentive());
    let node = node.await.expect("a gateway");
    store.fail(Load, &[Unavailable; 10_000]);
    let name = "aaa".parse().expect("a name");
    let declared = jackfield_gateway::testing::declaration(
        "aaa",
        include_str!("../../../../config/catalogues/opbx.toml"),
    );
    test.gateway
        .declare(&name, declared.expect("a declaration"))
        .await
        .expect("done");
    make(&operator(&test.gateway), user("anna", &[])).await;
    let session = operator(&node);
    until(|| async {
        names(&session.read().ok()?)
            .contains(&"anna".into())
            .then_some(())
    })
    .await;
    assert!(node.tenant("aaa").is_err());
    until(|| async { (failed_looks(&node) > 20).then_some(()) }).await;
    // It is counted at each look, and tried a few times only.
    assert!(store.left(Load) > 9_990, "{}", store.left(Load));
    store.heal();
    until(|| async { node.tenant("aaa").ok() }).await;
}

#[tokio::test]
async fn a_refusal_is_answered_though_it_cannot_be_told() {
    let (test, store, _, session) = staffed().await;
    store.fail(Audit, &[Unavailable]);
    let anna = session.named(Kind::User, "anna").expect("anna");
    let error = refused(session.write(delete(anna, Kind::User)).await);
    assert!(matches!(error, Error::Protected(_)), "{error:?}");
    // The next one is told again.
    let error = refused(session.write(delete(anna, Kind::User)).await);
    assert!(matches!(error, Error::Protected(_)), "{error:?}");
    let id = head(&*test.store).await.id;
    until(|| async {
        let log = test.store.audit(id, 0, 1_000).await.ok()?;
        let refusals = log
            .iter()
            .filter(|s| matches!(s.entry.outcome, Outcome::Refused(_)));
        (refusals.count() == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_many_writers_and_failures_nothing_acknowledged_is_lost() {
    let (test, store, node, session) = staffed().await;
    let other = test.gateway.clone();
    let faults = [
        (
            Apply,
            [LostAfter, Conflict, Unavailable, LostBefore].as_slice(),
        ),
        (Commit, &[LostAfter, LostBefore, Unavailable]),
        (LockedChanges, &[Gone, Misfit]),
        (Find, &[Unavailable]),
        (Changes, &[Misfit, Gone, Unavailable]),
    ];
    for (call, faults) in faults {
        for _ in 0..4 {
            store.fail(call, faults);
        }
    }
    let mut writers = JoinSet::new();
    for writer in 0..12u32 {
        let session = operator(if writer % 3 == 0 { &other } else { &node });
        writers.spawn(async move {
            let mut acknowledged: Vec<(String, Id)> = Vec::new();
            for n in 0..8u32 {
                let name = format!("w{writer}-{n}");
                match session.write(user(&name, &[])).await {
                    Ok(written) => acknowledged.push((name, written.id.expect("an id"))),
                    Err(Error::Unavailable) => {}
                    Err(other) => panic!("{name}: {other}"),
                }
            }
            acknowledged
        });
    }
    let acknowledged: Vec<(String, Id)> = writers.join_all().await.into_iter().flatten().collect();
    store.heal();
    let last = make(&session, user("last", &[])).await;
    assert!(!acknowledged.is_empty());
    let fresh = gateway(Arc::clone(&test.store), Hands::new(), Ids::new(), absent());
    let fresh = operator(&fresh.await.expect("a gateway"))
        .read()
        .expect("a reader");
    for (name, id) in &acknowledged {
        let kept = text(&fresh, *id, attr::USER_NAME);
        assert_eq!(
            kept.as_deref(),
            Some(name.as_str()),
            "acknowledged and lost"
        );
    }
    assert!(fresh.entry(last).is_some());
    // Both nodes come to the same, each name once, each change set once.
    let expected = names(&fresh);
    let mut distinct = expected.clone();
    distinct.dedup();
    assert_eq!(distinct, expected);
    for node in [&node, &other] {
        let session = operator(node);
        until(|| async { (names(&session.read().ok()?) == expected).then_some(()) }).await;
    }
    let sets = change_sets(&*test.store).await;
    let mut ids: Vec<_> = sets.iter().map(|set| set.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), sets.len());
}
