//! The addresses in use, for whoever needs to know them: `listeners.json` in the data folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jackfield_config::Server;
use serde::{Deserialize, Serialize};

use crate::files;

/// The addresses in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) http: Option<SocketAddr>,
    pub(crate) ldap: Option<SocketAddr>,
    pub(crate) ldaps: Option<SocketAddr>,
    #[serde(default)]
    pub(crate) metrics: Option<SocketAddr>,
}

impl Addresses {
    /// Those of the server that runs on this data folder; those configured, if none does.
    pub(crate) fn of(server: &Server) -> Self {
        let announced = std::fs::read(file(&server.folders.data)).ok();
        announced
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or(Self {
                http: server
                    .listeners
                    .http
                    .as_ref()
                    .map(|listener| listener.address),
                ldap: server
                    .listeners
                    .ldap
                    .as_ref()
                    .map(|listener| listener.address),
                ldaps: server
                    .listeners
                    .ldaps
                    .as_ref()
                    .map(|listener| listener.address),
                metrics: server
                    .listeners
                    .metrics
                    .as_ref()
                    .map(|listener| listener.address),
            })
    }

    /// Tells them to others, until the announcement is dropped.
    pub(crate) fn announce(&self, data: &Path) -> Result<Announcement> {
        let path = file(data);
        let text = serde_json::to_vec_pretty(self)?;
        files::write_private(&path, &text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Announcement(path))
    }
}

/// `listeners.json`, removed when dropped.
pub(crate) struct Announcement(PathBuf);

impl Drop for Announcement {
    fn drop(&mut self) {
        // Whoever finds an old one cannot connect, which says as much.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("listeners.json")
}
