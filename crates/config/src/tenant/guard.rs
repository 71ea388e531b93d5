//! `[guard]`: when a connection is held that disables or deletes its users.

use jackfield_model::Guard;
use schemars::JsonSchema;
use serde::Deserialize;

/// A connection whose active users would fall by more than this is held until an operator releases
/// it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardTable {
    /// The share of the connection's active users, in percent; 100 never holds.
    #[serde(default = "share")]
    #[schemars(range(min = 1, max = 100))]
    share: u8,
    /// How many users it is at least, whatever their share.
    #[serde(default = "minimum")]
    #[schemars(range(min = 1))]
    minimum: u32,
    /// Within how many minutes.
    #[serde(default = "within_minutes")]
    #[schemars(range(min = 1, max = 10_080))]
    within_minutes: u32,
}

fn share() -> u8 {
    Guard::default().share
}

fn minimum() -> u32 {
    Guard::default().minimum
}

fn within_minutes() -> u32 {
    Guard::default().within / 60
}

impl From<GuardTable> for Guard {
    fn from(table: GuardTable) -> Self {
        Self {
            share: table.share,
            minimum: table.minimum,
            within: table.within_minutes.saturating_mul(60),
        }
    }
}
