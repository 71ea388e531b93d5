//! Desks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch::Patch;
use super::record::Named;

/// A desk.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Desk {
    /// The identity.
    pub(crate) id: String,
    /// The name, unique in the tenant.
    pub(crate) display_name: String,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The users who are assigned to it; they are where they are changed.
    pub(crate) users: Vec<Named>,
    /// When it was made.
    pub(crate) created: String,
    /// When it was last changed.
    pub(crate) modified: String,
}

/// What is said of a desk: of a new one, or, as a merge patch (RFC 7396), of one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct DeskBody {
    /// The name, unique in the tenant. A new desk needs one.
    pub(crate) display_name: Patch<String>,
    /// A description.
    pub(crate) description: Patch<String>,
}
