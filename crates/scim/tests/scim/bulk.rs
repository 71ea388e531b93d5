//! Bulk operations (RFC 7644 §3.7).

use jackfield_scim::Options;
use serde_json::{Value as Json, json};

use crate::server::{Answer, BASE, ENTERPRISE, PATCH_OP, Server};

pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

pub async fn bulk(server: &Server, operations: Json) -> Answer {
    let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
    server.post("/Bulk", body).await
}

pub fn post(id: &str, path: &str, data: Json) -> Json {
    json!({"method": "POST", "bulkId": id, "path": path, "data": data})
}

fn user(id: &str) -> Json {
    post(id, "/Users", json!({"userName": id}))
}

/// The statuses of the operations that were processed.
pub fn statuses(answer: &Answer) -> Vec<&str> {
    let all = answer.body["Operations"].as_array().unwrap();
    all.iter()
        .map(|operation| operation["status"].as_str().unwrap())
        .collect()
}

pub fn id(answer: &Answer, at: usize) -> String {
    let location = answer.body["Operations"][at]["location"].as_str().unwrap();
    location.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn each_operation_is_answered_with_what_it_came_to() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let gone = server.user("gone").await;
    let patch = json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "T"}]});
    let answer = bulk(
        &server,
        json!([
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"userName": "Bob"}},
            {"method": "PUT", "path": format!("/Users/{alice}"), "data": {"userName": "alice", "nickName": "A"}},
            {"method": "patch", "path": format!("Users/{alice}"), "data": patch},
            {"method": "DELETE", "path": format!("/Users/{gone}")},
            {"method": "POST", "path": "/Users", "bulkId": "again", "data": {"userName": "bob"}},
            {"method": "DELETE", "path": "/Users/none"},
        ]),
    )
    .await
    .expect(200);
    assert_eq!(
        answer.body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
    );
    assert_eq!(
        statuses(&answer),
        ["201", "200", "200", "204", "409", "404"]
    );
    let bob = id(&answer, 0);
    let operations = &answer.body["Operations"];
    let created = server.get(&format!("/Users/{bob}")).await.expect(200);
    assert_eq!(
        operations[0],
        json!({
            "method": "POST",
            "bulkId": "qwerty",
            "location": format!("{BASE}/Users/{bob}"),
            "version": created.header("etag"),
            "status": "201",
        })
    );
    let patched = server.get(&format!("/Users/{alice}")).await.expect(200);
    assert_eq!(
        (&patched.body["nickName"], &patched.body["title"]),
        (&json!("A"), &json!("T"))
    );
    assert_eq!(operations[2]["version"], patched.header("etag"));
    assert_eq!(operations[2]["method"], "PATCH");
    assert_eq!(operations[3]["location"], format!("{BASE}/Users/{gone}"));
    assert_eq!(operations[3].get("version"), None);
    assert_eq!(operations[4].get("location"), None);
    assert_eq!(operations[4]["bulkId"], "again");
    assert_eq!(operations[4]["response"]["scimType"], "uniqueness");
    assert_eq!(operations[4]["response"]["status"], "409");
    assert_eq!(operations[5]["location"], format!("{BASE}/Users/none"));
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_its_own_error() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let of = |method: &str, path: &str| json!({"method": method, "path": path, "bulkId": "x", "data": {"userName": "x"}});
    let at = format!("/Users/{alice}");
    for (operation, status, scim_type) in [
        (json!({}), "400", Some("invalidSyntax")),
        (
            json!({"method": "POST", "path": "/Users", "data": {"userName": "x"}}),
            "400",
            Some("invalidValue"),
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "x"}),
            "400",
            Some("invalidSyntax"),
        ),
        (of("POST", "/Users/"), "201", None),
        (of("GET", "/Users"), "400", Some("invalidValue")),
        (of("POST", &at), "405", None),
        (of("DELETE", "/Users"), "405", None),
        (of("POST", "/Bulk"), "404", None),
        (of("POST", "/"), "404", None),
        (of("PUT", &format!("{at}/x")), "404", None),
        (of("PATCH", &at), "400", Some("invalidSyntax")),
        (
            json!({"method": "PATCH", "path": at, "data": [{"op": "add", "path": "title", "value": "T"}]}),
            "400",
            Some("invalidSyntax"),
        ),
        (
            post("x", "/Users", json!({"userName": ""})),
            "400",
            Some("invalidValue"),
        ),
    ] {
        let answer = bulk(&server, json!([operation])).await.expect(200);
        assert_eq!(statuses(&answer), [status], "{operation}");
        let told = &answer.body["Operations"][0]["response"];
        let found = told.get("scimType").and_then(Json::as_str);
        assert_eq!(found, scim_type, "{operation}");
        assert_eq!(told.is_null(), status == "201", "{operation}");
    }
}

#[tokio::test]
async fn versions_are_preconditions() {
    let server = Server::start().await;
    let alice = server.post("/Users", json!({"userName": "alice"})).await;
    let delete = |version: &str| json!({"method": "DELETE", "path": format!("/Users/{}", alice.id()), "version": version});
    let answer = bulk(
        &server,
        json!([delete("W/\"0\""), delete(alice.header("etag"))]),
    )
    .await;
    assert_eq!(statuses(&answer), ["412", "204"]);
}

#[tokio::test]
async fn references_are_resolved_backward_and_forward_wherever_they_stand() {
    let server = Server::start().await;
    let answer = bulk(
        &server,
        json!([
            post("group", "/Groups", json!({"displayName": "G", "members": [{"type": "User", "value": "bulkId:alice"}]})),
            user("alice"),
            post("bob", "/Users", json!({"userName": "bob", ENTERPRISE: {"manager": {"value": "bulkId:alice"}}})),
            {"method": "PATCH", "path": "/Groups/bulkId:group", "data": {"schemas": [PATCH_OP], "Operations": [
                {"op": "add", "path": "members", "value": [{"value": "bulkId:bob"}]},
                {"op": "remove", "path": "members[value eq \"bulkId:alice\"]"},
            ]}},
            {"method": "PUT", "path": "/Users/bulkId:alice", "data": {"userName": "alice", ENTERPRISE: {"manager": {"$ref": "../Users/bulkId:bob", "value": "bulkId:bob"}}}},
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "201", "200", "200"]);
    let (group, alice, bob) = (id(&answer, 0), id(&answer, 1), id(&answer, 2));
    let group = server.get(&format!("/Groups/{group}")).await.body;
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
    assert_eq!(group["members"][0]["value"], bob.as_str());
    for (user, manager) in [(&bob, &alice), (&alice, &bob)] {
        let user = server.get(&format!("/Users/{user}")).await.body;
        assert_eq!(user[ENTERPRISE]["manager"]["value"], manager.as_str());
    }
}

#[tokio::test]
async fn a_text_that_begins_as_a_reference_is_a_text_elsewhere() {
    let server = Server::start().await;
    let named =
        |id: &str, name: &str| post(id, "/Users", json!({"userName": id, "nickName": name}));
    let patch = json!({"schemas": [PATCH_OP], "Operations": [
        {"op": "replace", "path": "title", "value": "bulkId:u"},
        {"op": "add", "value": {"emails": [{"value": "bulkId:u"}]}},
    ]});
    let answer = bulk(
        &server,
        json!([
            named("u", "bulkId:zzz"),
            named("v", "bulkId:u"),
            {"method": "PATCH", "path": "/Users/bulkId:v", "data": patch},
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "200"]);
    let user = server.get(&format!("/Users/{}", id(&answer, 1))).await.body;
    assert_eq!(user["nickName"], "bulkId:u");
    assert_eq!(user["title"], "bulkId:u");
    assert_eq!(user["emails"][0]["value"], "bulkId:u");
}

#[tokio::test]
async fn a_failed_operation_says_where_its_resource_is() {
    let server = Server::start().await;
    let bad = |of: &str| json!({"method": "PUT", "path": format!("/Users/bulkId:{of}"), "data": {"userName": ""}});
    let answer = bulk(&server, json!([user("u"), bad("u"), bad("nobody")])).await;
    assert_eq!(statuses(&answer), ["201", "400", "409"]);
    let told = &answer.body["Operations"];
    assert_eq!(told[1]["location"], told[0]["location"]);
    assert_eq!(told[2].get("location"), None, "there is none");
}

#[tokio::test]
async fn a_reference_to_nothing_is_a_conflict_and_leaves_nothing() {
    let server = Server::start().await;
    let group = |name: &str, member: &str| {
        post(
            name,
            "/Groups",
            json!({"displayName": name, "members": [{"value": format!("bulkId:{member}")}]}),
        )
    };
    let managed = |id: &str, by: &str, title: Json| {
        post(
            id,
            "/Users",
            json!({"userName": id, "title": title, ENTERPRISE: {"manager": {"value": format!("bulkId:{by}")}}}),
        )
    };
    let answer = bulk(
        &server,
        json!([
            group("unknown", "nobody"),
            group("early", "bad"),
            post("bad", "/Users", json!({"userName": ""})),
            group("late", "bad"),
            {"method": "DELETE", "path": "/Users/bulkId:bad"},
            managed("x", "y", json!("T")),
            managed("y", "x", json!(["not", "one"])),
        ]),
    )
    .await;
    assert_eq!(
        statuses(&answer),
        ["409", "409", "400", "409", "409", "409", "400"]
    );
    for endpoint in ["/Users", "/Groups?filter=not(roleKey%20pr)"] {
        assert_eq!(
            server.get(endpoint).await.body["totalResults"],
            0,
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn the_bulk_ends_after_as_many_errors_as_the_client_takes() {
    let server = Server::start().await;
    let bad = || post("bad", "/Users", json!({}));
    for (limit, operations, expected) in [
        (
            json!(1),
            json!([user("a1"), user("a1x"), bad(), user("a2")]),
            vec!["201", "201", "400"],
        ),
        (
            json!(2),
            json!([
                user("b1"),
                bad(),
                user("b2"),
                post("b1again", "/Users", json!({"userName": "b1"})),
                user("b3")
            ]),
            vec!["201", "400", "201", "409"],
        ),
        (
            json!(1),
            json!([
                user("c1"),
                post("c1again", "/Users", json!({"userName": "c1"})),
                bad(),
                user("c2")
            ]),
            vec!["201", "409"],
        ),
        (json!(null), json!([bad(), user("d1")]), vec!["400", "201"]),
    ] {
        let body =
            json!({"schemas": [BULK_REQUEST], "failOnErrors": limit, "Operations": operations});
        let answer = server.post("/Bulk", body).await.expect(200);
        assert_eq!(statuses(&answer), expected);
        let last = operations.as_array().unwrap().last().unwrap()["data"]["userName"].clone();
        let found = server.find("/Users", &format!("userName eq {last}")).await;
        assert_eq!(found.body["totalResults"] == 1, limit.is_null(), "{last}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_bulk_is_refused_whole() {
    let options = Options {
        max_bulk_operations: 3,
        max_body_bytes: 2_000,
        ..Options::default()
    };
    let server = Server::with(options).await;
    for (body, scim_type) in [
        (
            json!({"schemas": [PATCH_OP], "Operations": []}),
            "invalidSyntax",
        ),
        (json!({"schemas": [BULK_REQUEST]}), "invalidSyntax"),
        (
            json!({"schemas": [BULK_REQUEST], "Operations": {}}),
            "invalidSyntax",
        ),
        (
            json!({"schemas": [BULK_REQUEST], "Operations": [1]}),
            "invalidSyntax",
        ),
        (
            json!({"schemas": [BULK_REQUEST], "failOnErrors": 0, "Operations": []}),
            "invalidValue",
        ),
        (
            json!({"schemas": [BULK_REQUEST], "failOnErrors": "x", "Operations": []}),
            "invalidValue",
        ),
        (
            json!({"schemas": [BULK_REQUEST], "Operations": [user("a"), user("a")]}),
            "invalidValue",
        ),
    ] {
        server
            .post("/Bulk", body)
            .await
            .refused(400, Some(scim_type));
    }
    let many: Vec<Json> = (0..4).map(|n| user(&n.to_string())).collect();
    let refused = bulk(&server, json!(many)).await.refused(413, None);
    assert!(refused.body["detail"].as_str().unwrap().contains('3'));
    let long = post("long", "/Users", json!({"userName": "x".repeat(2_000)}));
    let refused = bulk(&server, json!([long])).await.refused(413, None);
    assert!(refused.body["detail"].as_str().unwrap().contains("2000"));
    assert_eq!(server.get("/Users").await.body["totalResults"], 0);
    let config = server.get("/ServiceProviderConfig").await.body;
    assert_eq!(
        config["bulk"],
        json!({"supported": true, "maxOperations": 3, "maxPayloadSize": 2_000})
    );
    assert_eq!(statuses(&bulk(&server, json!([])).await), [""; 0]);
}

#[tokio::test]
async fn a_thousand_creates_take_a_few_commits() {
    let server = Server::start().await;
    let users: Vec<Json> = (0..999).map(|n| user(&format!("u{n}"))).collect();
    let members: Vec<Json> = (0..999)
        .map(|n| json!({"value": format!("bulkId:u{n}")}))
        .collect();
    let group = post(
        "g",
        "/Groups",
        json!({"displayName": "G", "members": members}),
    );
    let all: Vec<Json> = users.into_iter().chain([group]).collect();
    let answer = bulk(&server, json!(all)).await.expect(200);
    assert!(statuses(&answer).iter().all(|status| *status == "201"));
    let group = server.get(&format!("/Groups/{}", id(&answer, 999))).await;
    assert_eq!(group.body["members"].as_array().unwrap().len(), 999);
}
