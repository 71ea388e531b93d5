//! Lists, a page at a time.

use serde_json::json;

use crate::server::{Client, Server};

/// All names of a list by its `next`, and how many pages there were.
async fn walk(client: &Client, first: &str) -> (Vec<String>, usize) {
    let (mut names, mut pages) = (Vec::new(), 0);
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        names.extend(items.map(|item| {
            let name = item.get("userName").or(item.get("key"));
            name.unwrap().as_str().unwrap().to_owned()
        }));
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    (names, pages)
}

#[tokio::test]
async fn pages_hold_each_item_once_whatever_their_size() {
    let server = Server::start().await;
    let all = server.all().await;
    for at in 0..7 {
        all.user(&format!("user{at}"), &["reporter"]).await;
    }
    for list in [
        "/users?",
        "/users?role=reporter&search=user&",
        "/roles/reporter/members?",
        "/roles?",
    ] {
        let (whole, pages) = walk(&all, list).await;
        assert_eq!(pages, 1, "{list}");
        for limit in [1, 2, 3, 7, 8] {
            let (names, pages) = walk(&all, &format!("{list}limit={limit}")).await;
            assert_eq!(names, whole, "{list}{limit}");
            assert_eq!(pages, whole.len().div_ceil(limit), "{list}{limit}");
        }
    }
}

#[tokio::test]
async fn who_comes_and_goes_meanwhile_moves_nobody_else() {
    let server = Server::start().await;
    let all = server.all().await;
    for name in ["b", "d", "f"] {
        all.user(name, &[]).await;
    }
    let page = all.get("/users?limit=2").await.expect(200);
    let last = page["items"][1]["id"].as_str().unwrap();
    all.delete(&format!("/users/{last}")).await.expect(204);
    all.user("a", &[]).await;
    all.user("e", &[]).await;
    let (rest, _) = walk(&all, page["next"].as_str().unwrap()).await;
    assert_eq!(rest, ["e", "f"]);
}

#[tokio::test]
async fn a_cursor_is_for_its_client_and_its_list() {
    let server = Server::start().await;
    let all = server.all().await;
    for name in ["a", "b", "c"] {
        all.user(name, &[]).await;
    }
    let page = all.get("/users?limit=1&status=active").await.expect(200);
    let next = page["next"].as_str().unwrap();
    all.get(next).await.expect(200);
    let other = server.client("acme", None, &["users:read"]).await;
    let elsewhere = next.replace("status=active", "search=b");
    let tampered = format!("{next}A");
    for (client, path) in [(&other, next), (&all, &elsewhere), (&all, &tampered)] {
        client.get(path).await.problem(400, "invalid-cursor");
    }
    let more = next.replace("limit=1", "limit=2");
    let items = all.get(&more).await.expect(200)["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 2, "{}", json!(items));
}
