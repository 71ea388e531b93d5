//! The HTTP API: what load balancers and supervisors ask, and the token endpoint of provisioning
//! clients.
//!
//! It speaks to the gateway only, and never tells an anonymous caller which tenants there are.
//!
//! | module | holds |
//! | --- | --- |
//! | `health` | whether the process answers and is ready |
//! | `oauth` | OAuth 2: the token endpoint and its metadata |

mod health;
mod oauth;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use jackfield_gateway::Gateway;

/// The client's address: an extension of each request, put there by whoever accepted it.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// How the endpoints answer.
#[derive(Clone, Debug)]
pub struct Options {
    /// The URL under which clients reach the server, such as `https://pbx.example.com`. It is the
    /// issuer of tokens, so it is never taken from what a request says.
    pub base_url: String,
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
        .with_state(api)
}
