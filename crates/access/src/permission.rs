//! The vocabulary of permissions: `area:action`, and `area:action:own` for one's own data only.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One permission, such as `extensions:edit`, `reports:view:own` or `call-center-api:use`.
///
/// Without a scope it is about everybody's data. Permissions sort by their text. One that was
/// deserialized is not checked for its form: one that no catalogue has is held by nobody.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Permission(SmolStr);

/// A text is not of the form `area:action`, `area:action:own` or `area:action:all`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a permission: expected `area:action` or `area:action:own`")]
pub struct ParsePermissionError(SmolStr);

impl Permission {
    /// `area:action`, about everybody's data.
    pub fn all(area: &str, action: &str) -> Self {
        Self(smol_str::format_smolstr!("{area}:{action}"))
    }

    /// `area:action:own`, about one's own data.
    pub fn own(area: &str, action: &str) -> Self {
        Self(smol_str::format_smolstr!("{area}:{action}:own"))
    }

    /// The permission to use a special of this key: `key:use`.
    pub fn special(key: &str) -> Self {
        Self::all(key, "use")
    }

    /// The permission as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The area, module or special it is about.
    pub fn area(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// What may be done there.
    pub fn action(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// Whether it is about one's own data only.
    pub fn is_own(&self) -> bool {
        self.0.ends_with(":own")
    }

    /// The same permission about one's own data only.
    #[must_use]
    pub fn to_own(&self) -> Self {
        Self::own(self.area(), self.action())
    }

    /// The same permission about everybody's data.
    #[must_use]
    pub fn to_all(&self) -> Self {
        Self::all(self.area(), self.action())
    }
}

impl FromStr for Permission {
    type Err = ParsePermissionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let (area, action, scope) = (parts.next(), parts.next(), parts.next());
        match (area, action, scope, parts.next()) {
            (Some(area), Some(action), scope, None) if is_name(area) && is_name(action) => {
                match scope {
                    None | Some("all") => Ok(Self::all(area, action)),
                    Some("own") => Ok(Self::own(area, action)),
                    Some(_) => Err(ParsePermissionError(text.into())),
                }
            }
            _ => Err(ParsePermissionError(text.into())),
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Permission {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Permissions, sorted. A set that a [`Catalogue`](crate::Catalogue) made lists, beside each
/// permission about everybody's data, the one about one's own where there is such a one: what is
/// listed is exactly what it contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionSet(Box<[Permission]>);

impl PermissionSet {
    /// Whether the permission is in the set.
    pub fn contains(&self, permission: &Permission) -> bool {
        self.contains_str(permission.as_str())
    }

    /// Whether the permission of this text is in the set.
    pub fn contains_str(&self, permission: &str) -> bool {
        self.0
            .binary_search_by(|own| own.as_str().cmp(permission))
            .is_ok()
    }

    /// The permissions in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Permission> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This set without those of the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.iter()
            .filter(|permission| !other.contains(permission))
            .cloned()
            .collect()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let mut sorted: Vec<Permission> = permissions.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self(sorted.into_boxed_slice())
    }
}

impl<'a> IntoIterator for &'a PermissionSet {
    type Item = &'a Permission;
    type IntoIter = std::slice::Iter<'a, Permission>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What a role's `permissions` may say: a permission, or one with `*` for its area or its action,
/// or `*` alone for everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern<'a> {
    area: Option<&'a str>,
    action: Option<&'a str>,
    own: bool,
}

impl<'a> Pattern<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(Self {
                area: None,
                action: None,
                own: false,
            });
        }
        let part = |text: &'a str| match text {
            "*" => Some(None),
            name if is_name(name) => Some(Some(name)),
            _ => None,
        };
        let mut parts = text.split(':');
        let area = part(parts.next()?)?;
        let action = part(parts.next()?)?;
        let own = match parts.next() {
            None | Some("all") => false,
            Some("own") => true,
            Some(_) => return None,
        };
        parts.next().is_none().then_some(Self { area, action, own })
    }

    pub(crate) fn area(&self) -> Option<&'a str> {
        self.area
    }

    pub(crate) fn matches(&self, permission: &Permission) -> bool {
        self.own == permission.is_own()
            && self.area.is_none_or(|area| area == permission.area())
            && self
                .action
                .is_none_or(|action| action == permission.action())
    }
}

/// Whether a text may name an area, an action or a special: lower-case letters, digits and
/// single hyphens between them.
pub(crate) fn is_name(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_area_action_and_perhaps_a_scope() {
        for (text, written) in [
            ("extensions:edit", "extensions:edit"),
            ("reports:view:own", "reports:view:own"),
            ("reports:view:all", "reports:view"),
            ("call-center-api:use", "call-center-api:use"),
        ] {
            let permission: Permission = text.parse().unwrap();
            assert_eq!(permission.to_string(), written);
            assert_eq!(
                written.parse::<Permission>().unwrap(),
                permission,
                "parse(display(x))"
            );
        }
        let own: Permission = "reports:view:own".parse().unwrap();
        assert_eq!(
            (own.area(), own.action(), own.is_own()),
            ("reports", "view", true)
        );
        assert_eq!(own.to_all().as_str(), "reports:view");
        assert_eq!(own.to_all().to_own(), own);
    }

    #[test]
    fn anything_else_is_not_a_permission() {
        for text in [
            "",
            "reports",
            "reports:",
            ":view",
            "a:b:c",
            "a:b:own:own",
            "A:b",
            "a b:c",
            "*:view",
        ] {
            assert!(text.parse::<Permission>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_matches_its_own_scope_only() {
        let matches = |pattern: &str, permission: &str| {
            Pattern::parse(pattern)
                .unwrap()
                .matches(&permission.parse().unwrap())
        };
        assert!(matches("*", "reports:view"));
        assert!(matches("*:view", "reports:view"));
        assert!(matches("reports:*", "reports:view"));
        assert!(matches("reports:*:own", "reports:view:own"));
        assert!(!matches("*", "reports:view:own"));
        assert!(!matches("reports:*:own", "reports:view"));
        assert!(!matches("*:edit", "reports:view"));
        for text in ["", "**", "a:", "*:*:*", "a", "a:b:own:x"] {
            assert!(Pattern::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_set_is_sorted_without_repeats() {
        let set: PermissionSet = ["b:c", "a:b:own", "a:b", "b:c"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let listed: Vec<_> = set.iter().map(Permission::as_str).collect();
        assert_eq!(listed, ["a:b", "a:b:own", "b:c"]);
        assert!(set.contains_str("a:b:own") && !set.contains_str("b:c:own"));
    }
}
