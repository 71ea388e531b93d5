//! Making, changing and deleting roles; giving and taking them.

use jackfield_access::{RoleDef, RoleKey};
use jackfield_directory::{Command, Precondition, RoleCommand};
use jackfield_model::Id;

use crate::error::Error;
use crate::session::Session;

/// What a change of roles came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The role's or user's record.
    pub id: Id,
    /// Whether anything changed.
    pub changed: bool,
    /// What deserves a second look, though it was done.
    pub warnings: Vec<String>,
}

impl Session {
    /// Makes a custom role.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn create_role(&self, key: RoleKey, def: RoleDef) -> Result<RoleChange, Error> {
        let named = key.clone();
        let made = self.change_roles(RoleCommand::Create { key, def }).await?;
        Ok(self.warn_of_role(made, &named))
    }

    /// Defines a custom role anew, if it is at this version.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn edit_role(
        &self,
        key: RoleKey,
        def: RoleDef,
        expect: Precondition,
    ) -> Result<RoleChange, Error> {
        let named = key.clone();
        let edit = RoleCommand::Edit { key, def, expect };
        let edited = self.change_roles(edit).await?;
        Ok(self.warn_of_role(edited, &named))
    }

    /// Deletes a custom role, if it is at this version; its holders keep their other roles.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn delete_role(
        &self,
        key: RoleKey,
        expect: Precondition,
    ) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Delete { key, expect }).await
    }

    /// Gives a user a role, in place of another where a user holds one.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn assign_role(&self, user: Id, role: RoleKey) -> Result<RoleChange, Error> {
        let key = role.clone();
        let assigned = self
            .change_roles(RoleCommand::Assign { user, role })
            .await?;
        Ok(self.warn_of_user(assigned, &key))
    }

    /// Takes a role from a user.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn unassign_role(&self, user: Id, role: RoleKey) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Unassign { user, role })
            .await
    }

    /// Notes that the holders of a role were looked at and are right.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn review_role(&self, role: RoleKey) -> Result<RoleChange, Error> {
        self.change_roles(RoleCommand::Review { role }).await
    }

    async fn change_roles(&self, command: RoleCommand) -> Result<RoleChange, Error> {
        let written = self.write(Command::Role(command)).await?;
        Ok(RoleChange {
            id: written.id.ok_or(Error::Internal)?,
            changed: written.changed,
            warnings: Vec::new(),
        })
    }

    fn warn_of_role(&self, mut change: RoleChange, key: &RoleKey) -> RoleChange {
        let snapshot = self.snapshot();
        let role = snapshot.roles().get(key.as_str());
        if role.is_some_and(jackfield_access::Role::is_blank) {
            let warning = "The role permits nothing: its holders see an almost empty dashboard.";
            change.warnings.push(warning.to_owned());
        }
        change
    }

    fn warn_of_user(&self, mut change: RoleChange, key: &RoleKey) -> RoleChange {
        let snapshot = self.snapshot();
        let Some(user) = snapshot.record(change.id) else {
            return change;
        };
        let effective = snapshot.effective_of(user);
        for role in effective.without_effect() {
            change.warnings.push(format!(
                "{} has no effect: a custom role does not restrict {}.",
                role.title(),
                effective
                    .acting()
                    .iter()
                    .map(|role| role.title())
                    .collect::<Vec<_>>()
                    .join(", "),
            ));
        }
        if !effective.shows(key.as_str()) {
            let shown: Vec<&str> = effective.shown().iter().map(|role| role.title()).collect();
            change.warnings.push(format!(
                "The user is seen as {} still: a grant that ranks higher covers this one.",
                shown.join(", ")
            ));
        }
        change
    }
}
