//! Pages by cursor (RFC 9865).

use jackfield_scim::Options;
use serde_json::{Value as Json, json};

use crate::server::{Answer, Server, encoded};

const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

async fn people(server: &Server, count: usize) {
    for n in 0..count {
        let title = ["B", "a", "c"][n % 3];
        let body = json!({"userName": format!("u{n:02}"), "title": title});
        server.post("/Users", body).await.expect(201);
    }
}

async fn page(server: &Server, query: &str, cursor: &str) -> Answer {
    server.get(&format!("/Users?{query}&cursor={cursor}")).await
}

fn cursor<'a>(answer: &'a Answer, which: &str) -> Option<&'a str> {
    answer
        .body
        .get(which)
        .map(|cursor| cursor.as_str().unwrap())
}

/// Every page, by the cursors of this name.
async fn turn(server: &Server, query: &str, first: Answer, which: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut page_of = first.expect(200);
    loop {
        let names = page_of.listed("userName").into_iter().map(str::to_owned);
        all.extend(names);
        let Some(next) = cursor(&page_of, which) else {
            return all;
        };
        page_of = page(server, query, next).await.expect(200);
    }
}

#[tokio::test]
async fn the_pages_of_a_query_have_everybody_once_in_order() {
    let server = Server::start().await;
    people(&server, 20).await;
    for query in [
        "count=3",
        "count=7&sortBy=title",
        "count=6&sortBy=title&sortOrder=descending",
        "count=4&filter=title%20pr",
        "count=100",
        "sortBy=userName",
    ] {
        let whole = server
            .get(&format!(
                "/Users?{}",
                query.split_once('&').map_or("", |(_, rest)| rest)
            ))
            .await;
        let expected: Vec<String> = whole
            .listed("userName")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let first = page(&server, query, "").await;
        assert_eq!(
            turn(&server, query, first, "nextCursor").await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_page_has_the_cursors_that_lead_on_and_back() {
    let server = Server::start().await;
    people(&server, 7).await;
    let first = page(&server, "count=3", "").await.expect(200);
    assert_eq!(
        (
            cursor(&first, "previousCursor"),
            first.body.get("startIndex")
        ),
        (None, None)
    );
    assert_eq!(
        (&first.body["totalResults"], &first.body["itemsPerPage"]),
        (&json!(7), &json!(3))
    );
    let second = page(&server, "count=3", cursor(&first, "nextCursor").unwrap()).await;
    let third = page(&server, "count=3", cursor(&second, "nextCursor").unwrap()).await;
    assert_eq!(third.listed("userName"), ["u06"]);
    assert_eq!(cursor(&third, "nextCursor"), None);
    let back = page(
        &server,
        "count=3",
        cursor(&third, "previousCursor").unwrap(),
    )
    .await;
    assert_eq!(back.listed("userName"), second.listed("userName"));
    let start = page(&server, "count=3", cursor(&back, "previousCursor").unwrap()).await;
    assert_eq!(start.listed("userName"), first.listed("userName"));
    assert_eq!(cursor(&start, "previousCursor"), None);
    let sealed = cursor(&first, "nextCursor").unwrap();
    assert!(
        sealed
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    );
}

#[tokio::test]
async fn pages_stay_whole_while_others_write() {
    let server = Server::start().await;
    people(&server, 9).await;
    let first = page(&server, "count=3", "").await;
    let ids: Vec<String> = first.listed("id").into_iter().map(str::to_owned).collect();
    for id in ids {
        server.delete(&format!("/Users/{id}")).await.expect(204);
    }
    server.user("late").await;
    let next = cursor(&first, "nextCursor").unwrap();
    let second = page(&server, "count=3", next).await;
    let rest = turn(&server, "count=3", second, "nextCursor").await;
    assert_eq!(rest, ["u03", "u04", "u05", "u06", "u07", "u08", "late"]);
}

#[tokio::test]
async fn everybody_behind_a_cursor_may_go_and_the_rest_is_still_found() {
    let server = Server::start().await;
    people(&server, 4).await;
    let first = page(&server, "count=2", "").await;
    let second = page(&server, "count=2", cursor(&first, "nextCursor").unwrap()).await;
    for id in first.listed("id").into_iter().chain(second.listed("id")) {
        server.delete(&format!("/Users/{id}")).await.expect(204);
    }
    server.user("late").await;
    let back = page(
        &server,
        "count=2",
        cursor(&second, "previousCursor").unwrap(),
    )
    .await
    .expect(200);
    assert_eq!(back.listed("userName"), [""; 0]);
    let on = page(&server, "count=2", cursor(&back, "nextCursor").unwrap()).await;
    assert_eq!(on.listed("userName"), ["late"]);
}

#[tokio::test]
async fn a_cursor_is_for_its_client_its_query_and_its_count() {
    let server = Server::start().await;
    people(&server, 9).await;
    let filter = format!("filter={}", encoded("displayName pr or id pr"));
    let query = format!("count=3&{filter}&sortBy=displayName");
    let first = page(&server, &query, "").await.expect(200);
    let next = cursor(&first, "nextCursor").unwrap().to_owned();
    page(&server, &query, &next).await.expect(200);
    for other in [
        format!("count=3&{filter}"),
        format!("count=3&{filter}&sortBy=title"),
        format!("count=3&{filter}&sortBy=displayName&sortOrder=descending"),
        "count=3&sortBy=displayName".to_owned(),
    ] {
        page(&server, &other, &next)
            .await
            .refused(400, Some("invalidCursor"));
    }
    for place in ["/Groups", ""] {
        let path = format!("{place}?{query}&cursor={next}");
        server.get(&path).await.refused(400, Some("invalidCursor"));
    }
    for forged in ["x", &next[1..], &format!("{next}A"), &"A".repeat(4_000)] {
        page(&server, &query, forged)
            .await
            .refused(400, Some("invalidCursor"));
    }
    for count in ["4", "0", "-1", "x"] {
        let other = query.replace("count=3", &format!("count={count}"));
        page(&server, &other, &next)
            .await
            .refused(400, Some("invalidCount"));
    }
    let other = server
        .gateway
        .connection("acme", "other")
        .await
        .unwrap()
        .token;
    let mut other_client = server;
    other_client.token = other;
    page(&other_client, &query, &next)
        .await
        .refused(400, Some("invalidCursor"));
}

#[tokio::test]
async fn counts_are_whole_numbers_up_to_the_limit() {
    let server = Server::with(Options {
        max_results: 5,
        default_page: 2,
        ..Options::default()
    })
    .await;
    people(&server, 8).await;
    for (count, expected) in [("count=5", 5), ("count=0", 0), ("count=-3", 0), ("", 2)] {
        let answer = page(&server, count, "").await.expect(200);
        assert_eq!(answer.listed("id").len(), expected, "{count}");
        assert_eq!(answer.body["totalResults"], 8);
        assert_eq!(
            cursor(&answer, "nextCursor").is_some(),
            expected > 0,
            "{count}"
        );
    }
    for count in [
        "count=6",
        "count=1.5",
        "count=x",
        "count=99999999999999999999",
    ] {
        page(&server, count, "")
            .await
            .refused(400, Some("invalidCount"));
    }
    // Without a cursor they mean what RFC 7644 says.
    assert_eq!(
        server
            .get("/Users?count=6")
            .await
            .expect(200)
            .listed("id")
            .len(),
        5
    );
    assert_eq!(
        server.get("/Users?count=6").await.body.get("nextCursor"),
        None
    );
}

#[tokio::test]
async fn searches_by_post_have_cursors_and_share_them_with_get() {
    let server = Server::start().await;
    people(&server, 5).await;
    let search = |cursor: Json| json!({"schemas": [SEARCH_REQUEST], "count": 2, "sortBy": "userName", "cursor": cursor});
    let first = server
        .post("/Users/.search", search(json!("")))
        .await
        .expect(200);
    let next = cursor(&first, "nextCursor").unwrap();
    let second = server
        .post("/Users/.search", search(json!(next)))
        .await
        .expect(200);
    assert_eq!(second.listed("userName"), ["u02", "u03"]);
    let again = page(&server, "count=2&sortBy=userName", next)
        .await
        .expect(200);
    assert_eq!(again.body["Resources"], second.body["Resources"]);
    server
        .post("/Users/.search", search(json!("x")))
        .await
        .refused(400, Some("invalidCursor"));
    server
        .post("/Users/.search", search(json!(7)))
        .await
        .refused(400, Some("invalidValue"));
    let by_index = server
        .post("/Users/.search", search(Json::Null))
        .await
        .expect(200);
    assert_eq!(
        (
            &by_index.body["startIndex"],
            by_index.body.get("nextCursor")
        ),
        (&json!(1), None)
    );
    let root = server
        .post(
            "/.search",
            json!({"schemas": [SEARCH_REQUEST], "cursor": "", "count": 1}),
        )
        .await;
    assert!(cursor(&root, "nextCursor").is_some());
}

#[tokio::test]
async fn each_page_shows_what_the_client_may_see_by_then() {
    let server = Server::start().await;
    people(&server, 4).await;
    let first = page(&server, "count=2", "").await;
    let next = cursor(&first, "nextCursor").unwrap();
    let operator = server.gateway.operator("acme").unwrap();
    for token in operator.read().unwrap().connection_credentials() {
        operator.revoke(token.credential.id).await.unwrap();
    }
    page(&server, "count=2", next).await.refused(401, None);
}
