//! Tokens of people: each makes the own ones, and those end them who may set the password.

use serde_json::{Value as Json, json};

use crate::server::{Client, Server};

fn new(scope: &str) -> Json {
    json!({"kind": "token", "scopes": [scope], "label": "phone app"})
}

fn bearer(server: &Server, made: &Json) -> Client {
    let token = made["secret"].as_str().unwrap();
    server.with("acme", Some(format!("Bearer {token}")))
}

fn id(made: &Json) -> &str {
    made["id"].as_str().unwrap()
}

#[tokio::test]
async fn people_make_see_and_end_their_own_tokens() {
    let server = Server::start().await;
    let all = server.all().await;
    let path = all.user("uma", &["reporter"]).await;
    let (uma, tokens) = (server.settled("uma").await, format!("{path}/credentials"));
    let made = uma.post(&tokens, new("users:read")).await.expect(201);
    let token = bearer(&server, &made);
    let me = token.get("/me").await.expect(200);
    assert_eq!(
        (&me["kind"], &me["name"]),
        (&json!("person"), &json!("uma"))
    );
    assert_eq!(me["scopes"], json!(["users:read"]));
    let listed = uma.get(&tokens).await.expect(200);
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["items"][0]["label"], "phone app");
    assert!(listed["items"][0].get("secret").is_none());
    uma.in_the_clear()
        .post(&tokens, new("users:read"))
        .await
        .problem(403, "tls-required");
    let one = format!("{tokens}/{}", id(&made));
    server.person("uma").delete(&one).await.expect(204);
    token.get("/me").await.problem(401, "invalid-credentials");
    server
        .person("uma")
        .delete(&one)
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_token_makes_no_other_and_ends_itself_if_it_may_write() {
    let server = Server::start().await;
    let path = server.all().await.user("uma", &["owner"]).await;
    let (uma, tokens) = (server.settled("uma").await, format!("{path}/credentials"));
    let reading = uma.post(&tokens, new("users:read")).await.expect(201);
    let writing = uma.post(&tokens, new("users:write")).await.expect(201);
    let (reader, writer) = (bearer(&server, &reading), bearer(&server, &writing));
    let refused = writer.post(&tokens, new("users:write")).await;
    let detail = refused.problem(403, "forbidden");
    assert!(detail.contains("a token makes no other"), "{detail}");
    // With a password it would be the whole login.
    for own in ["/me/password".to_owned(), format!("{path}/password")] {
        let body = json!({"password": "Some thing 0ther"});
        let detail = writer.put(&own, body).await.problem(403, "forbidden");
        assert!(
            detail.contains("no password of whom it is"),
            "{own}: {detail}"
        );
    }
    let detail = reader
        .post(&tokens, new("users:read"))
        .await
        .problem(403, "forbidden");
    assert!(detail.contains("users:write"), "{detail}");
    assert_eq!(reader.get(&tokens).await.expect(200)["total"], 2);
    let one = format!("{tokens}/{}", id(&writing));
    reader.delete(&one).await.problem(403, "forbidden");
    writer.delete(&one).await.expect(204);
    writer.get("/me").await.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn whoever_may_set_the_password_sees_and_ends_tokens_and_the_operator_alone_makes_others() {
    let server = Server::start().await;
    let all = server.all().await;
    for (who, role, may) in [
        ("olga", "owner", true),
        ("paul", "pbx_admin", true),
        ("rita", "reporter", false),
    ] {
        all.user(who, &[role]).await;
        let path = all.user(&format!("of {who}"), &["pbx_user"]).await;
        let tokens = format!("{path}/credentials");
        let made = all.post(&tokens, new("users:read")).await.expect(201);
        let token = bearer(&server, &made);
        assert_eq!(token.get("/me").await.expect(200)["kind"], "person");
        let other = server.settled(who).await;
        let refused = other.post(&tokens, new("users:read")).await;
        refused.problem(403, "forbidden");
        let one = format!("{tokens}/{}", id(&made));
        if may {
            assert_eq!(other.get(&tokens).await.expect(200)["total"], 1, "{who}");
            other.delete(&one).await.expect(204);
        } else {
            other.get(&tokens).await.problem(403, "forbidden");
            other.delete(&one).await.problem(403, "forbidden");
        }
        assert_eq!(token.get("/me").await.status == 401, may, "{who}");
    }
    // Whose password an admin may not set, whose tokens an admin may not end.
    let owner = all.user("otto", &["owner"]).await;
    let tokens = format!("{owner}/credentials");
    let made = all.post(&tokens, new("users:read")).await.expect(201);
    let paul = server.person("paul");
    paul.get(&tokens).await.problem(403, "forbidden");
    let one = format!("{tokens}/{}", id(&made));
    paul.delete(&one).await.problem(403, "forbidden");
    all.delete(&one).await.expect(204);
}

#[tokio::test]
async fn people_have_tokens_and_no_other_credential() {
    let server = Server::start().await;
    let all = server.all().await;
    let path = all.user("uma", &["reporter"]).await;
    let (uma, tokens) = (server.settled("uma").await, format!("{path}/credentials"));
    for (new, at) in [
        (json!({"kind": "secret"}), "kind"),
        (json!({"kind": "trust"}), "kind"),
        (json!({"kind": "token"}), "scope"),
        (json!({"kind": "token", "scopes": ["users"]}), "scope"),
        (
            json!({"kind": "token", "scopes": ["check"], "ceiling": "owner"}),
            "ceiling",
        ),
    ] {
        for client in [&all, &uma] {
            let refused = client.post(&tokens, new.clone()).await.expect(422);
            assert_eq!(refused["path"], at, "{new}");
        }
    }
    assert_eq!(all.get(&tokens).await.expect(200)["total"], 0);
}
