//! `[tls]`: the certificate.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;
use crate::place;

/// The certificate for HTTPS, LDAPS and StartTLS, both files in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// The authorities whose certificates LDAP clients may log in by, if any.
    pub clients: Option<PathBuf>,
    /// Whether the operator named the files. Otherwise they are in the data folder, where a
    /// self-signed certificate is made when there is none, and only LDAP uses them.
    pub is_configured: bool,
}

/// The certificate for HTTPS, LDAPS and StartTLS.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TlsSection {
    /// The file with the certificate chain, PEM, the server's own certificate first.
    certificate: Option<PathBuf>,
    /// The file with the private key, PEM.
    key: Option<PathBuf>,
    /// The file with the certificates, PEM, of the authorities whose certificates service accounts
    /// and devices may log in by over LDAP (SASL EXTERNAL).
    clients: Option<PathBuf>,
}

impl TlsSection {
    pub(super) fn resolve(
        self,
        folder: &Path,
        data: &Path,
        document: &mut Document<'_>,
    ) -> Certificate {
        let clients = self
            .clients
            .map(|path| place::existing(folder, &path, "tls.clients", document));
        let mut named = |path: Option<PathBuf>, key, other| {
            let Some(path) = path else {
                document.problem(
                    "tls",
                    format!("`{other}` without `{key}`"),
                    "both, or neither".to_owned(),
                );
                return PathBuf::new();
            };
            place::existing(folder, &path, &format!("tls.{key}"), document)
        };
        if self.certificate.is_none() && self.key.is_none() {
            return Certificate {
                certificate: data.join("certificate.pem"),
                key: data.join("certificate.key"),
                clients,
                is_configured: false,
            };
        }
        Certificate {
            certificate: named(self.certificate, "certificate", "key"),
            key: named(self.key, "key", "certificate"),
            clients,
            is_configured: true,
        }
    }
}
