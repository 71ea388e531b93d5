//! Planning: what a command would change, and whether it may.
//!
//! [`plan`] is pure. It works on a draft, a copy of the snapshot to which each change is applied
//! as it is planned, so that every rule sees the outcome of what went before; the draft becomes
//! the next snapshot once its change set is committed.

mod action;
mod assignments;
mod authority;
mod bounds;
mod create;
mod credential;
mod declare;
mod delete;
mod draft;
mod edit;
mod groups;
mod guard;
mod members;
mod own;
mod password;
mod patch;
mod patch_values;
mod pending;
mod replace;
mod role_command;
mod roles;
mod schemas;
mod scope;
mod settle;
mod shown;
mod together;
mod work;

use std::fmt;

use jackfield_access::{Catalogue, Denial, Mandate, NoSeat, RoleDef, RoleKey};
use jackfield_model::path::PatchOp;
use jackfield_model::{
    AttrId, Attributes, AuditEntry, ChangeSet, Credential, Id, IdSource, Kind, Origin, OwnSchemas,
    Principal, Settings, Timestamp, Verifier,
};

use crate::snapshot::{ApplyError, Snapshot};
use draft::Draft;

pub use authority::OPERATOR;
pub use bounds::{LONGEST_SHOWN, LONGEST_TEXT, MOST_VALUES};
pub use patch::MOST_VISITED;
pub use pending::{LONGEST_NAME, MOST_PENDING};
pub use role_command::RoleCommand;
pub use together::{Done, Together, together};

/// Under which circumstances a command is planned.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// Who acts.
    pub actor: Principal,
    /// What the actor's credential may be used for.
    pub mandate: &'c Mandate,
    /// Through what.
    pub origin: &'c Origin,
    /// When.
    pub now: Timestamp,
    /// Where ids come from.
    pub ids: &'c dyn IdSource,
    /// What the password in the command is checked against, if one came and is taken.
    pub password: Option<&'c Verifier>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Makes a record. The bag holds stored attributes and, as if they were stored, `MEMBERS`,
    /// `ROLES`, `EXTENSIONS`, `DESKS`, `EXTERNAL_ID` and `PASSWORD`.
    Create {
        /// What kind of record.
        kind: Kind,
        /// Its attributes.
        attributes: Attributes,
    },
    /// Puts these attributes in place of those that the record has.
    Replace {
        /// Which record.
        id: Id,
        /// `User`, or `Group` for groups and roles.
        kind: Kind,
        /// As for `Create`.
        attributes: Attributes,
        /// Attributes that the client left out and that stay as they are.
        keep: Vec<AttrId>,
        /// At which version.
        expect: Precondition,
    },
    /// Changes parts of a record (RFC 7644 §3.5.2).
    Patch {
        /// Which record.
        id: Id,
        /// As for `Replace`.
        kind: Kind,
        /// What to do, in order; all of it or nothing.
        ops: Vec<PatchOp>,
        /// At which version.
        expect: Precondition,
    },
    /// Removes a record, or, for a connection that does not own it, what it has to do with it.
    Delete {
        /// Which record.
        id: Id,
        /// As for `Replace`.
        kind: Kind,
        /// At which version.
        expect: Precondition,
    },
    /// Puts in place what the tenant's file declares.
    Declare(Box<Declaration>),
    /// Suspends the tenant, whose file is gone, or lets it in again.
    Suspend(bool),
    /// Adds a credential; of a user's passwords there is one, which it replaces.
    AddCredential(Credential),
    /// Removes a credential.
    RemoveCredential(Id),
    /// Lets a connection disable and delete no users until it is released.
    Hold(Id),
    /// Lets a connection that is held go on.
    Release(Id),
    /// Keeps the secret of a credential in a better way, if it is still there.
    RenewCredential {
        /// Which credential.
        id: Id,
        /// What it is checked against from now on.
        verifier: Verifier,
    },
    /// Does something about roles.
    Role(RoleCommand),
}

/// What a tenant's file declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// Its settings.
    pub settings: Settings,
    /// Its own schemas; their numbers are given when they are put in place.
    pub schemas: OwnSchemas,
    /// Its role system.
    pub catalogue: Catalogue,
    /// Its own roles.
    pub custom_roles: Vec<(RoleKey, RoleDef)>,
}

/// Which version of a record a command is for (RFC 7232 §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Any.
    #[default]
    None,
    /// Any, but there must be one.
    Exists,
    /// One of these.
    Versions(Vec<u64>),
}

/// What a command comes to.
#[derive(Debug)]
pub struct Planned {
    /// What to commit; `None` if nothing would change.
    pub set: Option<ChangeSet>,
    /// The snapshot as it will be.
    pub snapshot: Snapshot,
    /// The record that it is about.
    pub id: Option<Id>,
    /// What is done otherwise than asked.
    pub notes: Vec<Note>,
}

/// What a plan does otherwise than asked, for whoever looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Members that are not there are waited for.
    Pending {
        /// How many of those that were named.
        waiting: usize,
        /// How many of these are left out, because the group waits for too many already.
        left_out: usize,
    },
    /// The inactive user of that `externalId` is active again, in place of a new one.
    Revived,
    /// The element that a path chooses was not there and was made.
    ElementMade,
    /// The record's attributes stay as they are: they are another connection's to write.
    Foreign {
        /// The connection that owns the record, by its name.
        owner: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending {
                waiting,
                left_out: 0,
            } => write!(f, "{waiting} members are not there and are waited for"),
            Self::Pending { waiting, left_out } => write!(
                f,
                "{waiting} members are not there; {left_out} of them are not even waited for"
            ),
            Self::Revived => f.write_str("the inactive user of this externalId is active again"),
            Self::ElementMade => f.write_str("an element that was not there was made"),
            Self::Foreign { owner } => {
                write!(f, "attributes stay as the connection {owner:?} wrote them")
            }
        }
    }
}

/// Why a command is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such record, or not of that kind.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Another record has this value already.
    #[error("another {kind} has this {attribute} already")]
    Taken {
        /// What kind of record.
        kind: &'static str,
        /// Which attribute.
        attribute: String,
    },
    /// A value cannot be.
    #[error("{path}: {problem}")]
    InvalidValue {
        /// Which attribute, by its path.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A patch path matches nothing.
    #[error("{path} matches nothing")]
    NoTarget {
        /// The path.
        path: String,
    },
    /// The attribute cannot be changed so.
    #[error("{path} cannot be changed: {problem}")]
    Mutability {
        /// The path.
        path: String,
        /// Why.
        problem: String,
    },
    /// The record is at another version.
    #[error("the record has changed in the meantime")]
    VersionMismatch,
    /// The actor may not.
    #[error("{0}")]
    Forbidden(Denial),
    /// The connection disabled or deleted too many of its users at once.
    #[error(
        "the connection {connection:?} disabled or deleted too many of its users at once and is held until an operator releases it"
    )]
    Held {
        /// Its name.
        connection: String,
    },
    /// The licence has no seat for one more user.
    #[error("{0}")]
    NoSeat(NoSeat),
    /// Nobody may: a rule protects the record.
    #[error("{0}")]
    Protected(Denial),
    /// The plan does not fit the snapshot: a mistake of the program.
    #[error(transparent)]
    Mistake(#[from] ApplyError),
}

/// A refusal, and what the audit log is told of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// Why the command is not done.
    pub refusal: Refusal,
    /// What was tried; nothing, if no rule stood in its way.
    pub told: Option<Box<AuditEntry>>,
}

/// Plans a command.
///
/// # Errors
/// [`Refused`] with the reason; nothing is to be done then.
pub fn plan(snapshot: &Snapshot, ctx: &Context<'_>, command: &Command) -> Result<Planned, Refused> {
    let mut draft = Draft::new(snapshot, ctx);
    let outcome = run(&mut draft, command).and_then(|id| {
        draft.try_command(command);
        settle::settle(&mut draft).map(|()| id)
    });
    match outcome {
        Ok(id) => Ok(draft.finish(id)),
        Err(refusal) => Err(draft.refused(refusal)),
    }
}

/// What the command itself does; what follows from it is [`settle`]'s. Gives the record that it is
/// about.
fn run(draft: &mut Draft<'_>, command: &Command) -> Result<Option<Id>, Refusal> {
    draft.try_command(command);
    draft.check_actor()?;
    draft.check_scope(command)?;
    Ok(match command {
        Command::Create { kind, attributes } => Some(create::create(draft, *kind, attributes)?),
        Command::Replace {
            id,
            kind,
            attributes,
            keep,
            expect,
        } => {
            let record = draft.expected(*id, *kind, expect)?;
            draft.note_owner(&record);
            replace::replace(draft, &record, attributes, keep)?;
            Some(*id)
        }
        Command::Patch {
            id,
            kind,
            ops,
            expect,
        } => {
            let record = draft.expected(*id, *kind, expect)?;
            draft.note_owner(&record);
            patch::patch(draft, &record, ops)?;
            Some(*id)
        }
        Command::Delete { id, kind, expect } => {
            let record = draft.expected(*id, *kind, expect)?;
            delete::delete(draft, &record)?;
            Some(*id)
        }
        Command::Declare(declaration) => {
            declare::declare(draft, declaration)?;
            None
        }
        Command::Suspend(suspended) => {
            declare::suspend(draft, *suspended)?;
            None
        }
        Command::AddCredential(credential) => Some(credential::add(draft, credential)?),
        Command::RemoveCredential(id) => Some(credential::remove(draft, *id)?),
        Command::Hold(id) => {
            guard::hold(draft, *id)?;
            Some(*id)
        }
        Command::Release(id) => {
            guard::release(draft, *id)?;
            Some(*id)
        }
        Command::RenewCredential { id, verifier } => Some(credential::renew(draft, *id, verifier)?),
        Command::Role(command) => Some(role_command::run(draft, command)?),
    })
}
