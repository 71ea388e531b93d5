//! The HTTP API: `/api/v1/{tenant}` for programs and consoles, what load balancers and supervisors
//! ask, and the token endpoint of provisioning clients.
//!
//! It speaks to the gateway only, and never tells an anonymous caller which tenants there are.
//!
//! | module | holds |
//! | --- | --- |
//! | `v1` | the endpoints of the API, one operation a file |
//! | `endpoint`, `openapi` | what an endpoint is, said once for router and document |
//! | `call`, `body`, `page`, `version`, `request_id` | what requests and answers have in common |
//! | `shape` | bodies, queries and answers, as types |
//! | `error` | problem details: what a refusal is told as |
//! | `counted`, [`metrics`] | what is counted of each operation; all that is counted, for who watches |
//! | `health` | whether the process answers and is ready |
//! | `oauth` | OAuth 2: the token endpoint and its metadata |

mod body;
mod call;
mod counted;
mod endpoint;
mod error;
mod health;
pub mod metrics;
mod oauth;
mod openapi;
mod page;
mod request_id;
mod shape;
mod v1;
mod version;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use jackfield_gateway::Gateway;

pub use shape::audit::AuditEntry;

/// The client's address: an extension of each request, put there by whoever accepted it.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// Whether the request came over TLS: an extension of each request, like [`PeerAddr`]. Without
/// it, the answer is no.
#[derive(Clone, Copy, Debug)]
pub struct OverTls(pub bool);

/// How the endpoints answer.
#[derive(Clone, Debug)]
pub struct Options {
    /// The URL under which clients reach the server, such as `https://pbx.example.com`. It is the
    /// issuer of tokens, so it is never taken from what a request says.
    pub base_url: String,
    /// The longest body that is read, in bytes.
    pub max_body_bytes: usize,
}

/// What the endpoints work with. Cloning gives another handle to the same.
#[derive(Clone)]
struct Api {
    gateway: Gateway,
    options: Arc<Options>,
}

/// Every path of the API.
pub fn router(gateway: Gateway, options: Options) -> Router {
    let api = Api {
        gateway,
        options: Arc::new(options),
    };
    Router::new()
        .merge(health::router())
        .merge(oauth::router(&api))
        .merge(v1::router(&api))
        .with_state(api)
}

/// The OpenAPI document of `/api/v1`, as it is served there.
pub fn openapi_document() -> serde_json::Value {
    openapi::document(&v1::endpoints())
}
