//! OAuth 2 clients: connections that get a token for an hour, by a secret or by what somebody signed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_tests::scim::{Client, user};
use jackfield_tests::{Server, wait};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Runs a command about a connection of `acme` beside the server.
fn command(server: &Server, arguments: &[&str]) -> Value {
    let tenant = ["--tenant", "acme", "--json"];
    let made = server.home().run_json(&[arguments, &tenant].concat());
    made.unwrap_or_else(|error| panic!("{error:#}"))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key}: {value:#}"))
}

async fn ask(server: &Server, form: &[(&str, &str)]) -> (u16, Value) {
    let grant = [("grant_type", "client_credentials")];
    let pairs = grant.iter().chain(form);
    let body: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let response = reqwest::Client::new()
        .post(server.http("/oauth2/token"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.join("&"))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn scim(server: &Server, token: &str) -> Client {
    Client::with_token(&server.http("/scim/acme/v2"), token)
}

#[tokio::test]
async fn a_secret_gets_a_token_that_ends_with_it() {
    let (server, _) = Server::bootstrapped().unwrap();
    let made = command(
        &server,
        &[
            "client",
            "secret",
            "--connection",
            "entra",
            "--kind",
            "entra",
            "--scope",
            "users",
        ],
    );
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    assert_eq!(text(&made, "token_url"), server.http("/oauth2/token"));
    let proof = [("client_id", id), ("client_secret", secret)];
    let (status, issued) = ask(&server, &proof).await;
    assert_eq!(status, 200, "{issued:#}");
    assert_eq!(
        (&issued["scope"], &issued["expires_in"]),
        (&json!("users"), &json!(3_600))
    );
    let client = scim(&server, text(&issued, "access_token"));
    client
        .post("/Users", &user("hired", "Hi", "Red"))
        .await
        .unwrap()
        .expect(201);
    let group = client
        .post("/Groups", &json!({"displayName": "Hired"}))
        .await
        .unwrap();
    assert_eq!(group.expect_error(403), None);

    // The id and the secret do as well, by HTTP Basic.
    let basic = reqwest::Client::new()
        .get(server.http("/scim/acme/v2/Users?count=0"))
        .basic_auth(id, Some(secret));
    assert_eq!(basic.send().await.unwrap().status().as_u16(), 200);

    let listed = command(&server, &["token", "list"]);
    let own = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == made["id"]);
    let own = own.unwrap_or_else(|| panic!("{listed:#}"));
    assert_eq!(
        (&own["kind"], &own["scopes"]),
        (&json!("secret"), &json!(["users"]))
    );
    command(&server, &["token", "revoke", "--id", text(&made, "id")]);
    let gone = jackfield_tests::wait::until_async(|| async {
        let status = client.get("/Users?count=0").await.unwrap().status;
        (status == 401).then_some(())
    });
    gone.await.expect("the token is worth nothing any more");
    let (status, refused) = ask(&server, &proof).await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
}

/// Somebody who signs.
struct Signer(EncodingKey);

impl Signer {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        Self(EncodingKey::from_ec_der(&key.serialize_der()))
    }

    fn jwks(&self) -> String {
        let mut key = Jwk::from_encoding_key(&self.0, Algorithm::ES256).unwrap();
        key.common.key_id = Some("k".to_owned());
        json!({"keys": [key]}).to_string()
    }

    fn sign(&self, issuer: &str, subject: &str, audience: &str, jti: &str) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let claims = json!({
            "iss": issuer, "sub": subject, "aud": audience, "jti": jti,
            "iat": now, "nbf": now, "exp": now + 300,
        });
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k".to_owned());
        encode(&header, &claims, &self.0).unwrap()
    }
}

#[tokio::test]
async fn a_client_that_signs_for_itself_shows_each_assertion_once() {
    let (server, _) = Server::bootstrapped().unwrap();
    let signer = Signer::new();
    let file = server.home().folder().join("keys.json");
    std::fs::write(&file, signer.jwks()).unwrap();
    let file = file.to_str().unwrap();
    let made = command(
        &server,
        &["client", "trust", "--connection", "ping", "--jwks", file],
    );
    let id = text(&made, "client_id");
    let endpoint = server.http("/oauth2/token");
    assert_eq!(made["audiences"][0], json!(endpoint));
    let assertion = signer.sign(id, id, &endpoint, "one");
    let proof = [
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    let (status, issued) = ask(&server, &proof).await;
    assert_eq!(status, 200, "{issued:#}");
    let client = scim(&server, text(&issued, "access_token"));
    client.get("/Users?count=0").await.unwrap().expect(200);
    let (status, again) = ask(&server, &proof).await;
    assert_eq!((status, &again["error"]), (401, &json!("invalid_client")));
    let elsewhere = signer.sign(id, id, "https://elsewhere.example", "two");
    let proof = [
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &elsewhere),
    ];
    assert_eq!(ask(&server, &proof).await.0, 401);
}

/// Publishes a document for as long as the test runs.
fn publish(document: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request);
            let length = document.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close");
            let _ = write!(stream, "{head}\r\n\r\n{document}");
        }
    });
    url
}

#[tokio::test]
async fn a_provider_vouches_for_its_client_with_keys_that_are_fetched() {
    const ISSUER: &str = "https://login.example/tenant/v2.0";
    let (server, _) = Server::bootstrapped().unwrap();
    let signer = Signer::new();
    let url = publish(signer.jwks());
    let made = command(
        &server,
        &[
            "client",
            "trust",
            "--connection",
            "entra",
            "--kind",
            "entra",
            "--jwks-url",
            &url,
            "--issuer",
            ISSUER,
            "--subject",
            "4711",
            "--audience",
            "api://jackfield",
        ],
    );
    let id = text(&made, "client_id");
    for (signer, subject, expected) in [
        (&signer, "4711", 200),
        (&signer, "4711", 200),
        (&signer, "4712", 401),
        (&Signer::new(), "4711", 401),
    ] {
        let assertion = signer.sign(ISSUER, subject, "api://jackfield", "x");
        let proof = [
            ("client_id", id),
            ("scope", "scim"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion),
        ];
        let (status, answer) = ask(&server, &proof).await;
        assert_eq!(status, expected, "{answer:#}");
        if status == 200 {
            let client = scim(&server, text(&answer, "access_token"));
            client.get("/Users?count=0").await.unwrap().expect(200);
        }
    }
    let metadata = reqwest::get(server.http("/.well-known/oauth-authorization-server")).await;
    let metadata: Value = metadata.unwrap().json().await.unwrap();
    assert_eq!(metadata["issuer"], json!(server.http("")));
    assert_eq!(
        metadata["token_endpoint"],
        json!(server.http("/oauth2/token"))
    );
}

#[tokio::test]
async fn who_comes_too_fast_is_told_when_to_come_again() {
    let home = jackfield_tests::Home::new().unwrap();
    home.edit_config(|config| {
        let limits = [
            ("requests_per_second", 1),
            ("request_burst", 3),
            ("wrong_tokens_per_minute", 2),
        ];
        let limits = limits.map(|(name, value)| (name.to_owned(), toml::Value::from(value)));
        config.insert("limits".to_owned(), toml::Table::from_iter(limits).into());
    })
    .unwrap();
    // Before the server starts: one that it had to learn of would count as wrong at first.
    let create = [
        "token",
        "create",
        "--tenant",
        "acme",
        "--connection",
        "fast",
        "--json",
    ];
    let made: Value = home.run_json(&create).unwrap();
    let server = home.serve().unwrap();
    for (token, expected) in [
        (text(&made, "token"), [200, 200, 200, 429]),
        ("jft_x", [401, 401, 429, 429]),
    ] {
        let client = scim(&server, token);
        for status in expected {
            let answer = client.get("/Users?count=0").await.unwrap();
            assert_eq!(answer.status, status, "{:#}", answer.body);
            if status == 429 {
                let seconds = answer.headers["retry-after"].to_str().unwrap();
                assert!(
                    seconds.parse::<u32>().is_ok_and(|s| (1..=60).contains(&s)),
                    "{seconds}"
                );
                assert_eq!(answer.expect_error(429), None);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_listed_changed_and_removed() {
    let (server, _) = Server::bootstrapped().unwrap();
    let set = command(
        &server,
        &[
            "connection",
            "set",
            "--connection",
            "okta",
            "--kind",
            "okta",
            "--ceiling",
            "reporter",
        ],
    );
    assert_eq!(
        (&set["kind"], &set["ceiling"]),
        (&json!("okta"), &json!("reporter"))
    );
    assert_eq!(set["takes_passwords"], json!(false));
    let again = command(
        &server,
        &[
            "connection",
            "set",
            "--connection",
            "okta",
            "--take-passwords",
        ],
    );
    assert_eq!(
        (&again["kind"], &again["takes_passwords"]),
        (&json!("okta"), &json!(true))
    );
    let no_role = ["connection", "set", "--tenant", "acme", "--connection", "x"];
    let refused = server
        .home()
        .run(&[&no_role[..], &["--ceiling", "emperor"]].concat());
    let refused = refused.unwrap();
    assert!(!refused.status.success());
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(
        stderr.contains("emperor") && stderr.contains("pbx_admin"),
        "{stderr}"
    );

    let made = command(&server, &["token", "create", "--connection", "okta"]);
    let client = scim(&server, text(&made, "token"));
    let flagged = client.get("/Users?aadOptscim062020").await.unwrap();
    assert_eq!(flagged.status, 200, "{}", flagged.body);
    let suggested = wait::until(|| {
        let listed = command(&server, &["connection", "list"]);
        let mut all = listed.as_array().unwrap().iter();
        let okta = all.find(|it| it["connection"] == "okta").unwrap();
        okta["suggested"].as_str().map(str::to_owned)
    });
    assert_eq!(suggested.as_deref(), Some("entra"));

    let names = || {
        let listed = command(&server, &["connection", "list"]);
        let all = listed.as_array().unwrap().iter();
        all.map(|it| text(it, "connection").to_owned())
            .collect::<Vec<_>>()
    };
    assert!(names().contains(&"okta".to_owned()));
    command(&server, &["connection", "remove", "--connection", "okta"]);
    assert!(!names().contains(&"okta".to_owned()));
}
