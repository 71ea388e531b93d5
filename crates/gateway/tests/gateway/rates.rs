//! How fast clients may come, and what wrong credentials cost.

use std::sync::Arc;

use jackfield_gateway::administer::NewCredential;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Options, Rate, Rates};
use jackfield_model::Origin;

use crate::clients::{client, opened, secret};
use crate::harness::{Hands, Ids, absent, gateway, start, user};

/// A gateway whose clients may come this fast.
async fn limited(test: &TestGateway, clock: &Arc<Hands>, rates: Rates) -> Gateway {
    let options = Options { rates, ..absent() };
    let started = gateway(test.store.clone(), clock.clone(), Ids::new(), options).await;
    started.expect("a gateway")
}

const SLOW: Option<Rate> = Some(Rate {
    per_minute: 60,
    burst: 3,
});

/// How many of so many requests with this token are let in.
async fn let_in(gateway: &Gateway, token: &str, requests: usize) -> usize {
    let mut count = 0;
    for _ in 0..requests {
        match opened(gateway, "acme", token).await {
            Ok(_) => count += 1,
            Err(error) => assert!(
                matches!(error, Error::TooBusy { retry_after: 1.. }),
                "{error}"
            ),
        }
    }
    count
}

#[tokio::test]
async fn a_connection_s_requests_are_counted_and_a_series_counts_each_command() {
    let test = start().await;
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let entra = test
        .connection("acme", "entra")
        .await
        .expect("a connection");
    let clock = Hands::new();
    let rates = Rates {
        connection: SLOW,
        ..Rates::default()
    };
    let gateway = limited(&test, &clock, rates).await;
    assert_eq!(let_in(&gateway, &okta.token, 5).await, 3);
    assert_eq!(
        let_in(&gateway, &entra.token, 5).await,
        3,
        "it is counted alone"
    );
    clock.move_on(1);
    assert_eq!(let_in(&gateway, &okta.token, 5).await, 1);
    clock.move_on(60);
    let session = opened(&gateway, "acme", &okta.token).await.expect("open");
    let commands = (0..30).map(|n| user(&format!("user {n}"), &[])).collect();
    let outcomes = session.write_all(commands, usize::MAX).await.expect("done");
    assert!(
        outcomes.iter().all(Result::is_ok),
        "what was let in is done"
    );
    assert_eq!(let_in(&gateway, &okta.token, 1).await, 0);
    clock.move_on(27);
    assert_eq!(
        let_in(&gateway, &okta.token, 1).await,
        0,
        "30 take 30 seconds, less a burst"
    );
    clock.move_on(1);
    assert_eq!(let_in(&gateway, &okta.token, 1).await, 1);
}

#[tokio::test]
async fn a_tenant_s_connections_are_counted_together_and_others_apart() {
    let test = start().await;
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let entra = test
        .connection("acme", "entra")
        .await
        .expect("a connection");
    let other = test
        .connection("harbor", "okta")
        .await
        .expect("a connection");
    let rates = Rates {
        tenant: SLOW,
        ..Rates::default()
    };
    let gateway = limited(&test, &Hands::new(), rates).await;
    assert_eq!(let_in(&gateway, &okta.token, 2).await, 2);
    assert_eq!(let_in(&gateway, &entra.token, 2).await, 1);
    opened(&gateway, "harbor", &other.token)
        .await
        .map(drop)
        .expect("open");
}

#[tokio::test]
async fn wrong_credentials_cost_time_and_right_ones_from_the_same_place_get_in() {
    let test = start().await;
    let (connection, client) = client(&test).await;
    let (_, text) = secret(&test.gateway, connection, NewCredential::default()).await;
    let rates = Rates {
        failures: SLOW,
        ..Rates::default()
    };
    let clock = Hands::new();
    let gateway = limited(&test, &clock, rates).await;
    let origin = |address: &str| Origin {
        protocol: "scim".into(),
        address: Some(address.parse().expect("an address")),
    };
    let ask = async |tenant: &str, id: &str, secret: &str, address: &str| {
        let outcome = gateway
            .authenticate_client(tenant, id, secret, origin(address))
            .await;
        match outcome {
            Ok(_) => "in",
            Err(Error::InvalidCredentials) => "wrong",
            Err(Error::TooBusy { .. }) => "slower",
            Err(other) => panic!("{other}"),
        }
    };
    let (nat, elsewhere) = ("192.0.2.1", "192.0.2.2");
    assert_eq!(ask("acme", &client, "x", nat).await, "wrong");
    assert_eq!(ask("nowhere", "nowhere.x", "x", nat).await, "wrong");
    assert_eq!(ask("acme", "x", "x", nat).await, "wrong");
    for (tenant, id) in [("acme", &*client), ("nowhere", "nowhere.x"), ("acme", "x")] {
        assert_eq!(ask(tenant, id, "x", nat).await, "slower", "{tenant} {id}");
    }
    let guess = gateway
        .authenticate_bearer("acme", "jft_x", origin(nat))
        .await;
    assert!(matches!(
        guess.err(),
        Some(Error::TooBusy { retry_after: 1 })
    ));
    assert_eq!(ask("acme", &client, &text, nat).await, "in", "a neighbour");
    assert_eq!(ask("acme", &client, "x", elsewhere).await, "wrong");
    clock.move_on(1);
    assert_eq!(ask("acme", &client, "x", nat).await, "wrong");
    assert_eq!(ask("acme", &client, "x", nat).await, "slower");
}

#[tokio::test]
async fn what_another_process_has_just_made_is_not_wrong_at_first() {
    let test = start().await;
    let rates = Rates {
        failures: SLOW,
        ..Rates::default()
    };
    let gateway = limited(&test, &Hands::new(), rates).await;
    let open = async |token: &str| {
        let origin = Origin {
            protocol: "scim".into(),
            address: Some([192, 0, 2, 1].into()),
        };
        let session = gateway.authenticate_bearer("acme", token, origin).await;
        session.map(drop)
    };
    let made = test.connection("acme", "okta").await.expect("a connection");
    assert_eq!(open(&made.token).await, Ok(()));
    for _ in 0..3 {
        let wrong = open("jft_x").await;
        assert_eq!(wrong, Err(Error::InvalidCredentials), "it was not charged");
    }
    assert_eq!(open("jft_x").await, Err(Error::TooBusy { retry_after: 1 }));
    let made = test
        .connection("acme", "entra")
        .await
        .expect("a connection");
    assert_eq!(open(&made.token).await, Ok(()), "however many were wrong");
}
