//! Extensions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch::Patch;
use super::record::Named;

/// An extension.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extension {
    /// The identity.
    pub(crate) id: String,
    /// The number, unique in the tenant.
    pub(crate) number: String,
    /// The name shown in place of the number where nobody has the extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The user who has it; users are given extensions where they are changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<Named>,
    /// When it was made.
    pub(crate) created: String,
    /// When it was last changed.
    pub(crate) modified: String,
}

/// What is said of an extension: of a new one, or, as a merge patch (RFC 7396), of one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ExtensionBody {
    /// The number, unique in the tenant. A new extension needs one.
    pub(crate) number: Patch<String>,
    /// The name shown in place of the number where nobody has the extension.
    pub(crate) display_name: Patch<String>,
    /// A description.
    pub(crate) description: Patch<String>,
}

/// A new SIP secret.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SipSecretBody {
    /// The secret, 8 to 128 characters; one is made if it is not said.
    pub(crate) secret: Option<String>,
}

/// What became of a SIP secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SipSecretSet {
    /// The secret that was made, if one was; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}
