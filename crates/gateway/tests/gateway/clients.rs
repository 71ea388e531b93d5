//! Clients of the token endpoint: how they prove who they are, and what their tokens are good for.

use jackfield_gateway::administer::NewCredential;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{
    Error, Gateway, Issued, Options, Proof, Rate, Rates, Session, TokenRequest,
};
use jackfield_model::{Id, Kind, Origin, Trust, TrustedKeys};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value as Json, json};

use crate::harness::{
    Hands, Ids, START, absent, create, delete, gateway, names, operator, refused, start, user,
};

const ENDPOINT: &str = "https://pbx.example/oauth2/token";
const START_SECONDS: i64 = START.0 / 1_000_000;

/// A connection and the id that it has as a client.
async fn client(test: &TestGateway) -> (Id, String) {
    let okta = test.connection("acme", "okta").await.expect("a connection");
    (okta.id, format!("acme.{}", okta.id))
}

async fn secret(gateway: &Gateway, connection: Id, new: NewCredential<'_>) -> (Id, String) {
    let made = operator(gateway).make_client_secret(connection, new).await;
    let made = made.expect("a secret");
    (made.id, made.text.to_string())
}

async fn issue(
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

async fn opened(gateway: &Gateway, tenant: &str, token: &str) -> Result<Session, Error> {
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
            jackfield_model::Attributes::new().with(
                jackfield_model::schema::attr::DISPLAY_NAME,
                format!("{asked:?}").as_str(),
            ),
        );
        assert!(matches!(
            refused(session.write(group).await),
            Error::Forbidden(_)
        ));
        let made = session.write(user(&format!("{asked:?}"), &[])).await;
        assert_eq!(made.is_ok(), expected.contains("users"), "{asked:?}");
    }
}

/// Keys that sign for somebody.
struct Signer(EncodingKey);

impl Signer {
    fn new() -> Self {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
        let random = aws_lc_rs::rand::SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        Self(EncodingKey::from_ec_der(key.expect("a key").as_ref()))
    }

    fn jwks(&self, kid: &str) -> String {
        let mut key = Jwk::from_encoding_key(&self.0, Algorithm::ES256).expect("a key");
        key.common.key_id = Some(kid.to_owned());
        json!({"keys": [key]}).to_string()
    }

    fn sign(&self, kid: &str, claims: &Json) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(kid.to_owned());
        encode(&header, claims, &self.0).expect("signed")
    }
}

fn claims(who: &str, jti: &str) -> Json {
    json!({"iss": who, "sub": who, "aud": ENDPOINT, "exp": START_SECONDS + 300, "jti": jti})
}

#[tokio::test]
async fn a_client_signs_for_itself_and_each_assertion_is_good_once() {
    let test = start().await;
    let (connection, client) = client(&test).await;
    let signer = Signer::new();
    let trust = Trust {
        issuer: client.as_str().into(),
        subject: client.as_str().into(),
        audiences: Vec::new(),
        keys: TrustedKeys::Document(signer.jwks("own")),
    };
    let operator = operator(&test.gateway);
    let id = operator
        .add_trust(connection, trust, NewCredential::default())
        .await
        .expect("done");
    let first = signer.sign("own", &claims(&client, "first"));
    let named = issue(&test.gateway, Some(&client), Proof::Assertion(&first), None).await;
    let issued = named.expect("a token");
    let session = opened(&test.gateway, "acme", &issued.token)
        .await
        .expect("open");
    let second = signer.sign("own", &claims(&client, "second"));
    let unnamed = issue(&test.gateway, None, Proof::Assertion(&second), None).await;
    unnamed
        .map(drop)
        .expect("who the client is stands in the assertion");

    let other_node = test.second().await.expect("a gateway");
    let nameless = {
        let mut claims = claims(&client, "");
        claims.as_object_mut().expect("an object").remove("jti");
        signer.sign("own", &claims)
    };
    let foreign = Signer::new().sign("own", &claims(&client, "third"));
    for (gateway, text) in [
        (&test.gateway, &first),
        (&other_node, &first),
        (&other_node, &second),
        (&test.gateway, &nameless),
        (&test.gateway, &foreign),
        (&test.gateway, &client),
        (&test.gateway, &String::new()),
    ] {
        let outcome = issue(gateway, Some(&client), Proof::Assertion(text), None).await;
        assert_eq!(outcome.err(), Some(Error::InvalidCredentials), "{text}");
    }
    operator.revoke(id).await.expect("done");
    assert_eq!(session.read().err(), Some(Error::InvalidCredentials));
    let third = signer.sign("own", &claims(&client, "fourth"));
    let outcome = issue(&test.gateway, Some(&client), Proof::Assertion(&third), None).await;
    assert_eq!(outcome.err(), Some(Error::InvalidCredentials));
}

#[tokio::test]
async fn a_provider_vouches_for_its_client_with_keys_that_it_publishes() {
    const URL: &str = "https://login.example/keys";
    let test = start().await;
    let (clock, ids) = (Hands::new(), Ids::new());
    let gateway = crate::harness::gateway_that_fetches(
        test.store.clone(),
        clock.clone(),
        ids,
        test.published.clone(),
    )
    .await;
    let (connection, client) = client(&test).await;
    let trust = Trust {
        issuer: "https://login.example/v2.0".into(),
        subject: "4711".into(),
        audiences: vec!["api://jackfield".into()],
        keys: TrustedKeys::Url(URL.to_owned()),
    };
    operator(&test.gateway)
        .add_trust(connection, trust, NewCredential::default())
        .await
        .expect("done");
    let claims = |subject: &str| {
        json!({
            "iss": "https://login.example/v2.0", "sub": subject, "aud": "api://jackfield",
            "exp": START_SECONDS + 3 * 3_600, "jti": "one",
        })
    };
    let issue = async |text: &str| {
        let outcome = issue(&gateway, Some(&client), Proof::Assertion(text), None).await;
        (outcome.is_ok(), test.published.asked())
    };
    let (old, new) = (Signer::new(), Signer::new());
    let text = old.sign("old", &claims("4711"));
    assert_eq!(issue(&text).await, (false, 1), "nothing is published");
    test.published.put(URL, Some(old.jwks("old")));
    assert_eq!(issue(&text).await, (false, 1), "it was asked a moment ago");
    clock.move_on(30);
    assert_eq!(issue(&text).await, (true, 2));
    assert_eq!(
        issue(&text).await,
        (true, 2),
        "such are shown again and again"
    );
    assert_eq!(issue(&old.sign("old", &claims("4712"))).await, (false, 2));

    // The provider goes on to another key.
    test.published.put(URL, Some(new.jwks("new")));
    let next = new.sign("new", &claims("4711"));
    assert_eq!(issue(&next).await, (false, 2), "it was asked a moment ago");
    clock.move_on(30);
    assert_eq!(issue(&next).await, (true, 3));
    assert_eq!(issue(&text).await, (false, 3), "the old key is gone");

    // What cannot be fetched any more is good for a while.
    test.published.put(URL, None);
    clock.move_on(3_600);
    assert_eq!(issue(&next).await, (true, 4));
    assert_eq!(
        issue(&next).await,
        (true, 4),
        "it is not asked at each request"
    );
}

#[tokio::test]
async fn what_nobody_could_sign_for_is_not_trusted() {
    let test = start().await;
    let (connection, _) = client(&test).await;
    let operator = operator(&test.gateway);
    for keys in [
        TrustedKeys::Document(String::new()),
        TrustedKeys::Document("{}".to_owned()),
        TrustedKeys::Document(r#"{"keys": []}"#.to_owned()),
        TrustedKeys::Url("http://login.example/keys".to_owned()),
        TrustedKeys::Url("file:///etc/keys".to_owned()),
        TrustedKeys::Url(String::new()),
    ] {
        let trust = Trust {
            issuer: "x".into(),
            subject: "x".into(),
            audiences: Vec::new(),
            keys,
        };
        let outcome = operator.add_trust(connection, trust, NewCredential::default());
        let error = outcome.await.expect_err("refused");
        assert!(matches!(error, Error::InvalidValue { .. }), "{error}");
    }
    let gone = delete(connection, Kind::Connection);
    operator.write(gone).await.map(drop).expect("done");
    assert!(names(&operator.read().expect("a reader")).is_empty());
}

/// A gateway whose clients may come this fast.
async fn limited(test: &TestGateway, clock: &std::sync::Arc<Hands>, rates: Rates) -> Gateway {
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
