//! The endpoints through the real router, on a real gateway over SQLite.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value, // `json!` is written in place
    missing_docs,
    unreachable_pub
)]

#[path = "scim/server.rs"]
mod server;

#[path = "scim/bulk.rs"]
mod bulk;
#[path = "scim/conditional.rs"]
mod conditional;
#[path = "scim/cursors.rs"]
mod cursors;
#[path = "scim/discovery.rs"]
mod discovery;
#[path = "scim/exchanges.rs"]
mod exchanges;
#[path = "scim/groups.rs"]
mod groups;
#[path = "scim/kinds.rs"]
mod kinds;
#[path = "scim/large.rs"]
mod large;
#[path = "scim/me.rs"]
mod me;
#[path = "scim/offered.rs"]
mod offered;
#[path = "scim/okta.rs"]
mod okta;
#[path = "scim/own.rs"]
mod own;
#[path = "scim/patch.rs"]
mod patch;
#[path = "scim/query.rs"]
mod query;
#[path = "scim/refusals.rs"]
mod refusals;
#[path = "scim/root.rs"]
mod root;
#[path = "scim/roundtrip.rs"]
mod roundtrip;
#[path = "scim/rules.rs"]
mod rules;
#[path = "scim/users.rs"]
mod users;
