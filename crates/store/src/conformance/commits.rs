//! Compare-and-set, atomicity, locks.

use std::sync::Arc;

use jackfield_model::{Outcome, Revision, TenantId};
use uuid::Uuid;

use super::Place;
use super::sample::{Tenant, entry, id, kept, set, touch, user};
use super::state::State;
use crate::{Error, Store, Tail};

pub async fn each_change_set_makes_one_revision(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    assert_eq!(tenant.apply_sets(&[]).await.unwrap(), Revision(0));
    assert_eq!(tenant.apply(vec![user(1, "a")]).await.unwrap(), Revision(1));
    let three = [
        set(vec![user(2, "b")]),
        set(Vec::new()),
        set(vec![user(3, "c"), user(4, "d")]),
    ];
    assert_eq!(tenant.apply_sets(&three).await.unwrap(), Revision(4));
    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    assert_eq!(
        (head.revision, head.next_number, state.records.len()),
        (Revision(4), 5, 4)
    );
    assert_eq!(tenant.store.tenants().await.unwrap(), [head]);
}

pub async fn a_stale_revision_is_refused_and_writes_nothing(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    let before = State::load(&*tenant.store, tenant.id).await;
    for wrong in [0, 2, u64::MAX] {
        let late = set(vec![user(2, "b")]);
        match tenant
            .store
            .apply(tenant.id, Revision(wrong), std::slice::from_ref(&late))
            .await
        {
            Err(Error::Conflict { actual }) => assert_eq!(actual, Revision(1)),
            other => panic!("{wrong}: {other:?}"),
        }
        assert_eq!(
            tenant
                .store
                .find_change_set(tenant.id, late.id)
                .await
                .unwrap(),
            None
        );
    }
    assert_eq!(State::load(&*tenant.store, tenant.id).await, before);
    assert_eq!(tenant.store.audit(tenant.id, 0, 9).await.unwrap().len(), 1);
}

pub async fn a_refused_change_set_takes_its_neighbours_back(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    let before = State::load(&*tenant.store, tenant.id).await;
    // Enough rows that many go in one statement, and one among them is wrong.
    let mut changes: Vec<_> = (2..90).map(|n| user(n, &format!("u{n}"))).collect();
    changes.insert(30, user(90, "A"));
    let sets = [set(vec![user(91, "z"), touch(1, 9)]), set(changes)];
    match tenant.apply_sets(&sets).await {
        Err(Error::Duplicate { space, key }) => assert_eq!((&*space, &*key), ("user", "a")),
        other => panic!("{other:?}"),
    }
    assert_eq!(State::load(&*tenant.store, tenant.id).await, before);
    assert_eq!(
        tenant
            .store
            .find_change_set(tenant.id, sets[0].id)
            .await
            .unwrap(),
        None
    );
    assert_eq!(tenant.store.audit(tenant.id, 0, 9).await.unwrap().len(), 1);
    tenant.apply_sets(&sets[..1]).await.unwrap();
}

pub async fn concurrent_writers_lose_nothing(place: &dyn Place) {
    let store = place.open().await;
    race(vec![store; 8]).await;
}

pub async fn concurrent_processes_lose_nothing(place: &dyn Place) {
    race(vec![place.open().await, place.open().await]).await;
}

/// Each writer commits ten users, now on a revision that it looked up, now under the lock.
async fn race(stores: Vec<Arc<dyn Store>>) {
    let tenant = Tenant::create(stores[0].clone(), 1, "acme").await;
    let writers = u32::try_from(stores.len()).unwrap();
    let tasks: Vec<_> = (0..writers)
        .zip(stores)
        .map(|(writer, store)| tokio::spawn(write_ten(store, tenant.id, writer * 10)))
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.append(&mut task.await.unwrap());
    }
    made.sort_unstable();
    let gap_free: Vec<_> = (1..=u64::from(writers) * 10).map(Revision).collect();
    assert_eq!(made, gap_free, "no revision is made twice or left out");

    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    let Tail::Sets(sets) = tenant.store.changes(tenant.id, Revision(0)).await.unwrap() else {
        panic!("nothing is that old");
    };
    assert_eq!(head.revision, gap_free[gap_free.len() - 1]);
    assert_eq!(state, State::fold(sets.iter().map(|(_, set)| set)));
    assert_eq!(state.records.len(), gap_free.len());
}

async fn write_ten(store: Arc<dyn Store>, tenant: TenantId, first: u32) -> Vec<Revision> {
    let mut made = Vec::new();
    for number in first + 1..=first + 10 {
        let sets = [set(vec![user(number, &format!("u{number}"))])];
        let mut attempts = 0;
        let revision = loop {
            attempts += 1;
            if attempts > 5 {
                break store
                    .lock(tenant)
                    .await
                    .unwrap()
                    .commit(&sets)
                    .await
                    .unwrap();
            }
            let expected = store.tenants().await.unwrap()[0].revision;
            match store.apply(tenant, expected, &sets).await {
                Ok(revision) => break revision,
                Err(Error::Conflict { actual }) => assert!(actual > expected),
                Err(error) => panic!("{error}"),
            }
        };
        made.push(revision);
    }
    made
}

pub async fn a_change_set_is_found_by_its_id(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let sets = [set(vec![user(1, "a")]), set(Vec::new())];
    tenant.apply_sets(&sets).await.unwrap();
    for (set, revision) in sets.iter().zip([1, 2]) {
        let found = tenant
            .store
            .find_change_set(tenant.id, set.id)
            .await
            .unwrap();
        assert_eq!(found, Some(Revision(revision)));
    }
    let found = tenant
        .store
        .find_change_set(tenant.id, Uuid::max())
        .await
        .unwrap();
    assert_eq!(found, None);
}

pub async fn a_change_set_is_not_committed_twice(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let once = set(vec![user(1, "a")]);
    tenant
        .apply_sets(std::slice::from_ref(&once))
        .await
        .unwrap();
    match tenant.apply_sets(std::slice::from_ref(&once)).await {
        Err(Error::Duplicate { space, key }) => {
            assert_eq!((space.as_str(), key), ("change set", once.id.to_string()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        State::load(&*tenant.store, tenant.id).await.0.revision,
        Revision(1)
    );
}

pub async fn who_holds_the_lock_catches_up_and_commits(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let missed = set(vec![user(1, "a")]);
    tenant
        .apply_sets(std::slice::from_ref(&missed))
        .await
        .unwrap();
    let mut locked = place.open().await.lock(tenant.id).await.unwrap();
    assert_eq!(locked.revision(), Revision(1));
    let tail = locked.changes(Revision(0)).await.unwrap();
    assert_eq!(tail, Tail::Sets(vec![(Revision(1), kept(&missed))]));
    let sets = [set(vec![user(2, "b")]), set(vec![user(3, "c")])];
    assert_eq!(locked.commit(&sets).await.unwrap(), Revision(3));
    assert_eq!(
        State::load(&*tenant.store, tenant.id).await.1.records.len(),
        3
    );
}

pub async fn a_lock_keeps_writers_waiting_but_not_readers(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let other = place.open().await;
    let locked = tenant.store.lock(tenant.id).await.unwrap();
    let sets = [set(vec![user(1, "a")])];
    let refused = [entry("user.create", Outcome::Refused("no".to_owned()))];
    let mut write = other.apply(tenant.id, Revision(0), &sets);
    let mut refuse = other.append_audit(tenant.id, &refused);
    for _ in 0..50 {
        tokio::select! {
            biased;
            result = &mut write => panic!("a writer did not wait: {result:?}"),
            result = &mut refuse => panic!("a refusal did not wait: {result:?}"),
            loaded = State::load(&*other, tenant.id) => assert_eq!(loaded.0.revision, Revision(0)),
        }
    }
    assert_eq!(
        locked.commit(&[set(vec![user(2, "b")])]).await.unwrap(),
        Revision(1)
    );
    let (write, refuse) = tokio::join!(write, refuse);
    assert!(
        matches!(
            write,
            Err(Error::Conflict {
                actual: Revision(1)
            })
        ),
        "{write:?}"
    );
    refuse.unwrap();
}

pub async fn a_dropped_lock_writes_nothing_and_lets_others_go_on(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    drop(tenant.store.lock(tenant.id).await.unwrap());
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    drop(place.open().await.lock(tenant.id).await.unwrap());
    tenant.apply(vec![user(2, "b")]).await.unwrap();
    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    assert_eq!(head.revision, Revision(2));
    assert_eq!(
        state.records.into_keys().collect::<Vec<_>>(),
        [id(1), id(2)]
    );
}
