//! The router on a gateway, and clients of it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use axum::{Extension, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::BodyExt as _;
use jackfield_api::{Options, OverTls, PeerAddr};
use jackfield_gateway::api_token::{ActsAs, NewApiToken};
use jackfield_gateway::testing::TestGateway;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

/// Passwords that satisfy every policy.
pub(crate) const PASSWORD: &str = "Correct-Horse-9";

pub(crate) struct Server {
    pub(crate) gateway: TestGateway,
    router: Router,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Json,
}

/// A client of a tenant: with a token, or with a name and password.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    tenant: String,
    credentials: Option<String>,
    secure: bool,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let gateway = TestGateway::start().await.unwrap();
        let options = Options {
            base_url: "https://pbx.example".to_owned(),
            max_body_bytes: 1 << 20,
        };
        Self {
            router: jackfield_api::router(gateway.gateway.clone(), options),
            gateway,
        }
    }

    /// A client of `acme` that may do what the operator may.
    pub(crate) async fn all(&self) -> Client {
        self.client("acme", Some(ActsAs::Operator), &ALL).await
    }

    /// A client with a token of a new account.
    pub(crate) async fn client(
        &self,
        tenant: &str,
        acts_as: Option<ActsAs<'_>>,
        scopes: &[&str],
    ) -> Client {
        let operator = self.gateway.operator(tenant).unwrap();
        let name = format!("account {}", operator.read().unwrap().api_tokens().len());
        let account = operator.ensure_api_account(&name, acts_as).await.unwrap();
        let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let new = NewApiToken {
            scopes: &scopes,
            ..NewApiToken::default()
        };
        let made = operator.make_api_token(account, new).await.unwrap();
        self.with(tenant, Some(format!("Bearer {}", *made.text)))
    }

    /// A client with this `Authorization`.
    pub(crate) fn with(&self, tenant: &str, credentials: Option<String>) -> Client {
        Client {
            router: self.router.clone(),
            tenant: tenant.to_owned(),
            credentials,
            secure: true,
        }
    }

    /// A person of `acme`, who has [`PASSWORD`].
    pub(crate) fn person(&self, name: &str) -> Client {
        let pair = BASE64.encode(format!("{name}:{PASSWORD}"));
        self.with("acme", Some(format!("Basic {pair}")))
    }

    /// The same, whose password is no temporary one any more, though the same.
    pub(crate) async fn settled(&self, name: &str) -> Client {
        let person = self.person(name);
        let own = json!({"password": PASSWORD});
        person.put("/me/password", own).await.expect(204);
        person
    }
}

pub(crate) const ALL: [&str; 7] = [
    "check",
    "users:write",
    "roles:write",
    "directory:write",
    "accounts:write",
    "audit:read",
    "reports:read",
];

impl Client {
    /// The same, over a network in the clear.
    pub(crate) fn in_the_clear(self) -> Self {
        Self {
            secure: false,
            ..self
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Json) -> Answer {
        self.ask(Method::PUT, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Answer {
        self.ask(Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &[], None).await
    }

    /// Makes a user with these roles, and [`PASSWORD`], a temporary one; gives its path.
    pub(crate) async fn user(&self, name: &str, roles: &[&str]) -> String {
        let body = json!({"userName": name, "roles": roles, "password": PASSWORD});
        let made = self.post("/users", body).await.expect(201);
        format!("/users/{}", made["id"].as_str().unwrap())
    }

    /// Asks below the tenant, or, with a path of `//…`, anywhere.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Answer {
        let uri = match path.strip_prefix('/').filter(|rest| rest.starts_with('/')) {
            Some(elsewhere) => elsewhere.to_owned(),
            None if path.starts_with("/api/") => path.to_owned(),
            None => format!("/api/v1/{}{path}", self.tenant),
        };
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(credentials) = &self.credentials {
            request = request.header(AUTHORIZATION, credentials);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let peer: SocketAddr = "192.0.2.1:50000".parse().unwrap();
        let router = self.router.clone();
        let router = router
            .layer(Extension(PeerAddr(peer)))
            .layer(Extension(OverTls(self.secure)));
        let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or(Json::Null),
        }
    }
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Json {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// The detail of a problem that must be of this kind.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, kind: &str) -> String {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let body = self.expect(status);
        assert_eq!(body["type"], format!("urn:jackfield:problem:{kind}"));
        assert_eq!(body["status"], status);
        assert!(body["title"].is_string());
        body["detail"].as_str().unwrap().to_owned()
    }
}
