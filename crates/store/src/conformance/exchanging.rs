//! What is kept of the requests of provisioning clients.

use jackfield_model::{AuditChange, Deed, Exchange, Id, Revision, SentBody, Timestamp};
use uuid::Uuid;

use super::Place;
use super::sample::{Tenant, id};
use crate::{Error, ExchangeLimits, ExchangeQuery};

const ALL: ExchangeQuery = ExchangeQuery {
    connection: None,
    failed: false,
    since: None,
    limit: 99,
};

/// The exchange of this number: of connection 1 if it is odd, else of 2; failed if 3 divides it.
fn exchange(number: u32) -> Exchange {
    let at = i64::from(number) * 10;
    Exchange {
        id: Uuid::from_u128(u128::from(number)),
        at: Timestamp(at),
        connection: Some(id(2 - number % 2)),
        credential: None,
        label: String::new(),
        address: None,
        method: "GET".into(),
        target: format!("/scim/acme/v2/Users/{number}"),
        condition: None,
        body: SentBody::None,
        repairs: Vec::new(),
        ignored: Vec::new(),
        suggested: None,
        deeds: Vec::new(),
        status: if number.is_multiple_of(3) { 404 } else { 200 },
        scim_type: None,
        detail: None,
        duration_us: 1,
        skipped: 0,
    }
}

async fn of_nobody_and_others(place: &dyn Place, count: u32) -> (Tenant, Vec<Exchange>) {
    let tenant = Tenant::at(place).await;
    let mut all: Vec<_> = (1..=count).map(exchange).collect();
    all[0].connection = None;
    tenant.store.note_exchanges(tenant.id, &all).await.unwrap();
    (tenant, all)
}

async fn numbers(tenant: &Tenant, query: ExchangeQuery) -> Vec<u128> {
    let found = tenant.store.exchanges(tenant.id, query).await.unwrap();
    found.iter().map(|found| found.id.as_u128()).collect()
}

pub async fn an_exchange_reads_back_exactly(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let text = "{\"userName\":\"ä\\u0000\u{1F600}\"}".to_owned();
    let whole = Exchange {
        credential: Some(id(7)),
        label: "token é".to_owned(),
        address: Some([192, 0, 2, 1].into()),
        condition: Some("W/\"1\"".to_owned()),
        body: SentBody::Json {
            text,
            redacted: true,
        },
        repairs: vec!["capital-op".into()],
        ignored: vec!["shoeSize".to_owned()],
        suggested: Some("entra".into()),
        deeds: vec![Deed {
            revision: Revision(9),
            action: "user.create".into(),
            target: Some(id(8)),
            target_name: "zero \0".to_owned(),
            changes: vec![AuditChange {
                attribute: "title".to_owned(),
                before: None,
                after: Some("x".to_owned()),
            }],
        }],
        scim_type: Some("invalidValue".into()),
        detail: Some("title: text was expected".to_owned()),
        skipped: 3,
        ..exchange(2)
    };
    let left = Exchange {
        body: SentBody::Left { length: 1 << 40 },
        ..exchange(4)
    };
    let both = [whole, left];
    tenant.store.note_exchanges(tenant.id, &both).await.unwrap();
    // What is told twice is kept once.
    tenant
        .store
        .note_exchanges(tenant.id, &both[..1])
        .await
        .unwrap();
    tenant.store.note_exchanges(tenant.id, &[]).await.unwrap();
    let again = place.open().await;
    assert_eq!(again.exchanges(tenant.id, ALL).await.unwrap(), both);
    for one in &both {
        let found = again.find_exchange(tenant.id, one.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(one));
    }
    let none = again.find_exchange(tenant.id, Uuid::from_u128(99)).await;
    assert_eq!(none.unwrap(), None);
}

pub async fn exchanges_are_found_by_who_when_and_how_they_ended(place: &dyn Place) {
    let (tenant, _) = of_nobody_and_others(place, 9).await;
    let of = |connection: Id| ExchangeQuery {
        connection: Some(connection),
        ..ALL
    };
    for (query, expected) in [
        (ALL, vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (ExchangeQuery { limit: 2, ..ALL }, vec![8, 9]),
        (ExchangeQuery { limit: 0, ..ALL }, vec![]),
        (of(id(1)), vec![3, 5, 7, 9]),
        (of(id(2)), vec![2, 4, 6, 8]),
        (of(id(3)), vec![]),
        (
            ExchangeQuery {
                failed: true,
                ..ALL
            },
            vec![3, 6, 9],
        ),
        (
            ExchangeQuery {
                failed: true,
                since: Some(Timestamp(30)),
                limit: 1,
                ..of(id(1))
            },
            vec![9],
        ),
        (
            ExchangeQuery {
                since: Some(Timestamp(71)),
                ..ALL
            },
            vec![8, 9],
        ),
    ] {
        assert_eq!(numbers(&tenant, query).await, expected, "{query:?}");
    }
}

pub async fn the_newest_exchanges_of_a_connection_stay(place: &dyn Place) {
    let long = ExchangeLimits {
        count: 99,
        bytes: 1 << 40,
        since: Timestamp(0),
    };
    let (tenant, all) = of_nobody_and_others(place, 9).await;
    let length = serde_json::to_string(&all[8]).unwrap().len() as u64;
    for (of, limits, expected) in [
        (Some(id(1)), long, vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (
            Some(id(3)),
            ExchangeLimits { count: 0, ..long },
            vec![1, 2, 3, 4, 5, 6, 7, 8, 9],
        ),
        (
            Some(id(1)),
            ExchangeLimits { count: 3, ..long },
            vec![1, 2, 4, 5, 6, 7, 8, 9],
        ),
        (
            Some(id(1)),
            ExchangeLimits {
                bytes: 2 * length,
                ..long
            },
            vec![1, 2, 4, 6, 7, 8, 9],
        ),
        (
            None,
            ExchangeLimits { count: 0, ..long },
            vec![2, 4, 6, 7, 8, 9],
        ),
        // Age is one for all.
        (
            Some(id(3)),
            ExchangeLimits {
                since: Timestamp(70),
                ..long
            },
            vec![7, 8, 9],
        ),
    ] {
        tenant
            .store
            .trim_exchanges(tenant.id, of, limits)
            .await
            .unwrap();
        assert_eq!(numbers(&tenant, ALL).await, expected, "{of:?} {limits:?}");
    }
}

pub async fn exchanges_belong_to_one_tenant_and_go_with_it(place: &dyn Place) {
    let (tenant, _) = of_nobody_and_others(place, 3).await;
    let store = tenant.store.clone();
    let other = Tenant::create(store.clone(), 2, "other").await;
    store
        .note_exchanges(other.id, &[exchange(1)])
        .await
        .unwrap();
    let none = ExchangeLimits {
        count: 0,
        bytes: 0,
        since: Timestamp(0),
    };
    for of in [None, Some(id(1)), Some(id(2))] {
        store.trim_exchanges(tenant.id, of, none).await.unwrap();
    }
    assert_eq!(numbers(&tenant, ALL).await, []);
    assert_eq!(numbers(&other, ALL).await, [1]);
    store.delete_tenant(other.id).await.unwrap();
    assert_eq!(numbers(&other, ALL).await, []);
    let lost = store.note_exchanges(other.id, &[exchange(2)]).await;
    assert!(matches!(lost, Err(Error::NoTenant)), "{lost:?}");
}

pub async fn exchanges_make_no_revision(place: &dyn Place) {
    let tenant = Tenant::at(place).await;
    let before = tenant.store.tenants().await.unwrap();
    tenant
        .store
        .note_exchanges(tenant.id, &[exchange(1)])
        .await
        .unwrap();
    assert_eq!(tenant.store.tenants().await.unwrap(), before);
}
