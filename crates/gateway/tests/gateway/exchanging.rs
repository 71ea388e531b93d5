//! What provisioning clients ask for is kept beside what they do, and never in its way.

use std::sync::Arc;
use std::time::Duration;

use jackfield_gateway::exchanges::Stamp;
use jackfield_gateway::{ExchangeQuery, Gateway, Keeping, Options};
use jackfield_model::{Exchange, Id, SentBody};
use jackfield_store::Store;

use crate::faulty::{Call, Fault, Faulty};
use crate::harness::{Hands, Ids, absent, gateway, make, operator, start, user};

const ALL: ExchangeQuery = ExchangeQuery {
    connection: None,
    failed: false,
    since: None,
    limit: u32::MAX,
};

fn exchange(stamp: Stamp, status: u16) -> Exchange {
    Exchange {
        id: stamp.id,
        at: stamp.at,
        connection: None,
        credential: None,
        label: String::new(),
        address: None,
        method: "GET".into(),
        target: "/scim/acme/v2/Users".to_owned(),
        condition: None,
        body: SentBody::None,
        repairs: Vec::new(),
        ignored: Vec::new(),
        suggested: None,
        deeds: Vec::new(),
        status,
        scim_type: None,
        detail: None,
        duration_us: 1,
        skipped: stamp.skipped,
    }
}

fn note(gateway: &Gateway, status: u16, weight: usize) {
    let tenant = gateway.tenant("acme").unwrap();
    let who = (None::<Id>, status >= 400);
    let finish = move |stamp| exchange(stamp, status);
    gateway
        .exchanges()
        .note(gateway, &tenant, who, weight, finish);
}

async fn kept(gateway: &Gateway) -> Vec<Exchange> {
    gateway.exchanges().flush().await;
    operator(gateway).exchanges(ALL).await.unwrap()
}

async fn keeping(store: Arc<dyn Store>, clock: Arc<Hands>, keeping: Keeping) -> Gateway {
    let options = Options {
        exchanges: keeping,
        ..absent()
    };
    gateway(store, clock, Ids::new(), options).await.unwrap()
}

#[tokio::test]
async fn a_failing_store_loses_exchanges_and_nothing_else() {
    let test = start().await;
    let store = Faulty::new(Arc::clone(&test.store));
    let gateway = keeping(store.clone(), Hands::new(), Keeping::default()).await;
    store.fail(Call::Exchanges, &[Fault::Unavailable]);
    note(&gateway, 200, 0);
    make(&operator(&gateway), user("anna", &[])).await;
    assert_eq!(kept(&gateway).await, []);
    assert!(!store.has_faults());
    note(&gateway, 201, 0);
    let statuses: Vec<_> = kept(&gateway).await.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [201]);
}

#[tokio::test]
async fn one_that_cannot_be_made_out_costs_its_neighbours_nothing() {
    let test = start().await;
    let gateway = keeping(Arc::clone(&test.store), Hands::new(), Keeping::default()).await;
    note(&gateway, 200, 0);
    let (tenant, who) = (gateway.tenant("acme").unwrap(), (None, false));
    let exchanges = gateway.exchanges();
    exchanges.note(&gateway, &tenant, who, 0, |_| panic!("as the test says"));
    note(&gateway, 201, 0);
    let statuses: Vec<_> = kept(&gateway).await.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [200, 201]);
}

#[tokio::test]
async fn what_comes_too_fast_is_left_out_and_counted() {
    let test = start().await;
    let clock = Hands::new();
    let gateway = keeping(Arc::clone(&test.store), clock.clone(), Keeping::default()).await;
    for _ in 0..1_200 {
        note(&gateway, 200, 0);
    }
    assert_eq!(kept(&gateway).await.len(), 1_000);
    // What failed is kept even so.
    note(&gateway, 404, 0);
    clock.move_on(1);
    note(&gateway, 200, 0);
    let all = kept(&gateway).await;
    let last: Vec<_> = all
        .iter()
        .skip(1_000)
        .map(|it| (it.status, it.skipped))
        .collect();
    assert_eq!(last, [(404, 200), (200, 0)]);
}

#[tokio::test]
async fn a_queue_that_is_full_of_large_requests_takes_no_more() {
    let test = start().await;
    let gateway = keeping(Arc::clone(&test.store), Hands::new(), Keeping::default()).await;
    note(&gateway, 200, 1 << 30);
    note(&gateway, 201, 1);
    note(&gateway, 202, 1);
    assert_eq!(kept(&gateway).await.len(), 1);
    note(&gateway, 203, 1);
    let all = kept(&gateway).await;
    assert_eq!((all[1].status, all[1].skipped), (203, 2));
}

#[tokio::test]
async fn no_more_is_kept_than_was_said() {
    let test = start().await;
    let few = Keeping {
        count: 20,
        ..Keeping::default()
    };
    let clock = Hands::new();
    let gateway = keeping(Arc::clone(&test.store), clock.clone(), few).await;
    for status in 200..299 {
        note(&gateway, status, 0);
        let all = kept(&gateway).await;
        assert!(all.len() <= 22, "{}", all.len());
        assert_eq!(all.last().map(|last| last.status), Some(status));
    }
    // A week later nothing of it is shown, and with the next request nothing is there.
    clock.move_on(8 * 24 * 60 * 60);
    assert_eq!(kept(&gateway).await, []);
    note(&gateway, 200, 0);
    assert_eq!(kept(&gateway).await.len(), 1);
    let tenant = test.store.tenants().await.unwrap().remove(0).id;
    assert_eq!(test.store.exchanges(tenant, ALL).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_should_be() {
    let test = start().await;
    let none = Keeping {
        count: 0,
        bytes: 0,
        age: Duration::ZERO,
    };
    let gateway = keeping(Arc::clone(&test.store), Hands::new(), none).await;
    note(&gateway, 200, 0);
    let tenant = test.store.tenants().await.unwrap().remove(0).id;
    gateway.exchanges().flush().await;
    assert_eq!(test.store.exchanges(tenant, ALL).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_handed_in_is_kept_when_the_gateway_stops() {
    let test = start().await;
    let store = Faulty::new(Arc::clone(&test.store));
    let gateway = keeping(store, Hands::new(), Keeping::default()).await;
    note(&gateway, 200, 0);
    gateway.stop().await;
    let tenant = test.store.tenants().await.unwrap().remove(0).id;
    assert_eq!(test.store.exchanges(tenant, ALL).await.unwrap().len(), 1);
}
