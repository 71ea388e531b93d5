//! What the gateway promises: to many at once, over several processes, after failures, and to those
//! who may not come in.

mod auditing;
mod bearer;
mod binds;
mod concurrency;
mod failures;
mod faulty;
mod harness;
mod nodes;
mod sessions;
