//! Many write at once; each is answered for itself.

use std::sync::Arc;

use jackfield_gateway::Error;
use jackfield_gateway::testing::TestGateway;
use jackfield_model::path::PatchKind;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Principal};
use tokio::task::JoinSet;

use crate::faulty::Faulty;
use crate::harness::{
    Hands, Ids, absent, act_as, change_sets, create, delete, gateway, head, make, names, operator,
    patch, refused, set, start, text, until, user,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_writers_gets_its_own_answer() {
    let test = start().await;
    let before = head(&*test.store).await.revision.0;
    let mut writers = JoinSet::new();
    for writer in 0..24u32 {
        let session = operator(&test.gateway);
        writers.spawn(async move {
            let mut done = Vec::new();
            for n in 0..6u32 {
                // A name that is its own, one that two want, and one that cannot be.
                let own = format!("w{writer}-{n}");
                let shared = format!("s{}-{n}", writer / 2);
                for (name, is_own) in [(own.as_str(), true), (shared.as_str(), false), ("", false)]
                {
                    match session.write(user(name, &[])).await {
                        Ok(written) => {
                            assert!(written.changed);
                            let id = written.id.expect("an id");
                            let seen = text(&written.reader, id, attr::USER_NAME);
                            assert_eq!(seen.as_deref(), Some(name), "it is there at once");
                            done.push(name.to_owned());
                        }
                        Err(Error::Taken { .. }) => assert!(!is_own, "{name}"),
                        Err(Error::InvalidValue { .. }) => assert!(name.is_empty()),
                        Err(other) => panic!("{name}: {other}"),
                    }
                }
            }
            done
        });
    }
    let mut done: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    done.sort_unstable();
    let mut expected: Vec<String> = (0..24)
        .flat_map(|w| (0..6).map(move |n| format!("w{w}-{n}")))
        .chain((0..12).flat_map(|s| (0..6).map(move |n| format!("s{s}-{n}"))))
        .collect();
    expected.sort_unstable();
    assert_eq!(done, expected, "of two who want one name, one gets it");
    let reader = operator(&test.gateway).read().expect("a reader");
    assert_eq!(names(&reader), expected);
    let sets = change_sets(&*test.store).await;
    assert_eq!(
        sets.len() as u64,
        before + expected.len() as u64,
        "one revision each"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_by_version_lose_no_update() {
    use jackfield_gateway::{Command, Precondition};
    let test = start().await;
    let id = make(&operator(&test.gateway), user("anna", &[])).await;
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let session = operator(&test.gateway);
        writers.spawn(async move {
            let mut left = 5;
            while left > 0 {
                let reader = session.read().expect("a reader");
                let count = text(&reader, id, attr::TITLE);
                let count: u32 = count.map_or(0, |text| text.parse().expect("a number"));
                let version = reader.entry(id).expect("anna").record().version;
                let next = (count + 1).to_string();
                let Command::Patch { ops, .. } = set(id, attr::TITLE, next.as_str()) else {
                    panic!("a patch");
                };
                let command = Command::Patch {
                    id,
                    kind: Kind::User,
                    ops,
                    expect: Precondition::Versions(vec![version]),
                };
                match session.write(command).await {
                    Ok(_) => left -= 1,
                    Err(Error::VersionMismatch) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    writers.join_all().await;
    let reader = operator(&test.gateway).read().expect("a reader");
    assert_eq!(text(&reader, id, attr::TITLE).as_deref(), Some("40"));
}

/// A gateway whose commits wait, so that what comes meanwhile is one batch.
async fn held(test: &TestGateway) -> (Arc<Faulty>, jackfield_gateway::Gateway, Arc<Ids>) {
    let store = Faulty::new(Arc::clone(&test.store));
    let ids = Ids::new();
    let second = gateway(store.clone(), Hands::new(), ids.clone(), absent());
    (store.clone(), second.await.expect("a gateway"), ids)
}

#[tokio::test]
async fn writes_of_one_batch_are_answered_as_if_each_came_alone() {
    let test = start().await;
    let (store, gateway, _) = held(&test).await;
    let session = operator(&gateway);
    let anna = make(&session, user("anna", &["owner"])).await;
    let ben = make(&session, user("ben", &[])).await;
    store.hold_commits();
    let first = tokio::spawn({
        let session = session.clone();
        async move { session.write(user("first", &[])).await.map(drop) }
    });
    // It waits in the commit; what follows is one batch.
    until(|| async { store.is_waiting().then_some(()) }).await;
    let mut batch = JoinSet::new();
    let commands = vec![
        ("anna a", set(anna, attr::TITLE, "a")),
        ("last owner", delete(anna, Kind::User)),
        ("ben x", set(ben, attr::TITLE, "x")),
        ("anna b", set(anna, attr::TITLE, "b")),
        ("taken", user("BEN", &[])),
        ("ben gone", delete(ben, Kind::User)),
        ("ben late", set(ben, attr::TITLE, "y")),
        ("free again", user("ben", &[])),
        ("no change", set(anna, attr::TITLE, "b")),
    ];
    for (what, command) in commands {
        let session = session.clone();
        batch.spawn(async move { (what, session.write(command).await) });
        tokio::task::yield_now().await;
    }
    let before = head(&*test.store).await.revision;
    store.release_commits();
    first.await.expect("no panic").expect("no error");
    for (what, outcome) in batch.join_all().await {
        match (what, outcome) {
            ("anna a" | "anna b", Ok(written)) => {
                let seen = text(&written.reader, anna, attr::TITLE);
                assert_eq!(
                    seen.as_deref(),
                    what.strip_prefix("anna "),
                    "its own revision"
                );
                assert!(written.changed);
            }
            ("ben x", Ok(written)) => {
                let seen = text(&written.reader, ben, attr::TITLE);
                assert_eq!(seen.as_deref(), Some("x"), "though deleted right after");
            }
            ("last owner", Err(Error::Protected(_)))
            | ("taken", Err(Error::Taken { .. }))
            | ("ben late", Err(Error::NotFound { .. })) => {}
            ("ben gone", Ok(written)) => assert!(written.reader.entry(ben).is_none()),
            ("free again", Ok(written)) => {
                assert_ne!(written.id, Some(ben));
                assert_eq!(names(&written.reader), ["anna", "ben", "first"]);
            }
            ("no change", Ok(written)) => assert!(!written.changed),
            (what, Ok(_)) => panic!("{what} was done"),
            (what, Err(error)) => panic!("{what}: {error}"),
        }
    }
    let after = head(&*test.store).await.revision;
    assert_eq!(after.0 - before.0, 6, "the first, and five of the batch");
    change_sets(&*test.store).await;
}

#[tokio::test]
async fn a_plan_that_panics_costs_its_neighbours_nothing() {
    let test = start().await;
    let (_, gateway, ids) = held(&test).await;
    let session = operator(&gateway);
    ids.panic_once();
    assert_eq!(
        refused(session.write(user("anna", &[])).await),
        Error::Internal
    );
    make(&session, user("anna", &[])).await;
    change_sets(&*test.store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_never_see_half_of_a_write() {
    let test = start().await;
    let session = operator(&test.gateway);
    let a = make(&session, user("a", &[])).await;
    let b = make(&session, user("b", &[])).await;
    let group = Attributes::new().with(attr::DISPLAY_NAME, "sales");
    let group = make(&session, create(Kind::Group, group)).await;
    let member = |id: Id| {
        Attributes::new()
            .with(attr::MEMBERS_VALUE, &*id.to_string())
            .into()
    };
    let reading = tokio::spawn({
        let session = session.clone();
        async move {
            let mut seen = 0u32;
            loop {
                let reader = session.read().expect("a reader");
                let Some(entry) = reader.entry(group) else {
                    return seen;
                };
                let count = entry.attribute(attr::MEMBERS).len();
                assert!(count == 0 || count == 2, "{count} members");
                assert_eq!(count, entry.member_count());
                seen += 1;
                tokio::task::yield_now().await;
            }
        }
    });
    for _ in 0..20 {
        let both = vec![member(a), member(b)];
        let add = patch(group, Kind::Group, PatchKind::Add, attr::MEMBERS, both);
        session.write(add).await.map(drop).expect("done");
        let none = patch(
            group,
            Kind::Group,
            PatchKind::Remove,
            attr::MEMBERS,
            Vec::new(),
        );
        session.write(none).await.map(drop).expect("done");
    }
    session
        .write(delete(group, Kind::Group))
        .await
        .map(drop)
        .expect("done");
    assert!(reading.await.expect("no panic") > 0);
}

#[tokio::test]
async fn who_is_gone_writes_no_more() {
    let test = start().await;
    let conn = test.connection("acme", "okta").await.expect("a connection");
    let okta = act_as(&test.gateway, Principal::Connection(conn.id));
    make(&okta, user("anna", &[])).await;
    let gone = delete(conn.id, Kind::Connection);
    operator(&test.gateway)
        .write(gone)
        .await
        .map(drop)
        .expect("done");
    assert_eq!(
        refused(okta.write(user("ben", &[])).await),
        Error::InvalidCredentials
    );
    assert!(okta.read().is_err());
}
