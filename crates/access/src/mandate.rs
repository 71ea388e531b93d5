//! What one credential of a provisioning client may be used for: a part of what the client may.

use std::fmt;

use crate::api_scope::ApiScopes;
use crate::decide::Ceiling;

/// What a credential may be used for. With any of them, and so with each, its holder reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// To read, and nothing else.
    Read,
    /// To change users, with their extensions and desks.
    Users,
    /// To change groups and their members.
    Groups,
    /// To give and take roles, by a user's `roles` or by the members of a role's group.
    Roles,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Users, Self::Groups, Self::Roles];

    /// Its name, as stored and as clients ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Roles => "roles",
        }
    }

    /// The scope of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self(0b1111);
    /// No scope: nothing may be done at all.
    pub const NONE: Self = Self(0);

    /// Those of these names; what is no scope gives nothing. Without any name it is all of them.
    pub fn named<N: AsRef<str>>(names: &[N]) -> Self {
        let known = names.iter().filter_map(|n| Scope::from_name(n.as_ref()));
        match names {
            [] => Self::ALL,
            _ => known.collect(),
        }
    }

    /// As bits, for [`from_bits`](Self::from_bits).
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set of these [`bits`](Self::bits).
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// Whether the scope is in it.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Whether there is none in it.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in it.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().map(bit).fold(0, |all, one| all | one))
    }
}

/// The names, separated by spaces (RFC 6749 §3.3).
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

fn bit(scope: Scope) -> u8 {
    match scope {
        Scope::Read => 1,
        Scope::Users => 1 << 1,
        Scope::Groups => 1 << 2,
        Scope::Roles => 1 << 3,
    }
}

/// How an actor came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayIn {
    /// By its own login.
    Login,
    /// By a token that was made with the login, and that goes no further than it says.
    Token,
    /// Through somebody who acts for it.
    Proxy,
}

/// How far a credential goes: the default is as far as its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// What it may be used for.
    pub scopes: Scopes,
    /// What it may be used for, if it is a token of the HTTP API.
    pub api: ApiScopes,
    /// How the actor came in by it.
    pub way_in: WayIn,
    /// Up to which roles, where that is less than its holder's own ceiling.
    pub ceiling: Option<Ceiling>,
}

impl Default for Mandate {
    fn default() -> Self {
        Self {
            scopes: Scopes::ALL,
            api: ApiScopes::ALL,
            way_in: WayIn::Login,
            ceiling: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_every_scope_and_an_unknown_name_is_none() {
        for (names, shown) in [
            (&[][..], "read users groups roles"),
            (&["users"], "users"),
            (&["roles", "read", "roles"], "read roles"),
            (&["everything"], ""),
            (&["users", "Users", "everything"], "users"),
        ] {
            let scopes = Scopes::named(names);
            assert_eq!(scopes.to_string(), shown, "{names:?}");
            assert_eq!(Scopes::from_bits(scopes.bits()), scopes);
            assert_eq!(scopes.is_empty(), shown.is_empty());
        }
        assert_eq!(Scopes::from_bits(0xff), Scopes::ALL);
    }

    #[test]
    fn what_is_in_both_is_no_more_than_either() {
        let one = Scopes::named(&["read", "users"]);
        let other = Scopes::named(&["users", "roles"]);
        assert_eq!(one.and(other), Scopes::named(&["users"]));
        assert_eq!(one.and(Scopes::ALL), one);
    }
}
