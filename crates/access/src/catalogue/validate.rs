//! What is wrong with a catalogue or with custom roles: everything at once, each with its place.

mod check;
mod lockout;
mod role;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use smol_str::SmolStr;

use check::{Check, at, one_of, strs};

use super::{Catalogue, HowMany};
use crate::role::{Power, RoleDef, RoleKey};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: the dotted path of the TOML value, such as `role.owner.assigns[2]`. Of something that
    /// is missing, the path it would have.
    pub path: String,
    /// What is wrong, quoting the offending text.
    pub message: String,
    /// What would be right.
    pub expected: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        self.expected
            .as_ref()
            .map_or(Ok(()), |expected| write!(f, "; expected {expected}"))
    }
}

impl Catalogue {
    /// Everything that is wrong with the catalogue, in the order of its sections.
    pub fn validate(&self) -> Vec<Problem> {
        let mut check = Check::new(self, self.roles.keys());
        check.head();
        check.areas();
        check.levels();
        check.specials();
        check.holding();
        check.needs();
        check.rules();
        check.limits();
        check.built_in_roles();
        check.templates();
        check.lockout();
        check.problems
    }

    /// Everything that is wrong with a tenant's custom roles, with paths as in `role.<key>.title`.
    pub fn validate_custom(&self, roles: &BTreeMap<RoleKey, RoleDef>) -> Vec<Problem> {
        let mut check = Check::new(self, self.roles.keys().chain(roles.keys()));
        check.custom_roles(roles);
        check.problems
    }
}

impl Check<'_> {
    fn head(&mut self) {
        let catalogue = self.catalogue;
        self.name("key", "catalogue", &catalogue.key);
        if catalogue.title.trim().is_empty() {
            self.expect("title", "the title is empty", "a name to show");
        }
        self.names(
            "actions",
            "action",
            catalogue.actions.iter().map(SmolStr::as_str),
        );
    }

    fn areas(&mut self) {
        if self.catalogue.areas.is_empty() {
            self.problem("areas", "there are no areas");
        }
        for (key, area) in &self.catalogue.areas {
            let path = at("areas", key);
            self.name(&path, "area", key);
            self.title(&path, &area.title);
            if let Some(actions) = &area.actions {
                let actions = actions.iter().map(SmolStr::as_str);
                self.names(&format!("{path}.actions"), "action", actions);
            }
            let actions: BTreeSet<&str> = strs(self.catalogue.actions_of(key)).collect();
            if actions.is_empty() {
                let message = format!("area `{key}` has no actions");
                self.expect(
                    format!("{path}.actions"),
                    message,
                    "actions here or at the top",
                );
            }
            self.known(&format!("{path}.own"), "action", strs(&area.own), &actions);
        }
    }

    fn levels(&mut self) {
        let catalogue = self.catalogue;
        let actions = catalogue
            .areas
            .keys()
            .flat_map(|area| strs(catalogue.actions_of(area)));
        let actions: BTreeSet<&str> = actions.collect();
        let levels: BTreeSet<&str> = strs(catalogue.levels.keys()).collect();
        for (key, level) in &catalogue.levels {
            let path = at("levels", key);
            self.title(&path, &level.title);
            self.known(
                &format!("{path}.actions"),
                "action",
                strs(&level.actions),
                &actions,
            );
            let Some(inherits) = level.inherits.as_deref() else {
                continue;
            };
            let path = format!("{path}.inherits");
            if !levels.contains(inherits) {
                self.expect(path, format!("unknown level `{inherits}`"), one_of(&levels));
            } else if self.is_circular(key) {
                self.problem(path, format!("level `{key}` inherits from itself"));
            }
        }
    }

    fn is_circular(&self, level: &str) -> bool {
        let parent = |key: &str| self.catalogue.levels.get(key)?.inherits.as_deref();
        std::iter::successors(parent(level), |key| parent(key))
            .take(self.catalogue.levels.len())
            .any(|key| key == level)
    }

    fn specials(&mut self) {
        for (key, special) in &self.catalogue.specials {
            let path = at("specials", key);
            self.name(&path, "special permission", key);
            self.title(&path, &special.title);
            if self.catalogue.areas.contains_key(key) {
                self.problem(&path, format!("`{key}` is the name of an area, too"));
            }
            for (index, taken) in special.takes_away.iter().enumerate() {
                self.permission(&format!("{path}.takes_away[{index}]"), taken.as_str());
            }
        }
    }

    fn permission(&mut self, path: &str, text: &str) {
        if !self.permissions.contains_str(text) {
            let expected = self.permissions_near(text.split(':').next());
            self.expect(path, format!("no permission is `{text}`"), expected);
        }
    }

    fn holding(&mut self) {
        let (catalogue, holding) = (self.catalogue, &self.catalogue.holding);
        let roles = self.roles.clone();
        if holding.built_in == HowMany::None {
            let message = "nobody could hold a built-in role";
            self.expect("holding.built_in", message, "`one` or `any`");
        }
        match holding.baseline.as_ref().map(RoleKey::as_str) {
            None if holding.built_in == HowMany::One => {
                let message = "there is no baseline role, yet everybody holds one role";
                self.expect("holding.baseline", message, one_of(&roles));
            }
            Some(key) if !roles.contains(key) => {
                self.expect(
                    "holding.baseline",
                    format!("unknown role `{key}`"),
                    one_of(&roles),
                );
            }
            _ => {}
        }
        self.known(
            "holding.unrestricted",
            "role",
            strs(&holding.unrestricted),
            &roles,
        );
        self.patterns("holding.everyone", &holding.everyone);
        self.known("holding.seats", "role", strs(&holding.seats), &roles);
        let areas = strs(catalogue.areas.keys()).collect();
        self.known(
            "holding.special_areas",
            "area",
            strs(&holding.special_areas),
            &areas,
        );
    }

    fn needs(&mut self) {
        for (field, permission) in self.catalogue.needs.each() {
            self.permission(&format!("needs.{field}"), permission.as_str());
        }
    }

    fn rules(&mut self) {
        let rules = &self.catalogue.rules;
        let roles = self.roles.clone();
        self.known(
            "rules.keep_holder",
            "role",
            strs(&rules.keep_holder),
            &roles,
        );
        for (index, key) in rules.keep_holder.iter().enumerate() {
            if self.catalogue.roles.contains_key(key) && !self.is_assignable(key) {
                let message = format!("role `{key}` must keep a holder, but nobody can assign it");
                let permission = &self.catalogue.needs.change_roles;
                let expected = format!("`{key}` in `assigns` of a role that has `{permission}`");
                self.expect(format!("rules.keep_holder[{index}]"), message, expected);
            }
        }
        for (index, step) in rules.forbidden_transitions.iter().enumerate() {
            let path = format!("rules.forbidden_transitions[{index}]");
            for (end, key) in [("from", step.from.as_str()), ("to", step.to.as_str())] {
                if !roles.contains(key) {
                    let message = format!("unknown role `{key}`");
                    self.expect(format!("{path}.{end}"), message, one_of(&roles));
                }
            }
            if step.from == step.to {
                self.problem(path, "a transition is between two roles");
            }
        }
        self.role_list("rules.role_editors", &rules.role_editors);
        let mut seen = BTreeSet::new();
        for (index, attribute) in rules.own_profile.iter().enumerate() {
            if !seen.insert(attribute) {
                let message = format!("attribute `{attribute}` comes twice");
                self.problem(format!("rules.own_profile[{index}]"), message);
            }
        }
    }

    fn is_assignable(&self, key: &RoleKey) -> bool {
        let catalogue = self.catalogue;
        let rank = |key: &RoleKey| catalogue.roles.get(key).and_then(|role| role.rank);
        catalogue.roles.iter().any(|(holder, role)| {
            let is_reached = match role.reach(Power::Assign) {
                Some(list) => list.iter().any(|other| other.is_every() || other == key),
                None => rank(key) < rank(holder),
            };
            let granted = catalogue.granted(role, &self.permissions);
            is_reached && granted.contains(&catalogue.needs.change_roles)
        })
    }

    fn limits(&mut self) {
        let catalogue = self.catalogue;
        if !(1..=128).contains(&catalogue.password.min_length) {
            let message = format!("`{}` characters", catalogue.password.min_length);
            self.expect("password.min_length", message, "1 to 128");
        }
        if !(1..=365).contains(&catalogue.invite.lifetime_days) {
            let message = format!("`{}` days", catalogue.invite.lifetime_days);
            self.expect("invite.lifetime_days", message, "1 to 365");
        }
    }
}
