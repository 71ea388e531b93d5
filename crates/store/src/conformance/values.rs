//! What reads back.

use std::sync::Arc;

use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Change, CredentialKind, GrantSource, Kind, Outcome, Revision, Secret,
    TenantId, Timestamp, Trust, TrustedKeys, Value,
};

use uuid::Uuid;

use super::Place;
use super::sample::{
    Tenant, credential, entry, grant, hard_texts, id, kept, link, pending, put, record, schemas,
    set, settings,
};
use super::state::State;
use crate::{Activity, LockedOut, Tail};

/// Commits one change set and sees that it, and what it makes, read back.
async fn reads_back(tenant: &mut Tenant, changes: Vec<Change>) {
    let written = set(changes);
    let after = tenant.revision;
    tenant
        .apply_sets(std::slice::from_ref(&written))
        .await
        .unwrap();
    let tail = tenant.store.changes(tenant.id, after).await.unwrap();
    assert!(tail == Tail::Sets(vec![(tenant.revision, kept(&written))]));
    let state = State::load(&*tenant.store, tenant.id).await.1;
    assert!(
        state == State::fold([&written]),
        "{:.2000}",
        format!("{state:?}")
    );
}

pub async fn text_reads_back_exactly(place: &dyn Place) {
    let store = place.open().await;
    for (number, text) in (1..).zip(hard_texts()) {
        let mut tenant = Tenant::create(store.clone(), number, &format!("t{number}")).await;
        let mut person = record(Kind::User, 1, &text);
        person.attributes.put(attr::DISPLAY_NAME, text.as_str());
        let mut linked = link(1, 2, true);
        linked.external_id = Some(text.as_str().into());
        let mut secret = credential(3, 1);
        secret.label.clone_from(&text);
        secret.verifiers[0].value = Secret::new(text.clone());
        let mut changes = vec![
            settings(&text),
            Change::PutCatalogue(text.replace('\0', "\u{2400}")),
            schemas(&text),
            Change::PutRecord(Arc::new(person)),
            put(Kind::Group, 2, &text),
            Change::PutLink(linked),
            Change::PutCredential(secret),
        ];
        // Part of a key: operators choose the name of a mapping rule, and not by the megabyte; the
        // name of a pending member is bounded.
        if text.len() < 1000 {
            let source = GrantSource::Mapping(text.as_str().into());
            changes.push(Change::Grant(grant(1, 2, source)));
            changes.push(Change::PutPending(pending(2, 4, &text)));
        }
        reads_back(&mut tenant, changes).await;

        let mut refusal = entry(&text, Outcome::Refused(text.clone()));
        refusal.target_name.clone_from(&text);
        refusal.changes[0].before = Some(text);
        tenant
            .store
            .append_audit(tenant.id, std::slice::from_ref(&refusal))
            .await
            .unwrap();
        let log = tenant.store.audit(tenant.id, 1, 9).await.unwrap();
        assert!(log.len() == 1 && log[0].entry == refusal, "{number}");
    }
}

pub async fn every_type_of_value_reads_back(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let bytes: Vec<u8> = (0..=255).collect();
    let certificate = |bytes: &[u8]| {
        let mut value = Attributes::new();
        value.set(
            attr::X509_CERTIFICATES_VALUE,
            vec![Value::Bytes(bytes.into())],
        );
        value
    };
    let numbers = [i64::MIN, -1, 0, 1, i64::MAX];
    let mut rich = record(Kind::User, 1, "rich");
    let bag = &mut rich.attributes;
    bag.put(attr::ACTIVE, false);
    bag.set(attr::NUMBER, numbers.map(Value::Int).to_vec());
    bag.set(attr::LAST_LOGIN, vec![Value::Time(Timestamp(-1))]);
    bag.put(attr::X509_CERTIFICATES, certificate(&bytes));
    bag.put(
        attr::NAME,
        Attributes::new().with(attr::NAME_GIVEN_NAME, "R"),
    );
    let mut many = record(Kind::User, 2, "many");
    let certificates = [&bytes[..], &[], &[0]].map(|bytes| Value::from(certificate(bytes)));
    many.attributes
        .set(attr::X509_CERTIFICATES, certificates.to_vec());
    let mut own = record(Kind::User, 4, "own");
    own.attributes
        .put(AttrId::own(0), Value::Time(Timestamp(i64::MIN)));
    own.attributes
        .put(AttrId::own(63), Value::Bytes([0, 255].into()));
    let mut bare = record(Kind::User, 3, "bare");
    bare.attributes = Attributes::new();
    let records = [rich, many, bare, own].map(|record| Change::PutRecord(Arc::new(record)));
    reads_back(&mut tenant, records.to_vec()).await;
}

pub async fn times_keep_their_microseconds(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    // The range of the type, moments before 1970, a leap day, summer time's end in Berlin.
    let times = [
        i64::MIN,
        -62_135_596_800_000_000,
        -1,
        0,
        1,
        951_782_399_999_999,
        1_792_889_999_999_999,
        i64::MAX,
    ];
    let mut changes = Vec::new();
    let mut activity = Vec::new();
    for (number, time) in (1..).zip(times) {
        let mut person = record(Kind::User, number, &format!("u{number}"));
        (person.created, person.modified) = (Timestamp(time), Timestamp(time));
        changes.push(Change::PutRecord(Arc::new(person)));
        let mut secret = credential(100 + number, number);
        (secret.created, secret.expires) = (Timestamp(time), Some(Timestamp(time)));
        changes.push(Change::PutCredential(secret));
        activity.push(Activity {
            subject: id(number),
            last_used: Timestamp(time),
        });
    }
    reads_back(&mut tenant, changes).await;
    tenant
        .store
        .note_activity(tenant.id, &activity)
        .await
        .unwrap();
    let mut noted = tenant.store.activity(tenant.id).await.unwrap();
    noted.sort_by_key(|activity| activity.subject);
    assert_eq!(noted, activity);
    for time in times {
        let mut refusal = entry("x", Outcome::Done);
        refusal.at = Timestamp(time);
        tenant
            .store
            .append_audit(tenant.id, &[refusal])
            .await
            .unwrap();
    }
    let log = tenant.store.audit(tenant.id, 1, 99).await.unwrap();
    assert_eq!(
        log.iter()
            .map(|sealed| sealed.entry.at.0)
            .collect::<Vec<_>>(),
        times
    );
}

pub async fn sources_and_credentials_read_back(place: &dyn Place) {
    let mut tenant = Tenant::at(place).await;
    let sources = [
        GrantSource::Person(id(4)),
        GrantSource::Connection(id(4)),
        GrantSource::Mapping("Telecom Admins".into()),
        GrantSource::Mapping("telecom admins".into()),
        GrantSource::Retained("Telecom Admins".into()),
        GrantSource::Config,
        GrantSource::Operator,
    ];
    // One role from many sources is many grants; each goes for itself.
    let mut changes: Vec<_> = sources
        .clone()
        .map(|source| Change::Grant(grant(1, 2, source)))
        .to_vec();
    for (number, kind) in (10..).zip([
        CredentialKind::Password,
        CredentialKind::Token,
        CredentialKind::Secret,
        CredentialKind::Trust,
        CredentialKind::Sip,
    ]) {
        let mut one = credential(number, 1);
        one.kind = kind;
        one.ceiling = Some("reporter".into());
        one.trust = (kind == CredentialKind::Trust).then(|| {
            Box::new(Trust {
                issuer: "https://login.example/v2.0".into(),
                subject: "s\0".into(),
                audiences: vec!["api://x".into()],
                keys: TrustedKeys::Url("https://login.example/keys".into()),
            })
        });
        changes.push(Change::PutCredential(one));
    }
    let mut bare = credential(20, 1);
    bare.verifiers.clear();
    bare.scopes.clear();
    bare.networks.clear();
    bare.expires = None;
    changes.push(Change::PutCredential(bare));
    let mut unnamed = link(1, 9, false);
    unnamed.external_id = None;
    changes.push(Change::PutLink(unnamed));
    reads_back(&mut tenant, changes).await;
    tenant
        .apply(vec![Change::Revoke(grant(1, 2, sources[2].clone()))])
        .await
        .unwrap();
    let (head, state) = State::load(&*tenant.store, tenant.id).await;
    assert_eq!(
        (head.revision, state.grants.len()),
        (Revision(2), sources.len() - 1)
    );
    assert!(!state.grants.contains(&grant(1, 2, sources[2].clone())));
}

pub async fn what_may_be_used_once_is_used_once_until_it_expires(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let (other, name) = (TenantId(Uuid::from_u128(77)), "other".parse().unwrap());
    let other = tenant.store.create_tenant(other, &name, Timestamp(0)).await;
    let other = other.unwrap().id;
    let process = place.open().await;
    for (store, id, name, now, is_first) in [
        (&tenant.store, tenant.id, 1, 0, true),
        (&tenant.store, tenant.id, 1, 5, false),
        (&process, tenant.id, 1, 9, false),
        (&process, tenant.id, 2, 9, true),
        (&tenant.store, other, 1, 9, true),
        // Both are over.
        (&tenant.store, tenant.id, 1, 10, true),
        (&process, tenant.id, 2, 10, true),
    ] {
        let (name, now) = ([name; 32], Timestamp(now));
        let outcome = store.use_once(id, &name, Timestamp(10), now).await;
        assert_eq!(outcome.unwrap(), is_first, "{name:?} {now:?}");
    }
    let nobody = TenantId(Uuid::from_u128(78));
    let outcome = tenant
        .store
        .use_once(nobody, &[1; 32], Timestamp(1), Timestamp(0));
    assert!(matches!(outcome.await, Err(crate::Error::NoTenant)));
}

pub async fn a_lockout_is_told_until_it_is_lifted_or_another_begins_after_it(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let process = place.open().await;
    let locked = |account, network: &str, since, until| LockedOut {
        account: id(account),
        network: network.parse().unwrap(),
        since: Timestamp(since),
        until: Timestamp(until),
    };
    let told = [
        locked(1, "192.0.2.1", 1, 10),
        locked(1, "2001:db8::", 2, 20),
        locked(2, "192.0.2.1", 3, 30),
    ];
    for lockout in &told {
        let noted = tenant.store.note_lockout(tenant.id, lockout).await;
        noted.unwrap();
    }
    let of = async |account: Option<u32>| {
        let found = process.lockouts(tenant.id, account.map(id)).await;
        found.unwrap()
    };
    assert_eq!(of(None).await, told);
    assert_eq!(of(Some(1)).await, told[..2]);
    // The first is over by then, and the third goes on.
    let again = locked(2, "192.0.2.1", 15, 45);
    process.note_lockout(tenant.id, &again).await.unwrap();
    assert_eq!(of(None).await, [told[1].clone(), again.clone()]);
    for (account, lifted) in [(1, 1), (1, 0), (3, 0)] {
        let outcome = process.lift_lockouts(tenant.id, id(account)).await;
        assert_eq!(outcome.unwrap(), lifted, "{account}");
    }
    assert_eq!(of(None).await, std::slice::from_ref(&again));
    let nobody = TenantId(Uuid::from_u128(78));
    let outcome = tenant.store.note_lockout(nobody, &again).await;
    assert!(matches!(outcome, Err(crate::Error::NoTenant)));
}
