//! Kinds of connection: which identity provider pushes, and so what its requests mean.

use std::fmt;
use std::str::FromStr;

/// The identity provider behind a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConnectionKind {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// Google Workspace.
    Google,
    /// PingOne and PingFederate.
    Ping,
    /// Keycloak.
    Keycloak,
    /// authentik.
    Authentik,
    /// Any other provider.
    #[default]
    Generic,
    /// A client that keeps to the RFCs and wants to be told where it does not.
    Strict,
}

impl ConnectionKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Okta,
        Self::Entra,
        Self::OneLogin,
        Self::JumpCloud,
        Self::Google,
        Self::Ping,
        Self::Keycloak,
        Self::Authentik,
        Self::Generic,
        Self::Strict,
    ];

    /// Its name, in files and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::OneLogin => "onelogin",
            Self::JumpCloud => "jumpcloud",
            Self::Google => "google",
            Self::Ping => "ping",
            Self::Keycloak => "keycloak",
            Self::Authentik => "authentik",
            Self::Generic => "generic",
            Self::Strict => "strict",
        }
    }

    /// Whether the passwords that it pushes are taken where nobody said. Okta sends random ones
    /// unless its operator turned password sync on.
    pub const fn takes_passwords(self) -> bool {
        !matches!(self, Self::Okta)
    }
}

impl fmt::Display for ConnectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no kind of this name.
#[derive(Debug, thiserror::Error)]
#[error("there is no kind of connection of this name")]
pub struct UnknownKind;

impl FromStr for ConnectionKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let is_named = |kind: &Self| kind.as_str() == name;
        Self::ALL.into_iter().find(is_named).ok_or(UnknownKind)
    }
}
