//! Groups, their members, and the roles that are groups.

use jackfield_scim::Options;
use serde_json::{Value as Json, json};

use crate::server::{BASE, PBX_GROUP, Server};

fn member_ids(group: &Json) -> Vec<&str> {
    let members = group["members"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    members
        .iter()
        .map(|member| member["value"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn members_are_named_by_id_or_uri_and_come_back_with_both() {
    let server = Server::start().await;
    let (alice, inner) = (server.user("alice").await, server.group("inner", &[]).await);
    let body = json!({
        "displayName": "outer", "externalId": "x",
        "members": [{"$ref": format!("Users/{alice}")}, {"value": inner, "type": "Group"}, {"value": inner}],
    });
    let made = server.post("/Groups", body).await.expect(201);
    assert_eq!(
        made.body["members"],
        json!([
            {"value": alice, "$ref": format!("{BASE}/Users/{alice}"), "type": "User"},
            {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "Group"},
        ])
    );
    assert_eq!(
        made.body["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:Group"])
    );
    let user = server
        .get(&format!("/Users/{alice}"))
        .await
        .expect(200)
        .body;
    let group = user["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["display"] == "outer")
        .unwrap();
    assert_eq!(group["$ref"], format!("{BASE}/Groups/{}", made.id()));
    let path = format!(
        "/Groups/{}?attributes=members.display,members.value",
        made.id()
    );
    let named = server.get(&path).await.expect(200).body;
    assert_eq!(
        named["members"][0],
        json!({"value": alice, "display": "alice"})
    );
}

#[tokio::test]
async fn a_put_without_the_key_keeps_the_members_and_an_empty_list_takes_them() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let path = format!("/Groups/{}", server.group("g", &[&alice]).await);
    let kept = server
        .put(&path, json!({"displayName": "h"}))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&kept["displayName"], member_ids(&kept)),
        (&json!("h"), vec![alice.as_str()])
    );
    let emptied = server
        .put(&path, json!({"displayName": "h", "members": []}))
        .await
        .expect(200);
    assert_eq!(emptied.body.get("members"), None);
    server
        .put(&path, json!({"members": []}))
        .await
        .refused(400, Some("invalidValue"));
}

#[tokio::test]
async fn group_push_adds_removes_renames_and_replaces() {
    let server = Server::start().await;
    let (a, b, c) = (
        server.user("a").await,
        server.user("b").await,
        server.user("c").await,
    );
    let id = server.group("g", &[&a]).await;
    let path = format!("/Groups/{id}");
    for (operation, name, expected) in [
        (
            json!({"op": "add", "path": "members", "value": [{"value": b, "display": "b"}]}),
            "g",
            vec![&a, &b],
        ),
        (
            json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": b}]}),
            "g",
            vec![&a, &b],
        ),
        (
            json!({"op": "remove", "path": format!("members[value eq \"{a}\"]")}),
            "g",
            vec![&b],
        ),
        (
            json!({"op": "remove", "path": format!("members[value eq \"{a}\"]")}),
            "g",
            vec![&b],
        ),
        (
            json!({"op": "replace", "value": {"id": id, "displayName": "h"}}),
            "h",
            vec![&b],
        ),
        (
            json!({"op": "replace", "path": "members", "value": [{"value": a}, {"value": c}]}),
            "h",
            vec![&a, &c],
        ),
        (
            json!({"op": "Remove", "path": "members", "value": [{"value": a}]}),
            "h",
            vec![&c],
        ),
        (
            json!({"op": "remove", "path": "members", "value": []}),
            "h",
            vec![&c],
        ),
        (
            json!({"op": "replace", "path": "members", "value": []}),
            "h",
            vec![],
        ),
    ] {
        let patched = server
            .patch(&path, json!([operation.clone()]))
            .await
            .expect(200)
            .body;
        assert_eq!(patched["displayName"], name, "{operation}");
        let mut members = member_ids(&patched);
        members.sort_unstable();
        assert_eq!(members, expected, "{operation}");
    }
    let emptied = json!([
        {"op": "add", "path": "members", "value": [{"value": a}]},
        {"op": "remove", "path": "members", "value": null},
    ]);
    assert_eq!(
        server
            .patch(&path, emptied)
            .await
            .expect(200)
            .body
            .get("members"),
        None
    );
}

#[tokio::test]
async fn large_groups_are_patched_without_a_body_unless_attributes_are_asked_for() {
    let options = Options {
        max_answered_members: 1,
        ..Options::default()
    };
    let server = Server::with(options).await;
    let (a, b) = (server.user("a").await, server.user("b").await);
    let path = format!("/Groups/{}", server.group("g", &[&a]).await);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": b}]}]);
    let patched = server.patch(&path, add.clone()).await.expect(204);
    assert_eq!(patched.text, "");
    assert_eq!(
        patched.header("etag"),
        server.get(&path).await.header("etag")
    );
    let asked = server
        .patch(&format!("{path}?attributes=displayName"), add)
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&asked["displayName"], asked.get("members")),
        (&json!("g"), None)
    );
}

#[tokio::test]
async fn members_that_are_not_wanted_are_left_out() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let id = server.group("g", &[&alice]).await;
    let one = server
        .get(&format!("/Groups/{id}?excludedAttributes=members"))
        .await
        .expect(200);
    assert_eq!(
        (one.body.get("members"), &one.body["displayName"]),
        (None, &json!("g"))
    );
    let filter = format!("id eq \"{id}\" and members eq \"{alice}\"");
    assert_eq!(
        server
            .find("/Groups", &filter)
            .await
            .expect(200)
            .listed("id"),
        [id]
    );
}

#[tokio::test]
async fn a_role_is_a_group_whose_members_hold_it() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let found = server
        .find("/Groups", "displayName eq \"pbx admin\"")
        .await
        .expect(200)
        .body;
    let role = &found["Resources"][0];
    assert_eq!(role[PBX_GROUP]["kind"], "role");
    assert_eq!(role[PBX_GROUP]["roleKey"], "pbx_admin");
    assert_eq!(role["schemas"][1], PBX_GROUP);
    let path = format!("/Groups/{}", role["id"].as_str().unwrap());

    let add = json!([{"op": "add", "path": "members", "value": [{"value": alice}]}]);
    let patched = server.patch(&path, add).await.expect(200).body;
    assert_eq!(member_ids(&patched), [alice.as_str()]);
    let user = server
        .get(&format!("/Users/{alice}"))
        .await
        .expect(200)
        .body;
    assert_eq!(user["roles"][0]["value"], "pbx_admin");
    assert_eq!(user["groups"][0]["display"], "PBX Admin");

    let filter = format!("{PBX_GROUP}:roleKey eq \"pbx_admin\"");
    assert_eq!(
        server
            .find("/Groups", &filter)
            .await
            .expect(200)
            .listed("id"),
        [role["id"].as_str().unwrap()]
    );
    let renamed = json!([{"op": "replace", "path": "displayName", "value": "Boss"}]);
    assert!(server.patch(&path, renamed).await.status.is_client_error());
    assert!(server.delete(&path).await.status.is_client_error());
    assert_eq!(
        server.get(&path).await.expect(200).body["displayName"],
        "PBX Admin"
    );
}

#[tokio::test]
async fn the_last_holder_of_a_kept_role_stays() {
    let server = Server::start().await;
    let body = json!({"userName": "alice", "roles": [{"value": "owner"}]});
    let path = format!(
        "/Users/{}",
        server.post("/Users", body).await.expect(201).id()
    );
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    let refused = server.patch(&path, off).await.refused(403, None);
    assert_eq!(
        refused.body["detail"],
        "This is the last active Owner, and at least one must remain: make another user Owner first."
    );
    server.delete(&path).await.refused(403, None);
    assert_eq!(server.get(&path).await.expect(200).body["active"], true);
}

#[tokio::test]
async fn a_member_that_is_not_there_costs_the_others_nothing() {
    let server = Server::start().await;
    let alice = server.post("/Users", json!({"userName": "alice"})).await;
    let alice = alice.expect(201).id();
    let stale = "0193a1b2-0000-7000-8000-000000000001";
    let members = json!([{"value": alice}, {"value": stale}, {"value": "u-2", "$ref": null}]);
    let group = json!({"displayName": "g", "members": members});
    let made = server.post("/Groups", group.clone()).await.expect(201);
    assert_eq!(
        made.body["members"].as_array().map(Vec::len),
        Some(1),
        "{}",
        made.text
    );
    let path = format!("/Groups/{}", made.id());
    // Pushed again, nothing is new.
    let same = server.put(&path, group).await.expect(200);
    assert_eq!(same.body["meta"], made.body["meta"]);

    let bob = json!({"userName": "bob", "externalId": "u-2"});
    let bob = server.post("/Users", bob).await.expect(201).id();
    let joined = server.get(&path).await.expect(200);
    assert_ne!(joined.body["meta"], made.body["meta"]);
    let filter = format!("id eq \"{}\" and members eq \"{bob}\"", made.id());
    assert_eq!(
        server.find("/Groups", &filter).await.body["totalResults"],
        1
    );
    for (path_of_one, left) in [
        ("members[value eq \"u-2\"]", 1),
        ("members[value eq \"u-3\"]", 1),
    ] {
        let remove = json!([{"op": "remove", "path": path_of_one}]);
        let answer = server.patch(&path, remove).await.expect(200);
        assert_eq!(answer.body["members"].as_array().map(Vec::len), Some(left));
    }
    let filter = "members eq \"u-2\"";
    assert_eq!(server.find("/Groups", filter).await.body["totalResults"], 0);
}

#[tokio::test]
async fn a_member_needs_a_name() {
    let server = Server::start().await;
    let group = server.post("/Groups", json!({"displayName": "g"})).await;
    let path = format!("/Groups/{}", group.id());
    for nameless in [
        json!({"value": " "}),
        json!({"value": "x".repeat(300)}),
        json!({"display": "x"}),
        json!({"type": "User"}),
        json!({"value": null}),
        json!({"$ref": null}),
        json!({}),
        json!(null),
    ] {
        let members = json!([{"value": "u-1"}, nameless]);
        for op in ["add", "replace"] {
            let operation = json!([{"op": op, "path": "members", "value": members}]);
            let refused = server.patch(&path, operation).await;
            refused.refused(400, Some("invalidValue"));
        }
        let body = json!({"displayName": "other", "members": members});
        let refused = server.post("/Groups", body).await;
        refused.refused(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn what_a_client_sent_is_not_sent_back_whole() {
    let server = Server::start().await;
    let group = server.post("/Groups", json!({"displayName": "g"})).await;
    let path = format!("/Groups/{}", group.id());
    let long = "ä".repeat(40_000);
    let operation =
        |op: &str, path: &str| json!([{"op": op, "path": path, "value": [{"value": long}]}]);
    for answer in [
        server.patch(&path, operation("add", "members")).await,
        server.patch(&path, operation("add", &long)).await,
        server.post("/Users", json!({"userName": long})).await,
        server.get(&format!("/Users/{}", "x".repeat(30_000))).await,
    ] {
        assert!(answer.text.len() < 2_000, "{}", answer.text.len());
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(
            !detail.is_empty() && detail.chars().count() <= 600,
            "{detail}"
        );
    }
    let refused = server.patch(&path, operation("add", "members")).await;
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("there is no user or group"), "{detail}");
}
