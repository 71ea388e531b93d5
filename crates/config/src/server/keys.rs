//! `[keys]`: the key files.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;
use crate::place;

/// The key files. One that the operator named is there; one in the data folder is made, readable by
/// its owner only, when it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Holds the key that chains the audit log.
    pub audit: PathBuf,
    /// Holds the key under which tokens and machine passwords are hashed.
    pub secret: PathBuf,
}

/// The key files; made in the data folder at the first start where not named here. Whoever loses
/// them loses what they protect: keep them with the backups, but not in the same place.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KeysSection {
    /// The file with the key that chains the audit log: any 32 bytes.
    audit_file: Option<PathBuf>,
    /// The file with the key under which tokens and machine passwords are hashed: any 32 bytes.
    secret_file: Option<PathBuf>,
}

impl KeysSection {
    pub(super) fn resolve(self, folder: &Path, data: &Path, document: &mut Document<'_>) -> Keys {
        let mut file = |named: Option<PathBuf>, key, default| match named {
            Some(path) => place::existing(folder, &path, &format!("keys.{key}"), document),
            None => data.join(default),
        };
        Keys {
            audit: file(self.audit_file, "audit_file", "audit.key"),
            secret: file(self.secret_file, "secret_file", "secret.key"),
        }
    }
}
