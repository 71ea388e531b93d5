//! `/api/v1`, through the router, on a gateway with a store.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod access;
mod auditing;
mod checking;
mod credentials;
mod document;
mod paging;
mod records;
mod roles;
mod server;
mod tokens;
mod users;
mod versions;
