//! What the actor's credential may be used for, which may be less than the actor may do.

use jackfield_access::{ApiScope, Denial, Scope};
use jackfield_model::path::PatchOp;
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind};

use super::draft::Draft;
use super::{Command, Refusal, action};

/// What a change takes: of a credential of a connection, and of a token of the HTTP API.
pub(super) type Taken = (Scope, ApiScope);

/// What it takes to give and take roles, and to define them.
pub(super) const ROLES: Taken = (Scope::Roles, ApiScope::RolesWrite);

impl Draft<'_> {
    /// Refuses a command that the credential was not made for, though it would change nothing.
    pub(super) fn check_scope(&mut self, command: &Command) -> Result<(), Refusal> {
        let taken = match command {
            // A user's roles are given by this attribute, too. Which of the two scopes the rest of
            // the plan takes depends on whether any role changes.
            Command::Patch { id, kind, ops, .. } if *kind == Kind::User && is_about_roles(ops) => {
                self.try_to(action::ROLES, *id);
                let may_give = self.require_scope(ROLES);
                return may_give
                    .or_else(|refusal| self.require_scope(of(*kind)).map_err(|_| refusal));
            }
            Command::Create { kind, .. } => of(*kind),
            Command::Replace { id, kind, .. }
            | Command::Patch { id, kind, .. }
            | Command::Delete { id, kind, .. } => self.scope_of(*id, *kind),
            Command::Role(_) => ROLES,
            Command::AddCredential(credential) => self.of_credential(credential.principal),
            Command::RemoveCredential(id) | Command::RenewCredential { id, .. } => {
                let credential = self.snapshot.credential(*id);
                credential.map_or(of(Kind::Service), |it| self.of_credential(it.principal))
            }
            Command::Hold(_) | Command::Release(_) => of(Kind::Connection),
            // The program's own, that has no credential.
            Command::Declare(_) | Command::Suspend(_) => return Ok(()),
        };
        self.require_scope(taken)
    }

    /// Refuses what takes this scope, where the actor's credential does not have it.
    pub(super) fn require_scope(&self, (scope, api): Taken) -> Result<(), Refusal> {
        let own = self.ctx.mandate;
        let (taken, has) = match (own.scopes.contains(scope), own.api.contains(api)) {
            (true, true) => return Ok(()),
            (false, _) => (scope.name(), own.scopes.to_string()),
            (true, false) => (api.name(), own.api.to_string()),
        };
        let why = format!("this takes the scope {taken}; the credential has: {has}");
        Err(Refusal::Forbidden(Denial::by("scope", why)))
    }

    /// Clients name roles as groups.
    fn scope_of(&self, id: Id, kind: Kind) -> Taken {
        let is_role = |record: &jackfield_model::Record| record.kind == Kind::Role;
        match self.snapshot.record(id) {
            Some(record) if is_role(record) => ROLES,
            _ => of(kind),
        }
    }

    fn of_credential(&self, principal: Id) -> Taken {
        let record = self.snapshot.record(principal);
        of(record.map_or(Kind::Service, |record| record.kind))
    }
}

/// Whether a patch of a user is about the user's roles, and about nothing else.
pub(super) fn is_about_roles(ops: &[PatchOp]) -> bool {
    !ops.is_empty() && ops.iter().all(|op| op.path.attr == attr::ROLES)
}

/// What it takes to change records of this kind.
fn of(kind: Kind) -> Taken {
    match kind {
        Kind::User => (Scope::Users, ApiScope::UsersWrite),
        Kind::Role => ROLES,
        Kind::Group => (Scope::Groups, ApiScope::DirectoryWrite),
        Kind::Extension | Kind::Desk | Kind::Contact => (Scope::Users, ApiScope::DirectoryWrite),
        Kind::Service | Kind::Device | Kind::Connection => (Scope::Users, ApiScope::AccountsWrite),
    }
}
