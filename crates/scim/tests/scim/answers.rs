//! What answers have: schemas, names, references, versions, and what was asked for.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value as Json, json};

use crate::rules::keys;
use crate::server::{BASE, ENTERPRISE, PATCH_OP, PBX_USER, Server};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

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
