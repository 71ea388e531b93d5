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
