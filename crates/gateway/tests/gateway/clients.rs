//! Clients of the token endpoint: what their secrets get, and what their tokens are good for.

use jackfield_gateway::administer::NewCredential;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Issued, Proof, Session, TokenRequest};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Origin};

use crate::harness::{Hands, Ids, START, absent, create, gateway, operator, refused, start, user};

pub(crate) const ENDPOINT: &str = "https://pbx.example/oauth2/token";

/// A connection and the id that it has as a client.
pub(crate) async fn client(test: &TestGateway) -> (Id, String) {
    let okta = test.connection("acme", "okta").await.expect("a connection");
    (okta.id, format!("acme.{}", okta.id))
}

pub(crate) async fn secret(
    gateway: &Gateway,
    connection: Id,
    new: NewCredential<'_>,
) -> (Id, String) {
    let made = operator(gateway).make_client_secret(connection, new).await;
    let made = made.expect("a secret");
    (made.id, made.text.to_string())
}

pub(crate) async fn issue(
    gateway: &Gateway,
    client: Option<&str>,
    proof: Proof<'_>,
    scope: Option<&str>,
) -> Result<Issued, Error> {
    let request = TokenRequest {
        client,
        proof,
        scope,
        audiences: &[ENDPOINT],
        origin: Origin::local("oauth2"),
    };
    gateway.issue_token(request).await
}

pub(crate) async fn opened(gateway: &Gateway, tenant: &str, token: &str) -> Result<Session, Error> {
    let origin = Origin::local("scim");
    gateway.authenticate_bearer(tenant, token, origin).await
}

#[tokio::test]
async fn a_secret_gets_a_token_for_an_hour() {
    let test = start().await;
    let (clock, ids) = (Hands::new(), Ids::new());
    let gateway = gateway(test.store.clone(), clock.clone(), ids, absent())
        .await
        .expect("a gateway");
    let (connection, client) = client(&test).await;
    let (_, text) = secret(&test.gateway, connection, NewCredential::default()).await;
    let issued = issue(&gateway, Some(&client), Proof::Secret(&text), None)
        .await
        .expect("a token");
    assert_eq!(issued.lifetime_seconds, 3_600);
    assert_eq!(issued.scopes.to_string(), "read users groups roles");
    let session = opened(&gateway, "acme", &issued.token).await.expect("open");
    assert_eq!(session.principal().record(), Some(connection));
    session
        .write(user("anna", &[]))
        .await
        .map(drop)
        .expect("done");

    for tenant in ["harbor", "nowhere", ""] {
        let outcome = opened(&gateway, tenant, &issued.token).await;
        assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{tenant}");
    }
    clock.move_on(3_599);
    session.read().expect("a reader");
    clock.move_on(1);
    assert_eq!(session.read().err(), Some(Error::InvalidCredentials));
    assert_eq!(
        refused(session.write(user("bert", &[])).await),
        Error::InvalidCredentials
    );
    let outcome = opened(&gateway, "acme", &issued.token).await;
    assert_eq!(outcome.err(), Some(Error::InvalidCredentials));
}

#[tokio::test]
async fn a_token_ends_with_its_secret_and_its_connection() {
    for how in ["revoke", "remove", "expire"] {
        let test = start().await;
        let (connection, client) = client(&test).await;
        let expires = (how == "expire").then(|| START.plus_seconds(30));
        let new = || NewCredential {
            expires,
            ..NewCredential::default()
        };
        let (id, text) = secret(&test.gateway, connection, new()).await;
        let issued = issue(&test.gateway, Some(&client), Proof::Secret(&text), None).await;
        let issued = issued.expect("a token");
        assert_eq!(issued.lifetime_seconds < 31, how == "expire");
        let session = opened(&test.gateway, "acme", &issued.token)
            .await
            .expect("open");
        match how {
            "revoke" => operator(&test.gateway).revoke(id).await.expect("done"),
            "remove" => operator(&test.gateway)
                .remove_connection("okta")
                .await
                .expect("done"),
            _ => continue,
        }
        assert_eq!(
            session.read().err(),
            Some(Error::InvalidCredentials),
            "{how}"
        );
        let outcome = opened(&test.gateway, "acme", &issued.token).await;
        assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{how}");
        let outcome = issue(&test.gateway, Some(&client), Proof::Secret(&text), None).await;
        assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{how}");
    }
}

#[tokio::test]
async fn several_secrets_are_good_at_once_and_nothing_else_is() {
    let test = start().await;
    let (connection, client) = client(&test).await;
    let other = test
        .connection("acme", "entra")
        .await
        .expect("a connection");
    let new = NewCredential::default;
    let (_, first) = secret(&test.gateway, connection, new()).await;
    let (_, second) = secret(&test.gateway, connection, new()).await;
    let (_, others) = secret(&test.gateway, other.id, new()).await;
    for text in [&first, &second] {
        let issued = issue(&test.gateway, Some(&client), Proof::Secret(text), None).await;
        issued.map(drop).expect("a token");
        let session = test
            .gateway
            .authenticate_client("acme", &client, text, Origin::local("scim"))
            .await
            .expect("open");
        assert_eq!(session.principal().record(), Some(connection));
    }
    let (elsewhere, nobody) = (format!("harbor.{connection}"), format!("acme.{}", other.id));
    for (client, text) in [
        (Some(&*client), ""),
        (Some(&client), &*others),
        (Some(&client), &other.token),
        (Some(&client), "x"),
        (Some(&nobody), &first),
        (Some(&elsewhere), &first),
        (Some("acme"), &first),
        (Some("acme."), &first),
        (Some(""), &first),
        (None, &first),
    ] {
        let outcome = issue(&test.gateway, client, Proof::Secret(text), None).await;
        assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{client:?}");
        let client = client.unwrap_or_default();
        for tenant in ["acme", "harbor"] {
            let outcome = test
                .gateway
                .authenticate_client(tenant, client, text, Origin::local("scim"))
                .await;
            assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{client}");
        }
    }
}

#[tokio::test]
async fn a_token_is_for_what_was_asked_and_what_the_secret_is_for() {
    let test = start().await;
    let (connection, client) = client(&test).await;
    let scopes = ["read".to_owned(), "users".to_owned()];
    let new = NewCredential {
        scopes: &scopes,
        ..NewCredential::default()
    };
    let (_, text) = secret(&test.gateway, connection, new).await;
    for (asked, expected) in [
        (None, Some("read users")),
        (Some("scim"), Some("read users")),
        (Some("users roles"), Some("users")),
        (Some("read"), Some("read")),
        (Some("groups"), None),
        (Some("everything"), None),
    ] {
        let outcome = issue(&test.gateway, Some(&client), Proof::Secret(&text), asked).await;
        let Some(expected) = expected else {
            let is_scope = matches!(
                outcome.err(),
                Some(Error::InvalidValue { path, .. }) if path == "scope"
            );
            assert!(is_scope, "{asked:?}");
            continue;
        };
        let issued = outcome.unwrap_or_else(|error| panic!("{asked:?}: {error}"));
        assert_eq!(issued.scopes.to_string(), expected, "{asked:?}");
        let session = opened(&test.gateway, "acme", &issued.token)
            .await
            .expect("open");
        session.read().expect("a reader");
        let group = create(
            Kind::Group,
            Attributes::new().with(attr::DISPLAY_NAME, format!("{asked:?}").as_str()),
        );
        assert!(matches!(
            refused(session.write(group).await),
            Error::Forbidden(_)
        ));
        let made = session.write(user(&format!("{asked:?}"), &[])).await;
        assert_eq!(made.is_ok(), expected.contains("users"), "{asked:?}");
    }
}
