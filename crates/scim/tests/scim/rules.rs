//! Rules of RFC 7643 and RFC 7644 that no other file here is about.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value as Json, json};

use crate::server::{BASE, ENTERPRISE, PATCH_OP, PBX_USER, Server, encoded};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn keys(resource: &Json) -> Vec<&str> {
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

/// What is written to a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn filters_and_passwords_are_not_logged() {
    let server = Server::start().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("this is logged");
    for filter in [
        "userName eq \"a-private-name\"",
        "a-private-name",
        "password eq \"a-private-name\"",
    ] {
        server.find("/Users", filter).await;
    }
    server
        .post(
            "/Users",
            json!({"userName": "x", "password": "A-private-name-1"}),
        )
        .await
        .expect(201);
    server
        .post("/Users", json!({"userName": ["a-private-name", 1]}))
        .await
        .expect(400);
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("this is logged") && !text.contains("-private-name"),
        "{text}"
    );
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
async fn schemas_are_the_types_own_and_those_of_extensions_with_values() {
    let server = Server::start().await;
    let schemas = |user: &Json| user["schemas"].clone();
    let extra = "urn:example:Other";
    let sent = json!({"schemas": [USER, ENTERPRISE, extra], "userName": "alice", ENTERPRISE: {"department": "D"}, PBX_USER: {}});
    let user = server.post("/Users", sent).await.expect(201);
    assert_eq!(schemas(&user.body), json!([USER, ENTERPRISE]));
    assert_eq!(user.body.get(PBX_USER), None);
    let path = format!("/Users/{}", user.id());
    let gone = json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}]);
    assert_eq!(
        schemas(&server.patch(&path, gone).await.expect(200).body),
        json!([USER])
    );
    let back = json!([{"op": "add", "value": {PBX_USER: {"emailVerified": true}}}]);
    assert_eq!(
        schemas(&server.patch(&path, back).await.expect(200).body),
        json!([USER, PBX_USER])
    );
}

#[tokio::test]
async fn messages_are_no_schemas_of_resources() {
    let server = Server::start().await;
    let all = server.get("/Schemas").await;
    assert!(
        !all.listed("id")
            .iter()
            .any(|urn| urn.contains(":api:messages:"))
    );
    server
        .get(&format!("/Schemas/{PATCH_OP}"))
        .await
        .refused(404, None);
}

#[tokio::test]
async fn the_server_alone_says_what_a_resource_is_called_and_when_it_changed() {
    let server = Server::start().await;
    let claimed = "00000000-0000-0000-0000-000000000001";
    let meta = json!({"resourceType": "Group", "created": "1999-01-01T00:00:00Z", "location": "x", "version": "7"});
    let sent =
        json!({"userName": "alice", "id": claimed, "meta": meta, "groups": [{"value": claimed}]});
    let made = server.post("/Users", sent.clone()).await.expect(201);
    let id = made.id();
    assert!(id != claimed && !id.contains("bulkId"));
    let location = format!("{BASE}/Users/{id}");
    assert_eq!(made.header("location"), location);
    let meta = &made.body["meta"];
    assert_eq!(
        (&meta["resourceType"], &meta["location"]),
        (&json!("User"), &json!(location))
    );
    assert_eq!(
        (&meta["created"], &meta["version"]),
        (&meta["lastModified"], &json!(made.header("etag")))
    );
    let created = meta["created"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.contains('T') && !created.starts_with("1999"));
    let groups = made
        .body
        .get("groups")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    assert!(groups.into_iter().all(|group| group["value"] != claimed));
    let put = server.put(&format!("/Users/{id}"), sent).await.expect(200);
    assert_eq!(
        (put.id(), &put.body["meta"]["created"]),
        (id, &meta["created"])
    );
    server
        .put(&format!("/Users/{claimed}"), json!({"userName": "x"}))
        .await
        .refused(404, None);
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
async fn references_lead_to_what_they_refer_to() {
    let server = Server::start().await;
    let boss = server.user("boss").await;
    let sent = json!({"userName": "alice", ENTERPRISE: {"manager": {"value": boss}}});
    let alice = server.post("/Users", sent).await.expect(201).id();
    let inner = server.group("inner", &[&alice]).await;
    let outer = json!({"displayName": "outer", "members": [{"$ref": format!("Groups/{inner}")}]});
    let outer = server.post("/Groups", outer).await.expect(201).body;
    let alice = server.get(&format!("/Users/{alice}")).await.body;
    let inner = server.get(&format!("/Groups/{inner}")).await.body;
    for (reference, id) in [
        (&alice[ENTERPRISE]["manager"]["$ref"], &json!(boss)),
        (&alice["groups"][0]["$ref"], &inner["id"]),
        (&inner["members"][0]["$ref"], &alice["id"]),
        (&outer["members"][0]["$ref"], &inner["id"]),
    ] {
        let path = reference.as_str().unwrap().strip_prefix(BASE).unwrap();
        assert_eq!(&server.get(path).await.expect(200).body["id"], id, "{path}");
    }
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
async fn a_password_is_never_seen_again() {
    let server = Server::start().await;
    let sent = json!({"userName": "alice", "password": "Tr0ub4dor&3-secret"});
    let made = server
        .post("/Users?attributes=password,userName", sent)
        .await
        .expect(201);
    let path = format!("/Users/{}", made.id());
    let change = json!([{"op": "replace", "path": "password", "value": "N3w-secret-word!"}]);
    for answer in [
        made,
        server.get(&path).await.expect(200),
        server
            .get(&format!("{path}?attributes=password"))
            .await
            .expect(200),
        server.get("/Users?attributes=password").await.expect(200),
        server.patch(&path, change).await.expect(200),
        server
            .find("/Users", "password eq \"Tr0ub4dor&3-secret\"")
            .await
            .refused(400, Some("invalidFilter")),
        server
            .find("/Users", "password pr")
            .await
            .refused(400, Some("invalidFilter")),
        server
            .get("/Users?sortBy=password")
            .await
            .refused(400, Some("invalidPath")),
    ] {
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        assert_eq!(answer.body.get("password"), None);
    }
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
async fn attributes_are_returned_as_their_definition_and_the_client_say_in_every_answer() {
    let server = Server::start().await;
    let query = "attributes=userName";
    let made = server
        .post(
            &format!("/Users?{query}"),
            json!({"userName": "alice", "title": "T"}),
        )
        .await
        .expect(201);
    let path = format!("/Users/{}?{query}", made.id());
    let patch = json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "U"}]});
    for answer in [
        made,
        server.get(&path).await.expect(200),
        server
            .put(&path, json!({"userName": "alice", "title": "V"}))
            .await
            .expect(200),
        server.send("PATCH", &path, Some(patch)).await.expect(200),
    ] {
        assert_eq!(keys(&answer.body), ["id", "schemas", "userName"]);
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
async fn every_answer_about_a_resource_has_its_version() {
    let server = Server::start().await;
    let made = server
        .post("/Users", json!({"userName": "alice"}))
        .await
        .expect(201);
    let path = format!("/Users/{}", made.id());
    let put = server
        .put(&path, json!({"userName": "alice", "title": "T"}))
        .await
        .expect(200);
    let patched = server
        .patch(&path, json!([{"op": "add", "path": "title", "value": "U"}]))
        .await
        .expect(200);
    let read = server.get(&path).await.expect(200);
    for answer in [&made, &put, &patched, &read] {
        assert_eq!(answer.body["meta"]["version"], answer.header("etag"));
        assert!(answer.header("etag").starts_with("W/\""));
    }
    assert_eq!(patched.header("etag"), read.header("etag"));
    let strong = read.header("etag").trim_start_matches("W/").to_owned();
    for tag in ["*", &strong, read.header("etag")] {
        server
            .send_with("GET", &path, None, &[(IF_NONE_MATCH, tag)])
            .await
            .expect(304);
        let title = Some(json!({"userName": "alice", "title": "U"}));
        server
            .send_with("PUT", &path, title, &[(IF_MATCH, tag)])
            .await
            .expect(200);
    }
    server
        .send_with(
            "PUT",
            "/Users/none",
            Some(json!({"userName": "x"})),
            &[(IF_MATCH, "*")],
        )
        .await
        .refused(404, None);
}

#[tokio::test]
async fn what_the_server_can_do_is_told_whole() {
    let server = Server::start().await;
    let config = server.get("/ServiceProviderConfig").await.expect(200).body;
    for (feature, parts) in [
        ("patch", &["supported"][..]),
        ("bulk", &["maxOperations", "maxPayloadSize", "supported"]),
        ("filter", &["maxResults", "supported"]),
        ("changePassword", &["supported"]),
        ("sort", &["supported"]),
        ("etag", &["supported"]),
        (
            "pagination",
            &[
                "cursor",
                "cursorTimeout",
                "defaultPageSize",
                "defaultPaginationMethod",
                "index",
                "maxPageSize",
            ],
        ),
    ] {
        assert_eq!(keys(&config[feature]), parts, "{feature}");
    }
    for scheme in config["authenticationSchemes"].as_array().unwrap() {
        for part in ["type", "name", "description"] {
            assert!(scheme[part].is_string(), "{part}");
        }
    }
    assert_eq!(config["pagination"]["defaultPaginationMethod"], "index");
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
