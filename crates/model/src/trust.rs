//! Whose signed assertions prove who a provisioning client is (RFC 7523 §2.2).

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// An issuer of assertions, and what it must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The claim `iss`: the client itself, or the identity provider that vouches for it.
    pub issuer: SmolStr,
    /// The claim `sub`: the client itself, or what its identity provider calls it.
    pub subject: SmolStr,
    /// One of these must be in the claim `aud`; the server's own names, if there is none here.
    #[serde(default)]
    pub audiences: Vec<SmolStr>,
    /// The keys that the issuer signs with.
    pub keys: TrustedKeys,
}

/// The public keys of an issuer: a JWK set (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedKeys {
    /// The set itself.
    Document(String),
    /// Where it is published.
    Url(String),
}
