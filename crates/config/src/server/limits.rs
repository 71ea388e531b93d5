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
    /// How many SCIM requests a second one connection may send, in the long run; each operation of
    /// a bulk request counts. 0: as many as it likes.
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: u32,
    /// How many it may send at once after a pause, at most a minute's.
    #[schemars(range(min = 1, max = 6_000_000))]
    pub request_burst: u32,
    /// How many SCIM requests a second all connections of one tenant may send. 0: as many as they
    /// like.
    #[schemars(range(min = 0, max = 100_000))]
    pub tenant_requests_per_second: u32,
    /// How many they may send at once after a pause, at most a minute's.
    #[schemars(range(min = 1, max = 6_000_000))]
    pub tenant_request_burst: u32,
    /// How many requests a minute with wrong tokens or client secrets are answered from one IPv4
    /// address or IPv6 network of 64 bits; further ones are told to wait. 0: all of them.
    #[schemars(range(min = 0, max = 100_000))]
    pub wrong_tokens_per_minute: u32,
    /// How many wrong passwords of one account from one IPv4 address, or one IPv6 prefix of 64 bits,
    /// lock the account for that network, and for it only. 0: any number is answered.
    #[schemars(range(min = 0, max = 100_000))]
    pub wrong_passwords: u32,
    /// Within how many seconds they come; a right one begins the count anew.
    #[schemars(range(min = 1, max = 86_400))]
    pub wrong_passwords_seconds: u32,
    /// For how many seconds the account is locked then, for the right password too.
    #[schemars(range(min = 1, max = 86_400))]
    pub lockout_seconds: u32,
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
            requests_per_second: 200,
            request_burst: 1_000,
            tenant_requests_per_second: 1_000,
            tenant_request_burst: 5_000,
            wrong_tokens_per_minute: 60,
            wrong_passwords: 10,
            wrong_passwords_seconds: 300,
            lockout_seconds: 300,
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
