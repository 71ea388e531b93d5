//! The audit log, and activity.

use jackfield_model::{Change, ChangeSet, Kind, Outcome, Revision, Timestamp};

use super::sample::{Tenant, credential, delete, entry, id, set, user};
use super::{AUDIT_KEY, Place};
use crate::audit::{Broken, Sealed, Verified, verify};
use crate::{Activity, AuditEntry};

fn actions(log: &[Sealed]) -> Vec<&str> {
    log.iter()
        .map(|sealed| sealed.entry.action.as_str())
        .collect()
}

fn refusal(action: &str) -> AuditEntry {
    entry(action, Outcome::Refused("not allowed".to_owned()))
}

fn timed(second: i64, action: &str) -> AuditEntry {
    AuditEntry {
        at: Timestamp(second),
        ..refusal(action)
    }
}

pub async fn entries_are_numbered_and_chained_from_the_first_on(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let sets = [["a", "b"], ["c", "d"]].map(|actions| ChangeSet {
        audit: actions.map(|action| entry(action, Outcome::Done)).to_vec(),
        ..set(Vec::new())
    });
    tenant.apply_sets(&sets).await.unwrap();
    let mut log = tenant.store.audit(tenant.id, 0, 99).await.unwrap();
    assert_eq!(actions(&log), ["a", "b", "c", "d"]);
    let entries: Vec<_> = sets.iter().flat_map(|set| &set.audit).collect();
    for (at, sealed) in log.iter().enumerate() {
        assert_eq!(
            (sealed.sequence, &sealed.entry),
            (at as u64 + 1, entries[at])
        );
    }
    assert_eq!(verify(&AUDIT_KEY, tenant.id, &log), Ok(()));
    log[2].entry.target_name.push('x');
    assert_eq!(
        verify(&AUDIT_KEY, tenant.id, &log),
        Err(Broken { sequence: 3 })
    );
}

pub async fn refusals_are_chained_with_what_was_done(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant
        .store
        .append_audit(tenant.id, &[refusal("first")])
        .await
        .unwrap();
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    tenant
        .store
        .append_audit(tenant.id, &[refusal("x"), refusal("y")])
        .await
        .unwrap();
    tenant.store.append_audit(tenant.id, &[]).await.unwrap();
    let store = place.open().await;
    let sets = [set(vec![user(2, "b")])];
    assert_eq!(
        store.apply(tenant.id, Revision(1), &sets).await.unwrap(),
        Revision(2)
    );
    let log = store.audit(tenant.id, 0, 99).await.unwrap();
    assert_eq!(
        actions(&log),
        ["first", "user.create", "x", "y", "user.create"]
    );
    assert_eq!(verify(&AUDIT_KEY, tenant.id, &log), Ok(()));
}

pub async fn concurrent_entries_make_one_chain(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let id = tenant.id;
    let tasks: Vec<_> = (0..8_u32)
        .map(|task| {
            let store = tenant.store.clone();
            tokio::spawn(async move {
                for step in 0..5 {
                    if (task + step) % 2 == 0 {
                        store
                            .append_audit(id, &[refusal("r"), refusal("s")])
                            .await
                            .unwrap();
                    } else {
                        let sets = [set(Vec::new()), set(Vec::new())];
                        store.lock(id).await.unwrap().commit(&sets).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let log = tenant.store.audit(id, 0, 999).await.unwrap();
    assert_eq!(log.len(), 80);
    assert_eq!(verify(&AUDIT_KEY, id, &log), Ok(()));
}

pub async fn the_log_is_read_in_pages(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let entries: Vec<_> = (1..=100).map(|n| refusal(&n.to_string())).collect();
    tenant
        .store
        .append_audit(tenant.id, &entries)
        .await
        .unwrap();
    for (after, limit, expected) in [
        (0, 30, 1..31),
        (30, 30, 31..61),
        (90, 30, 91..101),
        (100, 30, 101..101),
        (u64::MAX, 30, 101..101),
        (50, 0, 51..51),
        (0, u32::MAX, 1..101),
    ] {
        let page = tenant.store.audit(tenant.id, after, limit).await.unwrap();
        let expected: Vec<_> = expected.map(|n: u32| n.to_string()).collect();
        assert_eq!(actions(&page), expected, "after {after}, at most {limit}");
    }
}

pub async fn a_log_that_was_cut_still_proves_the_rest(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let entries = [(10, "a"), (20, "b"), (30, "c"), (40, "d")].map(|(at, name)| timed(at, name));
    tenant
        .store
        .append_audit(tenant.id, &entries)
        .await
        .unwrap();
    let whole = Ok(Verified { first: 1, last: 4 });
    assert_eq!(tenant.store.verify_audit(tenant.id).await.unwrap(), whole);
    for (before, sequence) in [(10, 0), (11, 1), (30, 2), (99, 4)] {
        let found = tenant
            .store
            .audit_before(tenant.id, Timestamp(before))
            .await;
        assert_eq!(found.unwrap(), sequence, "{before}");
    }
    for (before, dropped, first) in [(5, 0, 1), (30, 2, 3), (30, 0, 3), (31, 1, 4)] {
        let trimmed = tenant.store.trim_audit(tenant.id, Timestamp(before)).await;
        assert_eq!(trimmed.unwrap(), dropped, "{before}");
        let verified = tenant.store.verify_audit(tenant.id).await.unwrap();
        assert_eq!(verified, Ok(Verified { first, last: 4 }));
    }
    assert_eq!(
        actions(&tenant.store.audit(tenant.id, 0, 99).await.unwrap()),
        ["d"]
    );
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    let verified = tenant.store.verify_audit(tenant.id).await.unwrap();
    assert_eq!(verified, Ok(Verified { first: 4, last: 5 }));
    tenant
        .store
        .trim_audit(tenant.id, Timestamp(i64::MAX))
        .await
        .unwrap();
    let verified = tenant.store.verify_audit(tenant.id).await.unwrap();
    assert_eq!(
        verified,
        Ok(Verified { first: 6, last: 5 }),
        "nothing is left"
    );
}

pub async fn a_log_that_is_trimmed_while_it_is_checked_is_not_broken(place: &dyn Place) {
    let (tenant, other) = (Tenant::at(place).await, place.open().await);
    for round in 1..=4 {
        // More than are checked at a time, so that all but the last can go between two pages.
        let last = round * 4_000;
        let entries: Vec<_> = (last - 3_999..=last).map(|at| timed(at, "x")).collect();
        let appended = tenant.store.append_audit(tenant.id, &entries).await;
        appended.unwrap();
        let (verified, trimmed) = tokio::join!(
            tenant.store.verify_audit(tenant.id),
            other.trim_audit(tenant.id, Timestamp(last))
        );
        assert!(trimmed.unwrap() > 0);
        let verified = verified.unwrap().map(|verified| verified.last);
        assert_eq!(verified, Ok(last.unsigned_abs()));
    }
}

pub async fn entries_know_their_revision_and_refusals_have_none(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    tenant
        .store
        .append_audit(tenant.id, &[refusal("no")])
        .await
        .unwrap();
    tenant.apply(vec![user(2, "b")]).await.unwrap();
    let log = tenant.store.audit(tenant.id, 0, 99).await.unwrap();
    let revisions: Vec<_> = log.iter().map(|sealed| sealed.revision).collect();
    assert_eq!(revisions, [Some(Revision(1)), None, Some(Revision(2))]);
}

pub async fn a_deleted_record_leaves_a_tombstone(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant
        .apply(vec![user(1, "a"), user(2, "b")])
        .await
        .unwrap();
    tenant.apply(vec![delete(1)]).await.unwrap();
    let of = async |number: u32| tenant.store.tombstone(tenant.id, id(number)).await.unwrap();
    let left = of(1).await.unwrap();
    assert_eq!(left.kind, Kind::User);
    assert!(left.deleted > Timestamp(0));
    assert_eq!((of(2).await, of(3).await), (None, None));
}

pub async fn later_activity_wins(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let seen = |subject, at| Activity {
        subject: id(subject),
        last_used: Timestamp(at),
    };
    let store = &tenant.store;
    store
        .note_activity(tenant.id, &[seen(1, 10), seen(2, 10), seen(3, 10)])
        .await
        .unwrap();
    store
        .note_activity(
            tenant.id,
            &[seen(1, 20), seen(2, 5), seen(4, 7), seen(4, 6)],
        )
        .await
        .unwrap();
    store.note_activity(tenant.id, &[]).await.unwrap();
    let mut activity = store.activity(tenant.id).await.unwrap();
    activity.sort_by_key(|activity| activity.subject);
    assert_eq!(
        activity,
        [seen(1, 20), seen(2, 10), seen(3, 10), seen(4, 7)]
    );
}

pub async fn of_what_is_gone_no_activity_is_left(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let token = |number| Change::PutCredential(credential(number, 2));
    tenant
        .apply(vec![user(1, "a"), user(2, "b"), token(3), token(4)])
        .await
        .unwrap();
    let seen = [1, 2, 3, 4].map(|subject| Activity {
        subject: id(subject),
        last_used: Timestamp(10),
    });
    let store = &tenant.store;
    store.note_activity(tenant.id, &seen).await.unwrap();
    let gone = vec![delete(1), Change::RemoveCredential(id(3))];
    tenant.apply(gone).await.unwrap();
    let mut left = tenant.store.activity(tenant.id).await.unwrap();
    left.sort_by_key(|activity| activity.subject);
    assert_eq!(left, [seen[1].clone(), seen[3].clone()]);
}

pub async fn activity_makes_no_revision(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    tenant.apply(vec![user(1, "a")]).await.unwrap();
    let before = tenant.store.tenants().await.unwrap();
    let activity = [Activity {
        subject: id(1),
        last_used: Timestamp(10),
    }];
    tenant
        .store
        .note_activity(tenant.id, &activity)
        .await
        .unwrap();
    assert_eq!(tenant.store.tenants().await.unwrap(), before);
    assert_eq!(tenant.store.audit(tenant.id, 0, 99).await.unwrap().len(), 1);
}
