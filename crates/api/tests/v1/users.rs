//! Users: made, shown, changed, found, let go.

use jackfield_gateway::api_token::ActsAs;
use jackfield_gateway::testing::declaration;
use jackfield_model::Kind;
use jackfield_model::schema::Type;
use jackfield_model::schema::own::{OwnAttribute, OwnSchema, OwnSchemas};
use serde_json::{Value as Json, json};

use crate::server::{ALL, PASSWORD, Server};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

#[tokio::test]
async fn what_was_said_of_a_user_is_what_is_shown() {
    let server = Server::start().await;
    let all = server.all().await;
    let said = json!({
        "userName": "anna",
        "displayName": "Anna Lee",
        "name": {"givenName": "Anna", "familyName": "Lee", "formatted": "Anna Lee"},
        "emails": [
            {"value": "anna@acme.example", "type": "work", "primary": true},
            {"value": "al@example.org"},
        ],
        "phoneNumbers": [{"value": "+49 30 555100", "type": "work"}],
        "addresses": [{"streetAddress": "Am Markt 1", "locality": "Berlin", "type": "work"}],
        "title": "Engineer",
        "department": "Switching",
        "organization": "Acme",
        "employeeNumber": "7",
        "preferredLanguage": "de",
        "locale": "de-DE",
        "timezone": "Europe/Berlin",
        "emailVerified": true,
        "active": true,
        "extensions": ["100", "101"],
        "desks": ["Front"],
    });
    let mut asked = said.clone();
    asked["roles"] = json!(["pbx_admin"]);
    asked["password"] = PASSWORD.into();
    let made = all.post("/users", asked).await.expect(201);
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let role = json!([{"key": "pbx_admin", "title": "PBX Admin", "custom": false}]);
    assert_eq!(made["roles"], role);
    assert!(made.get("password").is_none());
    let path = format!("/users/{}", made["id"].as_str().unwrap());
    assert_eq!(all.get(&path).await.expect(200), made);
}

#[tokio::test]
async fn a_user_has_a_manager_and_the_tenants_own_attributes() {
    let server = Server::start().await;
    let mut declared = declaration("own", OPBX).unwrap();
    let urn = "urn:acme:params:scim:schemas:hr:2.0:User";
    declared.schemas = OwnSchemas(vec![OwnSchema {
        urn: urn.into(),
        name: "HR".into(),
        description: "".into(),
        kind: Kind::User,
        attributes: vec![
            OwnAttribute::new("badge", Type::String),
            OwnAttribute {
                multi_valued: true,
                ..OwnAttribute::new("floors", Type::Integer)
            },
            OwnAttribute {
                sub: vec![OwnAttribute::new("since", Type::DateTime)],
                ..OwnAttribute::new("desk", Type::Complex)
            },
        ],
    }]);
    let gateway = &server.gateway.gateway;
    let name = "own".parse().unwrap();
    gateway.declare(&name, declared).await.unwrap();
    let all = server.client("own", Some(ActsAs::Operator), &ALL).await;
    let boss = all.user("boss", &[]).await;
    let boss = boss.rsplit('/').next().unwrap();
    let own = |name: &str| format!("{urn}:{name}");
    let attributes = json!({
        own("badge"): "B-1", own("floors"): [1, 2],
        own("desk"): {"since": "2026-11-22T00:00:00.000Z"},
    });
    let new = json!({"userName": "ann", "managerId": boss, "attributes": attributes});
    let made = all.post("/users", new).await.expect(201);
    assert_eq!(
        (&made["managerId"], &made["attributes"]),
        (&json!(boss), &attributes)
    );
    let path = format!("/users/{}", made["id"].as_str().unwrap());
    let change = json!({"managerId": null, "attributes": {own("badge"): null}});
    let left = all.patch(&path, change).await.expect(200);
    assert!(left.get("managerId").is_none());
    assert_eq!(left["attributes"].as_object().unwrap().len(), 2);
    for wrong in [
        json!({own("badge"): 1}),
        json!({own("colour"): "red"}),
        json!({"badge": "B-1"}),
        json!({"urn:ietf:params:scim:schemas:core:2.0:User:title": "x"}),
        json!({own("desk"): {"until": "x"}}),
    ] {
        let change = json!({"attributes": wrong});
        all.patch(&path, change).await.problem(422, "invalid-value");
    }
    let none = all.patch(&path, json!({"attributes": null})).await;
    assert!(none.expect(200).get("attributes").is_none());
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names_and_null_takes_away() {
    let server = Server::start().await;
    let all = server.all().await;
    let body = json!({
        "userName": "anna", "title": "Engineer", "department": "Switching",
        "name": {"givenName": "Anna", "familyName": "Lee"},
        "emails": [{"value": "a@acme.example"}], "extensions": ["100", "101"], "roles": ["reporter"],
    });
    let made = all.post("/users", body).await.expect(201);
    let path = format!("/users/{}", made["id"].as_str().unwrap());
    for (patch, pointer, expected) in [
        (json!({}), "/title", json!("Engineer")),
        (json!({"title": null}), "/title", Json::Null),
        (
            json!({"department": "Trunks"}),
            "/department",
            json!("Trunks"),
        ),
        (
            json!({"name": {"familyName": "Ray"}}),
            "/name",
            json!({"givenName": "Anna", "familyName": "Ray"}),
        ),
        (
            json!({"name": {"givenName": null}}),
            "/name",
            json!({"familyName": "Ray"}),
        ),
        (json!({"name": null}), "/name", Json::Null),
        (
            json!({"emails": [{"value": "b@acme.example"}]}),
            "/emails/0/value",
            json!("b@acme.example"),
        ),
        (json!({"emails": null}), "/emails", Json::Null),
        (
            json!({"extensions": ["101"]}),
            "/extensions",
            json!(["101"]),
        ),
        (json!({"extensions": []}), "/extensions", Json::Null),
        (
            json!({"roles": ["pbx_admin"]}),
            "/roles/0/key",
            json!("pbx_admin"),
        ),
        (json!({"roles": []}), "/roles/0/baseline", json!(true)),
        (json!({"active": false}), "/roles", json!([])),
        (json!({"userName": "anne"}), "/userName", json!("anne")),
    ] {
        let shown = all.patch(&path, patch.clone()).await.expect(200);
        let found = shown.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(found, expected, "{patch}");
    }
    for (patch, status, kind) in [
        (json!({"userName": null}), 422, "not-changeable"),
        (json!({"password": PASSWORD}), 422, "not-changeable"),
        (json!({"id": "x"}), 400, "invalid-body"),
        (json!({"roles": ["x"]}), 422, "invalid-value"),
    ] {
        all.patch(&path, patch).await.problem(status, kind);
    }
}

#[tokio::test]
async fn whoever_is_inactive_keeps_everything_and_can_return() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("olga", &["owner"]).await;
    let anna = all.user("anna", &["pbx_admin"]).await;
    let act = |what: &str| format!("{anna}/{what}");
    let off = all.post(&act("deactivate"), json!({})).await.expect(200);
    assert_eq!((&off["active"], &off["roles"]), (&json!(false), &json!([])));
    server
        .person("anna")
        .get("/me")
        .await
        .problem(401, "invalid-credentials");
    let on = all.post(&act("activate"), json!({})).await.expect(200);
    assert_eq!(on["roles"][0]["key"], "pbx_admin");
    server.person("anna").get("/me").await.expect(200);
    all.delete(&anna).await.expect(204);
    all.get(&anna).await.problem(404, "not-found");
    all.delete(&anna).await.problem(404, "not-found");
}

#[tokio::test]
async fn users_are_found_by_text_status_and_role() {
    let server = Server::start().await;
    let all = server.all().await;
    for (name, title, role, mail, extension) in [
        ("anna", "Anna Lee", "owner", "lee@acme.example", "100"),
        ("ben", "Ben Müller", "pbx_admin", "ben@acme.example", "101"),
        ("cleo", "Cleo", "pbx_user", "cleo@other.example", "2100"),
    ] {
        let body = json!({
            "userName": name, "displayName": title, "roles": [role],
            "emails": [{"value": mail}], "extensions": [extension],
        });
        all.post("/users", body).await.expect(201);
    }
    let off = json!({"userName": "dora", "active": false, "roles": ["owner"]});
    all.post("/users", off).await.expect(201);
    for (query, expected) in [
        ("", &["anna", "ben", "cleo", "dora"][..]),
        ("search=", &["anna", "ben", "cleo", "dora"]),
        ("search=LEE", &["anna"]),
        ("search=acme", &["anna", "ben"]),
        ("search=100", &["anna", "cleo"]),
        ("search=m%C3%BCll", &["ben"]),
        ("search=*", &[]),
        ("status=active", &["anna", "ben", "cleo"]),
        ("status=inactive", &["dora"]),
        ("role=owner", &["anna"]),
        ("role=pbx_user&search=cleo", &["cleo"]),
        ("role=pbx_user&status=inactive", &[]),
    ] {
        let page = all.get(&format!("/users?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        let names: Vec<&str> = items
            .map(|user| user["userName"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{query}");
        assert_eq!(page["total"], expected.len());
    }
}

#[tokio::test]
async fn roles_are_given_and_taken_by_hand_with_their_reasons() {
    let server = Server::start().await;
    let all = server.all().await;
    let anna = all.user("anna", &[]).await;
    let why = |page: Json| page["items"][0]["source"].clone();
    let roles = format!("{anna}/roles");
    assert_eq!(why(all.get(&roles).await.expect(200)), "baseline");
    let given = all
        .put(&format!("{roles}/reporter"), json!({}))
        .await
        .expect(200);
    assert_eq!(given, json!({"changed": true, "warnings": []}));
    let page = all.get(&roles).await.expect(200);
    assert_eq!(page["items"][0]["role"], "reporter");
    let taken = all.delete(&format!("{roles}/reporter")).await.expect(200);
    assert_eq!(taken["changed"], true);
    all.delete(&format!("{roles}/reporter"))
        .await
        .problem(404, "not-found");
    all.put(&format!("{roles}/nobody"), json!({}))
        .await
        .problem(404, "not-found");
}
