//! What the shipped catalogues say, and that every rule they state is kept.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod golden;
mod mistakes;
mod opbx;
mod pbx_im;
mod pbx_stats;
mod refusals;
mod table;
mod tenant;
