//! Rules of RFC 7643 and RFC 7644 that no other file here is about.

use serde_json::{Value as Json, json};

use crate::server::{Server, encoded};

pub(crate) fn keys(resource: &Json) -> Vec<&str> {
    resource
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn the_version_is_two_or_none() {
    let server = Server::start().await;
    server.get("/Users").await.expect(200);
    for (path, found) in [
        ("/scim/acme/Users", true),
        ("/scim/acme/v1/Users", false),
        ("/scim/acme/v3/Users", false),
        ("/scim/acme/v2/v2/Users", false),
    ] {
        let request = axum::http::Request::get(path)
            .header("authorization", format!("Bearer {}", server.token))
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = server.raw(request).await;
        match found {
            true => drop(answer.expect(200)),
            false => drop(answer.refused(404, None)),
        }
    }
}

#[tokio::test]
async fn names_are_one_in_every_width_case_and_composition() {
    let server = Server::start().await;
    for (first, others) in [
        ("alice", ["ALICE", "ＡＬＩＣＥ"]),
        ("ren\u{e9}", ["REN\u{c9}", "rene\u{301}"]),
        ("stra\u{df}e", ["STRASSE", "strasse"]),
    ] {
        let id = server.user(first).await;
        for other in others {
            server
                .post("/Users", json!({"userName": other}))
                .await
                .refused(409, Some("uniqueness"));
            let found = server
                .find("/Users", &format!("userName eq \"{other}\""))
                .await;
            assert_eq!(found.listed("id"), [&id], "{other}");
        }
    }
}

#[tokio::test]
async fn a_clients_own_names_are_seen_by_it_alone() {
    let mut server = Server::start().await;
    let user = json!({"userName": "alice", "externalId": "X-1"});
    let made = server.post("/Users", user).await.expect(201);
    let path = format!("/Users/{}", made.id());
    server.token = server
        .gateway
        .connection("acme", "other")
        .await
        .unwrap()
        .token;
    let seen = server.get(&path).await.expect(200).body;
    assert_eq!(seen.get("externalId"), None);
    for filter in ["externalId eq \"X-1\"", "externalId pr"] {
        assert_eq!(
            server.find("/Users", filter).await.body["totalResults"],
            0,
            "{filter}"
        );
    }
    // No name of a client is a key of ours.
    server.get("/Users/X-1").await.refused(404, None);
    let linked = json!([{"op": "add", "path": "externalId", "value": "Y"}]);
    let other = server.patch(&path, linked).await.expect(200).body;
    assert_eq!(other["externalId"], "Y");
}

#[tokio::test]
async fn at_most_one_element_is_primary_and_none_comes_twice() {
    let server = Server::start().await;
    let email =
        |value: &str, primary: bool| json!({"value": value, "type": "work", "primary": primary});
    let two = json!({"userName": "alice", "emails": [email("a@x", true), email("b@x", true)]});
    let made = server.post("/Users", two).await.expect(201).body;
    let emails = made["emails"].as_array().unwrap().iter();
    assert_eq!(emails.filter(|email| email["primary"] == true).count(), 1);
    let same = json!({"userName": "bob", "emails": [email("a@x", true), email("a@x", true), {"value": "a@x", "type": "home"}]});
    let made = server.post("/Users", same).await.expect(201).body;
    assert_eq!(made["emails"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn groups_stand_in_groups_but_never_in_themselves() {
    let server = Server::start().await;
    let inner = server.group("inner", &[]).await;
    let outer = server.group("outer", &[&inner]).await;
    let read = server.get(&format!("/Groups/{outer}")).await.body;
    assert_eq!(read["members"][0]["type"], "Group");
    for (group, member) in [(&inner, &outer), (&inner, &inner)] {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
        server
            .patch(&format!("/Groups/{group}"), add)
            .await
            .refused(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn values_come_back_as_they_were_sent() {
    let server = Server::start().await;
    let sent = json!({
        "userName": "  Alice.Example@EXAMPLE.com",
        "phoneNumbers": [{"value": "+1 (425) 555-0100", "type": "work"}, {"value": "tel:555", "type": "x-own"}],
        "emails": [{"value": "Alice@Example.COM", "type": "Work"}],
        "addresses": [{"country": "United States", "type": "home"}],
        "locale": "xx-nowhere", "timezone": "Mars/Olympus", "preferredLanguage": "de;q=0.5, en",
        "displayName": "A\u{301}  B \u{1f600}",
    });
    let made = server.post("/Users", sent.clone()).await.expect(201).body;
    for key in keys(&sent) {
        assert_eq!(made[key], sent[key], "{key}");
    }
}

#[tokio::test]
async fn text_in_filters_is_text_of_json() {
    let server = Server::start().await;
    for (name, display) in [
        ("a", "Ren\u{e9} \"R\""),
        ("b", "back\\slash"),
        ("c", "smile \u{1f600}"),
    ] {
        server
            .post("/Users", json!({"userName": name, "displayName": display}))
            .await
            .expect(201);
    }
    for (literal, expected) in [
        (r#""Ren\u00e9 \"R\"""#, "a"),
        (r#""back\\slash""#, "b"),
        (r#""smile \ud83d\ude00""#, "c"),
        ("\"smile \u{1f600}\"", "c"),
    ] {
        let found = server
            .find("/Users", &format!("displayName eq {literal}"))
            .await
            .expect(200);
        assert_eq!(found.listed("userName"), [expected], "{literal}");
    }
    for (filter, count) in [
        ("title eq null", 3),
        ("title ne null", 0),
        ("title eq \"\"", 0),
        ("not (title pr)", 3),
    ] {
        assert_eq!(
            server.find("/Users", filter).await.expect(200).body["totalResults"],
            count,
            "{filter}"
        );
    }
    for literal in [r#""\x""#, r#""\ud83d""#, "'a'", "\"a"] {
        server
            .find("/Users", &format!("displayName eq {literal}"))
            .await
            .refused(400, Some("invalidFilter"));
    }
}

#[tokio::test]
async fn hostile_questions_cost_little() {
    let server = Server::start().await;
    server.user("alice").await;
    let nested = format!("{}a pr{}", "(".repeat(39), ")".repeat(39));
    let questions = [
        "(".repeat(7_000),
        "not (".repeat(5_000),
        "a[".repeat(8_000),
        nested,
        vec!["userName eq \"x\""; 1_900].join(" or "),
        vec!["userName co \"x\""; 2_100].join(" and "),
        format!("userName eq \"{}\"", "x".repeat(30_000)),
        format!("userName co \"{}\"", "\\u0061".repeat(5_000)),
        format!("meta.created gt \"{}\"", "9".repeat(10_000)),
    ];
    let started = std::time::Instant::now();
    for filter in &questions {
        let body = json!({"filter": filter});
        let answer = server.post("/Users/.search", body).await;
        assert!(
            answer.status == 200 || answer.status == 400,
            "{}",
            answer.text
        );
        assert!(answer.text.len() < 100_000);
    }
    for path in [
        "a".repeat(30_000),
        "emails[".repeat(4_000),
        format!("emails[{}]", "value pr and ".repeat(3_000)),
        ".".repeat(20_000),
        ":".repeat(20_000),
    ] {
        let operations = json!([{"op": "replace", "path": path, "value": 1}]);
        let id = "00000000-0000-0000-0000-000000000001";
        let answer = server.patch(&format!("/Users/{id}"), operations).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
    for names in [
        "a,".repeat(10_000),
        format!("emails[{}", ",".repeat(10_000)),
        "urn:".repeat(5_000),
    ] {
        server
            .get(&format!("/Users?attributes={}", encoded(&names)))
            .await
            .expect(200);
    }
    // Two dozen of the worst, on a slow machine in a slow build.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
