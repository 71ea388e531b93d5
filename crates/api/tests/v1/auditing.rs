//! The audit log and the reports.

use axum::http::Method;
use jackfield_gateway::api_token::ActsAs;
use serde_json::{Value as Json, json};

use crate::server::Server;

#[tokio::test]
async fn the_audit_log_is_read_by_filter_page_by_page_and_as_lines() {
    let server = Server::start().await;
    let all = server.all().await;
    let email = json!([{"value": "ann@acme.example", "type": "work", "primary": true}]);
    let ann = all.user("ann", &["reporter"]).await;
    all.patch(&ann, json!({"emails": email})).await.expect(200);
    let boss = all.user("boss", &["owner"]).await;
    all.delete(&boss).await.problem(409, "protected");
    // What was refused is written before the tenant's writer takes the next command.
    all.user("ben", &[]).await;

    let edits = all
        .get("/audit?target=ann&action=user.edit")
        .await
        .expect(200);
    let [edit] = edits["items"].as_array().unwrap().as_slice() else {
        panic!("{edits}");
    };
    assert_eq!(edit["actor"]["kind"], "service");
    assert_eq!(edit["protocol"], "api");
    assert!(ann.ends_with(edit["target"]["id"].as_str().unwrap()));
    assert_eq!(edit["changes"][0]["attribute"], "emails");
    assert_eq!(edit["changes"][0]["after"]["value"], "ann@acme.example");
    assert!(edit["revision"].is_u64() && edit.get("refused").is_none());

    let refused = all.get("/audit?refused=true&target=boss").await.expect(200);
    let why = refused["items"][0]["refused"].as_str().unwrap();
    assert!(why.contains("last active Owner"), "{why}");

    let (mut next, mut sequences) = (Some("/audit?limit=2".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = all.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        sequences.extend(items.map(|item| item["sequence"].as_u64().unwrap()));
        next = page["next"].as_str().map(str::to_owned);
    }
    let whole: Vec<u64> = (1..=sequences.len() as u64).collect();
    assert_eq!(sequences, whole);

    let accept = [("accept", "application/jsonl")];
    let line = all.ask(Method::GET, "/audit?limit=1", &accept, None).await;
    let link = line.headers["link"].to_str().unwrap();
    assert!(link.ends_with("rel=\"next\""), "{link}");
    assert_eq!(line.expect(200)["sequence"], 1);
    for wrong in ["since=yesterday", "refused=perhaps", "colour=blue"] {
        let answer = all.get(&format!("/audit?{wrong}")).await;
        answer.problem(400, "invalid-query");
    }
}

#[tokio::test]
async fn the_log_is_for_those_who_hold_a_role_that_must_keep_a_holder() {
    let server = Server::start().await;
    for (acts_as, status) in [
        (Some(ActsAs::Role("owner")), 200),
        (Some(ActsAs::Role("pbx_admin")), 403),
        (None, 403),
    ] {
        let client = server.client("acme", acts_as, &["audit:read"]).await;
        let answer = client.get("/audit").await;
        match status {
            200 => drop(answer.expect(200)),
            _ => {
                let told = answer.problem(status, "forbidden");
                assert!(told.ends_with("Ask a holder of Owner."), "{told}");
            }
        }
    }
    let other = server
        .client("acme", Some(ActsAs::Operator), &["check"])
        .await;
    other.get("/audit").await.problem(403, "forbidden");
}

#[tokio::test]
async fn the_report_lists_what_deserves_a_look() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("boss", &["owner"]).await;
    let report = all.get("/reports/access").await.expect(200);
    let kinds: Vec<&Json> = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| &own["kind"])
        .collect();
    assert!(kinds.contains(&&json!("too_few_holders")), "{report}");
    assert_eq!(report["total"], kinds.len());
}
