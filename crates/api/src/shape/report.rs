//! Reports.

use schemars::JsonSchema;
use serde::Serialize;

/// Something that deserves a look.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Finding {
    /// What kind of thing; stable, such as `too_few_holders` or `dormant`.
    pub(crate) kind: &'static str,
    /// The identity of the role or user.
    pub(crate) id: String,
    /// The role's title or the user's name.
    pub(crate) subject: String,
    /// What there is to say.
    pub(crate) text: String,
}
