//! ETag, If-Match, If-None-Match.

use axum::http::Method;
use serde_json::json;

use crate::server::{Answer, Client, Server};

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

async fn with(client: &Client, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let body = (method == Method::PATCH).then(|| json!({"title": "x"}));
    client.ask(method, path, &[header], body).await
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again_until_it_differs() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &[]).await;
    let before = tag(&all.get(&anna).await);
    let again = with(&all, Method::GET, &anna, ("if-none-match", &before)).await;
    assert_eq!(tag(&again), before);
    again.expect(304);
    // What others do to a user is no change of the record, but of what is shown.
    all.put(&format!("{anna}/roles/reporter"), json!({}))
        .await
        .expect(200);
    let changed = with(&all, Method::GET, &anna, ("if-none-match", &before)).await;
    changed.expect(200);
}

#[tokio::test]
async fn a_write_is_done_at_the_version_that_it_names_or_not_at_all() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &[]).await;
    let first = tag(&all.get(&anna).await);
    let edited = with(&all, Method::PATCH, &anna, ("if-match", &first)).await;
    let second = tag(&edited);
    edited.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        for condition in [("if-match", first.as_str()), ("if-none-match", "*")] {
            let stale = with(&all, method.clone(), &anna, condition).await;
            stale.problem(412, "changed");
        }
    }
    // A role that was given meanwhile stands in nobody's way.
    all.put(&format!("{anna}/roles/reporter"), json!({}))
        .await
        .expect(200);
    with(&all, Method::PATCH, &anna, ("if-match", "*"))
        .await
        .expect(200);
    let third = tag(&all.get(&anna).await);
    assert_ne!(third, second);
    with(&all, Method::DELETE, &anna, ("if-match", &third))
        .await
        .expect(204);
}
