//! What the role system offers: roles and entitlements (draft-ietf-scim-roles-entitlements), and
//! the same as Okta's governance discovers it.

use jackfield_gateway::administer::NewConnection;
use jackfield_scim::Repaired;
use serde_json::{Value as Json, json};

use crate::server::{Answer, BASE, Server, encoded};

const ROLE: &str = "urn:ietf:params:scim:schemas:core:2.0:Role";
const ENTITLEMENT: &str = "urn:ietf:params:scim:schemas:core:2.0:Entitlement";
const OKTA_ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const OKTA_ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

async fn okta() -> Server {
    let server = Server::start().await;
    let new = NewConnection {
        name: "idp",
        kind: Some("okta"),
        ..NewConnection::default()
    };
    server.session().ensure_connection(new).await.unwrap();
    server
}

#[tokio::test]
async fn roles_are_those_that_users_can_have() {
    let server = Server::start().await;
    let alice = json!({"userName": "alice", "roles": [{"value": "reporter"}]});
    let alice = server.post("/Users", alice).await.expect(201);
    let held = alice.body["roles"][0]["value"].as_str().unwrap();
    let role = server.get(&format!("/Roles/{held}")).await.expect(200).body;
    assert_eq!(role["schemas"], json!([ROLE]));
    assert_eq!((&role["id"], &role["value"]), (&json!(held), &json!(held)));
    assert_eq!(role["display"], alice.body["roles"][0]["display"]);
    assert_eq!(role["type"], alice.body["roles"][0]["type"]);
    assert_eq!(
        (&role["supported"], &role["totalAssignmentsUsed"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(
        role["meta"],
        json!({"resourceType": "Role", "location": format!("{BASE}/Roles/{held}")})
    );
    let all = server.get("/Roles").await.expect(200);
    let values = all.listed("value");
    assert!(
        values.contains(&"owner") && values.contains(&held),
        "{values:?}"
    );
    assert!(values.is_sorted());
    for role in all.body["Resources"].as_array().unwrap() {
        let key = role["id"].as_str().unwrap();
        let contained = role
            .get("contains")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        for inner in contained {
            let inner = server
                .get(&format!("/Roles/{}", inner.as_str().unwrap()))
                .await
                .body;
            assert!(
                inner["containedBy"]
                    .as_array()
                    .unwrap()
                    .contains(&json!(key))
            );
        }
    }
}

#[tokio::test]
async fn entitlements_are_the_permissions_of_the_catalogue() {
    let server = Server::start().await;
    let all = server.get("/Entitlements?count=1000").await.expect(200);
    assert!(
        all.listed("value").contains(&"extensions:edit"),
        "{:?}",
        all.listed("value")
    );
    let one = server
        .get("/Entitlements/extensions:edit")
        .await
        .expect(200)
        .body;
    assert_eq!(one["schemas"], json!([ENTITLEMENT]));
    assert_eq!(
        (&one["display"], &one["type"]),
        (&json!("extensions edit"), &json!("permission"))
    );
    assert!(all.body["Resources"].as_array().unwrap().contains(&one));
}

#[tokio::test]
async fn what_is_offered_is_chosen_ordered_and_paged_like_other_resources() {
    let server = Server::start().await;
    for (query, expected) in [
        ("filter=value eq \"OWNER\"", &["owner"][..]),
        ("filter=id eq \"owner\" and supported eq true", &["owner"]),
        ("filter=supported eq false or value sw \"own\"", &["owner"]),
        (
            "filter=urn:ietf:params:scim:schemas:core:2.0:Role:value eq \"owner\"",
            &["owner"],
        ),
        ("filter=not (value pr)", &[]),
        ("filter=totalAssignmentsUsed gt 100", &[]),
        ("filter=value eq \"nobody\"", &[]),
    ] {
        let (name, value) = query.split_once('=').unwrap();
        let answer = server
            .get(&format!("/Roles?{name}={}", encoded(value)))
            .await
            .expect(200);
        assert_eq!(answer.listed("value"), expected, "{query}");
        assert_eq!(answer.body["totalResults"], expected.len());
    }
    for filter in [
        "shoeSize eq 1",
        "value eq 1",
        "value[a eq 1]",
        "supported gt true",
        "value",
    ] {
        server
            .find("/Roles", filter)
            .await
            .refused(400, Some("invalidFilter"));
    }
    server
        .get("/Roles?sortBy=shoeSize")
        .await
        .refused(400, Some("invalidPath"));
    let all = server.get("/Roles").await;
    let all: Vec<&str> = all.listed("value");
    let backward = server.get("/Roles?sortBy=value&sortOrder=descending").await;
    let mut turned = backward.listed("value");
    turned.reverse();
    assert_eq!(turned, all);
    let second = server.get("/Roles?startIndex=2&count=2").await;
    assert_eq!(second.listed("value"), all[1..3]);
    assert_eq!(
        (&second.body["startIndex"], &second.body["itemsPerPage"]),
        (&json!(2), &json!(2))
    );
    let mut listed = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(at) = cursor {
        let page = server
            .get(&format!("/Roles?count=2&cursor={at}"))
            .await
            .expect(200);
        listed.extend(page.listed("value").into_iter().map(str::to_owned));
        cursor = page
            .body
            .get("nextCursor")
            .map(|next| next.as_str().unwrap().to_owned());
    }
    assert_eq!(listed, all);
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": "value eq \"owner\"", "attributes": ["display"]});
    let found =
        server.post("/Roles/.search", search).await.expect(200).body["Resources"][0].clone();
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["display", "id", "schemas"]);
    let less = server
        .get("/Roles/owner?excludedAttributes=display,meta")
        .await
        .body;
    assert_eq!(
        (less.get("display"), less.get("meta"), &less["value"]),
        (None, None, &json!("owner"))
    );
}

#[tokio::test]
async fn what_is_offered_is_for_reading() {
    let server = Server::start().await;
    for (method, path) in [
        ("POST", "/Roles"),
        ("PUT", "/Roles/owner"),
        ("PATCH", "/Roles/owner"),
        ("DELETE", "/Entitlements/extensions:edit"),
        ("GET", "/Entitlements/.search"),
    ] {
        server
            .send(method, path, Some(json!({})))
            .await
            .refused(405, None);
    }
    for path in ["/Roles/nobody", "/Entitlements/none", "/Roles/owner/x"] {
        server.get(path).await.refused(404, None);
    }
    let mut stranger = server;
    stranger.token = "wrong".to_owned();
    stranger.get("/Roles").await.refused(401, None);
}

#[tokio::test]
async fn what_is_offered_is_discovered_by_those_who_look_for_it() {
    let server = okta().await;
    for (name, endpoint, urn) in [
        ("Role", "/Roles", OKTA_ROLE),
        ("Entitlement", "/Entitlements", OKTA_ENTITLEMENT),
    ] {
        let path = format!("/ResourceTypes/{name}");
        let ty = server.get(&path).await.expect(200).body;
        assert_eq!(
            (&ty["endpoint"], &ty["schema"]),
            (&json!(endpoint), &json!(urn))
        );
        let schema = server
            .get(&format!("/Schemas/{urn}"))
            .await
            .expect(200)
            .body;
        let attributes = schema["attributes"].as_array().unwrap();
        let listed = server.get(&format!("{endpoint}?count=1000")).await;
        for resource in listed.expect(200).body["Resources"].as_array().unwrap() {
            assert_eq!(resource["schemas"], json!([urn]));
            for (key, value) in resource.as_object().unwrap() {
                if ["id", "schemas", "meta"].contains(&key.as_str()) {
                    continue;
                }
                let def = attributes.iter().find(|def| def["name"] == *key);
                let def = def.unwrap_or_else(|| panic!("{urn} has no {key}"));
                assert_eq!(def["multiValued"], value.is_array(), "{key}");
                assert_eq!(def["mutability"], "readOnly");
            }
            for def in attributes.iter().filter(|def| def["required"] == true) {
                assert!(resource.get(def["name"].as_str().unwrap()).is_some());
            }
        }
    }
    let config = server.get("/ServiceProviderConfig").await.body;
    for feature in ["roles", "entitlements"] {
        assert_eq!(config["RolesAndEntitlements"][feature]["supported"], true);
    }
    let others = Server::start().await;
    others.get("/ResourceTypes/Role").await.refused(404, None);
    let config = others.get("/ServiceProviderConfig").await.body;
    assert_eq!(config.get("RolesAndEntitlements"), None);
}

#[tokio::test]
async fn okta_reads_a_role_by_its_id() {
    let server = okta().await;
    let role = server.get("/Roles/owner").await.expect(200).body;
    assert_eq!(
        (&role["id"], &role["type"]),
        (&json!("owner"), &json!("built-in"))
    );
    assert!(role["displayName"].is_string() && role["description"].is_string());
    assert_eq!((role.get("value"), role.get("display")), (None, None));
}

#[tokio::test]
async fn entitlements_of_a_user_are_permissions_and_come_only_with_roles() {
    let server = Server::start().await;
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    let mut body = json!({
        "schemas": schemas, "userName": "ada", "roles": [{"value": "pbx_admin"}],
        "entitlements": [{"value": "parking"}],
    });
    let ignored = |answer: &Answer| answer.extensions.get::<Repaired>().unwrap().ignored.clone();
    let made = server.post("/Users", body.clone()).await.expect(201);
    assert_eq!(made.body.get("entitlements"), None);
    assert_eq!(ignored(&made), ["entitlements"]);
    server.user("bob").await;
    let path = format!("/Users/{}", made.id());
    let asked = format!("{path}?attributes=entitlements");
    let shown = server.get(&asked).await.expect(200).body["entitlements"].clone();
    let edits = json!({"value": "extensions:edit", "type": "permission"});
    assert!(shown.as_array().unwrap().contains(&edits), "{shown:#}");
    body["entitlements"] = json!([]);
    assert_eq!(ignored(&server.put(&path, body).await.expect(200)), [""; 0]);

    for filter in [
        "entitlements.value eq \"extensions:edit\"",
        "entitlements eq \"extensions:edit\"",
        "entitlements[type eq \"permission\" and value eq \"extensions:edit\"]",
    ] {
        let found = server.find("/Users", filter).await.expect(200);
        assert_eq!(found.listed("userName"), ["ada"], "{filter}");
    }

    let value = json!([{"value": "reports:view"}]);
    let operation = json!({"op": "add", "path": "entitlements", "value": value});
    server
        .patch(&path, json!([operation]))
        .await
        .refused(400, Some("mutability"));
    let operation = json!({"op": "add", "value": {"entitlements": value}});
    let patched = server.patch(&path, json!([operation])).await.expect(200);
    assert_eq!(ignored(&patched), ["entitlements"]);
    assert_eq!(server.get(&asked).await.body["entitlements"], shown);

    let schema = server.get(&format!("/Schemas/{}", schemas[0])).await.body;
    let attributes = schema["attributes"].as_array().unwrap();
    let attribute = attributes
        .iter()
        .find(|attribute| attribute["name"] == "entitlements")
        .unwrap();
    assert_eq!(attribute["mutability"], "readOnly");
    assert_eq!(attribute["returned"], "request");
}
