//! The addresses in use, for whoever needs to know them: `listeners.json` in the data folder.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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

    /// Tells them to others, until the announcement is dropped. Where they cannot be told, as on a
    /// disk that is full, they are served all the same.
    pub(crate) fn announce(&self, data: &Path) -> Announcement {
        let path = file(data);
        let written = serde_json::to_vec_pretty(self)
            .map_err(io::Error::from)
            .and_then(|text| files::write_private(&path, &text));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "the addresses in use were not written");
        }
        Announcement(path)
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
