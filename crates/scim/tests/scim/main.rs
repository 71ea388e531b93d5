//! The endpoints through the real router, on a real gateway over SQLite.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    missing_docs,
    unreachable_pub,
    reason = "these are tests, where `json!` is written in place"
)]

mod answers;
mod server;

mod bulk;
mod circles;
mod conditional;
mod cursors;
mod discovery;
mod exchanges;
mod groups;
mod kinds;
mod large;
mod me;
mod offered;
mod okta;
mod own;
mod patch;
mod query;
mod refusals;
mod root;
mod roundtrip;
mod rules;
mod secrecy;
mod users;
