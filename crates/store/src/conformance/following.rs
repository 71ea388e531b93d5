//! Loading, change rows, restarts.

use std::sync::Arc;

use jackfield_model::{Change, ChangeSet, Edge, EdgeKind, GrantSource, Kind, Revision, Timestamp};

use super::Place;
use super::sample::{
    Tenant, credential, delete, edge, grant, id, kept, link, pending, put, record, schemas, set,
    settings, touch, user,
};
use super::state::State;
use crate::{CHANGE_SETS_KEPT, Tail, WIDE_CHANGE_SETS_KEPT};

/// Change sets in which everything comes and goes.
fn story() -> Vec<ChangeSet> {
    let member = |to| edge(EdgeKind::Member, 50, to);
    let holder = edge(EdgeKind::Extension, 60, 1);
    vec![
        set(vec![
            settings("Acme"),
            Change::PutCatalogue("{\"one\": 1}".to_owned()),
            schemas("hired"),
        ]),
        set((1..40).map(|n| user(n, &format!("u{n}"))).collect()),
        set(vec![
            put(Kind::Group, 50, "Sales"),
            put(Kind::Extension, 60, "200"),
        ]),
        set((1..40)
            .map(|n| Change::PutEdge(member(n)))
            .chain([touch(50, 4)])
            .collect()),
        set(vec![
            Change::PutEdge(holder),
            Change::PutEdge(Edge {
                primary: true,
                ..holder
            }),
        ]),
        set(vec![
            Change::Grant(grant(1, 70, GrantSource::Operator)),
            Change::Grant(grant(1, 70, GrantSource::Mapping("Admins".into()))),
            Change::Grant(grant(2, 70, GrantSource::Person(id(1)))),
            Change::PutLink(link(1, 80, true)),
            Change::PutLink(link(2, 80, true)),
            Change::PutCredential(credential(90, 1)),
            Change::PutCredential(credential(91, 2)),
            Change::PutPending(pending(50, 80, "u40")),
            Change::PutPending(pending(50, 80, "U40")),
            Change::PutPending(pending(50, 81, "u40")),
        ]),
        set(vec![
            user(1, "renamed"),
            settings("New"),
            Change::PutCatalogue("{}".to_owned()),
            schemas("left"),
        ]),
        set(vec![
            Change::RemoveEdge(member(2)),
            touch(50, 8),
            Change::Revoke(grant(2, 70, GrantSource::Person(id(1)))),
            Change::RemoveLink {
                record: id(2),
                connection: id(80),
            },
            Change::RemoveCredential(id(91)),
            Change::RemovePending(pending(50, 80, "u40")),
            Change::RemovePending(pending(50, 80, "u41")),
            delete(2),
        ]),
        set(vec![
            Change::RemoveEdge(member(404)),
            delete(404),
            touch(404, 9),
        ]),
        set(Vec::new()),
        set(vec![
            touch(3, 11),
            touch(3, 12),
            user(4, "four"),
            touch(4, 13),
            touch(5, 13),
            delete(5),
        ]),
    ]
}

pub async fn a_load_equals_the_fold_of_the_changes(place: &dyn Place) {
    let store = place.open().await;
    let story = story();
    // The same, whether each is committed for itself or all of them together.
    for (number, together) in [(1, 1), (2, 3), (3, story.len())] {
        let mut tenant = Tenant::create(store.clone(), number, &format!("t{number}")).await;
        for part in story.chunks(together) {
            tenant.apply_sets(part).await.unwrap();
            let done = usize::try_from(tenant.revision.0).unwrap();
            let (head, state) = State::load(&*store, tenant.id).await;
            assert_eq!(head.revision, tenant.revision);
            assert_eq!(
                state,
                State::fold(&story[..done]),
                "after {done}, {together} together"
            );
        }
    }
}

pub async fn any_order_of_changes_has_the_effect_of_one_after_the_other(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let mut random = Random(42);
    let mut all = Vec::new();
    for _ in 0..25 {
        let sets: Vec<_> = (0..=random.below(4))
            .map(|_| set((0..random.below(60)).map(|_| random.change()).collect()))
            .collect();
        tenant.apply_sets(&sets).await.unwrap();
        all.extend(sets);
        assert_eq!(
            State::load(&*tenant.store, tenant.id).await.1,
            State::fold(&all)
        );
    }
}

/// The same numbers on every run (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % end
    }

    /// A change that no rule forbids, on few enough rows that they meet often.
    fn change(&mut self) -> Change {
        let (one, other) = (1 + self.below(8), 1 + self.below(8));
        let member = Edge {
            primary: self.below(2) == 0,
            ..edge(EdgeKind::Member, one, other)
        };
        let given = grant(one, other, GrantSource::Config);
        let expected = pending(one, other, ["a", "A"][usize::from(member.primary)]);
        match self.below(13) {
            0 | 1 => user(one, &format!("u{one}-{}", self.below(3))),
            2 => touch(one, self.below(100).into()),
            3 => delete(one),
            4 => Change::PutEdge(member),
            5 => Change::RemoveEdge(member),
            6 => Change::Grant(given),
            7 => Change::Revoke(given),
            8 => Change::PutLink(link(one, other, false)),
            9 => Change::RemoveLink {
                record: id(one),
                connection: id(other),
            },
            10 => Change::PutPending(expected),
            11 => Change::RemovePending(expected),
            _ if self.below(2) == 0 => Change::PutCredential(credential(one, other)),
            _ => Change::RemoveCredential(id(one)),
        }
    }
}

pub async fn change_sets_come_back_complete_and_in_order(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let story = story();
    tenant.apply_sets(&story[..4]).await.unwrap();
    tenant.apply_sets(&story[4..]).await.unwrap();
    for after in 0..=story.len() {
        let expected = (1..)
            .map(Revision)
            .zip(story.iter().map(kept))
            .skip(after)
            .collect();
        let tail = tenant
            .store
            .changes(tenant.id, Revision(after as u64))
            .await
            .unwrap();
        assert_eq!(tail, Tail::Sets(expected), "after {after}");
    }
}

pub async fn a_touch_changes_times_only(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant
        .apply(vec![user(1, "a"), user(2, "b")])
        .await
        .unwrap();
    let mut expected = State::load(&*tenant.store, tenant.id).await.1.records;
    let modified = Timestamp(77);
    tenant
        .apply(vec![Change::Touch {
            id: id(1),
            modified,
            version: 2,
        }])
        .await
        .unwrap();
    let touched = expected.get_mut(&id(1)).unwrap();
    (touched.modified, touched.version) = (modified, 2);
    assert_eq!(
        State::load(&*tenant.store, tenant.id).await.1.records,
        expected
    );
}

pub async fn what_relates_records_comes_after_them(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply_sets(&story()).await.unwrap();
    let mut stages = Vec::new();
    let mut numbers = Vec::new();
    let mut sink = |change: Change| {
        stages.push(match &change {
            Change::PutSettings(_) | Change::PutCatalogue(_) | Change::PutSchemas(_) => 0,
            Change::PutRecord(_) => 1,
            _ => 2,
        });
        if let Change::PutRecord(record) = change {
            numbers.push(record.number);
        }
    };
    tenant.store.load(tenant.id, &mut sink).await.unwrap();
    assert!(stages.is_sorted() && stages[0] == 0 && stages[stages.len() - 1] == 2);
    assert!(
        numbers.is_sorted(),
        "records come in the order of their numbers"
    );
}

pub async fn a_load_is_of_one_revision(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let reader = place.open().await;
    // Every revision writes its number into the first table that is loaded and into the last.
    let version = |number: u64| {
        let mut secret = credential(1, 1);
        secret.label = number.to_string();
        let mut person = record(Kind::User, 1, "a");
        person.version = number;
        let person = Change::PutRecord(Arc::new(person));
        set(vec![
            settings(&secret.label),
            person,
            Change::PutCredential(secret),
        ])
    };
    tenant.apply_sets(&[version(1)]).await.unwrap();
    let id = tenant.id;
    let writer = tokio::spawn(async move {
        for number in 2..=100 {
            tenant.apply_sets(&[version(number)]).await.unwrap();
        }
    });
    let mut last = 0;
    loop {
        let done = writer.is_finished();
        let (head, state) = State::load(&*reader, id).await;
        let now = head.revision.0;
        assert!(now >= last, "what was seen stays");
        last = now;
        let records: Vec<_> = state
            .records
            .values()
            .map(|record| record.version)
            .collect();
        let labels: Vec<_> = state
            .credentials
            .values()
            .map(|secret| &*secret.label)
            .collect();
        assert_eq!(records, [now]);
        assert_eq!(labels, [now.to_string()]);
        assert_eq!(state.settings.unwrap().title, now.to_string());
        if done {
            break;
        }
    }
    writer.await.unwrap();
    assert_eq!(last, 100);
}

pub async fn a_restart_keeps_everything(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let story = story();
    tenant.apply_sets(&story).await.unwrap();
    let before = State::load(&*tenant.store, tenant.id).await;
    let log = tenant.store.audit(tenant.id, 0, 99).await.unwrap();
    let Tenant {
        id: tenant,
        revision,
        store,
    } = tenant;
    drop(store);
    let store = place.open().await;
    assert_eq!(State::load(&*store, tenant).await, before);
    assert_eq!(store.audit(tenant, 0, 99).await.unwrap(), log);
    assert_eq!(
        store.find_change_set(tenant, story[3].id).await.unwrap(),
        Some(Revision(4))
    );
    let next = store
        .apply(tenant, revision, &[set(vec![user(99, "z")])])
        .await
        .unwrap();
    assert_eq!(next, revision.next());
}

pub async fn old_change_sets_are_gone_and_the_newest_are_kept(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let empty = || ChangeSet {
        audit: Vec::new(),
        ..set(Vec::new())
    };
    let first = empty();
    tenant
        .apply_sets(std::slice::from_ref(&first))
        .await
        .unwrap();
    let sets: Vec<_> = (1..CHANGE_SETS_KEPT + 600).map(|_| empty()).collect();
    for part in sets.chunks(1000) {
        tenant.apply_sets(part).await.unwrap();
    }
    let tail = async |after| {
        tenant
            .store
            .changes(tenant.id, Revision(after))
            .await
            .unwrap()
    };
    let newest = tenant.revision.0;
    assert_eq!(newest, CHANGE_SETS_KEPT + 600);
    for behind in [0, 1, 5000, CHANGE_SETS_KEPT] {
        let Tail::Sets(sets) = tail(newest - behind).await else {
            panic!("{behind} are kept")
        };
        assert_eq!(sets.len() as u64, behind);
    }
    assert_eq!(tail(0).await, Tail::Gone);
    assert_eq!(tail(1).await, Tail::Gone);
    let found = tenant
        .store
        .find_change_set(tenant.id, first.id)
        .await
        .unwrap();
    assert_eq!(found, None, "room is given back");
}

pub async fn a_revision_that_is_not_there_yet_is_gone(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    for after in [2, u64::MAX] {
        let tail = tenant
            .store
            .changes(tenant.id, Revision(after))
            .await
            .unwrap();
        assert_eq!(tail, Tail::Gone, "{after}");
    }
}

pub async fn of_wide_change_sets_fewer_are_kept(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let narrow = set(vec![user(1, "a")]);
    tenant
        .apply_sets(std::slice::from_ref(&narrow))
        .await
        .unwrap();
    let wide = || set((0..1_000).map(|version| touch(1, version)).collect());
    let sets: Vec<_> = (0..WIDE_CHANGE_SETS_KEPT + 20).map(|_| wide()).collect();
    for part in sets.chunks(7) {
        tenant.apply_sets(part).await.unwrap();
    }
    let few: Vec<_> = (0..20).map(|_| set(Vec::new())).collect();
    tenant.apply_sets(&few).await.unwrap();
    let newest = tenant.revision.0;
    // The narrow ones that came afterwards have dropped none.
    for (behind, is_kept) in [
        (0, true),
        (20, true),
        (20 + WIDE_CHANGE_SETS_KEPT, true),
        (21 + WIDE_CHANGE_SETS_KEPT, false),
        (newest, false),
    ] {
        let after = Revision(newest - behind);
        let tail = tenant.store.changes(tenant.id, after).await.unwrap();
        let found = match tail {
            Tail::Sets(sets) => Some(sets.len() as u64),
            Tail::Gone => None,
        };
        assert_eq!(found, is_kept.then_some(behind), "{behind} behind");
    }
    let first = tenant.store.find_change_set(tenant.id, narrow.id).await;
    assert_eq!(
        first.unwrap(),
        Some(Revision(1)),
        "room is given back where it counts"
    );
}
