//! What is done, and what is tried, in the words of the audit log.

use jackfield_model::{CredentialKind, Id, Kind};
use smol_str::{SmolStr, format_smolstr};

use super::{Command, RoleCommand};
use crate::snapshot::Snapshot;

pub(super) const ROLES: &str = "user.roles";
pub(super) const PASSWORD: &str = "user.password";
pub(super) const EXTENSIONS: &str = "user.extensions";
pub(super) const DESKS: &str = "user.desks";
pub(super) const MEMBERS: &str = "group.members";
pub(super) const CREATE_CREDENTIAL: &str = "credential.create";
pub(super) const REVOKE_CREDENTIAL: &str = "credential.revoke";
pub(super) const SET_SIP_SECRET: &str = "sip-secret.set";
pub(super) const REMOVE_SIP_SECRET: &str = "sip-secret.remove";
pub(super) const HOLD: &str = "connection.hold";
pub(super) const RELEASE: &str = "connection.release";
pub(super) const SUSPEND: &str = "tenant.suspend";
pub(super) const RESUME: &str = "tenant.resume";
pub(super) const CREATE_ROLE: &str = "role.create";
pub(super) const EDIT_ROLE: &str = "role.edit";
pub(super) const DELETE_ROLE: &str = "role.delete";
pub(super) const REVIEW_ROLE: &str = "role.review";

/// What is tried, and with which record.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) action: SmolStr,
    pub(super) target: Option<Id>,
}

pub(super) fn create(kind: Kind) -> SmolStr {
    format_smolstr!("{}.create", kind.name())
}

pub(super) fn edit(kind: Kind) -> SmolStr {
    format_smolstr!("{}.edit", kind.name())
}

pub(super) fn delete(kind: Kind) -> SmolStr {
    format_smolstr!("{}.delete", kind.name())
}

impl Tried {
    pub(super) fn new(action: impl Into<SmolStr>, target: impl Into<Option<Id>>) -> Self {
        let (action, target) = (action.into(), target.into());
        Self { action, target }
    }

    /// What a command tries as a whole; its parts say it for themselves.
    pub(super) fn of(command: &Command, snapshot: &Snapshot) -> Self {
        match command {
            Command::Create { kind, .. } => Self::new(create(*kind), None),
            Command::Replace { id, kind, .. } | Command::Patch { id, kind, .. } => {
                Self::new(edit(*kind), *id)
            }
            Command::Delete { id, kind, .. } => Self::new(delete(*kind), *id),
            Command::Declare(_) => Self::new("tenant.declare", None),
            Command::Suspend(true) => Self::new(SUSPEND, None),
            Command::Suspend(false) => Self::new(RESUME, None),
            Command::AddCredential(credential) => {
                let action = match credential.kind {
                    CredentialKind::Sip => SET_SIP_SECRET,
                    _ => CREATE_CREDENTIAL,
                };
                Self::new(action, credential.principal)
            }
            Command::RemoveCredential(id) => match snapshot.credential(*id) {
                Some(sip) if sip.kind == CredentialKind::Sip => {
                    Self::new(REMOVE_SIP_SECRET, sip.principal)
                }
                other => Self::new(REVOKE_CREDENTIAL, other.map(|it| it.principal)),
            },
            Command::Hold(id) => Self::new(HOLD, *id),
            Command::Release(id) => Self::new(RELEASE, *id),
            Command::RenewCredential { .. } => Self::new("credential.renew", None),
            Command::Role(command) => Self::of_role(command, snapshot),
        }
    }

    fn of_role(command: &RoleCommand, snapshot: &Snapshot) -> Self {
        let (action, key) = match command {
            RoleCommand::Create { .. } => return Self::new(CREATE_ROLE, None),
            RoleCommand::Assign { user, .. } | RoleCommand::Unassign { user, .. } => {
                return Self::new(ROLES, *user);
            }
            RoleCommand::Edit { key, .. } => (EDIT_ROLE, key),
            RoleCommand::Delete { key, .. } => (DELETE_ROLE, key),
            RoleCommand::Review { role } => (REVIEW_ROLE, role),
        };
        let role = snapshot.role_record(key.as_str());
        Self::new(action, role.map(|role| role.id))
    }
}
