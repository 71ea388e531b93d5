//! `[folders]`: where files are.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::environment::Overrides;
use crate::place;

/// Where files are, seen from the folder of `jackfield.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Folders {
    /// The catalogues: one file a role system.
    pub catalogues: PathBuf,
    /// The tenants: one file a tenant, named after it.
    pub tenants: PathBuf,
    /// What the server keeps: the database, keys, its own certificate. Made when not there.
    pub data: PathBuf,
}

impl Default for Folders {
    fn default() -> Self {
        Self {
            catalogues: PathBuf::from("catalogues"),
            tenants: PathBuf::from("tenants"),
            data: PathBuf::from("../data"),
        }
    }
}

impl Folders {
    pub(super) fn resolve(self, folder: &Path, overrides: &Overrides) -> Self {
        Self {
            catalogues: place::resolve(folder, &self.catalogues),
            tenants: place::resolve(folder, &self.tenants),
            // The command line is about the working directory, not about the file.
            data: overrides
                .data
                .clone()
                .unwrap_or_else(|| place::resolve(folder, &self.data)),
        }
    }
}
