//! `[listeners]`: where to listen.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use jackfield_model::TenantName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, one_of};
use crate::environment::Overrides;
use crate::format;

/// Where to listen. A listener whose table is left out does not listen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Listeners {
    /// SCIM and the HTTP API: HTTPS once `[tls]` names a certificate, HTTP until then.
    pub http: Option<HttpListener>,
    /// LDAP, with StartTLS.
    pub ldap: Option<LdapListener>,
    /// LDAP under TLS from the first byte.
    pub ldaps: Option<LdapsListener>,
}

/// A listener for HTTP or HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpListener {
    /// The IP address and port to listen on; port 0 lets the system choose.
    #[schemars(with = "String", extend("format" = format::IP_PORT))]
    pub address: SocketAddr,
    /// The networks of proxies that begin each connection with a PROXY header (version 1 or 2):
    /// the client that they name counts. Others are not believed.
    #[schemars(schema_with = "format::networks")]
    pub proxies: Vec<IpNet>,
}

/// A listener for LDAP with StartTLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LdapListener {
    /// The IP address and port to listen on; port 0 lets the system choose.
    #[schemars(with = "String", extend("format" = format::IP_PORT))]
    pub address: SocketAddr,
    /// The tenant of clients whose bind name does not say which.
    #[schemars(with = "Option<String>", extend("format" = format::TENANT_NAME))]
    pub tenant: Option<TenantName>,
    /// Whether passwords may come in plain text from beyond loopback, for phones without TLS.
    pub plaintext_binds: bool,
    /// The networks of proxies that begin each connection with a PROXY header (version 1 or 2):
    /// the client that they name counts. Others are not believed.
    #[schemars(schema_with = "format::networks")]
    pub proxies: Vec<IpNet>,
}

/// A listener for LDAPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LdapsListener {
    /// The IP address and port to listen on; port 0 lets the system choose.
    #[schemars(with = "String", extend("format" = format::IP_PORT))]
    pub address: SocketAddr,
    /// The tenant of clients whose bind name does not say which.
    #[schemars(with = "Option<String>", extend("format" = format::TENANT_NAME))]
    pub tenant: Option<TenantName>,
    /// The networks of proxies that begin each connection with a PROXY header (version 1 or 2):
    /// the client that they name counts. Others are not believed.
    #[schemars(schema_with = "format::networks")]
    pub proxies: Vec<IpNet>,
}

impl Default for HttpListener {
    fn default() -> Self {
        Self {
            address: loopback(8080),
            proxies: Vec::new(),
        }
    }
}

impl Default for LdapListener {
    fn default() -> Self {
        Self {
            address: loopback(3890),
            tenant: None,
            plaintext_binds: false,
            proxies: Vec::new(),
        }
    }
}

impl Default for LdapsListener {
    fn default() -> Self {
        Self {
            address: loopback(3636),
            tenant: None,
            proxies: Vec::new(),
        }
    }
}

impl Listeners {
    pub(super) fn resolve(mut self, overrides: &Overrides) -> Self {
        if let Some(address) = overrides.listen_http {
            self.http.get_or_insert_default().address = address;
        }
        if let Some(address) = overrides.listen_ldap {
            self.ldap.get_or_insert_default().address = address;
        }
        if let Some(address) = overrides.listen_ldaps {
            self.ldaps.get_or_insert_default().address = address;
        }
        self
    }

    pub(super) fn check(&self, document: &mut Document<'_>) {
        if self == &Self::default() {
            document.problem(
                "listeners",
                "nothing listens",
                "a table [listeners.http], [listeners.ldap] or [listeners.ldaps]".to_owned(),
            );
        }
    }

    /// Each tenant that a listener names is one of these.
    pub(crate) fn check_tenants(
        &self,
        tenants: &BTreeSet<TenantName>,
        document: &mut Document<'_>,
    ) {
        let ldap = self.ldap.as_ref().and_then(|ldap| ldap.tenant.as_ref());
        let ldaps = self.ldaps.as_ref().and_then(|ldaps| ldaps.tenant.as_ref());
        for (path, tenant) in [
            ("listeners.ldap.tenant", ldap),
            ("listeners.ldaps.tenant", ldaps),
        ] {
            if let Some(tenant) = tenant.filter(|tenant| !tenants.contains(*tenant)) {
                let names: Vec<&str> = tenants.iter().map(TenantName::as_str).collect();
                let expected = one_of(names);
                document.problem(path, format!("there is no tenant `{tenant}`"), expected);
            }
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
