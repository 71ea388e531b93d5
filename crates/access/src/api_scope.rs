//! What a token of the HTTP API may be used for: a part of what its holder may.

use std::fmt;

/// What a token of the HTTP API may be used for. Whoever may change something may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ApiScope {
    /// To ask whether users have permissions.
    Check,
    /// To read users.
    UsersRead,
    /// To make, change and delete users, with their extensions and desks.
    UsersWrite,
    /// To read roles, and who holds them.
    RolesRead,
    /// To define roles, and to give and take them.
    RolesWrite,
    /// To read groups, extensions, desks and contacts.
    DirectoryRead,
    /// To change groups, extensions, desks and contacts.
    DirectoryWrite,
    /// To read devices, service accounts and connections.
    AccountsRead,
    /// To change devices, service accounts and connections, and what they log in by.
    AccountsWrite,
    /// To read the audit log.
    AuditRead,
    /// To read reports.
    ReportsRead,
}

impl ApiScope {
    /// Every scope.
    pub const ALL: [Self; 11] = [
        Self::Check,
        Self::UsersRead,
        Self::UsersWrite,
        Self::RolesRead,
        Self::RolesWrite,
        Self::DirectoryRead,
        Self::DirectoryWrite,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::AuditRead,
        Self::ReportsRead,
    ];

    /// Its name, as stored and as operators write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::RolesRead => "roles:read",
            Self::RolesWrite => "roles:write",
            Self::DirectoryRead => "directory:read",
            Self::DirectoryWrite => "directory:write",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::AuditRead => "audit:read",
            Self::ReportsRead => "reports:read",
        }
    }

    /// The scope of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Whether it lets change something.
    pub fn is_writing(self) -> bool {
        self.reading().is_some()
    }

    /// What it takes to read what this one lets change.
    fn reading(self) -> Option<Self> {
        match self {
            Self::UsersWrite => Some(Self::UsersRead),
            Self::RolesWrite => Some(Self::RolesRead),
            Self::DirectoryWrite => Some(Self::DirectoryRead),
            Self::AccountsWrite => Some(Self::AccountsRead),
            Self::Check
            | Self::UsersRead
            | Self::RolesRead
            | Self::DirectoryRead
            | Self::AccountsRead
            | Self::AuditRead
            | Self::ReportsRead => None,
        }
    }
}

/// A set of scopes; what lets change includes what lets read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiScopes(u16);

impl ApiScopes {
    /// Every scope.
    pub const ALL: Self = Self((1 << ApiScope::ALL.len()) - 1);

    /// Those of these names; what is no scope gives nothing. Without any name it is all of them.
    pub fn named<N: AsRef<str>>(names: &[N]) -> Self {
        if names.is_empty() {
            return Self::ALL;
        }
        let known = names
            .iter()
            .filter_map(|name| ApiScope::from_name(name.as_ref()));
        let with_reading = known.flat_map(|scope| [Some(scope), scope.reading()]);
        Self(
            with_reading
                .flatten()
                .fold(0, |all, scope| all | bit(scope)),
        )
    }

    /// Whether the scope is in it.
    pub fn contains(self, scope: ApiScope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Those in it.
    pub fn iter(self) -> impl Iterator<Item = ApiScope> {
        ApiScope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

/// The names, separated by spaces.
impl fmt::Display for ApiScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(ApiScope::name).collect();
        f.write_str(&names.join(" "))
    }
}

fn bit(scope: ApiScope) -> u16 {
    1 << scope as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_every_scope_and_an_unknown_name_is_none() {
        for (names, shown) in [
            (&["check"][..], "check"),
            (&["users:write"], "users:read users:write"),
            (&["audit:read", "users:read"], "users:read audit:read"),
            (&["everything"], ""),
            (&["Check"], ""),
        ] {
            assert_eq!(ApiScopes::named(names).to_string(), shown, "{names:?}");
        }
        assert_eq!(ApiScopes::named::<&str>(&[]), ApiScopes::ALL);
    }

    #[test]
    fn every_scope_reads_back_and_is_a_bit_of_its_own() {
        for scope in ApiScope::ALL {
            assert_eq!(ApiScope::from_name(scope.name()), Some(scope));
            assert!(ApiScopes::ALL.contains(scope));
        }
        assert_eq!(ApiScopes::ALL.iter().count(), ApiScope::ALL.len());
    }
}
