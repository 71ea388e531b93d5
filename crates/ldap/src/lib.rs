//! LDAP v3 for desk phones and telephone systems.
//!
//! [`Ldap`] speaks the protocol on the connections of one listener: requests are read off the
//! wire, searches answered by the gateway's readers, and entries written straight into the
//! connection's buffer. It never touches a record except through the gateway, never lets what one
//! client sends or leaves unread hold up another, and never ends a session without the notice
//! that is due.
//!
//! | module | holds |
//! | --- | --- |
//! | [`wire`] | octets in, requests out; results and entries in, octets out |
//! | `connection` | one connection: its loop, its operations that go on, its buffers |
//! | `client` | who is at the other end, and what that allows |
//! | `sasl` | ways to log in beside name and password |
//! | `bind`, `search`, `compare`, `extended`, `write` | one operation each |
//! | `options` | how one listener behaves |
//! | `controls`, `ended` | what comes with a request; how one ends that had to wait |
//! | `schema`, `subschema` | attribute types, object classes, matching rules; as clients read them |
//! | `filter` | filters, compiled through the schema |
//! | `selection`, `record` | which attributes are returned; entries of records |
//! | `synthetic`, `tree`, `root_dse` | entries that no record stands behind |
//! | [`ldif`], [`table`] | entries as text and in spreadsheets |
//! | [`import`], [`export`] | what records entries become, and they of records |
//! | [`explain`] | why a search finds what it finds |
//! | `counted` | what is counted of each operation |
//! | `error` | what can go wrong, and every result code |
//!
//! Specifications: RFC 4511 (protocol), RFC 4512 (models, schema, root DSE), RFC 4513
//! (authentication), RFC 4514 (names), RFC 4517 and RFC 4518 (syntaxes, matching), RFC 4519, RFC
//! 4524 and RFC 2798 (schema); RFC 2696, RFC 2891, RFC 3876, RFC 4370, RFC 4527, RFC 4528 and the
//! drafts on list views and password policy (controls); RFC 3062, RFC 3909 and RFC 4532 (extended
//! operations); RFC 3673, RFC 4526, RFC 4530, RFC 5020.

mod bind;
mod client;
mod compare;
mod connection;
mod controls;
mod counted;
mod ended;
mod error;
pub mod export;
mod extended;
mod filter;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod import;
pub mod ldif;
mod options;
mod record;
mod root_dse;
mod sasl;
mod schema;
mod search;
mod selection;
mod subschema;
mod synthetic;
pub mod table;
mod tree;
pub mod wire;
mod write;

use std::sync::Arc;

use jackfield_gateway::Gateway;
use jackfield_net::Connection;
use tokio::sync::Semaphore;

use self::counted::Counted;

pub use error::Error;
pub use options::Options;
pub use search::explain;

/// The protocol on the connections of one listener.
#[derive(Clone)]
pub struct Ldap {
    gateway: Gateway,
    options: Arc<Options>,
    counted: Arc<Counted>,
    /// Searches of many records at once: as many as there are processors.
    long_searches: Arc<Semaphore>,
}

impl Ldap {
    /// The protocol with these options, in front of the gateway.
    pub fn new(gateway: Gateway, options: Options) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            counted: Arc::new(Counted::new(gateway.metrics())),
            gateway,
            options: Arc::new(options),
            long_searches: Arc::new(Semaphore::new(processors)),
        }
    }

    /// Serves a connection, plain or under TLS already, until it ends.
    pub async fn serve_connection(&self, connection: Connection) {
        connection::serve(self, connection).await;
    }
}
