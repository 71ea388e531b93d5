//! What all kinds of record have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Another record.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Named {
    /// Its identity.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// Which records.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordQuery {
    /// A part of a name or number.
    pub(crate) search: Option<String>,
    /// How many items a page has at the most: 1 to 500, and 50 if it is not said.
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: Option<usize>,
    /// What the `next` of another page has; nothing for the first.
    pub(crate) cursor: Option<String>,
}
