//! `[limits]`: what clients may use up.

use std::num::NonZero;
use std::thread;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What clients may use up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How many connections each listener keeps open.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections: usize,
    /// How many of them may come from one IP address.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_source: usize,
    /// The longest LDAP message that is read, in bytes.
    #[schemars(range(min = 1024, max = 67_108_864))]
    pub message_bytes: usize,
    /// The longest body of an HTTP request that is read, in bytes.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub body_bytes: usize,
    /// The most entries that one LDAP search returns.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub search_entries: usize,
    /// The longest that one search takes, in seconds.
    #[schemars(range(min = 1, max = 3600))]
    pub search_seconds: u32,
    /// How many operations of one LDAP connection run at a time; further ones wait.
    #[schemars(range(min = 1, max = 1024))]
    pub operations_per_connection: usize,
    /// How many passwords are hashed at a time; half of the processors when left out.
    #[schemars(range(min = 1, max = 1024))]
    pub hash_threads: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_source: 2_000,
            message_bytes: 1024 * 1024,
            body_bytes: 16 * 1024 * 1024,
            search_entries: 10_000,
            search_seconds: 30,
            operations_per_connection: 32,
            hash_threads: None,
        }
    }
}

impl Limits {
    /// How many passwords are hashed at a time.
    pub fn hash_threads(&self) -> usize {
        let half = || thread::available_parallelism().map_or(1, NonZero::get) / 2;
        self.hash_threads.unwrap_or_else(half).max(1)
    }
}
