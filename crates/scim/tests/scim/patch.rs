//! PATCH as identity providers write it, each on the same user.

use serde_json::{Value as Json, json};

use crate::server::{ENTERPRISE, Server};

async fn alice(server: &Server) -> String {
    let body = json!({
        "userName": "alice",
        "name": {"givenName": "A", "familyName": "F"},
        "emails": [{"value": "a@work.example", "type": "work", "primary": true}],
    });
    format!(
        "/Users/{}",
        server.post("/Users", body).await.expect(201).id()
    )
}

#[tokio::test]
async fn each_operation_changes_what_it_names() {
    let server = Server::start().await;
    let boss = server.user("boss").await;
    let manager = format!("{ENTERPRISE}:manager");
    for (operation, pointer, expected) in [
        (
            json!({"op": "Replace", "path": "active", "value": "False"}),
            "/active",
            json!(false),
        ),
        (
            json!({"op": "replace", "value": {"active": false}}),
            "/active",
            json!(false),
        ),
        (
            json!({"op": "replace", "value": {"name.givenName": "B"}}),
            "/name",
            json!({"givenName": "B", "familyName": "F"}),
        ),
        (
            json!({"op": "add", "path": "name", "value": {"middleName": "M"}}),
            "/name/familyName",
            json!("F"),
        ),
        (
            json!({"op": "replace", "path": "name", "value": {"familyName": null, "givenName": "B"}}),
            "/name",
            json!({"givenName": "B"}),
        ),
        (
            json!({"op": "remove", "path": "name.familyName"}),
            "/name",
            json!({"givenName": "A"}),
        ),
        (
            json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "b@x"}),
            "/emails/0/value",
            json!("b@x"),
        ),
        (
            json!({"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 2"}),
            "/phoneNumbers",
            json!([{"type": "mobile", "value": "+1 2"}]),
        ),
        (
            json!({"op": "Add", "path": "addresses[type eq \"work\"].postalCode", "value": "10115"}),
            "/addresses",
            json!([{"type": "work", "postalCode": "10115"}]),
        ),
        (
            json!({"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "pbx_admin"}),
            "/roles/0/value",
            json!("pbx_admin"),
        ),
        (
            json!({"op": "Add", "path": manager, "value": boss}),
            "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/displayName",
            json!("boss"),
        ),
        (
            json!({"op": "add", "value": {ENTERPRISE: {"department": "D"}, format!("{ENTERPRISE}:division"): "V"}}),
            "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            json!({"department": "D", "division": "V"}),
        ),
        (
            json!({"op": "remove", "path": "emails[type eq \"home\"]"}),
            "/emails/0/value",
            json!("a@work.example"),
        ),
        (
            json!({"op": "replace", "path": "emails", "value": []}),
            "/emails",
            Json::Null,
        ),
        (
            json!({"op": "replace", "path": "externalId", "value": "e"}),
            "/externalId",
            json!("e"),
        ),
    ] {
        let path = alice(&server).await;
        let patched = server
            .patch(&path, json!([operation.clone()]))
            .await
            .expect(200)
            .body;
        assert_eq!(
            patched.pointer(pointer).unwrap_or(&Json::Null),
            &expected,
            "{operation}"
        );
        assert_eq!(
            server.get(&path).await.expect(200).body,
            patched,
            "{operation}"
        );
        server.delete(&path).await.expect(204);
    }
}

#[tokio::test]
async fn a_new_primary_element_demotes_the_others() {
    let server = Server::start().await;
    let path = alice(&server).await;
    let add =
        json!([{"op": "add", "path": "emails", "value": [{"value": "b@x", "primary": true}]}]);
    let patched = server.patch(&path, add).await.expect(200).body;
    let primary = |at: usize| patched["emails"][at]["primary"] == true;
    assert_eq!((primary(0), primary(1)), (false, true));
}

#[tokio::test]
async fn elements_that_become_the_same_are_one() {
    let server = Server::start().await;
    let emails = |all: Json| json!([{"op": "replace", "path": "emails", "value": all}]);
    let two = json!([{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]);
    let first = json!([{"value": "a@x", "type": "work", "primary": true}]);
    for (before, operation, after) in [
        (
            &two,
            json!({"op": "replace", "path": "emails.value", "value": "c@x"}),
            json!([{"value": "c@x", "type": "work"}]),
        ),
        (
            &two,
            json!({"op": "replace", "path": "emails[value ew \"@x\"]", "value": {"value": "c@x"}}),
            json!([{"value": "c@x"}]),
        ),
        (
            &first,
            json!({"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "work"}]}),
            first.clone(),
        ),
    ] {
        let path = alice(&server).await;
        server
            .patch(&path, emails(before.clone()))
            .await
            .expect(200);
        let patched = server.patch(&path, json!([operation])).await.expect(200);
        assert_eq!(patched.body["emails"], after, "{operation}");
        server.delete(&path).await;
    }
}

#[tokio::test]
async fn operations_see_each_other_and_fail_together() {
    let server = Server::start().await;
    let path = alice(&server).await;
    let before = server.get(&path).await.expect(200).body;
    let operations = json!([
        {"op": "replace", "path": "title", "value": "T"},
        {"op": "replace", "path": "shoeSize", "value": 44},
    ]);
    server
        .patch(&path, operations)
        .await
        .refused(400, Some("invalidPath"));
    assert_eq!(server.get(&path).await.expect(200).body, before);
    let operations = json!([
        {"op": "add", "path": "emails", "value": {"value": "b@x", "type": "home"}},
        {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "c@x"},
    ]);
    assert_eq!(
        server.patch(&path, operations).await.expect(200).body["emails"][1]["value"],
        "c@x"
    );
}

#[tokio::test]
async fn what_changes_nothing_makes_no_version() {
    let server = Server::start().await;
    let path = alice(&server).await;
    let before = server.get(&path).await.expect(200).body;
    for operations in [
        json!([]),
        json!([{"op": "add", "path": "name.givenName", "value": "A"}]),
        json!([{"op": "add", "path": "emails", "value": [before["emails"][0]]}]),
        json!([{"op": "remove", "path": "title"}]),
        json!([{"op": "add", "path": "title", "value": ""}]),
        json!([{"op": "replace", "value": {"id": before["id"], "userName": "alice"}}]),
    ] {
        let patched = server
            .patch(&path, operations.clone())
            .await
            .expect(200)
            .body;
        assert_eq!(patched, before, "{operations}");
    }
}

#[tokio::test]
async fn mistakes_have_the_types_of_rfc_7644() {
    let server = Server::start().await;
    let path = alice(&server).await;
    server.user("bob").await;
    for (operation, status, scim_type) in [
        (
            json!({"op": "replace", "path": "id", "value": "x"}),
            400,
            "mutability",
        ),
        (
            json!({"op": "remove", "path": "userName"}),
            400,
            "mutability",
        ),
        (json!({"op": "remove"}), 400, "noTarget"),
        (
            json!({"op": "replace", "path": "emails[primary eq false and not (type pr)].value", "value": "x"}),
            400,
            "noTarget",
        ),
        (
            json!({"op": "replace", "path": "emails[", "value": "x"}),
            400,
            "invalidPath",
        ),
        (
            json!({"op": "replace", "path": "active", "value": "maybe"}),
            400,
            "invalidValue",
        ),
        (
            json!({"op": "move", "path": "title", "value": "T"}),
            400,
            "invalidSyntax",
        ),
        (
            json!({"op": "replace", "path": "userName", "value": "BOB"}),
            409,
            "uniqueness",
        ),
    ] {
        server
            .patch(&path, json!([operation]))
            .await
            .refused(status, Some(scim_type));
    }
}

#[tokio::test]
async fn mistakes_name_their_operation_and_the_path() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("alice").await);
    let good = json!({"op": "replace", "path": "title", "value": "T"});
    for (bad, kind, named) in [
        (json!("no object"), "invalidSyntax", ""),
        (json!({"op": "copy"}), "invalidSyntax", ""),
        (json!({"op": "remove"}), "noTarget", ""),
        (json!({"op": "add", "path": "a["}), "invalidValue", "a["),
        (
            json!({"op": "add", "path": "emails[type eq", "value": 1}),
            "invalidPath",
            "emails[type eq",
        ),
        (
            json!({"op": "replace", "path": "id", "value": "x"}),
            "mutability",
            "id",
        ),
        (
            json!({"op": "replace", "path": "nickName", "value": {"a": 1}}),
            "invalidValue",
            "nickName",
        ),
        (
            json!({"op": "replace", "value": {"nickName": {"a": 1}}}),
            "invalidValue",
            "nickName",
        ),
        // These are found only when the operation is carried out.
        (
            json!({"op": "replace", "path": "emails[type ne \"work\"].value", "value": "x"}),
            "noTarget",
            "emails[type ne \"work\"].value",
        ),
        (
            json!({"op": "replace", "path": "userName", "value": " "}),
            "invalidValue",
            "userName",
        ),
        (
            json!({"op": "replace", "value": {"userName": " "}}),
            "invalidValue",
            "userName",
        ),
    ] {
        let answer = server.patch(&path, json!([good, bad])).await;
        let detail = answer.body["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        answer.refused(400, Some(kind));
        let expected = format!("Operations[1]: {named}");
        assert!(detail.contains(&expected), "{detail}");
    }
}

#[tokio::test]
async fn mistakes_about_members_name_their_operation() {
    let server = Server::start().await;
    let group = server.group("sales", &[]).await;
    let path = format!("/Groups/{group}");
    let itself = json!({"op": "add", "path": "members", "value": [{"value": group}]});
    let later = json!({"op": "add", "path": "members", "value": []});
    let rename = json!({"op": "replace", "path": "displayName", "value": "sellers"});
    let answer = server.patch(&path, json!([rename, itself, later])).await;
    let detail = answer.body["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    answer.refused(400, Some("invalidValue"));
    assert_eq!(
        detail,
        "Operations[1]: members: a group cannot contain itself"
    );
}
