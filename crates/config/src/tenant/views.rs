//! `views`: the names under which LDAP clients find the tenant's records.

use jackfield_model::View;
use schemars::JsonSchema;
use serde::Deserialize;

/// A family of clients, and the names that it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViewName {
    /// Accounts and groups of Unix: posixAccount and posixGroup.
    Posix,
    /// Active Directory: sAMAccountName, objectGUID, objectSid and the like.
    ActiveDirectory,
    /// Asterisk, in both spellings of its schema.
    Asterisk,
    /// H.350: SIPIdentity and commObject, for Kamailio and others.
    H350,
    /// FreeSWITCH: FSAccount.
    #[serde(rename = "freeswitch")]
    FreeSwitch,
    /// The phone book of Grandstream's telephone systems.
    Grandstream,
}

impl From<ViewName> for View {
    fn from(name: ViewName) -> Self {
        match name {
            ViewName::Posix => Self::Posix,
            ViewName::ActiveDirectory => Self::ActiveDirectory,
            ViewName::Asterisk => Self::Asterisk,
            ViewName::H350 => Self::H350,
            ViewName::FreeSwitch => Self::FreeSwitch,
            ViewName::Grandstream => Self::Grandstream,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_is_called_as_the_store_calls_it() {
        for view in View::ALL {
            let name = format!("\"{}\"", view.name());
            let read: ViewName = serde_json::from_str(&name).unwrap();
            assert_eq!(View::from(read), view);
        }
    }
}
