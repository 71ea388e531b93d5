//! Who the client is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who the client is, and what it may.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    /// The tenant.
    pub(crate) tenant: String,
    /// What kind of principal: `person` or `service`.
    pub(crate) kind: &'static str,
    /// The identity.
    pub(crate) id: String,
    /// The name to log in by.
    pub(crate) name: String,
    /// The scopes of the token.
    pub(crate) scopes: Vec<&'static str>,
    /// The keys of a person's roles.
    pub(crate) roles: Vec<String>,
    /// What a person may do in the phone system.
    pub(crate) permissions: Vec<String>,
    /// Whether the password must be changed before anything else.
    #[serde(rename = "mustChangePassword")]
    pub(crate) must_change_password: bool,
}

/// A person's own new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    /// The new password.
    pub(crate) password: String,
}
