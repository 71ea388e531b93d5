//! `jackfield.toml`: what one node does. Each section is a file here, with its own checks.

mod folders;
mod http;
mod keys;
mod limits;
mod listeners;
mod log;
mod scim_log;
mod store;
mod tls;

use std::net::SocketAddr;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;
use crate::environment::Overrides;

pub use folders::Folders;
pub use http::Http;
pub use keys::Keys;
pub use limits::Limits;
pub use listeners::{HttpListener, LdapListener, LdapsListener, Listeners, MetricsListener};
pub use log::{Log, LogFormat};
pub use scim_log::ScimLog;
pub use store::{Secret, Store};
pub use tls::Certificate;

use keys::KeysSection;
use store::StoreSection;
use tls::TlsSection;

/// What one node does. Every path can be opened as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where to listen.
    pub listeners: Listeners,
    /// The certificate for HTTPS, LDAPS and StartTLS.
    pub certificate: Certificate,
    /// Where the truth is kept.
    pub store: Store,
    /// What clients may use up.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: Log,
    /// How much is kept of what SCIM connections ask for.
    pub scim_log: ScimLog,
    /// Where files are.
    pub folders: Folders,
    /// How HTTP clients reach this node.
    pub http: Http,
    /// The key files.
    pub keys: Keys,
}

impl Server {
    /// Whether the HTTP listener speaks HTTPS: it does once a certificate is configured.
    pub fn is_https(&self) -> bool {
        self.certificate.is_configured
    }

    /// The URL under which clients reach this node, without a slash at its end, when its HTTP
    /// listener is at this address.
    pub fn base_url(&self, address: SocketAddr) -> String {
        let scheme = if self.is_https() { "https" } else { "http" };
        let stated = self.http.public_url.clone();
        stated.unwrap_or_else(|| format!("{scheme}://{address}"))
    }
}

/// The file `jackfield.toml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerFile {
    listeners: Listeners,
    tls: TlsSection,
    store: StoreSection,
    limits: Limits,
    log: Log,
    scim_log: ScimLog,
    folders: Folders,
    http: Http,
    keys: KeysSection,
}

impl ServerFile {
    /// The file's sections as they hold, for a file in `folder`.
    pub(crate) fn resolve(
        self,
        folder: &Path,
        overrides: &Overrides,
        document: &mut Document<'_>,
    ) -> Server {
        let folders = self.folders.resolve(folder, overrides);
        let server = Server {
            listeners: self.listeners.resolve(overrides),
            certificate: self.tls.resolve(folder, &folders.data, document),
            store: self.store.resolve(folder, &folders.data, document),
            limits: self.limits,
            log: self.log.resolve(overrides, document),
            scim_log: self.scim_log,
            http: self.http.resolve(document),
            keys: self.keys.resolve(folder, &folders.data, document),
            folders,
        };
        server.listeners.check(document);
        server.check_plain_http(overrides, document);
        server
    }
}

impl Server {
    /// Tokens and passwords must not cross a network in plain text because nobody thought of it.
    fn check_plain_http(&self, overrides: &Overrides, document: &mut Document<'_>) {
        let Some(HttpListener { address, .. }) = self.listeners.http else {
            return;
        };
        if self.is_https()
            || address.ip().to_canonical().is_loopback()
            || self.http.allow_plain_http_beyond_loopback
        {
            return;
        }
        let path = if overrides.listen_http.is_some() {
            ""
        } else {
            "listeners.http.address"
        };
        document.problem(
            path,
            format!("listening on {address} would serve plain HTTP beyond loopback"),
            "`certificate` and `key` in [tls], or `allow_plain_http_beyond_loopback = true` in [http]"
                .to_owned(),
        );
    }
}
