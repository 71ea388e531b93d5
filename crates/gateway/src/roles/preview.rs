//! What another file of the tenant, or other mapping rules, would change for whom.

use std::collections::BTreeSet;

use jackfield_access::Action;
use jackfield_directory::plan::Declaration;
use jackfield_directory::{Command, Snapshot};
use jackfield_model::{GrantSource, Id, Kind, MappingRule, Principal, Record, Settings};
use smol_str::SmolStr;

use super::RoleOrigin;
use crate::error::Error;
use crate::session::Session;

/// What a tenant's file would change for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The user.
    pub user: Id,
    /// The user name.
    pub name: String,
    /// The titles of the roles now.
    pub before: Vec<String>,
    /// The titles of the roles then.
    pub after: Vec<String>,
    /// Whether a grant is kept then, for want of another holder.
    pub retained: bool,
}

impl Session {
    /// What a declaration would change for whom. Nothing is changed.
    ///
    /// # Errors
    /// What would stand in its way.
    pub async fn preview(&self, declared: Declaration) -> Result<Vec<Shift>, Error> {
        let rehearsal = self.rehearse();
        let before = rehearsal.snapshot();
        rehearsal
            .write(Command::Declare(Box::new(declared)))
            .await?;
        let after = rehearsal.snapshot();
        let mut shifts = Vec::new();
        for user in before.all_of(Kind::User) {
            let (old, new) = (titles(&before, user), titles(&after, user));
            let retained = is_retained(&after, user);
            if old != new || retained && !is_retained(&before, user) {
                shifts.push(Shift {
                    user: user.id,
                    name: user.login().unwrap_or_default().to_owned(),
                    before: old,
                    after: new,
                    retained,
                });
            }
        }
        Ok(shifts)
    }

    /// What other mapping rules, in place of those there are, would change for whom. Nothing is
    /// changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to people who may not see roles and users; [`Error::InvalidValue`] for
    /// roles that there are not.
    pub async fn preview_rules(&self, rules: Vec<MappingRule>) -> Result<Vec<Shift>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask(&snapshot, Action::ViewRoles)?;
        self.ask_to_view_users(&snapshot)?;
        let is_unknown = |key: &&SmolStr| snapshot.roles().get(key).is_none();
        if let Some(key) = rules.iter().flat_map(|rule| &rule.roles).find(is_unknown) {
            let problem = format!("there is no role {key:?}");
            return Err(Error::invalid_value("rules", problem));
        }
        let custom = self.roles()?.into_iter();
        let declared = custom.filter(|role| role.origin == RoleOrigin::Declared);
        let declaration = Declaration {
            settings: Settings {
                mappings: rules,
                ..(**snapshot.settings()).clone()
            },
            schemas: snapshot.schemas().declared(),
            catalogue: snapshot.catalogue().clone(),
            custom_roles: declared.map(|role| (role.key, role.def)).collect(),
        };
        let config = self.with_principal(Principal::Config);
        config.preview(declaration).await
    }
}

fn titles(snapshot: &Snapshot, user: &Record) -> Vec<String> {
    let titles: BTreeSet<String> = snapshot
        .roles_of(user)
        .map(|role| role.common_name().to_string())
        .collect();
    titles.into_iter().collect()
}

fn is_retained(snapshot: &Snapshot, user: &Record) -> bool {
    snapshot.grants_of(user).any(|(_, sources)| {
        sources
            .iter()
            .any(|source| matches!(source, GrantSource::Retained(_)))
    })
}
