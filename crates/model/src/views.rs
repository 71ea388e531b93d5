//! Views: the names under which LDAP clients find a tenant's records, beside those of the
//! standards (inetOrgPerson and groupOfNames), which every client gets.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One family of clients, and the names that it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Accounts and groups of Unix (RFC 2307).
    Posix,
    /// Active Directory.
    ActiveDirectory,
    /// Asterisk, in both spellings of its schema.
    Asterisk,
    /// H.350 (RFC 3944), for Kamailio and others.
    H350,
    /// FreeSWITCH.
    FreeSwitch,
    /// The phone book of Grandstream's telephone systems.
    Grandstream,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 6] = [
        Self::Posix,
        Self::ActiveDirectory,
        Self::Asterisk,
        Self::H350,
        Self::FreeSwitch,
        Self::Grandstream,
    ];

    /// The name in configuration and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posix => "posix",
            Self::ActiveDirectory => "active_directory",
            Self::Asterisk => "asterisk",
            Self::H350 => "h350",
            Self::FreeSwitch => "freeswitch",
            Self::Grandstream => "grandstream",
        }
    }

    /// The view with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }
}

/// A set of views; in the store a list of their names.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct ViewSet(u8);

impl ViewSet {
    /// No view: the names of the standards only.
    pub const NONE: Self = Self(0);

    /// Every view.
    pub const ALL: Self = Self::of(&View::ALL);

    /// The set of these views.
    pub const fn of(views: &[View]) -> Self {
        let mut bits = 0;
        let mut rest = views;
        while let [view, tail @ ..] = rest {
            bits |= 1 << *view as u8;
            rest = tail;
        }
        Self(bits)
    }

    /// Whether `view` is in the set.
    pub const fn contains(self, view: View) -> bool {
        self.0 & (1 << view as u8) != 0
    }

    /// Whether no view is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The views in the set, in the order of [`View::ALL`].
    pub fn iter(self) -> impl Iterator<Item = View> {
        // The common case costs one comparison.
        let all: &[View] = if self.is_empty() { &[] } else { &View::ALL };
        all.iter().copied().filter(move |view| self.contains(*view))
    }
}

impl FromIterator<View> for ViewSet {
    fn from_iter<I: IntoIterator<Item = View>>(views: I) -> Self {
        views
            .into_iter()
            .fold(Self::NONE, |set, view| Self(set.0 | Self::of(&[view]).0))
    }
}

impl fmt::Debug for ViewSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for ViewSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(View::name))
    }
}

impl<'de> Deserialize<'de> for ViewSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let view = |name: &String| {
            View::from_name(name).ok_or_else(|| D::Error::custom(format!("no view `{name}`")))
        };
        names.iter().map(view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_it_and_reads_back_from_the_store() {
        let set = ViewSet::of(&[View::Grandstream, View::Posix]);
        assert!(set.contains(View::Posix) && !set.contains(View::H350));
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [View::Posix, View::Grandstream]
        );
        assert_eq!(View::ALL.into_iter().collect::<ViewSet>(), ViewSet::ALL);
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["posix","grandstream"]"#);
        assert_eq!(serde_json::from_str::<ViewSet>(&text).unwrap(), set);
        assert!(serde_json::from_str::<ViewSet>(r#"["unix"]"#).is_err());
    }

    #[test]
    fn names_read_back() {
        for view in View::ALL {
            assert_eq!(View::from_name(view.name()), Some(view));
        }
    }
}
