//! Who is let in, and for what.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jackfield_gateway::Error;
use jackfield_gateway::api_token::{ActsAs, NewApiToken};
use jackfield_gateway::audit::AuditFilter;
use jackfield_model::Timestamp;
use serde_json::json;

use crate::server::{PASSWORD, Server};

#[tokio::test]
async fn who_shows_nothing_or_something_wrong_is_told_how_to_log_in() {
    let server = Server::start().await;
    let connection = server.gateway.connection("acme", "okta").await.unwrap();
    let own = server.all().await;
    own.user("anna", &["owner"]).await;
    let wrong = |text: &str| format!("Basic {}", BASE64.encode(text));
    for (credentials, kind) in [
        (None, "login-required"),
        (Some("Digest x".to_owned()), "login-required"),
        (Some("Bearer".to_owned()), "login-required"),
        (Some("Bearer jft_AAAA".to_owned()), "invalid-credentials"),
        // A connection pushes by SCIM, and has no business here.
        (
            Some(format!("Bearer {}", connection.token)),
            "invalid-credentials",
        ),
        (Some(wrong("anna:wrong")), "invalid-credentials"),
        (Some(wrong("nobody:wrong")), "invalid-credentials"),
        (Some(wrong("anna")), "invalid-credentials"),
        (Some(wrong("anna:")), "invalid-credentials"),
    ] {
        let client = server.with("acme", credentials.clone());
        let answer = client.get("/me").await;
        let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert_eq!(challenges.len(), 2, "{credentials:?}");
        answer.problem(401, kind);
    }
}

#[tokio::test]
async fn a_token_opens_its_tenant_alone() {
    let server = Server::start().await;
    let acme = server.all().await;
    acme.get("/users").await.expect(200);
    for tenant in ["harbor", "nowhere", "ACME"] {
        let path = format!("//api/v1/{tenant}/users");
        acme.get(&path).await.problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_refused() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &["owner"]).await;
    for path in [
        "/users?zz=1",
        "/me?zz=1",
        &format!("{anna}?zz=1"),
        "/roles?zz",
    ] {
        all.get(path).await.problem(400, "invalid-query");
    }
    all.get("/me?").await.expect(200);
}

#[tokio::test]
async fn a_password_is_taken_over_tls_only() {
    let server = Server::start().await;
    server.all().await.user("anna", &["owner"]).await;
    let anna = server.person("anna").in_the_clear();
    anna.get("/me").await.problem(403, "tls-required");
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &[]).await;
    let role = format!("{anna}/roles/reporter");
    let user = json!({"userName": "ben"});
    let question = json!({"user": "anna", "permission": "extensions:edit"});
    let asked = [
        (Method::GET, "/users", None),
        (Method::POST, "/users", Some(user)),
        (Method::GET, "/roles", None),
        (Method::PUT, role.as_str(), None),
        (Method::POST, "/check", Some(question)),
    ];
    for (scopes, allowed) in [
        (&["users:read"][..], [true, false, false, false, false]),
        (&["users:write"], [true, true, false, false, false]),
        (&["roles:read"], [false, false, true, false, false]),
        (&["roles:write"], [false, false, true, true, false]),
        (&["check"], [false, false, false, false, true]),
        (&["audit:read", "check"], [false, false, false, false, true]),
    ] {
        let client = server.client("acme", Some(ActsAs::Operator), scopes).await;
        for ((method, path, body), allowed) in asked.iter().zip(allowed) {
            let answer = client.ask(method.clone(), path, &[], body.clone()).await;
            if allowed {
                assert!(answer.status < 300, "{scopes:?} {path}: {}", answer.body);
            } else {
                let detail = answer.problem(403, "forbidden");
                assert!(detail.contains("takes the scope"), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn an_account_changes_what_its_role_may_change() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("olga", &["owner"]).await;
    let owner = all.user("omar", &["owner"]).await;
    let user = all.user("uma", &["pbx_user"]).await;
    let scopes = ["users:write", "roles:write"];
    let reader = server.client("acme", None, &scopes).await;
    let admin = ActsAs::Role("pbx_admin");
    let admin = server.client("acme", Some(admin), &scopes).await;
    for (client, path, allowed) in [
        (&reader, &user, false),
        (&admin, &user, true),
        (&admin, &owner, false),
        (&all, &owner, true),
    ] {
        let answer = client.patch(path, json!({"title": "x"})).await;
        match allowed {
            true => drop(answer.expect(200)),
            false => drop(answer.problem(403, "forbidden")),
        }
    }
    // An admin makes nobody an owner.
    let promoted = admin.put(&format!("{user}/roles/owner"), json!({})).await;
    promoted.problem(403, "forbidden");
    let why = all.get(&format!("{user}/roles")).await.expect(200);
    assert_eq!(why["items"][0]["source"], "service");
}

#[tokio::test]
async fn a_person_does_what_the_own_role_permits() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &["pbx_admin"]).await;
    let uma = all.user("uma", &["pbx_user"]).await;
    let (admin, user) = (server.person("anna"), server.person("uma"));
    admin.get(&uma).await.expect(403); // the password is a temporary one
    for client in [&admin, &user] {
        let me = client.get("/me").await.expect(200);
        assert_eq!(me["mustChangePassword"], true);
        // One of their own; it may be the same here, since nothing forbids that.
        let own = json!({"password": PASSWORD});
        client.put("/me/password", own).await.expect(204);
    }
    let me = admin.get("/me").await.expect(200);
    assert_eq!(me["roles"], json!(["pbx_admin"]));
    assert_eq!(me["mustChangePassword"], false);
    admin.get(&uma).await.expect(200);
    admin.patch(&uma, json!({"title": "Ms"})).await.expect(200);
    // Colleagues are seen as the phone book shows them.
    let seen = user.get(&anna).await.expect(200);
    assert_eq!(seen["userName"], "anna");
    assert!(seen.get("roles").is_none() && seen.get("active").is_none());
    user.patch(&anna, json!({"title": "x"}))
        .await
        .problem(403, "forbidden");
    user.get("/roles").await.problem(403, "forbidden");
    user.get(&format!("{anna}/permissions"))
        .await
        .problem(403, "forbidden");
    user.get(&format!("{uma}/permissions")).await.expect(200);
}

#[tokio::test]
async fn a_personal_token_does_no_more_than_its_person_and_ends_with_the_password() {
    let server = Server::start().await;
    let all = server.all().await;
    let uma = all.user("uma", &["pbx_user"]).await;
    let operator = server.gateway.operator("acme").unwrap();
    let scopes = ["users:write".to_owned()];
    let new = NewApiToken {
        scopes: &scopes,
        ..NewApiToken::default()
    };
    let id = operator.user("uma").unwrap();
    let made = operator.make_api_token(id, new).await.unwrap();
    let token = server.with("acme", Some(format!("Bearer {}", *made.text)));
    assert_eq!(token.get("/me").await.expect(200)["kind"], "person");
    token
        .post("/users", json!({"userName": "x"}))
        .await
        .problem(403, "forbidden");
    token.get("/roles").await.problem(403, "forbidden");
    let reset = all
        .put(&format!("{uma}/password"), json!({}))
        .await
        .expect(200);
    assert!(reset["password"].as_str().unwrap().len() >= 8);
    assert_eq!(reset["mustChange"], true);
    token.get("/me").await.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn a_token_ends_when_it_is_revoked_and_none_is_made_that_is_over() {
    let server = Server::start().await;
    let operator = server.gateway.operator("acme").unwrap();
    let account = operator.ensure_api_account("x", None).await.unwrap();
    let scopes = ["users:read".to_owned()];
    let mut new = NewApiToken {
        scopes: &scopes,
        ..NewApiToken::default()
    };
    let made = operator.make_api_token(account, new.clone()).await.unwrap();
    let client = server.with("acme", Some(format!("Bearer {}", *made.text)));
    client.get("/users").await.expect(200);
    operator.revoke(made.id).await.unwrap();
    client
        .get("/users")
        .await
        .problem(401, "invalid-credentials");
    new.expires = Some(Timestamp(0));
    let outcome = operator.make_api_token(account, new).await;
    assert!(matches!(outcome, Err(Error::InvalidValue { .. })));
}

#[tokio::test]
async fn every_refusal_of_a_change_stands_in_the_audit_log() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &["owner"]).await;
    let reader = server
        .client("acme", Some(ActsAs::Operator), &["users:read"])
        .await;
    reader.delete(&anna).await.problem(403, "forbidden");
    let detail = all.delete(&anna).await.problem(409, "protected");
    assert!(detail.contains("last active Owner"), "{detail}");
    // The refused ones are written before the tenant's writer takes the next command.
    all.user("ben", &[]).await;
    let operator = server.gateway.operator("acme").unwrap();
    let filter = AuditFilter {
        refused: true,
        ..AuditFilter::default()
    };
    let page = operator.audit(0, 10, &filter).await.unwrap();
    let lines: Vec<_> = page
        .lines
        .iter()
        .map(|line| {
            (
                line.action.as_str(),
                line.target_name.as_str(),
                line.protocol.as_str(),
            )
        })
        .collect();
    assert_eq!(lines, [("user.delete", "anna", "api"); 2]);
    assert_eq!(page.lines[0].address.as_deref(), Some("192.0.2.1"));
}

#[tokio::test]
async fn what_is_not_there_or_not_understood_is_a_problem_with_an_id() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &[]).await;
    let id = [("x-request-id", "mine-1")];
    let answer = all.ask(Method::GET, "/nothing", &id, None).await;
    assert_eq!(answer.headers["x-request-id"], "mine-1");
    answer.problem(404, "not-found");
    let answer = all.get("/users/x").await;
    assert!(answer.headers["x-request-id"].len() >= 36);
    answer.problem(404, "not-found");
    let answer = all.ask(Method::PUT, "/users", &[], None).await;
    assert!(answer.headers.contains_key("allow"));
    answer.problem(405, "method-not-allowed");
    let media = [("content-type", "text/plain")];
    all.ask(Method::PATCH, &anna, &media, None)
        .await
        .problem(415, "media-type");
    for (path, body, status, kind) in [
        ("/users", json!([]), 400, "invalid-body"),
        ("/users", json!({"username": "x"}), 400, "invalid-body"),
        ("/users", json!({"userName": 1}), 400, "invalid-body"),
        ("/users", json!({}), 422, "invalid-value"),
        ("/users", json!({"userName": " "}), 422, "invalid-value"),
        ("/users", json!({"userName": "ANNA"}), 409, "taken"),
        (
            "/users",
            json!({"userName": "b", "roles": ["x"]}),
            422,
            "invalid-value",
        ),
        (
            "/users",
            json!({"userName": "b", "password": "x"}),
            422,
            "weak-password",
        ),
    ] {
        all.post(path, body.clone()).await.problem(status, kind);
    }
    let long = json!({"userName": "x".repeat(2 << 20)});
    all.post("/users", long).await.problem(413, "too-much");
    for query in [
        "limit=0",
        "limit=501",
        "limit=x",
        "cursor=x",
        "colour=red",
        "status=on",
    ] {
        let answer = all.get(&format!("/users?{query}")).await;
        let kind = if query == "cursor=x" {
            "invalid-cursor"
        } else {
            "invalid-query"
        };
        answer.problem(400, kind);
    }
    all.get("/users?role=x").await.problem(404, "not-found");
}
