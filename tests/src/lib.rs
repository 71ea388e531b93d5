//! Jackfield as its clients meet it: the real binary, spoken to by real clients.
//!
//! This crate knows the product by its command line, its files and its protocols only; it uses none
//! of its crates, so that no test can pass by an accident that both sides share.
//!
//! | module | holds |
//! | --- | --- |
//! | [`home`] | a configuration and a data folder of one's own, and commands run on them |
//! | [`server`] | a running server |
//! | [`postgres`] | databases in the cluster that `tests/run` starts |
//! | [`probe`] | `jackfield scim probe`, and its report |
//! | [`scim`] | a SCIM client that shows status, headers and body |
//! | [`kamailio`] | Kamailio, configured as the guide says |
//! | [`phone`] | a SIP phone that registers |
//! | [`metrics`] | what a server counts |
//! | [`tools`] | OpenLDAP's command-line tools |
//! | [`ber`] | LDAP messages byte by byte, for what no honest client sends, and for load |
//! | [`dialogue`] | what phones and telephone systems say over LDAP, as text |
//! | [`slapd`] | Debian's slapd |
//! | [`differential`] | the same directory in both, asked the same questions |
//! | [`wait`] | waiting for what happens by itself, with an end |
//!
//! `JACKFIELD_BIN` names the binary (else the one built beside the test), `JACKFIELD_TEST_STORE` is
//! `sqlite` or `postgres`, `JACKFIELD_TEST_POSTGRES` the URL of a cluster where databases may be
//! made, and `JACKFIELD_TEST_SCIM2` the program `scim2`.

pub mod ber;
pub mod dialogue;
pub mod differential;
pub mod home;
pub mod kamailio;
pub mod metrics;
pub mod phone;
pub mod postgres;
pub mod probe;
pub mod scim;
pub mod server;
pub mod slapd;
pub mod tools;
pub mod wait;

pub use home::{Access, Home};
pub use server::Server;
