//! Who may do what.
//!
//! A [`Catalogue`] describes one role system: its areas and actions, its built-in roles and its
//! rules. A tenant's [`Roles`] are the catalogue's built-in roles and the tenant's own, resolved to
//! permissions once. [`decide()`] answers every question about them, and is the only thing that does.
//!
//! This crate never reads a file, a clock or the network, knows no wire format, and names no role:
//! a new phone system is a new catalogue, never new code. A catalogue with mistakes in it, which
//! [`Catalogue::validate`] lists, still gives an answer to every question, and where a mistake
//! leaves doubt the answer is no.
//!
//! | module | holds |
//! | --- | --- |
//! | [`catalogue`] | a role system as the operator writes it; what is wrong with it |
//! | [`permission`] | the vocabulary `area:action`, and sets of it |
//! | [`role`] | one role as it is written, built in or custom |
//! | [`roles`] | the roles of a tenant, resolved; what a user's roles come to |
//! | [`mod@decide`] | the one function that decides |
//! | [`mandate`], [`api_scope`] | what one credential of a client may be used for |
//! | [`reason`], `denial` | why it said no; who could do it instead |
//! | [`matrix`](matrix()) | everything it would say, as a table to read |
//! | [`password`] | whether a password satisfies the policy |

pub mod api_scope;
pub mod catalogue;
pub mod decide;
mod denial;
pub mod mandate;
mod matrix;
pub mod password;
pub mod permission;
pub mod reason;
pub mod role;
pub mod roles;

pub use api_scope::{ApiScope, ApiScopes};
pub use catalogue::{Catalogue, Problem};
pub use decide::{Action, Actor, Ceiling, Decision, Deed, Subject, decide};
pub use denial::{Denial, Instead, NoSeat};
pub use mandate::{Mandate, Scope, Scopes, WayIn};
pub use matrix::matrix;
pub use permission::{Permission, PermissionSet};
pub use reason::Reason;
pub use role::{Power, RoleDef, RoleKey};
pub use roles::{Effective, Role, Roles};
