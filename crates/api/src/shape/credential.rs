//! What accounts, connections and users log in by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A credential, as far as it is shown: never its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    /// The identity, by which it is revoked.
    pub(crate) id: String,
    /// What it is: `token`, `secret` (a password, or a certificate) or `trust`.
    pub(crate) kind: &'static str,
    /// What the operator calls it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) label: String,
    /// What it may be used for, where it is a connection's or a token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<&'static str>,
    /// The highest role that it lets a connection give, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ceiling: Option<String>,
    /// The networks that it may be used from; any if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) networks: Vec<String>,
    /// When it was made.
    pub(crate) created: String,
    /// When it ends; absent if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used: Option<String>,
}

/// A credential that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MadeCredential {
    #[serde(flatten)]
    pub(crate) credential: Credential,
    /// The token or secret, which is shown this once; absent for trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// A new credential.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCredential {
    /// What it is.
    pub(crate) kind: NewKind,
    /// What you call it.
    #[serde(default)]
    pub(crate) label: String,
    /// What it may be used for. Of a service account's or user's token one at least, such as
    /// `users:read`; of a connection `read`, `users`, `groups` and `roles`, and all of them if there is none.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The highest role that it lets a connection give, below the connection's own ceiling.
    #[serde(default)]
    pub(crate) ceiling: Option<String>,
    /// The networks that it may be used from, such as 192.0.2.0/24; any if there is none.
    #[serde(default)]
    pub(crate) networks: Vec<String>,
    /// When it ends, such as 2027-11-22T00:00:00Z; never if it is not said.
    #[serde(default)]
    pub(crate) expires: Option<String>,
    /// For `trust`: whom to trust.
    #[serde(default)]
    pub(crate) trust: Option<NewTrust>,
}

/// What credentials there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NewKind {
    /// A bearer token: of a connection for SCIM, of a service account or user for this API.
    Token,
    /// The password of a device or service account over LDAP, or a connection's secret at the token
    /// endpoint.
    Secret,
    /// A connection's assertions, which somebody signs, in place of a secret.
    Trust,
}

/// Whose signed assertions (RFC 7523 §2.2) prove who a connection is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTrust {
    /// Who signs: the claim `iss`; the client id if it is not said.
    #[serde(default)]
    pub(crate) issuer: Option<String>,
    /// About whom: the claim `sub`; the client id if it is not said.
    #[serde(default)]
    pub(crate) subject: Option<String>,
    /// For whom: one of these must be in the claim `aud`; this server's own names if there is none.
    #[serde(default)]
    pub(crate) audiences: Vec<String>,
    /// The public keys of whoever signs, as a JWK set (RFC 7517 §5), or `jwksUrl`.
    #[serde(default)]
    pub(crate) jwks: Option<Map<String, Json>>,
    /// Where the public keys are published.
    #[serde(default)]
    pub(crate) jwks_url: Option<String>,
}
