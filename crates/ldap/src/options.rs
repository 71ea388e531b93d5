//! How one listener behaves.

use std::sync::Arc;
use std::time::Duration;

use jackfield_model::TenantName;
use jackfield_net::tls;

/// How one listener behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tenant of bind names that name none, and the one that is shown before a bind.
    pub tenant: Option<TenantName>,
    /// The tenants that are served; all, if none is named.
    pub tenants: Vec<TenantName>,
    /// The DNS name of this machine, as far as it is known.
    pub host: Option<String>,
    /// Whether anybody may read without a bind, where the tenant allows it, too.
    pub anonymous: bool,
    /// The certificate for StartTLS; without one it is not offered.
    pub start_tls: Option<Arc<tls::Source>>,
    /// Whether passwords are taken in plain text from beyond loopback.
    pub plaintext_binds: bool,
    /// The longest message before a bind, in octets. It has room for any filter of phones: as many
    /// terms as one may have ([`Limits`](crate::wire::Limits)), of usual length.
    pub max_message_bytes_unbound: usize,
    /// The longest message after a bind, in octets.
    pub max_message_bytes: usize,
    /// How many operations of one connection may go on at once; further requests wait unread.
    pub max_operations: usize,
    /// From how many records to look at a search is kept off the threads that serve connections.
    pub long_search: usize,
    /// The most entries that one search returns.
    pub max_entries: usize,
    /// The longest that one search may take.
    pub max_search_time: Duration,
    /// After how long without a request a connection is closed.
    pub idle_timeout: Duration,
    /// How long a message may take to come once it has begun.
    pub message_timeout: Duration,
    /// How long a client may take nothing of what waits for it before its connection is closed.
    pub write_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tenant: None,
            tenants: Vec::new(),
            host: None,
            anonymous: true,
            start_tls: None,
            plaintext_binds: false,
            max_message_bytes_unbound: 32 * 1024,
            max_message_bytes: 4 * 1024 * 1024,
            max_operations: 32,
            long_search: 5_000,
            max_entries: 1_000_000,
            max_search_time: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(15),
            message_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
        }
    }
}

impl Options {
    /// How long a search may take whose client gives it so many seconds, or 0 for as many as it takes
    /// (RFC 4511 §4.5.1.5).
    pub(crate) fn search_time(&self, asked_seconds: u32) -> Duration {
        match asked_seconds {
            0 => self.max_search_time,
            seconds => self
                .max_search_time
                .min(Duration::from_secs(seconds.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_ends_by_the_clients_time_or_the_servers() {
        let options = Options::default();
        for (asked, seconds) in [(0, 60), (1, 1), (59, 59), (61, 60), (u32::MAX, 60)] {
            let permitted = options.search_time(asked);
            assert_eq!(permitted, Duration::from_secs(seconds), "{asked}");
        }
    }
}
