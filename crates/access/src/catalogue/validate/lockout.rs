//! Roles that nobody can give, and rules that could leave nobody who can.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::check::{Check, at, one_of};
use crate::catalogue::HowMany;
use crate::role::Power;
use crate::roles::{Role, Roles};

impl Check<'_> {
    /// Looks at what the roles come to, which takes a catalogue without other mistakes.
    pub(super) fn lockout(&mut self) {
        if !self.problems.is_empty() {
            return;
        }
        let roles = Roles::new(Arc::new(self.catalogue.clone()), []);
        self.assignable(&roles);
        self.somebody_stays(&roles);
        self.somebody_looks_after_users(&roles);
        self.somebody_edits_roles(&roles);
    }

    /// Every role but the baseline, which needs no giving, can be given by somebody.
    fn assignable(&mut self, roles: &Roles) {
        let catalogue = self.catalogue;
        for role in roles.iter() {
            let is_baseline = catalogue.holding.baseline.as_ref() == Some(role.key());
            if is_baseline || roles.iter().any(|giver| self.gives(giver, role)) {
                continue;
            }
            let key = role.key();
            let needed = &catalogue.needs.change_roles;
            self.expect(
                at("role", key.as_str()),
                format!("role `{key}` can be assigned by nobody"),
                format!("`{key}` in `assigns` or `manages` of a role that has `{needed}`"),
            );
        }
    }

    /// Among the roles that keep a holder is one that can appoint its like: else the last who
    /// gives roles may go, and nobody comes after.
    fn somebody_stays(&mut self, roles: &Roles) {
        let appoints = |role: &&Role| {
            self.gives(role, role) && role.permits(self.catalogue.needs.of(Power::Create))
        };
        if roles.kept().any(|role| appoints(&role)) {
            return;
        }
        let able: BTreeSet<&str> = roles
            .iter()
            .filter(appoints)
            .map(|role| role.key().as_str())
            .collect();
        let expected = if able.is_empty() {
            "a role that creates users and assigns itself".to_owned()
        } else {
            one_of(&able)
        };
        let message = "everybody can be locked out: no role that must keep a holder can appoint \
                       another";
        self.expect("rules.keep_holder", message, expected);
    }

    /// What is done to users can be done by somebody, to somebody.
    fn somebody_looks_after_users(&mut self, roles: &Roles) {
        for (power, field, deed) in [
            (Power::Create, "create_user", "create users"),
            (Power::Edit, "edit_user", "edit users"),
            (
                Power::Disable,
                "disable_user",
                "activate and deactivate users",
            ),
            (Power::Delete, "delete_user", "delete users"),
            (Power::ResetPassword, "reset_password", "reset passwords"),
            (Power::ChangeRoles, "change_roles", "change roles of users"),
        ] {
            let needed = self.catalogue.needs.of(power);
            let is_able = |role: &Role| role.permits(needed) && role.reaches_somebody(power);
            if !roles.iter().any(is_able) {
                let expected = format!("a role that has `{needed}` and `manages` somebody");
                let message = format!("nobody can {deed}");
                self.expect(format!("needs.{field}"), message, expected);
            }
        }
    }

    /// Where some roles have what it takes to define roles, one of them is allowed to.
    fn somebody_edits_roles(&mut self, roles: &Roles) {
        let (needs, editors) = (&self.catalogue.needs, &self.catalogue.rules.role_editors);
        if self.catalogue.holding.custom == HowMany::None || editors.is_empty() {
            return;
        }
        let is_editor = |key: &str| {
            editors
                .iter()
                .any(|own| own.is_every() || own.as_str() == key)
        };
        let has = |role: &Role| {
            [&needs.create_role, &needs.edit_role]
                .into_iter()
                .all(|needed| needed.as_ref().is_none_or(|needed| role.permits(needed)))
        };
        let able = roles.iter().filter(|role| has(role));
        let able: BTreeSet<&str> = able.map(|role| role.key().as_str()).collect();
        // Where no role has the permission, that is what the catalogue says.
        if able.is_empty() || able.iter().any(|key| is_editor(key)) {
            return;
        }
        let message = "nobody can define roles: none of these has the permission in `needs`";
        self.expect("rules.role_editors", message, one_of(&able));
    }

    fn gives(&self, giver: &Role, role: &Role) -> bool {
        giver.permits(&self.catalogue.needs.change_roles) && giver.reaches(Power::Assign, role)
    }
}
