//! What clients discover, and that it is true.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value as Json, json};

use crate::server::{BASE, ENTERPRISE, PBX_GROUP, PBX_USER, Server};

const ENDPOINTS: [&str; 3] = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"];

#[tokio::test]
async fn discovery_needs_no_login_but_tells_of_a_wrong_one() {
    let server = Server::start().await;
    for endpoint in ENDPOINTS {
        let open = |token: Option<&str>| {
            let request = Request::get(format!("/scim/acme/v2{endpoint}"));
            let request = token
                .into_iter()
                .fold(request, |r, token| r.header(AUTHORIZATION, token));
            request.body(Body::empty()).unwrap()
        };
        server.raw(open(None)).await.expect(200);
        server
            .raw(open(Some("Bearer wrong")))
            .await
            .refused(401, None);
        let known = server.get(endpoint).await.expect(200);
        assert_eq!(known.header("content-type"), "application/scim+json");
    }
}

#[tokio::test]
async fn discovery_is_for_reading_only_and_takes_no_filter() {
    let server = Server::start().await;
    for endpoint in ENDPOINTS {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let refused = server
                .send(method, endpoint, Some(json!({})))
                .await
                .refused(405, None);
            assert!(
                refused.header("allow").contains("GET"),
                "{method} {endpoint}"
            );
        }
        server.find(endpoint, "id pr").await.refused(403, None);
        server
            .get(&format!("{endpoint}?count=1&startIndex=7"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn resource_types_and_schemas_are_found_alone_as_in_the_list() {
    let server = Server::start().await;
    for endpoint in ["/ResourceTypes", "/Schemas"] {
        let list = server.get(endpoint).await.expect(200).body;
        assert_eq!(
            list["totalResults"],
            list["Resources"].as_array().unwrap().len()
        );
        for resource in list["Resources"].as_array().unwrap() {
            let path = format!("{endpoint}/{}", resource["id"].as_str().unwrap());
            assert_eq!(&server.get(&path).await.expect(200).body, resource);
            assert_eq!(resource["meta"]["location"], format!("{BASE}{path}"));
            let upper = format!(
                "{endpoint}/{}",
                resource["id"].as_str().unwrap().to_ascii_uppercase()
            );
            assert_eq!(
                server.get(&upper).await.expect(200).body["id"],
                resource["id"]
            );
        }
        server
            .get(&format!("{endpoint}/urn:example:User"))
            .await
            .refused(404, None);
    }
}

#[tokio::test]
async fn every_schema_of_a_resource_type_is_published() {
    let server = Server::start().await;
    let types = server.get("/ResourceTypes").await.body["Resources"].clone();
    let schemas = |ty: &Json| -> Vec<Json> {
        let extensions = ty["schemaExtensions"].as_array().unwrap().iter();
        std::iter::once(ty["schema"].clone())
            .chain(extensions.map(|e| e["schema"].clone()))
            .collect()
    };
    let named: Vec<Json> = types.as_array().unwrap().iter().flat_map(schemas).collect();
    let published = server.get("/Schemas").await;
    assert_eq!(json!(named), json!(published.listed("id")));
    for urn in [ENTERPRISE, PBX_USER, PBX_GROUP] {
        assert!(named.contains(&json!(urn)));
    }
}

#[tokio::test]
async fn the_features_are_those_that_there_are() {
    let server = Server::start().await;
    let config = server.get("/ServiceProviderConfig").await.expect(200).body;
    for feature in ["patch", "filter", "changePassword", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!(config["bulk"]["supported"], true);
    assert_eq!(
        config["filter"]["maxResults"],
        config["pagination"]["maxPageSize"]
    );
    assert_eq!(
        config["authenticationSchemes"][0]["type"],
        "oauthbearertoken"
    );
}

#[tokio::test]
async fn what_is_told_to_be_writable_is_and_nothing_else() {
    let server = Server::start().await;
    let sent = json!({
        "extensions": [{"value": "201", "display": "Mine", "primary": true}],
        "desks": [{"value": "Front", "display": "Mine"}],
        "mustChangePassword": true,
        "emailVerified": true,
        "lastLogin": "2020-01-01T00:00:00Z",
        "seat": false,
    });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", PBX_USER],
        "userName": "ada",
        PBX_USER: sent,
    });
    let made = server.post("/Users", body).await.expect(201);
    let schema = server
        .get(&format!("/Schemas/{PBX_USER}"))
        .await
        .expect(200);
    let attributes = schema.body["attributes"].as_array().unwrap();
    let all: Vec<String> = attributes
        .iter()
        .map(|def| format!("{PBX_USER}:{}", def["name"].as_str().unwrap()))
        .collect();
    let path = format!("/Users/{}?attributes={}", made.id(), all.join(","));
    let user = server.get(&path).await.expect(200).body;
    let mut count = 0;
    let mut check = |def: &Json, sent: &Json, kept: Option<&Json>| {
        let is_kept = kept == Some(sent);
        assert_eq!(is_kept, def["mutability"] == "readWrite", "{def}: {user}");
        count += 1;
    };
    for def in attributes {
        let name = def["name"].as_str().unwrap();
        let (sent, kept) = (&sent[name], user[PBX_USER].get(name));
        let Some(parts) = def.get("subAttributes").and_then(Json::as_array) else {
            check(def, sent, kept);
            continue;
        };
        assert_eq!(def["mutability"], "readWrite");
        for part in parts {
            let name = part["name"].as_str().unwrap();
            check(part, &sent[0][name], kept.and_then(|it| it[0].get(name)));
        }
    }
    assert_eq!(count, 9);
}
