//! What a tenant's file declares, as the store keeps it.

use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::dn::Dn;
use crate::guard::Guard;
use crate::mapping::MappingRule;
use crate::numbering::{DialFormat, Numbering};
use crate::sip::Sip;
use crate::views::ViewSet;

/// The settings of one tenant. Snapshots read these, never a file, so that all nodes agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The organization's name.
    pub title: String,
    /// Where its LDAP tree hangs, such as `dc=acme,dc=example`.
    pub suffix: Dn,
    /// The mail domains it declares, lower case; a bind name finds its tenant by them.
    pub domains: Vec<SmolStr>,
    /// The key of its catalogue.
    pub catalogue: SmolStr,
    /// Whether anybody may read the phone book without a name, from anywhere.
    #[serde(default)]
    pub anonymous_phone_book: bool,
    /// The networks from which anybody may do that.
    #[serde(default)]
    pub anonymous_networks: Vec<IpNet>,
    /// Whether phones may bind that speak version 2 of LDAP only.
    #[serde(default)]
    pub ldap_version_2: bool,
    /// How telephone numbers are dialled where it is.
    #[serde(default)]
    pub numbering: Arc<Numbering>,
    /// What phones dial, and whoever reads without a name, where nothing else is said of them.
    #[serde(default)]
    pub dial: DialFormat,
    /// Whether the tenant is suspended: nobody gets in, nothing is lost.
    #[serde(default)]
    pub suspended: bool,
    /// Which roles the members of which groups have.
    #[serde(default)]
    pub mappings: Vec<MappingRule>,
    /// How many active users the licence allows in the roles that take a seat; any number, if
    /// absent.
    #[serde(default)]
    pub seats: Option<u32>,
    /// When a connection is held that disables or deletes its users.
    #[serde(default)]
    pub guard: Guard,
    /// For how many days audit entries are kept at least; for ever, if absent.
    #[serde(default)]
    pub audit_days: Option<u32>,
    /// What is the same for all its SIP accounts.
    #[serde(default)]
    pub sip: Sip,
    /// The names under which LDAP clients find its records, beside those of the standards.
    #[serde(default)]
    pub views: ViewSet,
}

impl Default for Settings {
    /// Those of a tenant about which nothing is said.
    fn default() -> Self {
        Self {
            title: String::new(),
            suffix: Dn::ROOT,
            domains: Vec::new(),
            catalogue: SmolStr::default(),
            anonymous_phone_book: false,
            anonymous_networks: Vec::new(),
            ldap_version_2: false,
            numbering: Arc::default(),
            dial: DialFormat::default(),
            suspended: false,
            mappings: Vec::new(),
            seats: None,
            guard: Guard::default(),
            audit_days: None,
            sip: Sip::default(),
            views: ViewSet::NONE,
        }
    }
}
