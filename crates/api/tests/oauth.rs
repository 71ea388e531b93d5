//! The token endpoint and its metadata, over HTTP (RFC 6749 §4.4 and §5.2, RFC 8414).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::BodyExt as _;
use jackfield_api::Options;
use jackfield_gateway::administer::NewCredential;
use jackfield_gateway::testing::TestGateway;
use jackfield_model::Origin;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

struct Server {
    gateway: TestGateway,
    router: Router,
    client: String,
    secret: String,
}

impl Server {
    async fn start(base_url: &str) -> Self {
        let gateway = TestGateway::start().await.unwrap();
        let options = Options {
            base_url: base_url.to_owned(),
            max_body_bytes: 1 << 20,
        };
        let connection = gateway.connection("acme", "entra").await.unwrap().id;
        let operator = gateway.operator("acme").unwrap();
        let scopes = ["users".to_owned(), "groups".to_owned()];
        let new = NewCredential {
            scopes: &scopes,
            ..NewCredential::default()
        };
        let made = operator.make_client_secret(connection, new).await.unwrap();
        Self {
            router: jackfield_api::router(gateway.gateway.clone(), options),
            gateway,
            client: format!("acme.{connection}"),
            secret: made.text.to_string(),
        }
    }

    async fn ask(&self, request: Request<Body>) -> (u16, HeaderMap, Json) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or(Json::Null);
        (parts.status.as_u16(), parts.headers, body)
    }

    /// Asks for a token with these parameters.
    async fn token(
        &self,
        basic: Option<(&str, &str)>,
        parameters: &[(&str, &str)],
    ) -> (u16, HeaderMap, Json) {
        let pairs = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let mut request = Request::post("/oauth2/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some((id, secret)) = basic {
            let pair = BASE64.encode(format!("{id}:{secret}"));
            request = request.header(AUTHORIZATION, format!("Basic {pair}"));
        }
        let body = pairs.collect::<Vec<_>>().join("&");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a_client_gets_a_token_by_its_secret_in_the_header_or_in_the_form() {
    let server = Server::start("https://pbx.example").await;
    let (id, secret) = (&*server.client, &*server.secret);
    let own = [("client_id", id), ("client_secret", secret)];
    for (basic, parameters) in [
        (Some((id, secret)), vec![GRANT]),
        (Some((id, secret)), vec![GRANT, ("client_id", id)]),
        (None, [&[GRANT][..], &own].concat()),
        (
            None,
            [&[GRANT, ("scope", "scim"), ("other", "x")][..], &own].concat(),
        ),
    ] {
        let (status, headers, body) = server.token(basic, &parameters).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["pragma"], "no-cache");
        assert_eq!(headers[CONTENT_TYPE], "application/json");
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 3_600);
        assert_eq!(body["scope"], "users groups");
        let token = body["access_token"].as_str().unwrap();
        let gateway = &server.gateway.gateway;
        let session = gateway.authenticate_bearer("acme", token, Origin::local("scim"));
        session.await.unwrap().read().unwrap();
    }
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let server = Server::start("https://pbx.example").await;
    let (id, secret) = (&*server.client, &*server.secret);
    let right = Some((id, secret));
    let assertion = ("client_assertion", "a.b.c");
    let jwt = (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    );
    for (basic, parameters, status, code) in [
        (right, vec![], 400, "invalid_request"),
        (right, vec![("grant_type", "")], 400, "invalid_request"),
        (
            right,
            vec![("grant_type", "password")],
            400,
            "unsupported_grant_type",
        ),
        (right, vec![GRANT, GRANT], 400, "invalid_request"),
        (right, vec![GRANT, ("scope", "admin")], 400, "invalid_scope"),
        (right, vec![GRANT, ("scope", "roles")], 400, "invalid_scope"),
        (
            right,
            vec![GRANT, ("client_id", "acme.x")],
            400,
            "invalid_request",
        ),
        (
            right,
            vec![GRANT, ("client_secret", secret)],
            400,
            "invalid_request",
        ),
        (right, vec![GRANT, jwt, assertion], 400, "invalid_request"),
        (Some((id, "wrong")), vec![GRANT], 401, "invalid_client"),
        (
            Some(("nowhere.x", secret)),
            vec![GRANT],
            401,
            "invalid_client",
        ),
        (None, vec![GRANT], 401, "invalid_client"),
        (None, vec![GRANT, ("client_id", id)], 401, "invalid_client"),
        (
            None,
            vec![GRANT, ("client_secret", secret)],
            401,
            "invalid_client",
        ),
        (None, vec![GRANT, jwt, assertion], 401, "invalid_client"),
        (None, vec![GRANT, assertion], 400, "invalid_request"),
    ] {
        let (found, headers, body) = server.token(basic, &parameters).await;
        assert_eq!(
            (found, &body["error"]),
            (status, &json!(code)),
            "{parameters:?}"
        );
        assert!(body["error_description"].is_string(), "{body}");
        assert_eq!(headers["cache-control"], "no-store");
        let is_challenged = headers
            .get("www-authenticate")
            .is_some_and(|scheme| scheme.to_str().unwrap().starts_with("Basic"));
        assert_eq!(is_challenged, status == 401, "{parameters:?}");
        assert!(!body.to_string().contains(secret), "no secret comes back");
    }
}

#[tokio::test]
async fn what_is_no_form_is_a_request_that_cannot_be_read() {
    let server = Server::start("https://pbx.example").await;
    let long = "x".repeat(100 << 10);
    for (media_type, body) in [
        (
            "application/json",
            r#"{"grant_type": "client_credentials"}"#,
        ),
        ("application/x-www-form-urlencoded", &*long),
        ("", "grant_type=client_credentials"),
    ] {
        let request = Request::post("/oauth2/token").header(CONTENT_TYPE, media_type);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (status, _, body) = server.ask(request).await;
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_request")),
            "{media_type}"
        );
    }
    let get = Request::get("/oauth2/token").body(Body::empty()).unwrap();
    assert_eq!(server.ask(get).await.0, 405);
}

#[tokio::test]
async fn the_metadata_say_what_is_served_under_the_issuer_s_own_url() {
    const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
    for (issuer, paths) in [
        (
            "https://pbx.example",
            [WELL_KNOWN.to_owned(), WELL_KNOWN.to_owned()],
        ),
        (
            "https://example.com/pbx",
            [WELL_KNOWN.to_owned(), format!("{WELL_KNOWN}/pbx")],
        ),
    ] {
        let server = Server::start(issuer).await;
        for path in paths {
            // What a request says of the host is not believed.
            let request = Request::get(&path).header("host", "evil.example");
            let (status, _, body) = server.ask(request.body(Body::empty()).unwrap()).await;
            assert_eq!(status, 200, "{path}");
            assert_eq!(body["issuer"], issuer);
            assert_eq!(body["token_endpoint"], format!("{issuer}/oauth2/token"));
            assert_eq!(body["grant_types_supported"], json!(["client_credentials"]));
            assert_eq!(body["response_types_supported"], json!([]));
            let methods = json!([
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt"
            ]);
            assert_eq!(body["token_endpoint_auth_methods_supported"], methods);
            let algorithms = &body["token_endpoint_auth_signing_alg_values_supported"];
            assert_eq!(*algorithms, json!(["RS256", "PS256", "ES256", "EdDSA"]));
            let scopes = json!(["scim", "read", "users", "groups", "roles"]);
            assert_eq!(body["scopes_supported"], scopes);
        }
    }
}
