//! `[scim_log]`: how much is kept of what SCIM connections ask for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much is kept of what SCIM connections ask for, for `jackfield scim log`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScimLog {
    /// How many requests of each connection; none at all if 0.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub requests: u32,
    /// How many bytes of each connection's requests.
    #[schemars(range(min = 0, max = 1_099_511_627_776_i64))]
    pub bytes: u64,
    /// After how many days they are dropped.
    #[schemars(range(min = 1, max = 3650))]
    pub days: u32,
    /// The longest body of a request that is kept, in bytes.
    #[schemars(range(min = 0, max = 16_777_216))]
    pub body_bytes: usize,
}

impl Default for ScimLog {
    fn default() -> Self {
        Self {
            requests: 10_000,
            bytes: 64 * 1024 * 1024,
            days: 7,
            body_bytes: 128 * 1024,
        }
    }
}
