//! `POST /oauth2/token` (RFC 6749 §4.4.2).

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jackfield_gateway::{Proof, TokenRequest};
use jackfield_model::Origin;
use serde_json::json;
use smol_str::SmolStr;

use super::TOKEN_PATH;
use super::client::{Parameters, basic};
use super::error::{Error, no_store};
use crate::{Api, PeerAddr};

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) async fn token(
    State(api): State<Api>,
    peer: Option<Extension<PeerAddr>>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Error> {
    let Form(parameters) = form.map_err(|_| Error::Request("the form cannot be read"))?;
    let parameters = Parameters(parameters);
    if parameters.is_repeated() {
        return Err(Error::Request("a parameter is there more than once"));
    }
    match parameters.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Error::GrantType),
        None => return Err(Error::Request("grant_type is missing")),
    }
    let basic = basic(&headers)?;
    let basic = basic
        .as_ref()
        .map(|(id, secret)| (id.as_str(), secret.as_str()));
    let (client, proof) = proof(basic, &parameters)?;
    let issuer = &api.options.base_url;
    let endpoint = format!("{issuer}{TOKEN_PATH}");
    let issued = api
        .gateway
        .issue_token(TokenRequest {
            client,
            proof,
            scope: parameters.get("scope"),
            audiences: &[&endpoint, issuer],
            origin: Origin {
                protocol: SmolStr::new_static("oauth2"),
                address: peer.map(|Extension(PeerAddr(address))| address.ip()),
            },
        })
        .await?;
    let body = json!({
        "access_token": *issued.token,
        "token_type": "Bearer",
        "expires_in": issued.lifetime_seconds,
        "scope": issued.scopes.to_string(),
    });
    Ok((no_store(), Json(body)).into_response())
}

/// Who the client says it is, and how it proves that: in one way, not in several.
fn proof<'p>(
    basic: Option<(&'p str, &'p str)>,
    parameters: &'p Parameters,
) -> Result<(Option<&'p str>, Proof<'p>), Error> {
    let client = parameters.get("client_id");
    let secret = parameters.get("client_secret");
    let assertion = parameters.get("client_assertion");
    match (basic, secret, assertion) {
        (Some((id, secret)), None, None) if client.is_none_or(|client| client == id) => {
            Ok((Some(id), Proof::Secret(secret)))
        }
        (None, Some(secret), None) => Ok((client, Proof::Secret(secret))),
        (None, None, Some(assertion)) => match parameters.get("client_assertion_type") {
            Some(JWT_BEARER) => Ok((client, Proof::Assertion(assertion))),
            _ => Err(Error::Request("client_assertion_type is not jwt-bearer")),
        },
        (None, None, None) => Err(jackfield_gateway::Error::LoginRequired.into()),
        _ => Err(Error::Request("the client is named in several ways")),
    }
}
