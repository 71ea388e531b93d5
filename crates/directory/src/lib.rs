//! One tenant in memory: its snapshot, its indexes, search, and planning a change.
//!
//! Everything here is pure: a [`Snapshot`] is immutable once published, a search reads one, and
//! a plan makes a change set out of one and a command. This crate does no I/O, knows neither
//! async nor SQL nor a wire format, and is told the time and the ids it needs.
//!
//! | module | holds |
//! | --- | --- |
//! | [`snapshot`] | one tenant at one revision, and applying change sets to it |
//! | [`entry`] | a record as one principal sees it: stored and derived attributes |
//! | [`view`] | what one principal may read |
//! | `index`, `hashed`, `pages`, `numbers` | where values and records are found, packed |
//! | `edges`, `activity` | relations between records; when they were last used |
//! | `mapping` | which roles the mapping rules give |
//! | `evaluate` | a filter, tested on one entry |
//! | [`search`] | candidates from the indexes, tested, ordered, cut to a page |
//! | [`tree`] | where records stand in the LDAP tree |
//! | [`plan`] | what a command would change, and whether it may |
//! | `visits` | the work that a plan does, counted in tests |
//!
//! Indexes give candidates and never answers; every candidate is tested by the one evaluator.

mod activity;
mod edges;
pub mod entry;
mod evaluate;
mod hashed;
mod index;
mod mapping;
mod numbers;
mod pages;
pub mod plan;
pub mod search;
pub mod snapshot;
pub mod tree;
pub mod view;
mod visits;

pub use activity::LastUse;
pub use entry::{Entry, ValueRef};
pub use plan::{Command, Context, Note, Planned, Precondition, Refusal, RoleCommand};
pub use search::{By, Explained, Found, GROUP_KINDS, Mark, Order, Query, Start, Stopped, Used};
pub use snapshot::{ApplyError, Snapshot};
pub use tree::{Container, Located, Node};
pub use view::{AccessView, AttrSet};
