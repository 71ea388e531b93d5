//! Typed, checked configuration.
//!
//! Reads `jackfield.toml` and the catalogues and tenants beside it, and either gives a [`Config`]
//! in which everything fits together, or a [`Report`] of every mistake in every file, each with its
//! place and what was expected. The same JSON Schemas that editors use ([`schemas`]) decide which
//! keys there are and what they hold, so neither can know more than the other.
//!
//! This is the only crate that reads the environment. It must never write a file, take a key that
//! does nothing, or put a secret into a report, an error or a `Debug` print.
//!
//! | module | holds |
//! | --- | --- |
//! | [`load`](load()) | from a folder to a [`Config`] or a [`Report`] |
//! | [`server`] | `jackfield.toml`, one section a file |
//! | [`tenant`] | `tenants/*.toml`, and what must not be the same in two of them |
//! | [`report`] | the mistakes, for people and for programs |
//! | [`environment`] | what the environment and the command line say |
//! | `schema` | the JSON Schemas of all files |
//! | `document` | one file as text, tree and mistakes |
//! | `format` | values that are more than text: addresses, names |
//! | `place` | paths, resolved against the folder of the file that names them |
//!
//! Specifications: TOML 1.1, JSON Schema 2020-12.

mod document;
pub mod environment;
mod format;
mod load;
mod place;
pub mod report;
mod schema;
pub mod server;
pub mod tenant;

pub use environment::{Environment, Overrides};
pub use load::{Config, check, load, load_with};
pub use report::{Problem, Report};
pub use schema::schemas;
pub use server::Server;
pub use tenant::TenantConfig;

/// Where the configuration is when nobody says, from the working directory.
pub const DEFAULT_FILE: &str = "config/jackfield.toml";
