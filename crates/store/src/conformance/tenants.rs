//! Tenants beside each other.

use jackfield_model::{EdgeKind, GrantSource, Outcome, Revision, TenantId, Timestamp};
use uuid::Uuid;

use super::sample::{
    Tenant, credential, edge, entry, grant, id, kept, link, pending, set, settings, user,
};
use super::state::State;
use super::{AUDIT_KEY, Place};
use crate::audit::verify;
use crate::{Activity, Change, Error, Tail};

pub async fn a_new_tenant_is_empty(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    assert_eq!((head.id, head.name.as_str()), (tenant.id, "acme"));
    assert_eq!((head.revision, head.next_number), (Revision(0), 1));
    assert_eq!(state, State::default());
    assert_eq!(tenant.store.tenants().await.unwrap(), [head]);
    let tail = tenant.store.changes(tenant.id, Revision(0)).await.unwrap();
    assert_eq!(tail, Tail::Sets(Vec::new()));
    assert!(
        tenant
            .store
            .audit(tenant.id, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn tenants_are_listed_in_the_byte_order_of_their_names(place: &dyn Place) {
    let store = place.open().await;
    // A collation of some language would pass over the hyphens.
    for (number, name) in [
        (1, "bb"),
        (2, "b-c"),
        (3, "b0"),
        (4, "a"),
        (5, "b"),
        (6, "ba"),
    ] {
        Tenant::create(store.clone(), number, name).await;
    }
    let heads = store.tenants().await.unwrap();
    let names: Vec<_> = heads.iter().map(|head| head.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "b-c", "b0", "ba", "bb"]);
}

pub async fn a_tenant_name_or_id_is_taken_once(place: &dyn Place) {
    let Tenant { store, .. } = Tenant::at(place).await;
    for (number, name) in [(2, "acme"), (1, "other")] {
        let id = TenantId(Uuid::from_u128(number));
        match store
            .create_tenant(id, &name.parse().unwrap(), Timestamp(0))
            .await
        {
            Err(Error::Duplicate { space, key }) => assert_eq!((&*space, &*key), ("tenant", name)),
            other => panic!("{number} {name}: {other:?}"),
        }
    }
    assert_eq!(store.tenants().await.unwrap().len(), 1);
}

pub async fn a_tenant_that_is_not_there_is_told_apart(place: &dyn Place) {
    let Tenant { store, .. } = Tenant::at(place).await;
    let nobody = TenantId(Uuid::from_u128(404));
    let activity = [Activity {
        subject: id(1),
        last_used: Timestamp(1),
    }];
    let refused = entry("user.create", Outcome::Refused("no".to_owned()));
    let errors = [
        store
            .load(nobody, &mut |_| panic!("nothing is there"))
            .await
            .err(),
        store.changes(nobody, Revision(0)).await.err(),
        store
            .apply(nobody, Revision(0), &[set(vec![user(1, "a")])])
            .await
            .err(),
        store.lock(nobody).await.err(),
        store.append_audit(nobody, &[refused]).await.err(),
        store.note_activity(nobody, &activity).await.err(),
    ];
    for (at, error) in errors.iter().enumerate() {
        assert!(matches!(error, Some(Error::NoTenant)), "{at}: {error:?}");
    }
    assert_eq!(
        store.find_change_set(nobody, Uuid::nil()).await.unwrap(),
        None
    );
    assert!(store.audit(nobody, 0, 9).await.unwrap().is_empty());
    assert!(store.activity(nobody).await.unwrap().is_empty());
    store.delete_tenant(nobody).await.unwrap();
}

fn everything() -> Vec<Change> {
    vec![
        settings("Acme"),
        Change::PutCatalogue("{}".to_owned()),
        user(1, "alice"),
        Change::PutEdge(edge(EdgeKind::Extension, 5, 1)),
        Change::Grant(grant(1, 6, GrantSource::Operator)),
        Change::PutLink(link(1, 7, true)),
        Change::PutPending(pending(6, 7, "x")),
        Change::PutCredential(credential(8, 1)),
    ]
}

pub async fn tenants_do_not_see_each_other(place: &dyn Place) {
    let mut one = Tenant::at(place).await;
    let mut other = Tenant::create(one.store.clone(), 2, "harbor").await;
    // The same ids, numbers, keys and even the same change set.
    let first = set(everything());
    one.apply_sets(std::slice::from_ref(&first)).await.unwrap();
    other
        .apply_sets(std::slice::from_ref(&first))
        .await
        .unwrap();
    let activity = [Activity {
        subject: id(1),
        last_used: Timestamp(9),
    }];
    one.store.note_activity(one.id, &activity).await.unwrap();
    assert!(other.store.activity(other.id).await.unwrap().is_empty());

    let untouched = State::load(&*other.store, other.id).await;
    one.apply(vec![user(1, "bob"), user(2, "carol"), settings("New")])
        .await
        .unwrap();
    one.apply(vec![Change::DeleteRecord(id(2))]).await.unwrap();
    assert_eq!(State::load(&*other.store, other.id).await, untouched);
    let tail = other.store.changes(other.id, Revision(0)).await.unwrap();
    assert_eq!(tail, Tail::Sets(vec![(Revision(1), kept(&first))]));
    for tenant in [&one, &other] {
        let log = tenant.store.audit(tenant.id, 0, 99).await.unwrap();
        assert_eq!(log.len() as u64, tenant.revision.0);
        verify(&AUDIT_KEY, tenant.id, &log).unwrap();
    }
}

pub async fn a_deleted_tenant_takes_everything_of_its_own_with_it(place: &dyn Place) {
    let mut gone = Tenant::at(place).await;
    let mut stays = Tenant::create(gone.store.clone(), 2, "harbor").await;
    gone.apply(everything()).await.unwrap();
    stays.apply(everything()).await.unwrap();
    let activity = [Activity {
        subject: id(1),
        last_used: Timestamp(9),
    }];
    gone.store.note_activity(gone.id, &activity).await.unwrap();
    let before = State::load(&*stays.store, stays.id).await;

    gone.store.delete_tenant(gone.id).await.unwrap();
    let error = gone.apply(vec![user(2, "bob")]).await.unwrap_err();
    assert!(matches!(error, Error::NoTenant), "{error:?}");
    assert_eq!(State::load(&*stays.store, stays.id).await, before);
    assert_eq!(stays.store.tenants().await.unwrap().len(), 1);

    let mut again = Tenant::create(gone.store.clone(), 1, "acme").await;
    let (head, state) = State::load(&*again.store, again.id).await;
    assert_eq!(
        (head.revision, head.next_number, state),
        (Revision(0), 1, State::default())
    );
    assert!(again.store.activity(again.id).await.unwrap().is_empty());
    again.apply(everything()).await.unwrap();
    let log = again.store.audit(again.id, 0, 9).await.unwrap();
    assert_eq!(log.len(), 1);
    verify(&AUDIT_KEY, again.id, &log).unwrap();
}
