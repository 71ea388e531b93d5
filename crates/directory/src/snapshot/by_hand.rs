//! What a user's roles come to once somebody whom the catalogue binds gives or takes one.

use jackfield_access::{Effective, RoleKey};
use jackfield_model::{GrantSource, Record};

use super::Snapshot;

impl Snapshot {
    /// Those after the role is given, in place of others where a user holds one of the kind.
    pub fn effective_with(&self, user: &Record, role: &RoleKey) -> Effective<'_> {
        let roles = self.roles();
        let goes = |own: &str| own != role.as_str() && roles.is_instead(role.as_str(), own);
        roles.effective(self.kept(user, goes).chain([role.as_str()]))
    }

    /// Those after the role is taken, whoever gave it.
    pub fn effective_without(&self, user: &Record, role: &RoleKey) -> Effective<'_> {
        let goes = |own: &str| own == role.as_str();
        self.roles().effective(self.kept(user, goes))
    }

    /// The keys of the roles that stay, since they do not go or a rule gives them again.
    fn kept<'s>(
        &'s self,
        user: &Record,
        goes: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'s str> {
        let grants = self.grants_of(user);
        grants.filter_map(move |(own, sources)| {
            let key = own.login()?;
            let stays = !goes(key) || sources.iter().any(GrantSource::is_by_rule);
            stays.then_some(key)
        })
    }
}
