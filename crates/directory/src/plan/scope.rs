//! What the actor's credential may be used for, which may be less than the actor may do.

use jackfield_access::{Scope, Scopes};
use jackfield_model::{Id, Kind};

use super::draft::Draft;
use super::{Command, Refusal};

impl Draft<'_> {
    /// Refuses a command that the credential was not made for, though it would change nothing.
    pub(super) fn check_scope(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Create { kind, .. } => self.require_scope(of(*kind)),
            Command::Replace { id, kind, .. }
            | Command::Patch { id, kind, .. }
            | Command::Delete { id, kind, .. } => self.require_scope(self.scope_of(*id, *kind)),
            Command::Role(_) => self.require_scope(Scope::Roles),
            // The operator's own, who has no credential here.
            Command::Declare(_)
            | Command::Suspend(_)
            | Command::AddCredential(_)
            | Command::RemoveCredential(_)
            | Command::RenewCredential { .. }
            | Command::Hold(_)
            | Command::Release(_) => Ok(()),
        }
    }

    /// Refuses what takes this scope, where the actor's credential does not have it.
    pub(super) fn require_scope(&self, scope: Scope) -> Result<(), Refusal> {
        let scopes: Scopes = self.ctx.mandate.scopes;
        if scopes.contains(scope) {
            return Ok(());
        }
        Err(Refusal::Forbidden(format!(
            "this takes the scope {}; the credential has: {scopes}",
            scope.name()
        )))
    }

    /// Clients name roles as groups.
    fn scope_of(&self, id: Id, kind: Kind) -> Scope {
        let is_role = |record: &jackfield_model::Record| record.kind == Kind::Role;
        match self.snapshot.record(id) {
            Some(record) if is_role(record) => Scope::Roles,
            _ => of(kind),
        }
    }
}

/// The scope that it takes to change records of this kind.
fn of(kind: Kind) -> Scope {
    match kind {
        Kind::Group => Scope::Groups,
        Kind::Role => Scope::Roles,
        Kind::User
        | Kind::Extension
        | Kind::Desk
        | Kind::Contact
        | Kind::Service
        | Kind::Device
        | Kind::Connection => Scope::Users,
    }
}
