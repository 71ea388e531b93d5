//! Certificates: from files that may change while the server runs, and self-signed.
//!
//! TLS 1.2 and 1.3 with the `aws_lc_rs` provider, which is named wherever one is needed, so that
//! nothing depends on a default of the process.

mod client;
mod self_signed;
mod source;
#[cfg(test)]
mod tests;

pub use client::connect;
pub use self_signed::{SelfSigned, self_signed};
pub use source::{Source, read_certificate};
