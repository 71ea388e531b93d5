//! What is kept beside the tenants, and closing.

use std::cell::Cell;

use jackfield_model::{Revision, TenantId, Timestamp};
use uuid::Uuid;

use super::Place;
use super::sample::{Tenant, kept, set, user};
use crate::{Error, Tail};

pub async fn the_first_value_of_a_name_is_kept(place: &dyn Place) {
    let store = place.open().await;
    let first = [("key", "\0first".as_bytes()), ("KEY", b"\xff"), ("", b"")];
    for (name, value) in first {
        assert_eq!(store.keep(name, value).await.unwrap(), value, "{name:?}");
        assert_eq!(store.keep(name, b"later").await.unwrap(), value, "{name:?}");
    }
    drop(store);
    let store = place.open().await;
    for (name, value) in first {
        assert_eq!(store.keep(name, b"later").await.unwrap(), value, "{name:?}");
    }
}

pub async fn a_kept_value_is_replaced_alone_and_for_good(place: &dyn Place) {
    let store = place.open().await;
    store.keep("key", b"first").await.unwrap();
    store.keep("other", b"other").await.unwrap();
    for (name, value) in [("key", b"second"), ("new", b"\0\xff\0\xff\0\xff")] {
        store.replace_kept(name, value).await.unwrap();
    }
    drop(store);
    let store = place.open().await;
    for (name, value) in [
        ("key", b"second".as_slice()),
        ("new", b"\0\xff\0\xff\0\xff"),
        ("other", b"other"),
    ] {
        assert_eq!(store.keep(name, b"later").await.unwrap(), value, "{name}");
    }
}

pub async fn concurrent_processes_keep_one_value(place: &dyn Place) {
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(place.open().await);
    }
    for round in 0..8 {
        let name = round.to_string();
        let tasks: Vec<_> = (0_u8..)
            .zip(&stores)
            .map(|(number, store)| {
                let (store, name) = (store.clone(), name.clone());
                tokio::spawn(async move { store.keep(&name, &[number]).await.unwrap() })
            })
            .collect();
        let kept = stores[0].keep(&name, b"later").await.unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap(), kept, "{round}");
        }
    }
}

pub async fn closing_waits_for_what_is_under_way(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let locked = tenant.store.lock(tenant.id).await.unwrap();
    let committed = Cell::new(false);
    let sets = [set(vec![user(1, "a")])];
    // The first of the two begins.
    tokio::join!(
        async {
            tenant.store.close().await;
            assert!(committed.get(), "the store was closed under a writer");
        },
        async {
            locked.commit(&sets).await.unwrap();
            committed.set(true);
        },
    );
    let store = place.open().await;
    let Tail::Sets(found) = store.changes(tenant.id, Revision(0)).await.unwrap() else {
        panic!("it is kept")
    };
    assert_eq!(found[0].1, kept(&sets[0]));
}

pub async fn a_closed_store_is_unavailable_and_others_go_on(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let other = place.open().await;
    tenant.store.close().await;
    tenant.store.close().await;
    let (store, id) = (tenant.store.clone(), tenant.id);
    let new = TenantId(Uuid::from_u128(2));
    let name = "harbor".parse().unwrap();
    let errors = [
        store.keep("key", b"").await.err(),
        store.tenants().await.err(),
        store.create_tenant(new, &name, Timestamp(0)).await.err(),
        store.delete_tenant(id).await.err(),
        store.load(id, &mut |_| {}).await.err(),
        store.changes(id, Revision(0)).await.err(),
        tenant.apply(vec![user(1, "a")]).await.err(),
        store.lock(id).await.err(),
        store.find_change_set(id, Uuid::nil()).await.err(),
        store.append_audit(id, &[]).await.err(),
        store.audit(id, 0, 9).await.err(),
        store.note_activity(id, &[]).await.err(),
        store.activity(id).await.err(),
        store.lockouts(id, None).await.err(),
        store
            .use_once(id, &[0; 32], Timestamp(1), Timestamp(0))
            .await
            .err(),
    ];
    for (at, error) in errors.iter().enumerate() {
        let unavailable = matches!(error, Some(Error::Unavailable(_)));
        assert!(unavailable, "{at}: {error:?}");
    }
    tenant.store = other;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
}
