//! A SCIM client that shows status, headers and body.

use anyhow::Result;
use reqwest::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::home::ScimAccess;

/// A provisioning client.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null if there is none, a string if it is no JSON.
    pub body: Value,
}

impl Client {
    /// With this access.
    pub fn new(access: &ScimAccess) -> Self {
        Self::with_token(&access.url, &access.token)
    }

    /// With any token.
    pub fn with_token(url: &str, token: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// A request that the caller completes; `path` begins with a slash.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET with a filter.
    pub async fn find(&self, path: &str, filter: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path).query(&[("filter", filter)]))
            .await
    }

    /// GET, if it is not this version.
    pub async fn get_unless(&self, path: &str, version: &str) -> Result<Answer> {
        self.send(
            self.request(Method::GET, path)
                .header(IF_NONE_MATCH, version),
        )
        .await
    }

    /// POST, as SCIM.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.with_body(Method::POST, path, body).await
    }

    /// PUT, as SCIM.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.with_body(Method::PUT, path, body).await
    }

    /// PATCH with these operations.
    pub async fn patch(&self, path: &str, operations: Value) -> Result<Answer> {
        self.with_body(Method::PATCH, path, &patch_body(&operations))
            .await
    }

    /// PATCH, if it is still this version.
    pub async fn patch_if(&self, path: &str, version: &str, operations: Value) -> Result<Answer> {
        let request = self.request(Method::PATCH, path).header(IF_MATCH, version);
        self.send(scim(request, &patch_body(&operations))).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::DELETE, path)).await
    }

    async fn with_body(&self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        self.send(scim(self.request(method, path), body)).await
    }
}

fn scim(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request
        .header("content-type", "application/scim+json")
        .body(body.to_string())
}

fn patch_body(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

impl Answer {
    /// Asserts the status, and gives the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// Asserts that it is a complete SCIM error (RFC 7644 §3.12), and gives its `scimType`.
    #[track_caller]
    pub fn expect_error(self, status: u16) -> Option<String> {
        assert_eq!(self.status, status, "{:#}", self.body);
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
        assert_eq!(self.body["schemas"], schemas, "{:#}", self.body);
        assert_eq!(
            self.body["status"],
            json!(status.to_string()),
            "{:#}",
            self.body
        );
        assert!(
            self.body["detail"].as_str().is_some_and(|d| !d.is_empty()),
            "{:#}",
            self.body
        );
        let kind = self
            .headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok());
        assert!(
            kind.is_some_and(|kind| kind.starts_with("application/scim+json")),
            "{kind:?}"
        );
        self.body["scimType"].as_str().map(str::to_owned)
    }

    /// A header, as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }
}

/// A user of this name with what most identity providers send.
pub fn user(name: &str, given: &str, family: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": {"givenName": given, "familyName": family, "formatted": format!("{given} {family}")},
        "displayName": format!("{given} {family}"),
        "emails": [{"value": name, "type": "work", "primary": true}],
        "active": true,
    })
}

/// The `id` of a resource.
#[track_caller]
pub fn id(resource: &Value) -> String {
    resource["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {resource:#}"))
        .to_owned()
}
