//! The OpenAPI document.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::server::Server;

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = fs::read_to_string(file).unwrap();
    let made = format!("{:#}\n", jackfield_api::openapi_document());
    assert!(
        committed == made,
        "it has drifted: run `cargo run -p jackfield-api --example write-openapi`"
    );
    let server = Server::start().await;
    let anybody = server.with("acme", None);
    let served = anybody.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::from_str::<Json>(&committed).unwrap());
}

#[tokio::test]
async fn an_answer_has_what_the_document_says_that_it_has() {
    let server = Server::start().await;
    let all = server.all().await;
    let document = jackfield_api::openapi_document();
    for (area, name, new) in [
        ("users", "User", json!({"userName": "anna"})),
        ("contacts", "Contact", json!({"displayName": "Bakery"})),
        ("desks", "Desk", json!({"displayName": "Night"})),
        ("extensions", "Extension", json!({"number": "101"})),
        ("devices", "Device", json!({"name": "phone"})),
        ("connections", "Connection", json!({"name": "okta"})),
    ] {
        let made = all.post(&format!("/{area}"), new).await.expect(201);
        let schema = &document["components"]["schemas"][name];
        let required = schema["required"].as_array().unwrap();
        assert!(!required.is_empty(), "{name}");
        for member in required {
            assert!(
                made.get(member.as_str().unwrap()).is_some(),
                "{name}: {member}"
            );
        }
        for member in made.as_object().unwrap().keys() {
            assert!(
                schema["properties"].get(member).is_some(),
                "{name}: {member}"
            );
        }
    }
}

/// Every reference leads somewhere, every operation has a name of its own.
#[test]
fn the_document_is_sound() {
    let document = jackfield_api::openapi_document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 30);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut names = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            names.push(operation["operationId"].as_str().unwrap());
            let said: Vec<&str> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let parts = path.split('/').filter_map(|part| part.strip_prefix('{'));
            let parts: Vec<&str> = parts.map(|part| part.trim_end_matches('}')).collect();
            assert_eq!(said, parts, "{method} {path}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

fn collect(json: &Json, references: &mut Vec<String>) {
    match json {
        Json::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("$ref", Json::String(reference)) => references.push(reference.clone()),
                    _ => collect(member, references),
                }
            }
        }
        Json::Array(elements) => elements.iter().for_each(|one| collect(one, references)),
        _ => {}
    }
}
