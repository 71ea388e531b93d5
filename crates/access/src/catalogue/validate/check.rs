//! Collecting mistakes.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::Problem;
use crate::catalogue::Catalogue;
use crate::permission::{Pattern, Permission, PermissionSet, is_name};
use crate::role::RoleKey;

/// The problems found so far, and the names there are.
pub(super) struct Check<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) permissions: PermissionSet,
    pub(super) roles: BTreeSet<&'a str>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, roles: impl Iterator<Item = &'a RoleKey>) -> Self {
        Self {
            catalogue,
            permissions: catalogue.permissions(),
            roles: roles.map(RoleKey::as_str).collect(),
            problems: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem {
            path: path.into(),
            message: message.into(),
            expected: None,
        });
    }

    pub(super) fn expect(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let expected = Some(expected.into());
        self.problems.push(Problem {
            path: path.into(),
            message: message.into(),
            expected,
        });
    }

    /// Each of the texts is one of the names, and none comes twice.
    pub(super) fn known<'b>(
        &mut self,
        path: &str,
        what: &str,
        texts: impl IntoIterator<Item = &'b str>,
        names: &BTreeSet<&str>,
    ) {
        let mut seen = BTreeSet::new();
        for (index, text) in texts.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            if !names.contains(text) {
                self.expect(path, format!("unknown {what} `{text}`"), one_of(names));
            } else if !seen.insert(text) {
                self.problem(path, format!("{what} `{text}` comes twice"));
            }
        }
    }

    /// The texts are well-formed names, and none comes twice.
    pub(super) fn names<'b>(
        &mut self,
        path: &str,
        what: &str,
        texts: impl IntoIterator<Item = &'b str>,
    ) {
        let mut seen = BTreeSet::new();
        for (index, text) in texts.into_iter().enumerate() {
            self.name(&format!("{path}[{index}]"), what, text);
            if !seen.insert(text) {
                self.problem(
                    format!("{path}[{index}]"),
                    format!("{what} `{text}` comes twice"),
                );
            }
        }
    }

    pub(super) fn name(&mut self, path: &str, what: &str, text: &str) {
        if !is_name(text) {
            let message = format!("bad {what} name `{text}`");
            self.expect(
                path,
                message,
                "lower-case letters, digits and single hyphens",
            );
        }
    }

    pub(super) fn title(&mut self, path: &str, title: &str) {
        if title.trim().is_empty() {
            self.expect(
                format!("{path}.title"),
                "the title is empty",
                "a name to show",
            );
        }
    }

    /// Each pattern is one, and matches some permission.
    pub(super) fn patterns(&mut self, path: &str, patterns: &[SmolStr]) {
        let mut seen = BTreeSet::new();
        for (index, text) in patterns.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(pattern) = Pattern::parse(text) else {
                let message = format!("`{text}` is not a permission");
                self.expect(path, message, "`area:action`, `area:action:own` or `*`");
                continue;
            };
            if !seen.insert(text) {
                self.problem(path, format!("permission `{text}` comes twice"));
            } else if !self
                .permissions
                .iter()
                .any(|permission| pattern.matches(permission))
            {
                let expected = self.permissions_near(pattern.area());
                self.expect(path, format!("no permission is `{text}`"), expected);
            }
        }
    }

    /// The permissions of the area, or the areas where it is none.
    pub(super) fn permissions_near(&self, area: Option<&str>) -> String {
        let there: BTreeSet<&str> = self
            .permissions
            .iter()
            .filter(|permission| Some(permission.area()) == area)
            .map(Permission::as_str)
            .collect();
        if there.is_empty() {
            let areas = self.permissions.iter().map(Permission::area);
            format!("an area or special: {}", one_of(&areas.collect()))
        } else {
            one_of(&there)
        }
    }
}

/// The strings behind keys of any kind.
pub(super) fn strs<'a, T: AsRef<str> + 'a>(
    texts: impl IntoIterator<Item = &'a T>,
) -> impl Iterator<Item = &'a str> {
    texts.into_iter().map(AsRef::as_ref)
}

pub(super) fn one_of(names: &BTreeSet<&str>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing: there are none".to_owned(),
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// The path of a key in a table; quoted where TOML would have it quoted.
pub(super) fn at(table: &str, key: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !key.is_empty() && key.bytes().all(is_bare) {
        format!("{table}.{key}")
    } else {
        format!("{table}.{key:?}")
    }
}
