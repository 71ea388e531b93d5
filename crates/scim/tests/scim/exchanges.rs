//! What is kept of requests for operators to read, and asking them again.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, IF_MATCH};
use jackfield_gateway::{ExchangeQuery, Session};
use jackfield_model::{Exchange, Id, Origin, Principal, SentBody};
use jackfield_scim::replay::{self, Lost};
use jackfield_scim::{Options, PeerAddr, Scim};
use serde_json::{Value as Json, json};

use crate::server::{PATCH_OP, Server};

const ALL: ExchangeQuery = ExchangeQuery {
    connection: None,
    failed: false,
    since: None,
    limit: 1_000,
};

async fn kept(server: &Server) -> Vec<Exchange> {
    let gateway = &server.gateway.gateway;
    gateway.exchanges().flush().await;
    server
        .gateway
        .operator("acme")
        .unwrap()
        .exchanges(ALL)
        .await
        .unwrap()
}

fn text(exchange: &Exchange) -> &str {
    match &exchange.body {
        SentBody::Json { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_request_is_kept_with_what_came_repaired_changed_and_was_answered() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let body = json!({
        "schemas": [PATCH_OP],
        "Operations": [{"op": "Replace", "path": "active", "value": "False"}],
    });
    let path = format!("/Users/{alice}");
    server
        .send("PATCH", &path, Some(body.clone()))
        .await
        .expect(200);
    server
        .get("/Users?filter=shoeSize%20eq%201")
        .await
        .expect(400);
    server
        .post("/Users", json!({"userName": "ALICE"}))
        .await
        .expect(409);
    server.get(&path).await.expect(200);

    let all = kept(&server).await;
    let lines: Vec<_> = all
        .iter()
        .map(|it| (it.method.as_str(), it.status))
        .collect();
    let expected = [
        ("POST", 201),
        ("PATCH", 200),
        ("GET", 400),
        ("POST", 409),
        ("GET", 200),
    ];
    assert_eq!(lines, expected);
    let operator = server.gateway.operator("acme").unwrap();
    for exchange in &all {
        let name = exchange
            .connection
            .and_then(|id| operator.connection_name(id));
        assert_eq!(name.as_deref(), Some("idp"));
        assert!(exchange.credential.is_some());
        assert_eq!(exchange.skipped, 0);
    }
    let [created, patched, misread, refused, read] = &all[..] else {
        unreachable!("five were asked")
    };
    assert_eq!(created.target, "/scim/acme/v2/Users");
    assert_eq!(text(created), r#"{"userName":"alice"}"#);
    assert_eq!(created.deeds[0].action, "user.create");
    assert_eq!(created.deeds[0].target, Id::parse(&alice));
    assert_eq!(created.deeds[0].target_name, "alice");
    assert_eq!(serde_json::from_str::<Json>(text(patched)).unwrap(), body);
    assert!(!patched.repairs.is_empty());
    assert_eq!(patched.deeds[0].changes[0].attribute, "active");
    assert_eq!(patched.deeds[0].revision.0, created.deeds[0].revision.0 + 1);
    assert_eq!(
        misread.target,
        "/scim/acme/v2/Users?filter=shoeSize%20eq%201"
    );
    assert_eq!(misread.scim_type.as_deref(), Some("invalidFilter"));
    assert!(misread.detail.as_ref().unwrap().contains("shoeSize"));
    assert_eq!(refused.scim_type.as_deref(), Some("uniqueness"));
    assert_eq!((&refused.deeds, &read.deeds), (&vec![], &vec![]));
    assert_eq!((&read.body, &read.detail), (&SentBody::None, &None));
}

#[tokio::test]
async fn who_could_not_log_in_is_kept_as_nobody_and_without_a_body() {
    let server = Server::start().await;
    for (token, is_told) in [(Some("Bearer jft_wrong"), true), (None, false)] {
        let mut request = Request::post("/scim/acme/v2/Users")
            .extension(PeerAddr("192.0.2.7:1234".parse().unwrap()));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        let body = Body::from(r#"{"userName":"x"}"#);
        server.raw(request.body(body).unwrap()).await.expect(401);
        let all = kept(&server).await;
        assert_eq!(all.len(), 1, "{is_told}");
        assert_eq!((all[0].status, all[0].connection), (401, None));
        assert_eq!(all[0].address, Some([192, 0, 2, 7].into()));
        assert_eq!(all[0].body, SentBody::None);
    }
}

#[tokio::test]
async fn no_secret_is_kept() {
    const SECRET: &str = "Zx9-h0rse.battery";
    let server = Server::start().await;
    let bob = server.user("bob").await;
    let path = format!("/Users/{bob}");
    let core = "urn:ietf:params:scim:schemas:core:2.0:User:password";
    let patches = [
        json!({"op": "replace", "path": "password", "value": SECRET}),
        json!({"op": "Replace", "path": core, "value": [SECRET]}),
        json!({"op": "add", "value": {"password": SECRET}}),
        json!({"op": "add", "value": {core: SECRET}}),
        json!({"op": "add", "path": format!("password[value eq \"{SECRET}\"]"), "value": "x"}),
    ];
    for patch in patches {
        let body = json!({"schemas": [PATCH_OP], "Operations": [patch]});
        server.send("PATCH", &path, Some(body)).await;
    }
    server
        .post("/Users", json!({"userName": "carol", "password": SECRET}))
        .await
        .expect(201);
    server
        .put(
            &path,
            json!({"userName": "bob", "password": {"value": SECRET}}),
        )
        .await;
    server
        .get(&format!("/Users?filter=password%20eq%20{SECRET}"))
        .await
        .expect(400);
    server
        .get(&format!("/Users?filter=password%20eq%20%22{SECRET}%22"))
        .await
        .expect(400);
    let search = json!({"filter": format!("password eq {SECRET}")});
    server.post("/Users/.search", search).await.expect(400);
    let bulk = json!({"Operations": [{"method": "POST", "path": "/Users",
        "data": {"userName": "dave", "password": SECRET}}]});
    server.post("/Bulk", bulk).await;
    let token = server.token.clone();
    server
        .post("/Users", json!({"userName": token.clone()}))
        .await;
    server.get(&format!("/Users/{token}")).await.expect(404);
    server.get(&format!("/Users?access_token={token}")).await;
    server
        .send_with("DELETE", &path, None, &[(IF_MATCH, token.as_str())])
        .await;
    let broken = Request::post("/scim/acme/v2/Users")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(format!("{{\"password\":\"{SECRET}\"")));
    server.raw(broken.unwrap()).await.expect(400);

    let all = kept(&server).await;
    assert_eq!(all.len(), 17);
    for exchange in &all {
        let shown = serde_json::to_string(exchange).unwrap();
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(!shown.contains(&token), "{shown}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_left_out() {
    let options = Options {
        max_kept_bytes: 40,
        ..Options::default()
    };
    let server = Server::with(options).await;
    let long = json!({"userName": "alice", "displayName": "Alice in Chains"});
    let length = u64::try_from(long.to_string().len()).unwrap();
    server.post("/Users", long).await.expect(201);
    server.user("bob").await;
    let all = kept(&server).await;
    assert_eq!(all[0].body, SentBody::Left { length });
    assert_eq!(text(&all[1]), r#"{"userName":"bob"}"#);
    assert_eq!(replay::check(&all[0], true), Err(Lost::Body));
}

fn connection(server: &Server, exchange: &Exchange) -> Session {
    let gateway = &server.gateway.gateway;
    let tenant = gateway.tenant("acme").unwrap();
    let principal = Principal::Connection(exchange.connection.unwrap());
    gateway.act_as(&tenant, principal, Origin::local("cli"))
}

#[tokio::test]
async fn a_rehearsal_says_what_would_come_of_a_request_now_and_does_nothing() {
    let server = Server::start().await;
    let id = server.user("alice").await;
    server
        .post("/Users", json!({"userName": "alice", "title": "x"}))
        .await
        .expect(409);
    server.delete(&format!("/Users/{id}")).await.expect(204);
    let all = kept(&server).await;
    let scim = Scim::new(server.gateway.gateway.clone(), Options::default());
    let rehearsal = connection(&server, &all[1]).rehearse();
    for (exchange, status, deeds) in [
        (&all[1], 201, vec!["user.create"]),
        // Each sees what the one before would have done.
        (&all[0], 409, vec![]),
        (&all[2], 404, vec![]),
    ] {
        replay::check(exchange, true).unwrap();
        let again = replay::replay(&scim, rehearsal.clone(), exchange)
            .await
            .unwrap();
        assert_eq!(again.status, status, "{}", again.body);
        let done: Vec<_> = again
            .deeds
            .iter()
            .map(|deed| deed.action.as_str())
            .collect();
        assert_eq!(done, deeds);
    }
    let found = server.find("/Users", "userName eq \"alice\"").await;
    assert_eq!(found.body["totalResults"], 0);
    assert_eq!(
        kept(&server).await.len(),
        4,
        "a rehearsal is no request of a client"
    );
}

#[tokio::test]
async fn a_request_is_done_again_only_if_all_of_it_is_there() {
    let server = Server::start().await;
    let id = server.user("alice").await;
    let secret = json!({"userName": "bob", "password": "Correct horse 1 battery"});
    server.post("/Users", secret).await.expect(201);
    server.delete(&format!("/Users/{id}")).await.expect(204);
    let all = kept(&server).await;
    assert_eq!(replay::check(&all[1], false), Err(Lost::Secrets));
    assert_eq!(replay::check(&all[1], true), Ok(()));
    assert_eq!(replay::check(&all[0], false), Ok(()));
    let scim = Scim::new(server.gateway.gateway.clone(), Options::default());
    let session = connection(&server, &all[0]);
    let again = replay::replay(&scim, session, &all[0]).await.unwrap();
    assert_eq!(again.status, 201);
    let found = server.find("/Users", "userName eq \"alice\"").await;
    assert_eq!(found.body["totalResults"], 1);
}

#[tokio::test]
async fn what_connections_exchange_is_for_the_operator_to_read() {
    let server = Server::start().await;
    server.user("alice").await;
    let all = kept(&server).await;
    let session = connection(&server, &all[0]);
    assert!(session.exchanges(ALL).await.is_err());
    assert!(session.exchange(all[0].id).await.is_err());
    let operator = server.gateway.operator("acme").unwrap();
    let found = operator.exchange(all[0].id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&all[0]));
}
