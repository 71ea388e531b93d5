//! The root has every resource type that the client is told of: for Okta's governance the roles and
//! entitlements too (RFC 7644 §3.4.2.1).

use jackfield_gateway::administer::NewConnection;
use serde_json::{Value as Json, json};

use crate::server::{Answer, Server, encoded};

const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const OKTA_ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";

/// A server with a connection of Okta's, and people and a group among whose names those of roles stand.
async fn okta() -> Server {
    let server = Server::start().await;
    let new = NewConnection {
        name: "idp",
        kind: Some("okta"),
        ..NewConnection::default()
    };
    server.session().ensure_connection(new).await.unwrap();
    for name in ["Aaron", "Oz", "zoe"] {
        let user = json!({"userName": name, "displayName": name});
        server.post("/Users", user).await.expect(201);
    }
    server.user("nameless").await;
    server.group("Painters", &[]).await;
    server
}

/// The type and the id of each resource, in their order.
fn listed(answer: &Answer) -> Vec<(String, String)> {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let resources = answer.body["Resources"].as_array().unwrap().iter();
    let of = |resource: &Json| {
        (
            text(&resource["meta"]["resourceType"]),
            text(&resource["id"]),
        )
    };
    resources.map(of).collect()
}

fn names(answer: &Answer) -> Vec<Option<String>> {
    let resources = answer.body["Resources"].as_array().unwrap().iter();
    let name = |resource: &Json| Some(resource.get("displayName")?.as_str()?.to_ascii_lowercase());
    resources.map(name).collect()
}

async fn search(server: &Server, asked: Json) -> Answer {
    let mut body = json!({"schemas": [SEARCH_REQUEST], "count": 1_000});
    let asked = asked.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(asked);
    server.post("/.search", body).await.expect(200)
}

#[tokio::test]
async fn the_root_has_every_type_that_the_client_is_told_of() {
    let server = okta().await;
    let types = server.get("/ResourceTypes").await.expect(200);
    let mut told = types.listed("name");
    told.sort_unstable();
    let everything = search(&server, json!({})).await;
    let all = listed(&everything);
    let mut found: Vec<&str> = all.iter().map(|(ty, _)| ty.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, told);
    assert_eq!(everything.body["totalResults"], all.len());
    for (ty, endpoint) in [
        ("Role", "/Roles"),
        ("Entitlement", "/Entitlements"),
        ("User", "/Users"),
    ] {
        let there = server.get(&format!("{endpoint}?count=1000")).await;
        let there = there.expect(200).body["Resources"]
            .as_array()
            .unwrap()
            .clone();
        let here: Vec<Json> = everything.body["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|resource| resource["meta"]["resourceType"] == ty)
            .cloned()
            .collect();
        assert_eq!(here, there, "{ty}");
    }
    // Whoever is told of users and groups alone finds those alone.
    let others = Server::start().await;
    let filter = "meta.resourceType eq \"Role\" or meta.resourceType eq \"Group\"";
    let found = search(&others, json!({"filter": filter})).await;
    assert!(listed(&found).iter().all(|(ty, _)| ty == "Group"));
}

#[tokio::test]
async fn filters_of_the_root_are_of_every_type() {
    let server = okta().await;
    let role = |id: &str| ("Role".to_owned(), id.to_owned());
    for (filter, expected) in [
        (
            "meta.resourceType eq \"Role\" and id eq \"owner\"",
            vec![role("owner")],
        ),
        (
            "schemas eq \"urn:okta:scim:schemas:core:1.0:Role\" and id sw \"own\"",
            vec![role("owner")],
        ),
        (
            "urn:okta:scim:schemas:core:1.0:Role:displayName eq \"reporter\"",
            vec![role("reporter")],
        ),
        (
            "type eq \"built-in\" and displayName eq \"REPORTER\"",
            vec![role("reporter")],
        ),
        ("meta.resourceType eq \"Role\" and userName pr", vec![]),
        (
            "meta.resourceType eq \"Role\" and emails[type eq \"work\"]",
            vec![],
        ),
        ("shoeSize pr", vec![]),
    ] {
        let found = search(&server, json!({"filter": filter})).await;
        assert_eq!(listed(&found), expected, "{filter}");
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
    }
    // The role, and the group as which it is shown too.
    let both = search(&server, json!({"filter": "displayName eq \"reporter\""})).await;
    let types: Vec<_> = listed(&both).into_iter().map(|(ty, _)| ty).collect();
    assert_eq!(types, ["Group", "Role"]);
    for filter in ["type eq true", "userName gt 5", "id"] {
        let refused = server.get(&format!("?filter={}", encoded(filter))).await;
        refused.refused(400, Some("invalidFilter"));
    }
    let few = search(
        &server,
        json!({"filter": "id eq \"owner\"", "attributes": ["displayName"]}),
    )
    .await;
    assert_eq!(
        few.body["Resources"],
        json!([{"schemas": [OKTA_ROLE], "id": "owner", "displayName": "Owner"}])
    );
}

#[tokio::test]
async fn pages_of_the_root_are_parts_of_the_whole_in_every_order() {
    let server = okta().await;
    for order in [
        json!({}),
        json!({"sortBy": "displayName"}),
        json!({"sortBy": "displayName", "sortOrder": "descending"}),
        json!({"sortBy": "userName", "sortOrder": "descending"}),
        json!({"sortBy": "meta.created"}),
        json!({"sortBy": "type"}),
        json!({"sortBy": "displayName", "filter": "not (meta.resourceType eq \"Entitlement\")"}),
    ] {
        let whole = listed(&search(&server, order.clone()).await);
        for count in [1, 2, 7, 50] {
            let mut by_index = Vec::new();
            while by_index.len() < whole.len() {
                let mut asked = order.clone();
                asked["startIndex"] = (by_index.len() + 1).into();
                asked["count"] = count.into();
                let page = search(&server, asked).await;
                assert_eq!(page.body["totalResults"], whole.len());
                assert_eq!(page.body["startIndex"], by_index.len() + 1);
                let page = listed(&page);
                assert!(!page.is_empty(), "{order}");
                by_index.extend(page);
            }
            assert_eq!(by_index, whole, "{order} by {count}");
            let (mut by_cursor, mut cursor) = (Vec::new(), Some(json!("")));
            while let Some(at) = cursor {
                let mut asked = order.clone();
                asked["cursor"] = at;
                asked["count"] = count.into();
                let page = search(&server, asked).await;
                by_cursor.extend(listed(&page));
                assert!(by_cursor.len() <= whole.len(), "{order} never ends");
                cursor = page.body.get("nextCursor").cloned();
            }
            assert_eq!(by_cursor, whole, "{order} by cursors of {count}");
        }
        let mut behind = order.clone();
        behind["startIndex"] = (whole.len() + 1).into();
        assert_eq!(listed(&search(&server, behind).await), []);
        let mut far = order.clone();
        far["startIndex"] = i64::MAX.into();
        assert_eq!(listed(&search(&server, far).await), []);
    }
}

#[tokio::test]
async fn the_order_of_the_root_goes_by_value_across_types() {
    let server = okta().await;
    let ascending = names(&search(&server, json!({"sortBy": "displayName"})).await);
    let (named, nameless): (Vec<_>, Vec<_>) = ascending.iter().cloned().partition(Option::is_some);
    assert!(named.is_sorted(), "{named:?}");
    assert!(!nameless.is_empty());
    assert_eq!(
        ascending,
        [named, nameless].concat(),
        "those without a value come last"
    );
    let descending = json!({"sortBy": "displayName", "sortOrder": "descending"});
    let descending = names(&search(&server, descending).await);
    let mut turned = descending.clone();
    turned.reverse();
    assert_eq!(turned, ascending);
    let unknown = server.get("?sortBy=shoeSize").await;
    unknown.refused(400, Some("invalidPath"));
}
