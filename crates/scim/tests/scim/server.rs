//! The endpoints of a gateway that lives as long as the test.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{Extensions, HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use jackfield_gateway::Session;
use jackfield_gateway::testing::TestGateway;
use jackfield_scim::{Options, OverTls, Scim};
use serde_json::{Value as Json, json};

pub const BASE: &str = "https://pbx.example.com/scim/acme/v2";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const PBX_USER: &str = "urn:ietf:params:scim:schemas:extension:pbx:2.0:User";
pub const PBX_GROUP: &str = "urn:ietf:params:scim:schemas:extension:pbx:2.0:Group";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub struct Server {
    pub gateway: TestGateway,
    pub token: String,
    scim: Scim,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Json,
    pub extensions: Extensions,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let gateway = TestGateway::start().await.unwrap();
        let token = gateway.connection("acme", "idp").await.unwrap().token;
        let scim = Scim::new(gateway.gateway.clone(), options);
        Self {
            gateway,
            token,
            scim,
        }
    }

    /// A request as the connection of `acme`, below its base.
    pub async fn send(&self, method: &str, path: &str, body: Option<Json>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    pub async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<Json>,
        headers: &[(HeaderName, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/acme/v2{path}"))
            .header(HOST, "pbx.example.com")
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .extension(OverTls(true));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header(CONTENT_TYPE, "application/scim+json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.raw(request.body(body).unwrap()).await
    }

    /// As the operator, without the endpoints.
    pub fn session(&self) -> Session {
        self.gateway.operator("acme").unwrap()
    }

    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.scim.answer(request).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.respond(request).await;
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Json::Null);
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
            body,
            extensions: parts.extensions,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn patch(&self, path: &str, operations: Json) -> Answer {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        self.send("PATCH", path, Some(body)).await
    }

    /// The answer to a query with this filter.
    pub async fn find(&self, endpoint: &str, filter: &str) -> Answer {
        self.get(&format!("{endpoint}?filter={}", encoded(filter)))
            .await
    }

    /// Makes a user; gives its id.
    pub async fn user(&self, name: &str) -> String {
        self.post("/Users", json!({"userName": name}))
            .await
            .expect(201)
            .id()
    }

    /// Makes a group with these members; gives its id.
    pub async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Json> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"displayName": name, "members": members});
        self.post("/Groups", body).await.expect(201).id()
    }
}

impl Answer {
    /// The answer, if it has this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Checks that it is a SCIM error with this status and type.
    pub fn refused(self, status: u16, scim_type: Option<&str>) -> Self {
        let answer = self.expect(status);
        assert_eq!(
            answer.body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(answer.body["status"], json!(status.to_string()));
        assert!(
            answer.body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
        assert_eq!(
            answer.body.get("scimType").and_then(Json::as_str),
            scim_type,
            "{}",
            answer.text
        );
        assert_eq!(answer.headers[CONTENT_TYPE], "application/scim+json");
        answer
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The values at this key of the resources of a list.
    pub fn listed(&self, key: &str) -> Vec<&str> {
        let resources = self.body["Resources"].as_array().unwrap();
        resources
            .iter()
            .map(|resource| resource[key].as_str().unwrap_or_default())
            .collect()
    }
}

/// Percent-encoded for a query.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() {
            all.push(char::from(byte));
        } else {
            write!(all, "%{byte:02X}").unwrap();
        }
        all
    })
}
