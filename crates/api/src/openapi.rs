//! The OpenAPI document (3.1), made of the endpoints and of the schemas of what they take and give.

use axum::http::StatusCode;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use crate::endpoint::{Endpoints, Media, Method, Operation};
use crate::shape::problem::Problem;
use crate::v1;

/// The document of these endpoints.
pub(crate) fn document(endpoints: &Endpoints) -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = Schemas {
        answers: settings.clone().for_serialize().into_generator(),
        requests: settings.into_generator(),
    };
    let problem = schemas.answers.subschema_for::<Problem>();
    let mut paths: Map<String, Json> = Map::new();
    for operation in endpoints.operations() {
        let path = format!("{}/{{tenant}}{}", v1::PATH, operation.path);
        let described = describe(operation, &mut schemas);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(method(operation.method).to_owned(), described);
        }
    }
    let schemas = schemas.definitions();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Jackfield",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "security": [{"token": []}, {"password": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": TOKEN},
                "password": {"type": "http", "scheme": "basic", "description": PASSWORD},
            },
            "responses": {
                "Problem": {
                    "description": "Why the request was refused (RFC 9457).",
                    "content": {"application/problem+json": {"schema": problem}},
                },
            },
        },
    })
}

const ABOUT: &str = "What the command line does, and what a console stands on. Every answer has an \
    X-Request-Id; every refusal is a problem (RFC 9457). Whoever asks does what his roles permit, and \
    every change, and every refusal by a rule, stands in the audit log.";
const TOKEN: &str =
    "A token that `jackfield api-token create` made, for the scopes that it was given.";
const PASSWORD: &str = "A person's name and password, over TLS.";

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// Of what is answered, where empty members are left out, and of what is asked.
struct Schemas {
    answers: SchemaGenerator,
    requests: SchemaGenerator,
}

impl Schemas {
    /// What both ask for, under one name; what may be said of it is what is said.
    fn definitions(mut self) -> Map<String, Json> {
        let mut all: Map<String, Json> = self.answers.take_definitions(true).into_iter().collect();
        all.extend(self.requests.take_definitions(true));
        all
    }
}

fn describe(operation: &Operation, schemas: &mut Schemas) -> Json {
    let mut described = Map::new();
    let mut put = |name: &str, value: Json| drop(described.insert(name.to_owned(), value));
    put("operationId", operation.id.into());
    put("summary", operation.summary.into());
    put("tags", json!([tag(operation.path)]));
    put(
        "parameters",
        parameters(operation, &mut schemas.requests).into(),
    );
    put("responses", responses(operation, &mut schemas.answers));
    if let Some(scope) = operation.scope {
        let about = format!("Takes a token with the scope `{}`.", scope.name());
        put("description", about.into());
    }
    if let Some((body, media)) = operation.body {
        let schema = body(&mut schemas.requests);
        let content = json!({media.name(): {"schema": schema}});
        put("requestBody", json!({"required": true, "content": content}));
    }
    described.into()
}

/// The first part of the path.
fn tag(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

fn parameters(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<Json> {
    let in_path = |name: &str, about: &str| {
        json!({
            "name": name, "in": "path", "required": true, "description": about,
            "schema": {"type": "string"},
        })
    };
    let mut all = vec![in_path("tenant", "The tenant's name.")];
    for part in operation.path.split('/') {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        match name {
            Some(name @ ("id" | "credential")) => all.push(in_path(name, "The identity.")),
            Some(name) => all.push(in_path(name, "The key.")),
            None => {}
        }
    }
    if let Some(query) = operation.query {
        all.extend(in_query(query(generator)));
    }
    if operation.is_versioned {
        let (name, about) = match operation.method {
            Method::Get => ("If-None-Match", "The `ETag` of what the client has."),
            _ => ("If-Match", "The `ETag` of what the client changes."),
        };
        all.push(json!({
            "name": name, "in": "header", "description": about, "schema": {"type": "string"},
        }));
    }
    all
}

/// Each member of an object as a parameter.
fn in_query(schema: schemars::Schema) -> Vec<Json> {
    let mut schema = schema.to_value();
    let members = schema.get_mut("properties").map(Json::take);
    let members = members.as_ref().and_then(Json::as_object);
    let one = |(name, schema): (&String, &Json)| {
        let mut schema = schema.clone();
        let about = schema
            .as_object_mut()
            .and_then(|it| it.remove("description"));
        json!({"name": name, "in": "query", "description": about, "schema": schema})
    };
    members.into_iter().flatten().map(one).collect()
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Json {
    let (status, body) = operation.answer;
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|it| it.canonical_reason());
    let mut done = Map::new();
    done.insert("description".to_owned(), reason.unwrap_or_default().into());
    if let Some(body) = body {
        let schema = body(generator);
        let content = json!({Media::Json.name(): {"schema": schema}});
        done.insert("content".to_owned(), content);
    }
    if operation.is_versioned && operation.method != Method::Delete {
        let about = "The version, for If-Match and If-None-Match.";
        let headers = json!({"ETag": {"description": about, "schema": {"type": "string"}}});
        done.insert("headers".to_owned(), headers);
    }
    json!({
        status.to_string(): done,
        "default": {"$ref": "#/components/responses/Problem"},
    })
}
