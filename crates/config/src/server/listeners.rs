//! `[listeners]`: where to listen.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
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
    /// What is counted, for Prometheus: plain HTTP, and nothing but `/metrics`.
    pub metrics: Option<MetricsListener>,
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
    /// The tenants that are served here; all, if none is named.
    #[schemars(schema_with = "format::tenants")]
    pub tenants: Vec<TenantName>,
    /// Whether anybody may read here without a name, where the tenant allows it, too.
    pub anonymous: bool,
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
    /// The tenants that are served here; all, if none is named.
    #[schemars(schema_with = "format::tenants")]
    pub tenants: Vec<TenantName>,
    /// Whether anybody may read here without a name, where the tenant allows it, too.
    pub anonymous: bool,
    /// The networks of proxies that begin each connection with a PROXY header (version 1 or 2):
    /// the client that they name counts. Others are not believed.
    #[schemars(schema_with = "format::networks")]
    pub proxies: Vec<IpNet>,
}

/// A listener for whoever watches the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsListener {
    /// The IP address and port to listen on; port 0 lets the system choose.
    #[schemars(with = "String", extend("format" = format::IP_PORT))]
    pub address: SocketAddr,
    /// The networks whose clients are answered; this machine alone, if none is named.
    #[schemars(schema_with = "format::networks")]
    pub networks: Vec<IpNet>,
    /// Whether tenants are told of by name: a revision and a number of people for each.
    pub tenants: bool,
}

impl MetricsListener {
    /// The networks whose clients are answered.
    pub fn answered_networks(&self) -> Vec<IpNet> {
        match self.networks.is_empty() {
            true => vec![
                Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8).into(),
                Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128).into(),
            ],
            false => self.networks.clone(),
        }
    }
}

impl Default for MetricsListener {
    fn default() -> Self {
        Self {
            address: loopback(9464),
            networks: Vec::new(),
            tenants: false,
        }
    }
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
            tenants: Vec::new(),
            anonymous: true,
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
            tenants: Vec::new(),
            anonymous: true,
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
        if self.http.is_none() && self.ldap.is_none() && self.ldaps.is_none() {
            document.problem(
                "listeners",
                "nothing listens",
                "a table [listeners.http], [listeners.ldap] or [listeners.ldaps]".to_owned(),
            );
        }
        self.check_addresses(document);
    }

    /// No two may want the same port: the second could not be opened.
    fn check_addresses(&self, document: &mut Document<'_>) {
        let all = [
            ("http", self.http.as_ref().map(|it| it.address)),
            ("ldap", self.ldap.as_ref().map(|it| it.address)),
            ("ldaps", self.ldaps.as_ref().map(|it| it.address)),
            ("metrics", self.metrics.as_ref().map(|it| it.address)),
        ];
        let all = all.map(|(name, address)| Some((name, address?)));
        let mut before: Vec<(&str, SocketAddr)> = Vec::new();
        for (name, address) in all.into_iter().flatten() {
            if let Some((other, taken)) = before.iter().find(|(_, other)| clash(*other, address)) {
                document.problem(
                    &format!("listeners.{name}.address"),
                    format!("[listeners.{other}] listens on {taken} already"),
                    "a port of its own".to_owned(),
                );
            }
            before.push((name, address));
        }
    }

    /// Each tenant that a listener names is one of these, and the one of names that name none is
    /// among those it serves.
    pub(crate) fn check_tenants(&self, known: &BTreeSet<TenantName>, document: &mut Document<'_>) {
        let ldap = self.ldap.as_ref().map(|it| (&it.tenant, &it.tenants));
        let ldaps = self.ldaps.as_ref().map(|it| (&it.tenant, &it.tenants));
        for (path, named) in [("listeners.ldap", ldap), ("listeners.ldaps", ldaps)] {
            let Some((tenant, served)) = named else {
                continue;
            };
            let all = served.iter().enumerate();
            let all = all.map(|(at, name)| (format!("{path}.tenants[{at}]"), name));
            let path = format!("{path}.tenant");
            for (path, name) in all.chain(tenant.iter().map(|name| (path.clone(), name))) {
                if !known.contains(name) {
                    let expected = one_of(known.iter().map(TenantName::as_str));
                    document.problem(&path, format!("there is no tenant `{name}`"), expected);
                }
            }
            let is_served = |name: &&TenantName| served.is_empty() || served.contains(*name);
            if let Some(name) = tenant.as_ref().filter(|name| !is_served(name)) {
                let message = format!("the tenant `{name}` is not served here");
                let expected = "one of those in `tenants`".to_owned();
                document.problem(&path, message, expected);
            }
        }
    }
}

/// Whether only one of them can be listened on. Port 0 is a new one each time, and an address that
/// stands for all of them takes its port on each.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let (here, there) = (one.ip().to_canonical(), other.ip().to_canonical());
    let is_shared = here == there || here.is_unspecified() || there.is_unspecified();
    one.port() == other.port() && one.port() != 0 && is_shared
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_need_two_addresses() {
        for (one, other, expected) in [
            ("127.0.0.1:389", "127.0.0.1:389", true),
            ("127.0.0.1:389", "127.0.0.1:636", false),
            ("127.0.0.1:389", "192.0.2.1:389", false),
            ("0.0.0.0:389", "192.0.2.1:389", true),
            ("[2001:db8::1]:389", "[::]:389", true),
            ("0.0.0.0:389", "[::]:389", true),
            ("[::ffff:192.0.2.1]:389", "192.0.2.1:389", true),
            ("0.0.0.0:389", "[::]:636", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            let both = [one, other].map(|it| it.parse().unwrap());
            let [one, other] = both;
            assert_eq!(clash(one, other), expected, "{one} {other}");
            assert_eq!(clash(other, one), expected, "{other} {one}");
        }
    }
}
