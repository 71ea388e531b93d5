//! `[mapping.<name>]`: which roles the members of which groups have.

use std::collections::BTreeMap;

use jackfield_access::catalogue::HowMany;
use jackfield_access::{Catalogue, RoleDef, RoleKey};
use jackfield_model::{GroupMatch, MappingRule};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::{Document, one_of};

/// Members of a group have a role. A rule is the operator's own word: neither the ceiling of the
/// connection that owns the group nor a forbidden change of role stands in its way.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The group's name, compared without regard to case. One of `group`, `group_id` and
    /// `group_pattern` says which group.
    group: Option<String>,
    /// The group's id, or the `externalId` by which a connection knows it.
    group_id: Option<String>,
    /// Every group whose name fits: `*` stands for any text, `?` for one character.
    group_pattern: Option<String>,
    /// The name of the connection that must own the group; without it, any group of the name
    /// counts, whoever made it.
    connection: Option<String>,
    /// The key of the role. One of `role` and `roles` says what is given.
    role: Option<RoleKey>,
    /// The keys of several roles.
    #[serde(default)]
    roles: Vec<RoleKey>,
    /// Whether members of groups within the group are meant, too.
    #[serde(default = "yes")]
    nested: bool,
    /// Where a user holds one role and several rules match, those with the highest number count;
    /// among these the role of the highest rank wins.
    #[serde(default)]
    precedence: i32,
}

fn yes() -> bool {
    true
}

/// The rules, in the order of their names, as far as they are right.
pub(crate) fn rules(
    mappings: &BTreeMap<String, Mapping>,
    catalogue: Option<&Catalogue>,
    own: &BTreeMap<RoleKey, RoleDef>,
    document: &mut Document<'_>,
) -> Vec<MappingRule> {
    let mut rules = Vec::new();
    for (name, mapping) in mappings {
        let path = format!("mapping.{name}");
        if let Some(catalogue) = catalogue {
            mapping.check_roles(&path, catalogue, own, document);
        }
        let Some(groups) = mapping.groups(&path, document) else {
            continue;
        };
        rules.push(MappingRule {
            name: name.into(),
            groups,
            connection: mapping.connection.as_ref().map(Into::into),
            roles: mapping.given().map(|key| key.as_str().into()).collect(),
            nested: mapping.nested,
            precedence: mapping.precedence,
        });
    }
    rules
}

impl Mapping {
    fn given(&self) -> impl Iterator<Item = &RoleKey> {
        self.role.iter().chain(&self.roles)
    }

    fn groups(&self, path: &str, document: &mut Document<'_>) -> Option<GroupMatch> {
        let all = [
            (
                "group",
                self.group
                    .as_ref()
                    .map(|text| GroupMatch::Name(text.into())),
            ),
            (
                "group_id",
                self.group_id
                    .as_ref()
                    .map(|text| GroupMatch::Id(text.into())),
            ),
            (
                "group_pattern",
                self.group_pattern
                    .as_ref()
                    .map(|text| GroupMatch::Pattern(text.into())),
            ),
        ];
        let mut said = all
            .into_iter()
            .filter_map(|(key, groups)| Some((key, groups?)));
        let Some((key, groups)) = said.next() else {
            let expected = "`group`, `group_id` or `group_pattern`".to_owned();
            document.problem(path, "the rule names no group", expected);
            return None;
        };
        if let Some((second, _)) = said.next() {
            let message = format!("`{second}` excludes `{key}`");
            document.problem(&format!("{path}.{second}"), message, None);
        }
        if groups.key().trim().is_empty() {
            document.problem(&format!("{path}.{key}"), format!("`{key}` is empty"), None);
        }
        Some(groups)
    }

    fn check_roles(
        &self,
        path: &str,
        catalogue: &Catalogue,
        own: &BTreeMap<RoleKey, RoleDef>,
        document: &mut Document<'_>,
    ) {
        if self.given().next().is_none() {
            document.problem(
                path,
                "the rule gives no role",
                "`role` or `roles`".to_owned(),
            );
        }
        if self.role.is_some() && !self.roles.is_empty() {
            document.problem(&format!("{path}.roles"), "`roles` excludes `role`", None);
        }
        let place = |index: usize| match &self.role {
            Some(_) => format!("{path}.role"),
            None => format!("{path}.roles[{index}]"),
        };
        let is_known = |key: &RoleKey| catalogue.roles.contains_key(key) || own.contains_key(key);
        let mut built_in = 0;
        for (index, key) in self.given().enumerate() {
            built_in += usize::from(catalogue.roles.contains_key(key));
            if !is_known(key) {
                let known = catalogue.roles.keys().chain(own.keys());
                let message = format!("unknown role `{key}`");
                document.problem(&place(index), message, one_of(known));
            } else if built_in > 1 && catalogue.holding.built_in == HowMany::One {
                let message = format!("catalogue `{}` lets a user hold one role", catalogue.key);
                document.problem(&place(index), message, None);
            }
        }
    }
}
