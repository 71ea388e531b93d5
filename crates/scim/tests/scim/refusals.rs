//! Whatever goes wrong is a SCIM error with the right status, and never one of the server's.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use jackfield_scim::{Options, OverTls};
use serde_json::json;

use crate::server::Server;

fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/scim+json");
    let request = token
        .into_iter()
        .fold(request, |r, token| r.header(AUTHORIZATION, token));
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_of_the_tenant() {
    let server = Server::start().await;
    let own = format!("Bearer {}", server.token);
    let path = |tenant: &str| format!("/scim/{tenant}/v2/Users");
    for (tenant, token) in [
        ("acme", None),
        ("acme", Some("Bearer wrong")),
        ("acme", Some("Basic YTpi")),
        ("acme", Some("Bearer")),
        ("harbor", Some(own.as_str())),
        ("nowhere", Some(own.as_str())),
        ("nowhere", None),
        ("%FF", Some(own.as_str())),
    ] {
        for method in ["GET", "POST"] {
            let answer = server
                .raw(request(method, &path(tenant), token, "{}"))
                .await;
            if tenant == "%FF" {
                answer.refused(404, None);
                continue;
            }
            let refused = answer.refused(401, None);
            assert!(
                refused.header("www-authenticate").starts_with("Bearer"),
                "{tenant} {token:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_token_that_was_revoked_opens_nothing_any_more() {
    use jackfield_gateway::Command;
    use jackfield_gateway::administer::NewCredential;
    let server = Server::start().await;
    let operator = server.gateway.operator("acme").unwrap();
    let connection = server.gateway.connection("acme", "second").await.unwrap();
    let made = operator
        .make_token(connection.id, NewCredential::default())
        .await
        .unwrap();
    let token = format!("Bearer {}", *made.text);
    let ask = || request("GET", "/scim/acme/v2/Users", Some(&token), "");
    server.raw(ask()).await.expect(200);
    operator
        .write(Command::RemoveCredential(made.id))
        .await
        .unwrap();
    server.raw(ask()).await.refused(401, None);
}

#[tokio::test]
async fn unknown_places_and_methods_are_refused_as_such() {
    let server = Server::start().await;
    let token = format!("Bearer {}", server.token);
    for path in [
        "/scim/acme/v2/Devices",
        "/scim/acme/v1/Users",
        "/scim",
        "/scim/acme/v2/Users/1/2",
    ] {
        server
            .raw(request("GET", path, Some(&token), ""))
            .await
            .refused(404, None);
    }
    for (method, path, allowed) in [
        ("DELETE", "/Users", "POST"),
        ("PATCH", "/Groups", "GET"),
        (
            "POST",
            "/Users/0193a1b2-0000-7000-8000-000000000001",
            "PATCH",
        ),
        ("GET", "/.search", "POST"),
    ] {
        let refused = server
            .send(method, path, Some(json!({})))
            .await
            .refused(405, None);
        assert!(refused.header("allow").contains(allowed), "{method} {path}");
    }
    let unversioned = request("GET", "/scim/acme/Users", Some(&token), "");
    server.raw(unversioned).await.expect(200);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let server = Server::with(Options {
        max_body_bytes: 4_096,
        ..Options::default()
    })
    .await;
    let token = format!("Bearer {}", server.token);
    let post = |body: &str| request("POST", "/scim/acme/v2/Users", Some(&token), body);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(2_000), "]".repeat(2_000));
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "{\"userName\": \"\u{1}\"}",
        &deep,
    ] {
        server
            .raw(post(body))
            .await
            .refused(400, Some("invalidSyntax"));
    }
    let long = json!({"userName": "a".repeat(5_000)}).to_string();
    let refused = server.raw(post(&long)).await.refused(413, None);
    assert!(refused.body["detail"].as_str().unwrap().contains("4096"));
    let mut form = post("userName=a");
    form.headers_mut().insert(
        CONTENT_TYPE,
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    server.raw(form).await.refused(415, None);
    assert_eq!(server.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn plain_json_is_spoken_to_those_who_ask_for_it() {
    let server = Server::start().await;
    for (accept, expected) in [
        ("application/json", "application/json"),
        ("application/scim+json", "application/scim+json"),
        ("*/*", "application/scim+json"),
        ("text/html", "application/scim+json"),
    ] {
        for path in ["/Users", "/Devices"] {
            let answer = server
                .send_with("GET", path, None, &[(ACCEPT, accept)])
                .await;
            assert_eq!(answer.header("content-type"), expected, "{accept} {path}");
        }
    }
}

#[tokio::test]
async fn no_value_of_a_wrong_type_is_the_servers_fault() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("alice").await);
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("\u{0}"),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{}]),
        json!([null]),
        json!({"value": {"value": []}}),
        json!([{"value": [{"value": {}}]}]),
        json!({"type": 7, "primary": "x"}),
        json!("{\"value\":"),
    ];
    let names = [
        "userName",
        "name",
        "name.givenName",
        "active",
        "emails",
        "emails.value",
        "externalId",
        "roles",
        "groups",
        "meta",
        "schemas",
        "id",
        "x509Certificates",
        "members",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:extension:pbx:2.0:User:extensions",
        "urn:ietf:params:scim:schemas:extension:pbx:2.0:User:desks",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "[",
        "",
    ];
    for value in &values {
        for name in names {
            for op in ["add", "replace", "remove"] {
                let operation = json!([{"op": op, "path": name, "value": value}]);
                let answer = server.patch(&path, operation.clone()).await;
                assert!(
                    !answer.status.is_server_error(),
                    "{operation}: {}",
                    answer.text
                );
            }
            let body = json!({"userName": "bob", "displayName": "g", name: value});
            for (method, path) in [
                ("POST", "/Users"),
                ("POST", "/Groups"),
                ("PUT", &path),
                ("PATCH", &path),
            ] {
                let answer = server.send(method, path, Some(body.clone())).await;
                assert!(
                    !answer.status.is_server_error(),
                    "{method} {path} {body}: {}",
                    answer.text
                );
            }
            let pathless = json!([{"op": "replace", "value": {name: value}}]);
            let answer = server.patch(&path, pathless.clone()).await;
            assert!(
                !answer.status.is_server_error(),
                "{pathless}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_write_that_loses_the_race_against_a_delete_is_told_so() {
    let server = Server::start().await;
    for round in 0..20 {
        let path = format!("/Users/{}", server.user(&format!("u{round}")).await);
        let title = json!([{"op": "replace", "path": "title", "value": "T"}]);
        let (patched, deleted) = tokio::join!(server.patch(&path, title), server.delete(&path));
        assert!(
            matches!(patched.status.as_u16(), 200 | 404),
            "{}",
            patched.text
        );
        deleted.expect(204);
    }
}

#[tokio::test]
async fn bodies_may_have_a_byte_order_mark_but_no_coding() {
    let server = Server::start().await;
    let post = |body: &[u8], coding: Option<&str>| {
        let mut request = Request::post("/scim/acme/v2/Users")
            .header("host", "pbx.example.com")
            .header("authorization", format!("Bearer {}", server.token))
            .header("content-type", "application/scim+json")
            .extension(OverTls(true));
        if let Some(coding) = coding {
            request = request.header("content-encoding", coding);
        }
        request.body(Body::from(body.to_vec())).unwrap()
    };
    let marked = b"\xef\xbb\xbf{\"userName\": \"marked\"}";
    server.raw(post(marked, None)).await.expect(201);
    let plain = b"{\"userName\": \"plain\"}";
    server.raw(post(plain, Some("Identity"))).await.expect(201);
    for coding in ["gzip", "identity, br"] {
        let refused = server.raw(post(plain, Some(coding))).await;
        assert_eq!(refused.header("accept-encoding"), "identity");
        refused.refused(415, None);
    }
}
