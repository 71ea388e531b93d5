//! The server over real sockets: the `ldap3` crate as an independent client, and raw messages where
//! a well-behaved client cannot go.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod binding;
mod controls;
mod discovery;
mod disorder;
mod explaining;
mod fixtures;
mod flow;
mod harness;
mod ordering;
mod own;
mod pages;
mod proxy;
mod raw;
mod registrations;
mod sasl;
mod sip;
mod telephone_systems;
mod tls;
mod values;
mod views;
mod writing;
