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
    /// Each holds a key that opens what is sealed; the first one's seals. There is one at least.
    pub seal: Vec<PathBuf>,
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
    /// The files with the keys under which SIP secrets are sealed: any 32 bytes each. The first one
    /// seals, and all of them open what was sealed.
    seal_files: Option<Vec<PathBuf>>,
}

impl KeysSection {
    pub(super) fn resolve(self, folder: &Path, data: &Path, document: &mut Document<'_>) -> Keys {
        let mut existing = |path: &Path, key: &str| {
            place::existing(folder, path, &format!("keys.{key}"), document)
        };
        let mut file = |named: Option<PathBuf>, key, default| match named {
            Some(path) => existing(&path, key),
            None => data.join(default),
        };
        let audit = file(self.audit_file, "audit_file", "audit.key");
        let secret = file(self.secret_file, "secret_file", "secret.key");
        let named = self.seal_files.iter().flatten().enumerate();
        let mut seal: Vec<PathBuf> = named
            .map(|(index, path)| existing(path, &format!("seal_files[{index}]")))
            .collect();
        if seal.is_empty() {
            seal.push(data.join("seal.key"));
        }
        Keys {
            audit,
            secret,
            seal,
        }
    }
}
