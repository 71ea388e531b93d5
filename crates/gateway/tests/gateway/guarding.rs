//! A connection that loses too many users is held on every node, until an operator releases it.

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind, Origin};

use crate::harness::{delete, head, make, operator, refused, set, start, until, user};

/// A connection that made so many users.
async fn provisioned(test: &TestGateway, users: usize) -> (String, Vec<Id>) {
    let token = test
        .connection("acme", "okta")
        .await
        .expect("a connection")
        .token;
    let okta = session(&test.gateway, &token).await;
    let mut ids = Vec::new();
    for n in 0..users {
        ids.push(make(&okta, user(&format!("u{n}"), &[])).await);
    }
    (token, ids)
}

async fn session(gateway: &Gateway, token: &str) -> Session {
    let origin = Origin::local("scim");
    let session = gateway.authenticate_bearer("acme", token, origin).await;
    session.expect("a session")
}

fn is_held(error: &Error) -> bool {
    matches!(error, Error::Held { connection, .. } if connection == "okta")
}

#[tokio::test]
async fn a_hold_is_stored_told_once_and_released_by_the_operator() {
    let test = start().await;
    let (token, ids) = provisioned(&test, 30).await;
    let okta = session(&test.gateway, &token).await;
    for id in &ids[..9] {
        okta.write(set(*id, attr::ACTIVE, false))
            .await
            .expect("disabled");
    }
    let trial = okta.rehearse();
    assert!(is_held(&refused(
        trial.write(delete(ids[9], Kind::User)).await
    )));
    assert!(
        operator(&test.gateway).held_connections().is_empty(),
        "it was only tried"
    );
    for id in &ids[9..12] {
        assert!(is_held(&refused(okta.write(delete(*id, Kind::User)).await)));
    }
    let held = operator(&test.gateway).held_connections();
    let held: Vec<_> = held
        .iter()
        .map(|h| (h.connection.as_str(), h.users, h.before))
        .collect();
    assert_eq!(held, [("okta", 21, 30)]);

    // Another node knows, and so does this one after a restart.
    let other = test.second().await.expect("a node");
    let error = refused(
        session(&other, &token)
            .await
            .write(delete(ids[9], Kind::User))
            .await,
    );
    assert!(is_held(&error), "{error:?}");
    other.stop().await;
    let test = test.restart().await.expect("a restart");
    let okta = session(&test.gateway, &token).await;
    assert!(is_held(&refused(
        okta.write(delete(ids[9], Kind::User)).await
    )));
    make(&okta, user("new", &[])).await;

    // The command line releases it from a process of its own.
    let cli = test.second().await.expect("a process");
    let id = operator(&cli)
        .named(Kind::Connection, "okta")
        .expect("the connection");
    assert!(operator(&cli).release(id).await.expect("released"));
    assert!(
        !operator(&cli)
            .release(id)
            .await
            .expect("nothing to release")
    );
    cli.stop().await;
    until(|| async { okta.write(delete(ids[9], Kind::User)).await.ok() }).await;
    let log = test.store.audit(head(&*test.store).await.id, 0, 1_000);
    let told: Vec<String> = log
        .await
        .expect("the log")
        .into_iter()
        .map(|sealed| sealed.entry.action.to_string())
        .filter(|action| action.starts_with("connection.") && action != "connection.create")
        .collect();
    assert_eq!(told, ["connection.hold", "connection.release"]);
}
