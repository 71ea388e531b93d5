//! What the directory promises: semantics as text fixtures, properties, and the rules of planning.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a command is made to be done once"
)]
#![allow(
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "tables are long"
)]

mod assigning;
mod bounds;
mod declaring;
mod escalation;
mod fixtures;
mod grants;
mod groups;
mod guard;
mod holders;
mod kept;
mod mandates;
mod mapped_changes;
mod mapping;
mod names;
mod notation;
mod own;
mod own_account;
mod own_found;
mod own_values;
mod ownership;
mod patching;
mod pending;
mod places;
mod properties;
mod questions;
mod random;
mod replacing;
mod role_commands;
mod state;
mod together;
mod unchanged;
mod versions;
mod world;
