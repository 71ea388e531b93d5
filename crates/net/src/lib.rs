//! Accepting connections: TCP, TLS, caps, time-outs and a graceful stop.
//!
//! This is the only crate that accepts sockets. It hands each accepted [`Connection`] to a handler
//! and knows nothing of what is spoken on it. It must never read a byte of the protocol above, keep
//! the accept loop waiting for one client, or let the failure of one connection reach another.
//!
//! - [`Listener`] and [`SocketOptions`]: a bound socket.
//! - [`serve`] and [`Limits`]: the accept loop, its caps, and how it stops.
//! - `admission`, `backoff`: who is let in beside those that are there; when to accept again.
//! - [`Traffic`]: what is counted of a listener's connections.
//! - `proxy`: whom a trusted proxy speaks for.
//! - [`Connection`]: one byte stream, plain or TLS, and the upgrade from one to the other.
//! - [`tls`]: certificates from files, read again when they change, and self-signed ones.
//!
//! Specifications: RFC 8446 and RFC 5246 (TLS 1.3 and 1.2), RFC 7301 (ALPN), RFC 5280
//! (certificates), RFC 5482 (TCP user timeout), the PROXY protocol 1 and 2.

mod admission;
mod backoff;
mod connection;
mod error;
#[cfg(test)]
mod harness;
mod listener;
mod proxy;
mod serve;
pub mod tls;
mod traffic;

pub use connection::Connection;
pub use error::Error;
pub use listener::{Listener, SocketOptions};
pub use serve::{Limits, serve};
pub use traffic::Traffic;
