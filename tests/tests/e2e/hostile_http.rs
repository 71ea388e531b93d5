//! Requests that no honest SCIM client sends, and what they get.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::{Access, Home, Server};
use reqwest::Method;
use serde_json::json;

async fn count(client: &Client) -> u64 {
    let list = client.get("/Users?count=0").await.unwrap().expect(200);
    list["totalResults"].as_u64().unwrap()
}

#[tokio::test]
async fn bodies_that_are_wrong_are_refused_and_nothing_is_written() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let before = count(&client).await;
    let mut wrong = Vec::new();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for (what, body, kind) in [
        ("half an object", "{\"userName\":", "invalidSyntax"),
        ("no body", "", "invalidSyntax"),
        ("not UTF-8 and not JSON", "\u{fffd}\u{0}", "invalidSyntax"),
        ("an array", "[]", "invalidSyntax"),
        ("20,000 arrays", &deep, "invalidSyntax"),
        (
            "no userName",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#,
            "invalidValue",
        ),
        (
            "an empty userName",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"  "}"#,
            "invalidValue",
        ),
        (
            "a userName that is an object",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":{"a":1}}"#,
            "invalidValue",
        ),
        (
            "an e-mail address that is a list",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","emails":[[1,2]]}"#,
            "invalidValue",
        ),
        (
            "a name that is a list",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","name":[1,2]}"#,
            "invalidValue",
        ),
        (
            "an active that is neither",
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","active":"maybe"}"#,
            "invalidValue",
        ),
    ] {
        let request = client.request(Method::POST, "/Users");
        let request = request
            .header("content-type", "application/scim+json")
            .body(body.to_owned());
        let answer = client.send(request).await.unwrap();
        if answer.status != 400 || answer.body["scimType"] != kind {
            wrong.push(format!("{what}: {} {}", answer.status, answer.body));
            continue;
        }
        answer.expect_error(400);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(count(&client).await, before);
}

#[tokio::test]
async fn patches_that_are_wrong_are_refused_as_a_whole() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let made = client
        .post("/Users", &user("patched", "P", "Atched"))
        .await
        .unwrap();
    let version = made.header("etag").to_owned();
    let path = format!("/Users/{}", scim::id(&made.expect(201)));
    let mut wrong = Vec::new();
    let good = json!({"op": "replace", "path": "title", "value": "half-written"});
    for (what, bad, kind) in [
        (
            "an unknown operation",
            json!({"op": "copy", "path": "title", "value": "x"}),
            "invalidSyntax",
        ),
        ("no path to remove", json!({"op": "remove"}), "noTarget"),
        (
            "a path that cannot be read",
            json!({"op": "add", "path": "emails[type eq", "value": "x"}),
            "invalidPath",
        ),
        (
            "a read-only attribute",
            json!({"op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z"}),
            "mutability",
        ),
        (
            "a value of another type",
            json!({"op": "replace", "path": "name", "value": 5}),
            "invalidValue",
        ),
        (
            "no userName",
            json!({"op": "remove", "path": "userName"}),
            "mutability",
        ),
    ] {
        let answer = client.patch(&path, json!([good, bad])).await.unwrap();
        if answer.status != 400 || answer.body["scimType"] != kind {
            wrong.push(format!("{what}: {} {}", answer.status, answer.body));
            continue;
        }
        answer.expect_error(400);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let after = client.get(&path).await.unwrap();
    assert_eq!(after.header("etag"), version);
    assert!(after.expect(200).get("title").is_none());
}

#[tokio::test]
async fn filters_that_are_wrong_are_refused() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let deep = format!("{}userName pr{}", "(".repeat(20_000), ")".repeat(20_000));
    let nots = format!("{}userName pr{}", "not (".repeat(5_000), ")".repeat(5_000));
    for filter in [
        "userName",
        "userName qq \"x\"",
        "userName eq",
        "userName eq \"x",
        "and",
        "(userName pr",
        "userName pr)",
        "emails[type eq \"work\"",
        "userName eq 5 5",
        "\u{0}",
        &deep,
        &nots,
    ] {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter});
        let answer = client.post("/Users/.search", &body).await.unwrap();
        let shown: String = filter.chars().take(40).collect();
        assert_eq!(
            answer.expect_error(400).as_deref(),
            Some("invalidFilter"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn wrong_tokens_all_get_the_same_answer() {
    let (server, acme) = Server::bootstrapped().unwrap();
    let harbor: Access = server
        .home()
        .run_json(&["bootstrap", "--tenant", "harbor", "--json"])
        .unwrap();
    let url = acme.scim.url.as_str();
    let nowhere = url.replace("/acme/", "/nowhere/");
    let mut bodies = Vec::new();
    for (what, url, token) in [
        ("another tenant's token", url, harbor.scim.token.as_str()),
        ("no such token", url, "nonsense"),
        (
            "a token with a character changed",
            url,
            &format!("{}x", acme.scim.token),
        ),
        ("a good token for no tenant", &nowhere, &acme.scim.token),
    ] {
        let answer = Client::with_token(url, token).get("/Users").await.unwrap();
        assert!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "{what}: {answer:?}"
        );
        assert_eq!(answer.clone().expect_error(401), None, "{what}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(
        bodies.len(),
        1,
        "no answer tells more than another: {bodies:#?}"
    );
    let bare = reqwest::get(format!("{url}/Users")).await.unwrap();
    assert_eq!(bare.status(), 401);
    let basic = reqwest::Client::new()
        .get(format!("{url}/Users"))
        .basic_auth("a", Some("b"));
    assert_eq!(basic.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn every_other_failure_is_a_scim_error_too() {
    let home = Home::new().unwrap();
    home.edit_config(|config| {
        let limits = toml::toml! { body_bytes = 65536 };
        config.insert("limits".to_owned(), limits.into());
    })
    .unwrap();
    let server = home.serve().unwrap();
    let access = server.bootstrap().unwrap();
    let client = Client::new(&access.scim);
    for (status, method, path, kind, body) in [
        (404, Method::GET, "/Nothing", "", String::new()),
        (404, Method::GET, "/Users/1/2/3", "", String::new()),
        (
            404,
            Method::DELETE,
            "/Groups/00000000-0000-4000-8000-000000000000",
            "",
            String::new(),
        ),
        (405, Method::DELETE, "/Users", "", String::new()),
        (
            405,
            Method::POST,
            "/Schemas",
            "application/scim+json",
            "{}".to_owned(),
        ),
        (
            405,
            Method::PUT,
            "/ServiceProviderConfig",
            "application/scim+json",
            "{}".to_owned(),
        ),
        (
            415,
            Method::POST,
            "/Users",
            "text/xml",
            "<user/>".to_owned(),
        ),
        (
            413,
            Method::POST,
            "/Users",
            "application/scim+json",
            format!("{{\"a\":\"{}\"}}", "x".repeat(100_000)),
        ),
    ] {
        let mut request = client.request(method.clone(), path).body(body);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let answer = client.send(request).await.unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {:#}", answer.body);
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
        answer.expect_error(status);
    }
    let version = access.scim.url.replace("/v2", "/v9");
    let answer = Client::with_token(&version, &access.scim.token)
        .get("/Users")
        .await
        .unwrap();
    answer.expect_error(404);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_a_scim_error_and_an_absurd_one_ends_at_the_door() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let second = reqwest::Client::builder().http2_prior_knowledge();
    for http in [reqwest::Client::new(), second.build().unwrap()] {
        let get = |query: &str| {
            let request = http.get(format!("{}/Users?{query}", access.scim.url));
            request.bearer_auth(&access.scim.token)
        };
        let filter = |length| format!("filter=userName+eq+%22{}%22", "x".repeat(length));
        let fitting = get(&filter(48_000)).header("x-long", "x".repeat(32_000));
        client.send(fitting).await.unwrap().expect(200);
        let fields = (0..150).fold(get("count=1"), |request, at| {
            request.header(format!("x-field-{at}"), "x")
        });
        for (status, request) in [
            (414, get(&filter(50_000))),
            (414, get(&filter(60_000))),
            (431, get("count=1").header("x-long", "x".repeat(33_000))),
            (431, get("count=1").header("x-long", "x".repeat(200_000))),
            (431, fields),
        ] {
            client.send(request).await.unwrap().expect_error(status);
        }
    }
    // What is not read to its end is answered with a status and nothing else, and the next client is served.
    let long = format!("/scim/{}", "x".repeat(70_000));
    assert!(told(&server, &long, "").starts_with("HTTP/1.1 414 "));
    let answer = told(&server, "/scim/acme/v2/Users", &"x".repeat(1 << 20));
    // The connection ends before all of it is sent, maybe before the answer is read.
    assert!(
        answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(),
        "{answer}"
    );
    client.get("/Users?count=1").await.unwrap().expect(200);
}

/// What a request with this target and header field is told, over a connection of its own.
fn told(server: &Server, target: &str, field: &str) -> String {
    let mut socket = TcpStream::connect(server.listeners().http).unwrap();
    let head = format!("GET {target} HTTP/1.1\r\nhost: a\r\nx-long: {field}\r\n\r\n");
    let _ = socket.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
