//! SCIM 2.0 over HTTP: `/scim/{tenant}/v2` (RFC 7643, RFC 7644).
//!
//! A request is decoded against the schema registry, repaired where an identity provider is known
//! to send something else than it means (`normalise`), made into one command or query of the
//! gateway, and the answer is projected back. This crate holds no data and decides nothing: it
//! must never answer as understood what it did not understand, never answer 5xx to what a client
//! sent, and never let out what the gateway's reader does not show.
//!
//! | module | holds |
//! | --- | --- |
//! | `routes` | which request goes where |
//! | `create`, `get`, `search`, `replace`, `patch`, `delete`, `bulk`, `discovery`, `me` | one operation each |
//! | `call`, `body`, `head` | what comes with every request: login, address, parameters, body, and how long it may be |
//! | `answer`, `error` | what goes back; statuses and `scimType`s |
//! | `exchange` | what is told of each request, for operators to read |
//! | [`replay`] | asking again what was asked before |
//! | `counted` | what is counted of each operation |
//! | `precondition` | `If-Match` and `If-None-Match` |
//! | `resource` | the resource types |
//! | `offered` | `/Roles` and `/Entitlements`, and what the root has of them |
//! | `dialect` | how one request is to be read: the tenant's attributes, the kind's repairs |
//! | `name`, `token`, `filter`, `path` | attribute names, filters and PATCH paths |
//! | `decode`, `operations` | bodies into attributes and patch operations |
//! | `normalise`, `repair` | what providers send and SCIM does not know, and whose it is taken from |
//! | `project`, `json`, `select`, `written` | entries into JSON, which attributes of them, and piece by piece |
//! | `suggest` | which provider a request looks like |
//! | [`conversation`] | what providers say, as data: for the tests and for `jackfield scim probe` |
//! | `message` | the URNs of messages |
//! | `fuzzing` | what must hold of every parser, for any text |

mod answer;
mod body;
mod bulk;
mod call;
pub mod conversation;
mod counted;
mod create;
mod decode;
mod delete;
mod dialect;
mod discovery;
mod error;
mod exchange;
mod filter;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod get;
mod head;
mod json;
mod me;
mod message;
mod name;
mod normalise;
mod offered;
mod operations;
mod patch;
mod path;
mod precondition;
mod project;
mod repair;
mod replace;
pub mod replay;
mod resource;
mod routes;
mod search;
mod select;
mod suggest;
mod token;
mod written;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use jackfield_gateway::Gateway;

use self::counted::Counted;

pub use answer::MEDIA_TYPE;
pub use dialect::Repaired;

/// What the endpoints work with. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Scim(Arc<Inner>);

struct Inner {
    gateway: Gateway,
    options: Options,
    counted: Counted,
}

/// How the endpoints answer.
#[derive(Clone, Debug)]
pub struct Options {
    /// The scheme and host that clients reach the server under, such as `https://pbx.example.com`;
    /// without it, what each request says.
    pub public_url: Option<String>,
    /// The longest body that is read, in bytes. A group of 100,000 members takes about 10 MB.
    pub max_body_bytes: usize,
    /// The most resources in one answer.
    pub max_results: usize,
    /// The most operations in one bulk.
    pub max_bulk_operations: usize,
    /// How many resources an answer has if the client does not say.
    pub default_page: usize,
    /// A PATCH of a group with more members than this is answered without a body, unless the
    /// client asks for attributes.
    pub max_answered_members: usize,
    /// The longest body that is kept for operators to read, in bytes.
    pub max_kept_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: None,
            max_body_bytes: 16 << 20,
            max_results: 1_000,
            max_bulk_operations: 1_000,
            default_page: 100,
            max_answered_members: 1_000,
            max_kept_bytes: 128 << 10,
        }
    }
}

/// The client's address: an extension of each request, put there by whoever accepted it.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// Whether the request came over TLS: an extension of each request, like [`PeerAddr`]. Without
/// it, the answer is no.
#[derive(Clone, Copy, Debug)]
pub struct OverTls(pub bool);

impl Scim {
    /// Endpoints on this gateway.
    pub fn new(gateway: Gateway, options: Options) -> Self {
        Self(Arc::new(Inner {
            counted: Counted::new(gateway.metrics()),
            gateway,
            options,
        }))
    }

    /// Answers a request for a path below `/scim`, and tells the gateway of it.
    pub async fn answer(&self, request: Request) -> Response {
        exchange::tell(self, request).await
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    pub(crate) fn counted(&self) -> &Counted {
        &self.0.counted
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }
}
