//! What the authorization server can do (RFC 8414).

use axum::Json;
use axum::extract::State;
use jackfield_gateway::access::{Scope, Scopes};
use jackfield_gateway::issue::WHOLE_SCOPE;
use serde_json::{Value, json};

use super::TOKEN_PATH;
use crate::Api;

pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

/// Where the metadata of an issuer are: its path goes behind the well-known one (RFC 8414 §3.1).
pub(super) fn path(issuer: &str) -> String {
    let behind_scheme = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let path = behind_scheme
        .find('/')
        .map(|at| behind_scheme.split_at(at).1);
    format!("{WELL_KNOWN}{}", path.unwrap_or_default())
}

pub(super) async fn metadata(State(api): State<Api>) -> Json<Value> {
    let issuer = &api.options.base_url;
    let scopes = Scopes::ALL.iter().map(Scope::name);
    let scopes: Vec<&str> = [WHOLE_SCOPE].into_iter().chain(scopes).collect();
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "scopes_supported": scopes,
        // Nobody is sent to a page of ours.
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported":
            jackfield_gateway::issue::SIGNING_ALGORITHMS,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_s_path_goes_behind_the_well_known_one() {
        for (issuer, expected) in [
            ("https://pbx.example.com", WELL_KNOWN.to_owned()),
            ("http://127.0.0.1:8080", WELL_KNOWN.to_owned()),
            ("https://example.com/pbx/a", format!("{WELL_KNOWN}/pbx/a")),
        ] {
            assert_eq!(path(issuer), expected);
        }
    }
}
