//! What the kind of a connection makes of what it sends.

use axum::http::header::ACCEPT;
use jackfield_gateway::administer::NewConnection;
use jackfield_model::ConnectionKind;
use jackfield_scim::Repaired;
use serde_json::{Value as Json, json};

use crate::server::{Answer, PATCH_OP, Server};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A server whose connection is of this kind.
async fn server(kind: ConnectionKind) -> Server {
    let server = Server::start().await;
    let operator = server.gateway.operator("acme").unwrap();
    let new = NewConnection {
        name: "idp",
        kind: Some(kind.as_str()),
        ..NewConnection::default()
    };
    operator.ensure_connection(new).await.unwrap();
    server
}

fn alice() -> Json {
    json!({"schemas": [CORE], "userName": "alice"})
}

fn operations(operations: Json) -> Json {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

fn repaired(answer: &Answer) -> &Repaired {
    answer.extensions.get().unwrap()
}

#[tokio::test]
async fn a_search_is_read_in_any_case_whatever_the_kind() {
    for kind in [ConnectionKind::Strict, ConnectionKind::Generic] {
        let server = server(kind).await;
        server.post("/Users", alice()).await.expect(201);
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "FILTER": "userName eq \"nobody\"",
        });
        let found = server.post("/Users/.search", search).await.expect(200);
        assert_eq!(found.body["totalResults"], 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_strict_connection_is_told_what_others_are_forgiven() {
    let (strict, generic) = (
        server(ConnectionKind::Strict).await,
        server(ConnectionKind::Generic).await,
    );
    let mut shoes = alice();
    shoes["shoeSize"] = json!(46);
    strict
        .post("/Users", shoes.clone())
        .await
        .refused(400, Some("invalidSyntax"));
    let answer = generic.post("/Users", shoes).await.expect(201);
    assert_eq!(repaired(&answer).ignored, ["shoeSize"]);
    assert_eq!(repaired(&answer).repairs, ["unknown-attribute"]);
    let generic_id = answer.id();
    let strict_id = strict.post("/Users", alice()).await.expect(201).id();

    for (operation, scim_type) in [
        (
            json!({"op": "Replace", "path": "title", "value": "T"}),
            "invalidSyntax",
        ),
        (
            json!({"op": "replace", "path": "active", "value": "False"}),
            "invalidValue",
        ),
        (
            json!({"op": "replace", "value": {"id": "x", "title": "T"}}),
            "mutability",
        ),
        (
            json!({"op": "replace", "value": {"name.givenName": "A"}}),
            "invalidPath",
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"}),
            "noTarget",
        ),
        (
            json!({"op": "remove", "path": "emails", "value": [{"value": "a@x"}]}),
            "invalidSyntax",
        ),
    ] {
        let body = operations(json!([operation]));
        strict
            .send("PATCH", &format!("/Users/{strict_id}"), Some(body.clone()))
            .await
            .refused(400, Some(scim_type));
        generic
            .send("PATCH", &format!("/Users/{generic_id}"), Some(body))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_empty_text_is_not_present_and_equal_to_itself() {
    for kind in [ConnectionKind::Strict, ConnectionKind::Generic] {
        let server = server(kind).await;
        let mut user = alice();
        user["nickName"] = json!("");
        user["name"] = json!({"givenName": ""});
        server.post("/Users", user).await.expect(201);
        let is_kept = kind == ConnectionKind::Strict;
        for (filter, expected) in [
            ("nickName pr", false),
            ("not (nickName pr)", true),
            ("name pr", false),
            ("nickName eq \"\"", is_kept),
            ("nickName ne \"\"", !is_kept),
            ("nickName ne \"x\"", true),
        ] {
            let found = server.find("/Users", filter).await.expect(200);
            let found = found.body["totalResults"] == 1;
            assert_eq!(found, expected, "{kind:?}: {filter}");
        }
    }
}

#[tokio::test]
async fn what_was_right_is_noted_as_nothing() {
    for kind in ConnectionKind::ALL
        .into_iter()
        .filter(|kind| *kind != ConnectionKind::OneLogin)
    {
        let server = server(kind).await;
        let made = server.post("/Users", alice()).await.expect(201);
        let body = operations(json!([{"op": "replace", "path": "title", "value": "T"}]));
        let path = format!("/Users/{}", made.id());
        let patched = server.send("PATCH", &path, Some(body)).await.expect(200);
        let expected = Repaired {
            kind: Some(kind),
            ..Repaired::default()
        };
        for answer in [made, patched] {
            assert_eq!(repaired(&answer), &expected);
        }
    }
}

#[tokio::test]
async fn onelogin_is_answered_in_plain_json_unless_it_asks_for_scims_own() {
    let server = server(ConnectionKind::OneLogin).await;
    for (accept, expected) in [
        (None, "application/json"),
        (Some("*/*"), "application/json"),
        (Some("application/scim+json"), "application/scim+json"),
    ] {
        let headers: Vec<_> = accept.map(|accept| (ACCEPT, accept)).into_iter().collect();
        let answer = server.send_with("GET", "/Users", None, &headers).await;
        assert_eq!(answer.header("content-type"), expected, "{accept:?}");
        let is_repaired = repaired(&answer).repairs == ["plain-json"];
        assert_eq!(is_repaired, expected == "application/json");
    }
}

#[tokio::test]
async fn group_names_repeat_for_strict_connections_alone() {
    let group = || json!({"schemas": [GROUP], "displayName": "Sales"});
    for kind in ConnectionKind::ALL {
        let server = server(kind).await;
        server.post("/Groups", group()).await.expect(201);
        let second = server.post("/Groups", group()).await;
        match kind {
            ConnectionKind::Strict => drop(second.expect(201)),
            _ => drop(second.expect(409)),
        }
    }
}

#[tokio::test]
async fn a_put_of_a_group_without_its_members_empties_it_for_strict_connections_alone() {
    for (kind, expected) in [(ConnectionKind::Generic, 1), (ConnectionKind::Strict, 0)] {
        let server = server(kind).await;
        let alice = server.post("/Users", alice()).await.expect(201).id();
        let mut group = json!({"schemas": [GROUP], "displayName": "Sales"});
        group["members"] = json!([{"value": alice}]);
        let id = server.post("/Groups", group.clone()).await.expect(201).id();
        group.as_object_mut().unwrap().remove("members");
        let put = server
            .put(&format!("/Groups/{id}"), group)
            .await
            .expect(200);
        let members = put.body["members"].as_array().map_or(0, Vec::len);
        assert_eq!(members, expected, "{kind}");
    }
}

#[tokio::test]
async fn no_kind_of_connection_enables_a_user_by_leaving_active_out() {
    for kind in ConnectionKind::ALL {
        let server = server(kind).await;
        let mut disabled = alice();
        disabled["active"] = json!(false);
        let id = server.post("/Users", disabled).await.expect(201).id();
        let path = format!("/Users/{id}");
        let put = server.put(&path, alice()).await.expect(200);
        assert_eq!(put.body["active"], false, "{kind}");
        let body = operations(json!([{"op": "remove", "path": "active"}]));
        let patched = server.send("PATCH", &path, Some(body)).await.expect(200);
        // The letter of RFC 7644 §3.5.2.2 for those who ask for it: this is no omission.
        let expected = match kind {
            ConnectionKind::Strict => Json::Null,
            _ => false.into(),
        };
        assert_eq!(patched.body["active"], expected, "{kind}");
    }
}

#[tokio::test]
async fn extensions_that_a_put_names_without_a_value_are_cleared() {
    use crate::server::PBX_USER;
    let server = server(ConnectionKind::Generic).await;
    let with = |extensions: Json| {
        let mut user = alice();
        user[PBX_USER] = json!({"extensions": extensions});
        user
    };
    let made = server
        .post("/Users", with(json!([{"value": "201"}])))
        .await
        .expect(201);
    let path = format!("/Users/{}", made.id());
    for (body, expected) in [(alice(), 1), (with(json!([])), 0)] {
        let put = server.put(&path, body).await.expect(200);
        let extensions = put.body[PBX_USER]["extensions"].as_array();
        assert_eq!(extensions.map_or(0, Vec::len), expected);
    }
}

#[tokio::test]
async fn a_request_that_looks_like_another_kind_says_which() {
    let server = server(ConnectionKind::Generic).await;
    let id = server.post("/Users", alice()).await.expect(201).id();
    let path = format!("/Users/{id}?aadOptscim062020");
    let answer = server.get(&path).await.expect(200);
    assert_eq!(repaired(&answer).suggested, Some(ConnectionKind::Entra));
    let nobody = server.get("/Users/?filter=a").await;
    assert_eq!(repaired(&nobody).suggested, None);
}

#[tokio::test]
async fn an_element_that_had_to_be_made_is_noted() {
    let server = server(ConnectionKind::Entra).await;
    let id = server.post("/Users", alice()).await.expect(201).id();
    let path = format!("/Users/{id}");
    let operation = json!({
        "op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x.example",
    });
    for expected in [&["missing-element"][..], &[]] {
        let body = operations(json!([operation]));
        let patched = server.send("PATCH", &path, Some(body)).await.expect(200);
        assert_eq!(repaired(&patched).repairs, expected);
    }
}

#[tokio::test]
async fn what_is_repaired_in_a_bulk_is_noted_as_in_a_request_of_its_own() {
    let server = server(ConnectionKind::Entra).await;
    let id = server.post("/Users", alice()).await.expect(201).id();
    let path = format!("/Users/{id}");
    let operation = |op: &str, value: Json| json!({"op": op, "path": "emails[type eq \"work\"].value", "value": value});
    for (operation, expected) in [
        (
            operation("replace", json!("a@x.example")),
            "missing-element",
        ),
        (
            operation("Replace", json!("b@x.example")),
            "any-case-operation",
        ),
        (
            operation("replace", json!(["c@x.example"])),
            "array-for-one",
        ),
        (
            json!({"op": "add", "path": "active", "value": "False"}),
            "text-for-boolean",
        ),
        (
            json!({"op": "replace", "value": {"id": id}}),
            "read-only-in-patch",
        ),
    ] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "PATCH", "path": path, "data": operations(json!([operation]))},
            ],
        });
        let done = server.post("/Bulk", body).await.expect(200);
        assert_eq!(done.body["Operations"][0]["status"], "200", "{expected}");
        assert_eq!(repaired(&done).repairs, [expected]);
    }
}
