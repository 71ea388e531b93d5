//! Making, reading, replacing and deleting users.

use serde_json::json;

use crate::server::{BASE, ENTERPRISE, PBX_USER, Server};

#[tokio::test]
async fn a_user_comes_back_as_it_was_sent() {
    let server = Server::start().await;
    let boss = server.user("boss").await;
    let sent = json!({
        "userName": "Alice@Example.com",
        "externalId": "E-1",
        "name": {"givenName": "Alice", "familyName": "Ångström", "formatted": "Dr. Alice Ångström"},
        "displayName": "Alice",
        "profileUrl": "https://example.com/~alice",
        "locale": "fr-FR",
        "active": false,
        "emails": [
            {"value": "alice@example.com", "type": "work", "primary": true},
            {"value": "Alice@Home.example", "type": "home", "primary": false},
        ],
        "phoneNumbers": [{"value": "+49 (30) 12-34 567", "type": "mobile"}],
        "addresses": [{"type": "work", "country": "United States", "formatted": "1 Road\nTown"}],
        "x509Certificates": [{"value": "AQID"}],
        ENTERPRISE: {"employeeNumber": "7", "manager": {"value": boss}},
        PBX_USER: {
            "extensions": [{"value": "201", "primary": true}, {"value": "202"}],
            "desks": [{"value": "Front desk"}],
            "emailVerified": true,
        },
    });
    let made = server.post("/Users", sent.clone()).await.expect(201);
    let id = made.id();
    let mut expected = sent;
    expected["id"] = json!(id);
    expected["schemas"] = json!([
        "urn:ietf:params:scim:schemas:core:2.0:User",
        ENTERPRISE,
        PBX_USER
    ]);
    let manager = &mut expected[ENTERPRISE]["manager"];
    manager["$ref"] = json!(format!("{BASE}/Users/{boss}"));
    manager["displayName"] = json!("boss");
    let mut body = made.body.clone();
    let meta = body.as_object_mut().unwrap().remove("meta").unwrap();
    let extensions = body[PBX_USER]["extensions"].as_array_mut().unwrap();
    for extension in extensions {
        let extension = extension.as_object_mut().unwrap();
        extension.retain(|name, value| name != "primary" || value == true);
    }
    assert_eq!(body, expected);

    assert_eq!(meta["resourceType"], "User");
    assert_eq!(meta["created"], meta["lastModified"]);
    assert_eq!(meta["location"], format!("{BASE}/Users/{id}"));
    assert_eq!(meta["location"], made.header("location"));
    assert_eq!(meta["version"], made.header("etag"));
    assert_eq!(
        server.get(&format!("/Users/{id}")).await.expect(200).body,
        made.body
    );
}

#[tokio::test]
async fn a_new_user_is_active_and_what_it_cannot_say_of_itself_is_ignored() {
    let server = Server::start().await;
    let id = "0193a1b2-0000-7000-8000-000000000001";
    let body = json!({
        "schemas": ["urn:scim:schemas:core:1.0"],
        "userName": "alice", "id": id, "meta": {"created": "1970-01-01T00:00:00Z"},
        "groups": [{"value": id}], "password": "Secret-Pass-1", "shoeSize": 44,
        "title": null, "nickName": "", "emails": [], "active": null,
        "urn:example:User": {"tag": "t"},
    });
    let made = server.post("/Users", body).await.expect(201);
    assert_ne!(made.id(), id);
    assert_eq!(made.body["active"], true);
    for name in [
        "password",
        "shoeSize",
        "title",
        "nickName",
        "emails",
        "urn:example:User",
    ] {
        assert_eq!(made.body.get(name), None, "{name}");
    }
    assert!(!made.text.contains("Secret"));
}

#[tokio::test]
async fn a_user_needs_a_name_that_nobody_else_has() {
    let server = Server::start().await;
    for body in [
        json!({}),
        json!({"userName": ""}),
        json!({"userName": " \t"}),
    ] {
        server
            .post("/Users", body)
            .await
            .refused(400, Some("invalidValue"));
    }
    server.user("Straße@example.com").await;
    for name in [
        "Straße@example.com",
        "STRASSE@EXAMPLE.COM",
        " straße@example.com ",
    ] {
        server
            .post("/Users", json!({"userName": name}))
            .await
            .refused(409, Some("uniqueness"));
    }
}

#[tokio::test]
async fn replacing_clears_what_is_left_out_but_lets_nobody_in() {
    let server = Server::start().await;
    let body = json!({
        "userName": "alice", "active": false, "title": "T", "externalId": "e",
        PBX_USER: {"emailVerified": true, "extensions": [{"value": "201"}]},
    });
    let path = format!(
        "/Users/{}",
        server.post("/Users", body).await.expect(201).id()
    );
    let replaced = server
        .put(&path, json!({"userName": "bob"}))
        .await
        .expect(200)
        .body;
    assert_eq!(replaced["userName"], "bob");
    assert_eq!(replaced["active"], false);
    assert_eq!(
        (replaced.get("title"), replaced.get("externalId")),
        (None, None)
    );
    assert_eq!(replaced[PBX_USER]["emailVerified"], true);
    assert_eq!(replaced[PBX_USER]["extensions"][0]["value"], "201");
    let whole = server.get(&path).await.expect(200).body;
    assert_eq!(
        server.put(&path, whole.clone()).await.expect(200).body,
        whole,
        "no new version"
    );
    server
        .put(&path, json!({"title": "T"}))
        .await
        .refused(400, Some("invalidValue"));
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_its_name_free() {
    let server = Server::start().await;
    let id = server.user("alice").await;
    let path = format!("/Users/{id}");
    let deleted = server.delete(&path).await.expect(204);
    assert_eq!(deleted.text, "");
    server.get(&path).await.refused(404, None);
    server.delete(&path).await.refused(404, None);
    server
        .put(&path, json!({"userName": "alice"}))
        .await
        .refused(404, None);
    server.patch(&path, json!([])).await.refused(404, None);
    assert_eq!(
        server.find("/Users", "userName eq \"alice\"").await.body["totalResults"],
        0
    );
    assert_ne!(server.user("alice").await, id);
}

#[tokio::test]
async fn an_id_is_found_only_where_it_belongs() {
    let server = Server::start().await;
    let (user, group) = (server.user("alice").await, server.group("g", &[]).await);
    server
        .get(&format!("/Groups/{user}"))
        .await
        .refused(404, None);
    server
        .get(&format!("/Users/{group}"))
        .await
        .refused(404, None);
    server
        .delete(&format!("/Users/{group}"))
        .await
        .refused(404, None);
    server
        .put(&format!("/Groups/{user}"), json!({"displayName": "x"}))
        .await
        .refused(404, None);
    for id in ["1", "a%20b", "%FF", &user.replace('-', "")] {
        for method in ["GET", "DELETE"] {
            server
                .send(method, &format!("/Users/{id}"), None)
                .await
                .refused(404, None);
        }
    }
}

#[tokio::test]
async fn roles_are_granted_by_key_and_read_back_without_the_baseline() {
    let server = Server::start().await;
    let body = json!({"userName": "alice", "roles": [{"value": "pbx_admin"}]});
    let made = server.post("/Users", body).await.expect(201);
    let path = format!("/Users/{}", made.id());
    assert_eq!(made.body["roles"][0]["value"], "pbx_admin");
    assert_eq!(made.body["roles"][0]["display"], "PBX Admin");
    assert_eq!(made.body["groups"][0]["display"], "PBX Admin");

    let kept = server
        .put(&path, json!({"userName": "alice"}))
        .await
        .expect(200)
        .body;
    assert_eq!(
        kept["roles"][0]["value"], "pbx_admin",
        "a PUT without roles takes none away"
    );

    let removed = server
        .patch(&path, json!([{"op": "remove", "path": "roles"}]))
        .await
        .expect(200);
    assert_eq!(removed.body.get("roles"), None);
    assert_eq!(removed.body["groups"][0]["display"], "PBX User");
    let filters = [
        "roles pr",
        "roles.value pr",
        "roles.value eq \"pbx_user\"",
        "roles[value sw \"pbx\"]",
    ];
    for filter in filters {
        let found = server.find("/Users", filter).await;
        assert_eq!(found.body["totalResults"], 0, "{filter}");
    }
    let without = server.find("/Users", "not (roles pr)").await;
    assert_eq!(without.listed("userName"), ["alice"]);

    let unknown =
        json!([{"op": "add", "path": "roles", "value": [{"value": "tango", "type": "x"}]}]);
    let added = server.patch(&path, unknown).await.expect(200).body;
    assert_eq!(added["roles"], json!([{"value": "tango", "type": "x"}]));
}
