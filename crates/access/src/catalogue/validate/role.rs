//! What is wrong with a role.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::text::case_ignore;
use smol_str::SmolStr;

use super::Problem;
use super::check::{Check, at, one_of, strs};
use crate::catalogue::HowMany;
use crate::catalogue::resolve::split_level;
use crate::role::{RoleDef, RoleKey};

impl Check<'_> {
    pub(super) fn built_in_roles(&mut self) {
        let catalogue = self.catalogue;
        if catalogue.roles.is_empty() {
            self.problem("role", "there are no roles");
        }
        let mut titles = BTreeMap::new();
        let mut ranks = BTreeMap::new();
        for (key, role) in &catalogue.roles {
            let path = at("role", key.as_str());
            self.role(&path, key, role, &mut titles);
            let Some(rank) = role.rank else {
                let expected = "a number; the highest wins where one role must";
                self.expect(
                    format!("{path}.rank"),
                    format!("role `{key}` has no rank"),
                    expected,
                );
                continue;
            };
            match ranks.insert(rank, key) {
                Some(other) if catalogue.holding.built_in == HowMany::One => {
                    let message = format!("rank `{rank}` is that of role `{other}`, too");
                    self.problem(format!("{path}.rank"), message);
                }
                _ => {}
            }
        }
    }

    pub(super) fn custom_roles(&mut self, roles: &BTreeMap<RoleKey, RoleDef>) {
        let catalogue = self.catalogue;
        if catalogue.holding.custom == HowMany::None && !roles.is_empty() {
            let message = format!("catalogue `{}` has no custom roles", catalogue.key);
            self.problem("role", message);
        }
        let built_in = catalogue.roles.iter();
        let mut titles: BTreeMap<_, _> = built_in
            .map(|(key, role)| (case_ignore(&role.title), key))
            .collect();
        for (key, role) in roles {
            let path = at("role", key.as_str());
            if catalogue.roles.contains_key(key) {
                self.problem(&path, format!("role `{key}` is built in"));
            }
            self.role(&path, key, role, &mut titles);
            // Else a custom role could outrank, and so take from its holder, the role that must stay.
            if let (Some(rank), Some(kept)) = (role.rank, catalogue.lowest_kept())
                && rank >= kept
            {
                let message = format!("rank `{rank}` is not below the roles that keep a holder");
                self.expect(format!("{path}.rank"), message, format!("less than {kept}"));
            }
        }
    }

    /// Each template could be a tenant's only custom role.
    pub(super) fn templates(&mut self) {
        for (key, role) in &self.catalogue.templates {
            let alone = BTreeMap::from([(key.clone(), role.clone())]);
            let problems = self.catalogue.validate_custom(&alone);
            self.problems
                .extend(problems.into_iter().map(|problem| Problem {
                    path: problem.path.replacen("role", "template", 1),
                    ..problem
                }));
        }
    }

    /// Titles are compared as the names of groups are: without regard to case.
    fn role<'b>(
        &mut self,
        path: &str,
        key: &'b RoleKey,
        role: &RoleDef,
        titles: &mut BTreeMap<SmolStr, &'b RoleKey>,
    ) {
        if !key.is_valid() {
            let expected = "lower-case letters, digits, hyphens and underscores, a letter first";
            self.expect(path, format!("bad role name `{key}`"), expected);
        }
        self.title(path, &role.title);
        if let Some(other) = titles.insert(case_ignore(&role.title), key) {
            let message = format!("title `{}` is that of role `{other}`, too", role.title);
            self.problem(format!("{path}.title"), message);
        }
        self.patterns(&format!("{path}.permissions"), &role.permissions);
        self.role_levels(&format!("{path}.levels"), &role.levels);
        let specials = strs(self.catalogue.specials.keys()).collect();
        self.known(
            &format!("{path}.specials"),
            "special",
            strs(&role.specials),
            &specials,
        );
        for (field, list) in role.role_lists() {
            self.role_list(&format!("{path}.{field}"), list);
        }
    }

    pub(super) fn role_list(&mut self, path: &str, list: &[RoleKey]) {
        let mut names = self.roles.clone();
        names.insert("*");
        self.known(path, "role", strs(list), &names);
    }

    fn role_levels(&mut self, table: &str, levels: &BTreeMap<SmolStr, SmolStr>) {
        let catalogue = self.catalogue;
        let known: BTreeSet<&str> = strs(catalogue.levels.keys()).collect();
        for (area, text) in levels {
            let path = at(table, area);
            let (level, is_own) = split_level(text);
            if area != "*" && !catalogue.areas.contains_key(area) {
                let areas = strs(catalogue.areas.keys()).collect();
                self.expect(&path, format!("unknown area `{area}`"), one_of(&areas));
            } else if !known.contains(level) {
                self.expect(&path, format!("unknown level `{text}`"), one_of(&known));
            } else if let (true, Some(area_def)) = (is_own, catalogue.areas.get(area)) {
                let actions = catalogue.actions_of(area);
                let lacking: BTreeSet<&str> = strs(catalogue.actions_at(level))
                    .filter(|action| actions.iter().any(|other| other == action))
                    .filter(|action| !area_def.own.iter().any(|own| own == action))
                    .collect();
                if !lacking.is_empty() {
                    let message = format!(
                        "`{text}`: area `{area}` has no `own` for {}",
                        one_of(&lacking)
                    );
                    self.problem(&path, message);
                }
            }
        }
    }
}
