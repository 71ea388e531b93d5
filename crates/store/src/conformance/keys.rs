//! What must be unique, and what it compares.

use std::sync::Arc;

use jackfield_model::{Change, EdgeKind, Kind, Number};

use super::Place;
use super::sample::{Tenant, delete, edge, id, link, put, record, set, user};
use super::state::State;

pub async fn unique_keys_compare_prepared_forms_byte_by_byte(place: &dyn Place) {
    let same = [
        ("alice", "ALICE", "alice"),
        ("Straße", "STRASSE", "strasse"),
        ("É", "e\u{301}", "é"),
        ("ﬁx", "FIX", "fix"),
        ("Ａ1", "a1", "a1"),
        ("İ", "i\u{307}", "i\u{307}"),
        (" two  words ", "Two Words", "two words"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"),
    ];
    let different = [
        ("résumé", "resume"),
        ("co-op", "coop"),
        ("İx", "ix"),
        ("ıy", "iy"),
        ("æ", "ae"),
        ("o'neil", "oneil"),
        ("a_b", "axb"),
        ("a%", "a"),
        ("7", "07"),
        ("ё", "е"),
        ("が", "か"),
        ("", "-"),
    ];
    let mut tenant = Tenant::at(place).await;
    let mut numbers = 1..;
    let mut next = || numbers.next().unwrap();
    for (one, other, key) in same {
        tenant.apply(vec![user(next(), one)]).await.unwrap();
        tenant
            .refuse(vec![user(next(), other)], ("user", key))
            .await;
    }
    for (one, other) in different {
        let both = vec![user(next(), one), user(next(), other)];
        tenant
            .apply(both)
            .await
            .unwrap_or_else(|error| panic!("{one:?}, {other:?}: {error}"));
    }
}

pub async fn a_key_is_unique_among_its_kind(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let unique = [
        Kind::User,
        Kind::Role,
        Kind::Extension,
        Kind::Desk,
        Kind::Service,
        Kind::Device,
        Kind::Connection,
    ];
    for (number, kind) in (1..).zip(unique) {
        tenant.apply(vec![put(kind, number, "200")]).await.unwrap();
        tenant
            .refuse(vec![put(kind, number + 100, "200")], (kind.name(), "200"))
            .await;
    }
}

pub async fn groups_and_contacts_may_share_a_name(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    for (number, kind) in [
        (1, Kind::Group),
        (2, Kind::Group),
        (3, Kind::Contact),
        (4, Kind::Contact),
    ] {
        tenant
            .apply(vec![put(kind, number, "Sales")])
            .await
            .unwrap();
    }
}

pub async fn a_key_can_be_used_again_in_the_change_set_that_frees_it(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant
        .apply(vec![user(1, "a"), user(2, "b")])
        .await
        .unwrap();
    // Renamed away, deleted, and swapped with a third name in between.
    tenant
        .apply(vec![user(1, "c"), user(3, "a")])
        .await
        .unwrap();
    tenant.apply(vec![delete(2), user(4, "b")]).await.unwrap();
    let swap = [
        set(vec![user(3, "tmp")]),
        set(vec![user(4, "a")]),
        set(vec![user(3, "b")]),
    ];
    tenant.apply_sets(&swap).await.unwrap();
    tenant
        .refuse(vec![user(3, "c"), user(1, "x")], ("user", "c"))
        .await;
    let records = State::load(&*tenant.store, tenant.id).await.1.records;
    let logins: Vec<_> = records.values().map(|user| user.login().unwrap()).collect();
    assert_eq!(logins, ["c", "b", "a"]);
}

pub async fn long_keys_are_told_apart(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    // Not repetitive, so that no compression makes it fit where it should not.
    let words = (1..60_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
    let long = words.collect::<String>();
    let (one, other) = (format!("{long}a"), format!("{long}b"));
    tenant
        .apply(vec![user(1, &one), user(2, &other)])
        .await
        .unwrap();
    tenant.refuse(vec![user(3, &other)], ("user", &other)).await;
}

pub async fn a_number_is_never_used_again(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant
        .apply(vec![user(1, "a"), user(7, "b")])
        .await
        .unwrap();
    let reused = |number| {
        let mut record = record(Kind::Group, number + 100, "g");
        record.number = Number(number);
        vec![Change::PutRecord(Arc::new(record))]
    };
    tenant.refuse(reused(1), ("group", "1")).await;
    tenant.apply(vec![delete(7)]).await.unwrap();
    tenant.refuse(reused(7), ("group", "7")).await;
    tenant.store = place.open().await;
    tenant.refuse(reused(7), ("group", "7")).await;
    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    assert_eq!((head.next_number, state.records.len()), (8, 1));
}

pub async fn an_extension_has_one_holder_at_most(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let held = |by| Change::PutEdge(edge(EdgeKind::Extension, 1, by));
    let free = |by| Change::RemoveEdge(edge(EdgeKind::Extension, 1, by));
    tenant.apply(vec![held(2)]).await.unwrap();
    tenant.apply(vec![held(2)]).await.unwrap();
    tenant
        .refuse(vec![held(3)], ("holder of extension", &id(1).to_string()))
        .await;
    tenant.apply(vec![free(2), held(3)]).await.unwrap();
    // Groups have many members and desks many users.
    for kind in [EdgeKind::Member, EdgeKind::Desk] {
        let edges = (1..80)
            .map(|to| Change::PutEdge(edge(kind, 1, to)))
            .collect();
        tenant.apply(edges).await.unwrap();
    }
    let edges = State::load(&*tenant.store, tenant.id).await.1.edges;
    assert_eq!(edges.len(), 2 * 79 + 1);
    assert!(edges.contains_key(&(EdgeKind::Extension, id(1), id(3))));
}

pub async fn a_record_has_one_owner_at_most(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let owned = |by, owner| Change::PutLink(link(1, by, owner));
    tenant
        .apply(vec![owned(2, true), owned(3, false), owned(4, false)])
        .await
        .unwrap();
    tenant
        .refuse(
            vec![owned(3, true)],
            ("owner of record", &id(1).to_string()),
        )
        .await;
    tenant
        .apply(vec![owned(2, false), owned(3, true)])
        .await
        .unwrap();
    let remove = Change::RemoveLink {
        record: id(1),
        connection: id(3),
    };
    tenant.apply(vec![remove, owned(4, true)]).await.unwrap();
    let links = State::load(&*tenant.store, tenant.id).await.1.links;
    let owners: Vec<_> = links
        .values()
        .map(|link| (link.connection, link.owner))
        .collect();
    assert_eq!(owners, [(id(2), false), (id(4), true)]);
}
