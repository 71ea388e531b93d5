//! `/Me`: people and the users that they are (RFC 7644 §3.11).

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jackfield_gateway::api_token::NewApiToken;
use jackfield_scim::OverTls;
use serde_json::{Value as Json, json};

use crate::server::{Answer, BASE, PATCH_OP, Server};

const DISCOVERY: [&str; 3] = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"];

/// A request with these credentials.
async fn ask(
    server: &Server,
    credentials: &str,
    method: &str,
    path: &str,
    body: Option<Json>,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/acme/v2{path}"))
        .header(HOST, "pbx.example.com")
        .header(AUTHORIZATION, credentials)
        .header(CONTENT_TYPE, "application/scim+json")
        .extension(OverTls(true));
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    server.raw(request.body(body).unwrap()).await
}

/// A user with this role, and a token of its own.
async fn person(server: &Server, name: &str, role: &str, scope: &str) -> (String, String) {
    let body = json!({"userName": name, "roles": [{"value": role}], "password": "Quiet-Harbor-91"});
    let made = server.post("/Users", body).await.expect(201);
    let operator = server.session();
    let scopes = [scope.to_owned()];
    let new = NewApiToken {
        scopes: &scopes,
        ..NewApiToken::default()
    };
    let id = operator.user(name).unwrap();
    let token = operator.make_api_token(id, new).await.unwrap();
    (made.id(), format!("Bearer {}", *token.text))
}

#[tokio::test]
async fn a_person_reads_the_own_user_by_token_and_by_password() {
    let server = Server::start().await;
    let (id, token) = person(&server, "uma", "pbx_user", "users:read").await;
    let basic = format!("Basic {}", BASE64.encode("uma:Quiet-Harbor-91"));
    for credentials in [&token, &basic] {
        let me = ask(&server, credentials, "GET", "/Me", None)
            .await
            .expect(200);
        assert_eq!(me.body["userName"], "uma");
        assert_eq!(me.header("location"), format!("{BASE}/Users/{id}"));
        assert_eq!(me.body["meta"]["location"], me.header("location"));
        assert_eq!(me.body["meta"]["version"], me.header("etag"));
        for endpoint in DISCOVERY {
            ask(&server, credentials, "GET", endpoint, None)
                .await
                .expect(200);
        }
        // No other endpoint takes them.
        let path = format!("/Users/{id}");
        ask(&server, credentials, "GET", &path, None)
            .await
            .refused(401, None);
    }
    let only = ask(&server, &token, "GET", "/Me?attributes=userName", None).await;
    assert_eq!(only.body["roles"], Json::Null);
    let wrong = format!("Basic {}", BASE64.encode("uma:wrong"));
    for endpoint in DISCOVERY.into_iter().chain(["/Me"]) {
        ask(&server, &wrong, "GET", endpoint, None)
            .await
            .refused(401, None);
    }
    ask(&server, &token, "POST", "/Me", Some(json!({})))
        .await
        .refused(405, None);
}

#[tokio::test]
async fn a_person_changes_of_the_own_user_what_the_role_lets() {
    let server = Server::start().await;
    let (_, user) = person(&server, "uma", "pbx_user", "users:write").await;
    let (_, admin) = person(&server, "ada", "owner", "users:write").await;
    let (_, reader) = person(&server, "rob", "owner", "users:read").await;
    let operation = json!({"op": "replace", "path": "title", "value": "Head"});
    let body = json!({"schemas": [PATCH_OP], "Operations": [operation]});
    for (credentials, status) in [(&user, 403), (&reader, 403), (&admin, 200)] {
        ask(&server, credentials, "PATCH", "/Me", Some(body.clone()))
            .await
            .expect(status);
    }
    let me = ask(&server, &admin, "GET", "/Me", None).await;
    assert_eq!(me.body["title"], "Head");
    // Nobody deletes the own account.
    ask(&server, &admin, "DELETE", "/Me", None)
        .await
        .refused(403, None);
}

#[tokio::test]
async fn who_is_no_person_has_no_me() {
    let server = Server::start().await;
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
        server
            .send(method, "/Me", Some(json!({})))
            .await
            .refused(403, None);
    }
    let operator = server.session();
    let account = operator.ensure_api_account("crm", None).await.unwrap();
    let scopes = ["users:read".to_owned()];
    let new = NewApiToken {
        scopes: &scopes,
        ..NewApiToken::default()
    };
    let token = operator.make_api_token(account, new).await.unwrap();
    let credentials = format!("Bearer {}", *token.text);
    ask(&server, &credentials, "GET", "/Me", None)
        .await
        .refused(403, None);
}
