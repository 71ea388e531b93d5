//! Attributes of a tenant's own, from its file to every request.

use jackfield_gateway::directory::plan::Declaration;
use jackfield_gateway::testing::declaration;
use jackfield_model::schema::own::{OwnAttribute, OwnSchema};
use jackfield_model::schema::{Index, Mutability, Returned, Type, Uniqueness};
use jackfield_model::{Kind, OwnSchemas};
use serde_json::{Value as Json, json};

use crate::server::{Server, encoded};

const HR: &str = "urn:acme:params:scim:schemas:hr:2.0:User";
const TEAM: &str = "urn:acme:params:scim:schemas:team:2.0:Group";
const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

fn declared(attributes: Vec<OwnAttribute>) -> Declaration {
    let schema = |urn: &str, kind, attributes| OwnSchema {
        urn: urn.into(),
        name: "Acme".into(),
        description: "What Acme knows".into(),
        kind,
        attributes,
    };
    let colour = OwnAttribute::new("colour", Type::String);
    let mut declaration = declaration("acme", OPBX).unwrap();
    declaration.schemas = OwnSchemas(vec![
        schema(HR, Kind::User, attributes),
        schema(TEAM, Kind::Group, vec![colour]),
    ]);
    declaration
}

fn attributes() -> Vec<OwnAttribute> {
    let of = OwnAttribute::new;
    let badge = OwnAttribute {
        uniqueness: Uniqueness::Server,
        description: "On the badge".into(),
        ..of("badge", Type::String)
    };
    let car = OwnAttribute {
        multi_valued: true,
        sub: vec![of("plate", Type::String), of("type", Type::String)],
        ..of("car", Type::Complex)
    };
    let floor = OwnAttribute {
        index: Index::Exact,
        ..of("floor", Type::Integer)
    };
    let hired = OwnAttribute {
        mutability: Mutability::Immutable,
        ..of("hired", Type::DateTime)
    };
    let note = OwnAttribute {
        returned: Returned::Request,
        ..of("note", Type::String)
    };
    vec![badge, car, floor, hired, note]
}

async fn declare(server: &Server, attributes: Vec<OwnAttribute>) {
    let name = "acme".parse().unwrap();
    let gateway = &server.gateway.gateway;
    gateway.declare(&name, declared(attributes)).await.unwrap();
}

async fn start() -> Server {
    let server = Server::start().await;
    declare(&server, attributes()).await;
    server
}

fn anna(own: Json) -> Json {
    json!({"userName": "anna", HR: own})
}

#[tokio::test]
async fn what_is_written_is_read_back_and_found() {
    let server = start().await;
    let own = json!({
        "badge": "B-1",
        "car": [{"plate": "B-AA 1", "type": "own"}, {"plate": "B-AA 2", "type": "pool"}],
        "floor": 3,
        "hired": "2026-01-02T00:00:00Z",
        "note": "shy",
        "shoeSize": 44,
    });
    let made = server.post("/Users", anna(own)).await.expect(201);
    let shown = json!({
        "badge": "B-1",
        "car": [{"plate": "B-AA 1", "type": "own"}, {"plate": "B-AA 2", "type": "pool"}],
        "floor": 3,
        "hired": "2026-01-02T00:00:00.000Z",
    });
    assert_eq!(made.body[HR], shown, "what nobody registered is not kept");
    let schemas = made.body["schemas"].as_array().unwrap();
    assert!(schemas.contains(&json!(HR)), "{schemas:?}");
    server.user("ben").await;
    for (filter, expected) in [
        (format!("{HR}:badge eq \"b-1\""), 1),
        (format!("{}:BADGE sw \"B\"", HR.to_ascii_uppercase()), 1),
        (format!("{HR}:floor gt 2"), 1),
        (format!("{HR}:floor gt 3"), 0),
        (format!("{HR}:hired lt \"2026-01-03T00:00:00Z\""), 1),
        (
            format!("{HR}:car[plate eq \"B-AA 2\" and type eq \"pool\"]"),
            1,
        ),
        (
            format!("{HR}:car[plate eq \"B-AA 2\" and type eq \"own\"]"),
            0,
        ),
        (format!("{HR}:car.plate co \"aa 1\""), 1),
        (format!("{HR}:badge pr"), 1),
        (format!("not ({HR}:badge pr)"), 1),
        (format!("schemas eq \"{HR}\""), 1),
    ] {
        let found = server.find("/Users", &filter).await.expect(200);
        assert_eq!(found.body["totalResults"], expected, "{filter}");
    }
    for filter in [
        format!("{HR}:shoeSize eq 44"),
        format!("{TEAM}:colour pr"),
        format!("{HR}:floor eq \"x\""),
        "badge eq \"B-1\"".to_owned(),
    ] {
        let answer = server.find("/Users", &filter).await;
        answer.refused(400, Some("invalidFilter"));
    }
}

#[tokio::test]
async fn patches_reach_it_by_paths_and_by_objects() {
    let server = start().await;
    let own = json!({"car": [{"plate": "1", "type": "own"}, {"plate": "2", "type": "pool"}]});
    let id = server.post("/Users", anna(own)).await.expect(201).id();
    let path = format!("/Users/{id}");
    let operations = json!([
        {"op": "add", "path": format!("{HR}:badge"), "value": "B-1"},
        {"op": "replace", "path": format!("{HR}:car[type eq \"pool\"].plate"), "value": "9"},
        {"op": "add", "value": {HR: {"floor": 2}, format!("{HR}:note"): "shy"}},
    ]);
    let patched = server.patch(&path, operations).await.expect(200);
    let expected = json!({
        "badge": "B-1",
        "car": [{"plate": "1", "type": "own"}, {"plate": "9", "type": "pool"}],
        "floor": 2,
    });
    assert_eq!(patched.body[HR], expected);
    let operations = json!([{"op": "remove", "path": format!("{HR}:car[type eq \"own\"]")}]);
    let patched = server.patch(&path, operations).await.expect(200);
    assert_eq!(
        patched.body[HR]["car"],
        json!([{"plate": "9", "type": "pool"}])
    );
    let version = patched.header("etag").to_owned();
    let same = json!([{"op": "replace", "path": format!("{HR}:floor"), "value": 2}]);
    let patched = server.patch(&path, same).await.expect(200);
    assert_eq!(patched.header("etag"), version, "a no-op");
    let operation = json!([{"op": "add", "path": format!("{HR}:floor"), "value": "x"}]);
    let refused = server.patch(&path, operation).await;
    refused.refused(400, Some("invalidValue"));
    let patched = server
        .patch(&path, json!([{"op": "remove", "path": HR}]))
        .await;
    assert_eq!(patched.expect(200).body.get(HR), None);
}

#[tokio::test]
async fn a_put_clears_what_it_names_and_keeps_what_it_does_not_know() {
    let server = start().await;
    let own = json!({"badge": "B-1", "floor": 3, "hired": "2026-01-02T00:00:00Z"});
    let id = server.post("/Users", anna(own)).await.expect(201).id();
    let path = format!("/Users/{id}");
    let put = server.put(&path, json!({"userName": "anna"})).await;
    assert_eq!(put.expect(200).body[HR]["badge"], "B-1");
    let put = server
        .put(&path, anna(json!({"floor": 4})))
        .await
        .expect(200);
    let left = json!({"floor": 4, "hired": "2026-01-02T00:00:00.000Z"});
    assert_eq!(put.body[HR], left, "what is immutable stays");
    let changed = anna(json!({"hired": "2027-01-02T00:00:00Z"}));
    server
        .put(&path, changed)
        .await
        .refused(400, Some("mutability"));
}

#[tokio::test]
async fn what_is_immutable_is_given_once_by_a_patch_too() {
    let server = start().await;
    let path = |id: &str| format!("/Users/{id}");
    let own = json!({"hired": "2026-01-02T00:00:00Z"});
    let with = server.post("/Users", anna(own)).await.expect(201).id();
    let without = json!({"userName": "ben"});
    let without = server.post("/Users", without).await.expect(201).id();
    let at = format!("{HR}:hired");
    let first = "2026-01-02T00:00:00Z";
    for op in ["add", "replace"] {
        let by_path = |time: &str| json!([{"op": op, "path": at, "value": time}]);
        let by_key = |time: &str| json!([{"op": op, "value": {HR: {"hired": time}}}]);
        for operations in [by_path(first), by_key(first)] {
            // Where there was none, and the same again.
            server
                .patch(&path(&without), operations.clone())
                .await
                .expect(200);
            server.patch(&path(&with), operations).await.expect(200);
        }
        for operations in [
            by_path("2027-01-02T00:00:00Z"),
            by_key("2027-01-02T00:00:00Z"),
        ] {
            let refused = server.patch(&path(&with), operations).await;
            refused.refused(400, Some("mutability"));
        }
    }
    let removed = json!([{"op": "remove", "path": at}]);
    let refused = server.patch(&path(&with), removed).await;
    let refused = refused.refused(400, Some("mutability"));
    assert!(refused.text.contains("Operations[0]"), "{}", refused.text);
}

#[tokio::test]
async fn a_unique_value_that_is_taken_is_a_conflict() {
    let server = start().await;
    server
        .post("/Users", anna(json!({"badge": "B-1"})))
        .await
        .expect(201);
    let ben = json!({"userName": "ben", HR: {"badge": "b-1"}});
    let refused = server
        .post("/Users", ben)
        .await
        .refused(409, Some("uniqueness"));
    assert!(refused.text.contains(":badge"), "{}", refused.text);
}

#[tokio::test]
async fn it_is_selected_left_out_and_sorted_by() {
    let server = start().await;
    for (name, floor) in [("anna", 10), ("ben", 9), ("carl", -1)] {
        let own = json!({"floor": floor, "badge": name, "note": "x"});
        server
            .post("/Users", json!({"userName": name, HR: own}))
            .await
            .expect(201);
    }
    let list = async |query: &str| {
        let sorted = encoded(&format!("{HR}:floor"));
        let path = format!("/Users?sortBy={sorted}&{query}");
        server.get(&path).await.expect(200)
    };
    let listed = list("").await;
    assert_eq!(listed.listed("userName"), ["carl", "ben", "anna"]);
    let listed = list("sortOrder=descending").await;
    assert_eq!(listed.listed("userName"), ["anna", "ben", "carl"]);
    for (query, expected) in [
        (format!("attributes={HR}:note"), json!({"note": "x"})),
        (
            format!("attributes={HR}"),
            json!({"badge": "carl", "floor": -1, "note": "x"}),
        ),
        (
            format!("excludedAttributes={HR}:floor"),
            json!({"badge": "carl"}),
        ),
        ("attributes=userName".to_owned(), Json::Null),
    ] {
        let listed = list(&query).await;
        assert_eq!(listed.body["Resources"][0][HR], expected, "{query}");
    }
}

#[tokio::test]
async fn groups_have_theirs() {
    let server = start().await;
    let body = json!({"displayName": "Team", TEAM: {"colour": "red"}});
    let made = server.post("/Groups", body).await.expect(201);
    assert_eq!(made.body[TEAM]["colour"], "red");
    let filter = format!("{TEAM}:colour eq \"RED\"");
    let found = server.find("/Groups", &filter).await.expect(200);
    assert_eq!(found.body["totalResults"], 1, "no role has it");
    let refused = server.find("/Groups", &format!("{HR}:badge pr")).await;
    refused.refused(400, Some("invalidFilter"));
}

#[tokio::test]
async fn an_edit_of_the_file_is_there_at_the_next_request() {
    let server = start().await;
    let id = server
        .post("/Users", anna(json!({"badge": "B-1"})))
        .await
        .expect(201)
        .id();
    let path = format!("/Users/{id}");
    let mut more = attributes();
    more.push(OwnAttribute::new("zodiac", Type::String));
    declare(&server, more).await;
    let operation = json!([{"op": "add", "path": format!("{HR}:zodiac"), "value": "Leo"}]);
    let patched = server.patch(&path, operation).await.expect(200);
    assert_eq!(patched.body[HR], json!({"badge": "B-1", "zodiac": "Leo"}));
    declare(&server, attributes()).await;
    let got = server.get(&path).await.expect(200);
    assert_eq!(got.body[HR], json!({"badge": "B-1"}));
}

#[tokio::test]
async fn discovery_says_what_there_is() {
    let server = start().await;
    let schema = server.get(&format!("/Schemas/{HR}")).await.expect(200).body;
    assert_eq!(
        (&schema["id"], &schema["name"]),
        (&json!(HR), &json!("Acme"))
    );
    let badge = json!({
        "name": "badge",
        "type": "string",
        "multiValued": false,
        "description": "On the badge",
        "required": false,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "server",
        "caseExact": false,
    });
    assert_eq!(schema["attributes"][0], badge);
    assert_eq!(schema["attributes"][1]["subAttributes"][0]["name"], "plate");
    let all = server.get("/Schemas").await.expect(200);
    assert!(all.listed("id").contains(&HR) && all.listed("id").contains(&TEAM));
    for (ty, urn, other) in [("User", HR, TEAM), ("Group", TEAM, HR)] {
        let ty = server
            .get(&format!("/ResourceTypes/{ty}"))
            .await
            .expect(200);
        let extensions = ty.body["schemaExtensions"].as_array().unwrap();
        let has = |urn| extensions.contains(&json!({"schema": urn, "required": false}));
        assert!(has(urn) && !has(other), "{extensions:?}");
    }
}
