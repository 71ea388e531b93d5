//! What the gateway promises: to many at once, over several processes, after failures, and to those
//! who may not come in.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "tables are long"
)]

mod accounts;
mod assertions;
mod audit_log;
mod auditing;
mod bearer;
mod binds;
mod clients;
mod concurrency;
mod crowd;
mod exchanging;
mod failures;
mod faulty;
mod guarding;
mod harness;
mod imported;
mod lockouts;
mod names;
mod nodes;
mod passwords;
mod policies;
mod rates;
mod rehearsals;
mod roles;
mod seals;
mod secrets;
mod series;
mod sessions;
mod sip;
mod together;
mod uses;
