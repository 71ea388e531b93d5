//! SIP accounts: one for each extension, as the tenant's telephone system knows them.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What is the same for all SIP accounts of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sip {
    /// The domain of its SIP addresses (RFC 3261 §19.1.1): `sip:201@<domain>`.
    pub domain: Option<SmolStr>,
    /// The realm in which its telephone system asks for passwords (RFC 7616 §3.3). Without one
    /// there are no hashes of passwords.
    pub realm: Option<SmolStr>,
    /// The part of the dial plan in which its phones' calls begin; `default`, if absent.
    pub context: Option<SmolStr>,
    /// In which form `SIPIdentityPassword` (ITU-T H.350.4) has the password.
    pub h350_password: PasswordForm,
}

/// In which form a telephone system is told a SIP password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordForm {
    /// As it is.
    #[default]
    Clear,
    /// As the hash with the user and the realm that digest authentication begins with, `H(A1)`
    /// (RFC 7616 §3.4.2), by MD5.
    Ha1,
}
