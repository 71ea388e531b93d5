//! Bulk operations that refer to each other in circles (RFC 7644 §3.7.1).

use serde_json::{Value as Json, json};

use crate::bulk::{BULK_REQUEST, bulk, id, post, statuses};
use crate::server::{ENTERPRISE, PATCH_OP, Server};

/// A user whose manager is another of the bulk.
fn managed(id: &str, by: &str, name: &str) -> Json {
    let manager = json!({"manager": {"value": format!("bulkId:{by}")}});
    post(
        id,
        "/Users",
        json!({"userName": name, "title": "T", ENTERPRISE: manager}),
    )
}

#[tokio::test]
async fn circles_are_created_first_and_joined_then() {
    let server = Server::start().await;
    let group = |id: &str, other: &str| {
        post(
            id,
            "/Groups",
            json!({"displayName": id, "members": [{"type": "Group", "value": format!("bulkId:{other}")}]}),
        )
    };
    let answer = bulk(
        &server,
        json!([
            managed("a", "b", "a"),
            managed("b", "a", "b"),
            managed("self", "self", "self")
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "201"]);
    for (at, manager) in [(0, 1), (1, 0), (2, 2)] {
        let user = server.get(&format!("/Users/{}", id(&answer, at))).await;
        assert_eq!(
            user.body[ENTERPRISE]["manager"]["value"],
            id(&answer, manager),
            "{at}"
        );
        assert_eq!(user.body["title"], "T");
        assert_eq!(
            answer.body["Operations"][at]["version"],
            user.header("etag"),
            "{at}"
        );
    }
    // A group in itself cannot be. An operation is done as a whole or not at all, and so is what
    // refers to it.
    let staff = server
        .post("/Groups", json!({"displayName": "staff"}))
        .await;
    let member = json!({"op": "add", "path": "members", "value": [{"value": "bulkId:A"}]});
    let answer = bulk(
        &server,
        json!([
            post("A", "/Groups", json!({"displayName": "A", "members": [{"value": "bulkId:B"}, {"value": "bulkId:between"}]})),
            group("B", "A"),
            {"method": "POST", "bulkId": "between", "path": "/Groups", "data": {"displayName": "between", "members": [{"value": "bulkId:B"}]}},
            group("outer", "A"),
            {"method": "PATCH", "path": format!("/Groups/{}", staff.id()),
                "data": {"schemas": [PATCH_OP], "Operations": [member]}},
            group("C", "D"),
            post("D", "/Groups", json!({"displayName": "D"})),
        ]),
    )
    .await;
    assert_eq!(
        statuses(&answer),
        ["409", "409", "409", "409", "409", "201", "201"]
    );
    let told = &answer.body["Operations"];
    for at in [0, 1, 2, 3] {
        assert_eq!(told[at].get("location"), None, "{at}");
    }
    for (at, id) in [(5, id(&answer, 5)), (6, id(&answer, 6))] {
        let stands = server.get(&format!("/Groups/{id}")).await.expect(200);
        assert_eq!(told[at]["version"], stands.header("etag"), "{at}");
        assert_eq!(stands.body.get("members").is_some(), at == 5, "{at}");
    }
    let same = server.get(&format!("/Groups/{}", staff.id())).await;
    assert_eq!(same.header("etag"), staff.header("etag"));
    let groups = "/Groups?filter=not(roleKey%20pr)";
    let left = server.get(groups).await.listed("displayName").len();
    assert_eq!(left, 3);
}

#[tokio::test]
async fn a_circle_is_done_as_a_whole_or_not_at_all_however_many_errors_are_taken() {
    let server = Server::start().await;
    server.user("taken").await;
    let (bad, good) = (
        || post("bad", "/Users", json!({})),
        || post("good", "/Users", json!({"userName": "good"})),
    );
    for (limit, operations, expected) in [
        (
            json!(1),
            json!([managed("a", "b", "taken"), managed("b", "a", "b")]),
            vec!["409", "409"],
        ),
        (
            json!(1),
            json!([managed("b", "a", "b"), managed("a", "b", "taken"), good()]),
            vec!["409"],
        ),
        (
            json!(1),
            json!([bad(), managed("a", "b", "a"), managed("b", "a", "b")]),
            vec!["400"],
        ),
        (
            json!(2),
            json!([
                bad(),
                managed("a", "b", "taken"),
                managed("b", "a", "b"),
                good()
            ]),
            vec!["400", "409", "409"],
        ),
        (
            json!(null),
            json!([
                managed("a", "b", "a"),
                managed("b", "c", "b"),
                managed("c", "a", "taken")
            ]),
            vec!["409", "409", "409"],
        ),
    ] {
        let body =
            json!({"schemas": [BULK_REQUEST], "failOnErrors": limit, "Operations": operations});
        let answer = server.post("/Bulk", body).await.expect(200);
        assert_eq!(statuses(&answer), expected, "{operations}");
        let told = answer.body["Operations"].as_array().unwrap();
        let is_taken = |told: &Json| told["response"]["scimType"] == "uniqueness";
        assert_eq!(
            told.iter().any(is_taken),
            expected.contains(&"409"),
            "{operations}"
        );
        let left = server.get("/Users").await;
        assert_eq!(left.listed("userName"), ["taken"], "{operations}");
    }
}

#[tokio::test]
async fn a_circle_that_cannot_be_leaves_what_was_there_as_it_was() {
    let server = Server::start().await;
    server.user("taken").await;
    let former = json!({"userName": "former", "externalId": "e1", "nickName": "F"});
    let former = server.post("/Users", former).await.expect(201).id();
    let group = server.group("G", &[&former, "e2"]).await;
    let leaves = json!([{"op": "replace", "path": "active", "value": false}]);
    let before = server.patch(&format!("/Users/{former}"), leaves).await;
    for name in ["e1", "e2"] {
        let mut second = managed("b", "a", "second");
        second["data"]["externalId"] = json!(name);
        let operations = json!([managed("a", "b", "taken"), second]);
        let answer = bulk(&server, operations).await;
        assert_eq!(statuses(&answer), ["409", "409"], "{name}");
    }
    let after = server.get(&format!("/Users/{former}")).await.expect(200);
    assert_eq!(after.body, before.body);
    let awaited = json!({"userName": "awaited", "externalId": "e2"});
    let awaited = server.post("/Users", awaited).await.expect(201).id();
    let group = server.get(&format!("/Groups/{group}")).await;
    let members = group.body["members"].as_array().unwrap().iter();
    let members: Vec<&str> = members.map(|it| it["value"].as_str().unwrap()).collect();
    assert_eq!(members, [former, awaited]);
}
