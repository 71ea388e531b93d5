//! Who is acting.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::ids::Id;

/// Who is acting, once authenticated. There is no acting without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id")]
pub enum Principal {
    /// The program itself.
    System,
    /// What the tenant's file declares.
    Config,
    /// The operator at the command line of the machine.
    Operator,
    /// Nobody in particular (LDAP before a bind).
    Anonymous,
    /// A user.
    Person(Id),
    /// A provisioning client.
    Connection(Id),
    /// A service account.
    Service(Id),
    /// A phone.
    Device(Id),
}

impl Principal {
    /// The record behind the principal, where there is one.
    pub fn record(self) -> Option<Id> {
        match self {
            Self::Person(id) | Self::Connection(id) | Self::Service(id) | Self::Device(id) => {
                Some(id)
            }
            Self::System | Self::Config | Self::Operator | Self::Anonymous => None,
        }
    }

    /// The word for its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Config => "config",
            Self::Operator => "operator",
            Self::Anonymous => "anonymous",
            Self::Person(_) => "person",
            Self::Connection(_) => "connection",
            Self::Service(_) => "service",
            Self::Device(_) => "device",
        }
    }
}

/// Through what a principal acts: it goes into the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// `scim`, `ldap`, `cli`, `config`.
    pub protocol: SmolStr,
    /// The client's address, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

impl Origin {
    /// An origin on this machine.
    pub const fn local(protocol: &'static str) -> Self {
        Self {
            protocol: SmolStr::new_static(protocol),
            address: None,
        }
    }
}
