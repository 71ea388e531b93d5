//! Clients that sign for themselves, or that a provider vouches for.

use jackfield_gateway::Error;
use jackfield_gateway::Proof;
use jackfield_gateway::administer::NewCredential;
use jackfield_model::{Kind, Trust, TrustedKeys};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value as Json, json};

use crate::clients::{ENDPOINT, client, issue, opened};
use crate::harness::{Hands, Ids, START, delete, gateway_that_fetches, names, operator, start};

const START_SECONDS: i64 = START.0 / 1_000_000;

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
    let gateway = gateway_that_fetches(
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
