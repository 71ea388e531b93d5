//! Accounts: phones, software that reads the directory, and provisioning clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch::Patch;

/// A device: a phone that binds over LDAP.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Device {
    #[serde(flatten)]
    pub(crate) account: Account,
}

/// A service account: software that reads the directory, over LDAP or here.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceAccount {
    #[serde(flatten)]
    pub(crate) account: Account,
    /// As whom it changes things here: the key of a role, or `*` for the operator; absent if it only
    /// reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acts_as: Option<String>,
}

/// What devices and service accounts have in common.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// The identity.
    pub(crate) id: String,
    /// The name to log in by, unique among its kind; of a phone its MAC address, say.
    pub(crate) name: String,
    /// What it reads over LDAP: `all`, or branches such as `people`; of a device none for the phone
    /// book. `proxy` to act for people, `registrations` to tell of phones, `sip-secrets` to be told
    /// SIP secrets.
    pub(crate) scopes: Vec<String>,
    /// The attributes that it reads; none for all that it may.
    pub(crate) attributes: Vec<String>,
    /// Its own views over LDAP; absent where it has the tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) views: Option<Vec<String>>,
    /// How numbers are shown to it, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dial: Option<String>,
    /// When it was made.
    pub(crate) created: String,
    /// When it was last changed.
    pub(crate) modified: String,
}

/// What is said of a device: of a new one, or, as a merge patch (RFC 7396), of one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct DeviceBody {
    /// The name to log in by. A new device needs one.
    pub(crate) name: Patch<String>,
    /// What it reads, of the phone book: branches such as `people`; none for all of it.
    pub(crate) scopes: Patch<Vec<String>>,
    /// The attributes that it reads, such as `displayName`; none for all that it may.
    pub(crate) attributes: Patch<Vec<String>>,
    /// Its own views, which may be none at all; `null` for the tenant's.
    pub(crate) views: Patch<Vec<String>>,
    /// How numbers are shown to it, which it dials: `written`, `e164`, `national` or `prefix-9`;
    /// `null` as the tenant's file says.
    pub(crate) dial: Patch<String>,
}

/// What is said of a service account: of a new one, or, as a merge patch (RFC 7396), of one that is
/// there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ServiceAccountBody {
    /// The name to log in by. A new account needs one.
    pub(crate) name: Patch<String>,
    /// What it reads over LDAP: `all`, or branches such as `people`; `proxy` to act for people,
    /// `registrations` to tell of phones, `sip-secrets` to be told SIP secrets.
    pub(crate) scopes: Patch<Vec<String>>,
    /// The attributes that it reads over LDAP, such as `displayName`; none for all that it may.
    pub(crate) attributes: Patch<Vec<String>>,
    /// Its own views over LDAP, which may be none at all; `null` for the tenant's.
    pub(crate) views: Patch<Vec<String>>,
    /// How numbers are shown to it over LDAP: `written`, `e164`, `national` or `prefix-9`.
    pub(crate) dial: Patch<String>,
    /// As whom it changes things here: the key of a role, or `*` for the operator; `null` to only
    /// read.
    pub(crate) acts_as: Patch<String>,
}

/// A connection: a provisioning client, which pushes users and groups over SCIM.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    /// The identity.
    pub(crate) id: String,
    /// The name, unique among the tenant's connections.
    pub(crate) name: String,
    /// Its kind, such as `okta`.
    pub(crate) kind: String,
    /// The highest role that it may give: `full`, or a role's key; absent for those below the roles
    /// that must keep a holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ceiling: Option<String>,
    /// Whether passwords that it pushes are taken.
    pub(crate) takes_passwords: bool,
    /// Whether its writes must say which version they change.
    pub(crate) requires_versions: bool,
    /// Its name at the token endpoint.
    pub(crate) client_id: String,
    /// How many credentials it has that are not over.
    pub(crate) credentials: usize,
    /// When one of them was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used: Option<String>,
    /// When it was made.
    pub(crate) created: String,
    /// When it was last changed.
    pub(crate) modified: String,
}

/// What is said of a connection: of a new one, or, as a merge patch (RFC 7396), of one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ConnectionBody {
    /// The name, unique among the tenant's connections. A new one needs one.
    pub(crate) name: Patch<String>,
    /// Its kind, such as `okta`; `generic` if it is not said.
    pub(crate) kind: Patch<String>,
    /// The highest role that it may give: `full`, or a role's key; `null` for those below the roles
    /// that must keep a holder.
    pub(crate) ceiling: Patch<String>,
    /// Whether passwords that it pushes are taken; `null` as its kind has it.
    pub(crate) takes_passwords: Patch<bool>,
    /// Whether its writes must say which version they change.
    pub(crate) requires_versions: Patch<bool>,
}
