//! A copy of the snapshot to which each change is applied as it is planned.

use std::sync::Arc;

use jackfield_access::{Action, Actor, Ceiling, Decision, Denial, Mandate, Reason, decide};
use jackfield_model::schema::attr;
use jackfield_model::{
    AuditChange, AuditEntry, Change, ChangeSet, ConnectionKind, Id, Kind, Number, Outcome,
    Principal, Record,
};
use smol_str::SmolStr;

use super::{Context, Note, Planned, Precondition, Refusal};
use crate::snapshot::Snapshot;

/// What stands in a service account's `actsAs` for the operator; no role has such a key.
pub const OPERATOR: &str = "*";

/// What is done to a record that is no user.
#[derive(Clone, Copy)]
pub(super) enum Care {
    Create,
    Edit,
    Delete,
}

pub(super) struct Draft<'c> {
    /// The tenant before the command.
    pub(super) base: &'c Snapshot,
    pub(super) snapshot: Snapshot,
    pub(super) ctx: Context<'c>,
    changes: Vec<Change>,
    audit: Vec<AuditEntry>,
    notes: Vec<Note>,
}

/// How far a plan was at some time.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    changes: usize,
    audit: usize,
}

impl<'c> Draft<'c> {
    pub(super) fn new(base: &'c Snapshot, ctx: &Context<'c>) -> Self {
        Self {
            base,
            snapshot: base.clone(),
            ctx: *ctx,
            changes: Vec::new(),
            audit: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What was planned so far.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How far the plan is.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            changes: self.changes.len(),
            audit: self.audit.len(),
        }
    }

    /// Keeps what was planned since, and what is to be told of it if anything changes. Says whether
    /// anything does.
    pub(super) fn keep_since(&mut self, mark: Mark) -> bool {
        let has_changed = self.changes.len() != mark.changes;
        if !has_changed {
            self.audit.truncate(mark.audit);
        }
        has_changed
    }

    /// Refuses who was removed while the command waited.
    pub(super) fn check_actor(&self) -> Result<(), Refusal> {
        let actor = self.ctx.actor.record();
        if actor.is_some_and(|id| self.snapshot.record(id).is_none()) {
            let gone = Denial::by("actor", "who acts is no longer there");
            return Err(Refusal::Forbidden(gone));
        }
        Ok(())
    }

    /// Says to whoever asked what was done otherwise than asked.
    pub(super) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Plans something as somebody else, who asked for it earlier.
    pub(super) fn acting<T>(
        &mut self,
        actor: Principal,
        work: impl FnOnce(&mut Draft<'_>) -> T,
    ) -> T {
        let own = Mandate::default();
        let ctx = Context {
            actor,
            password: None,
            mandate: match actor == self.ctx.actor {
                true => self.ctx.mandate,
                false => &own,
            },
            ..self.ctx
        };
        let mut other = Draft {
            base: self.base,
            snapshot: std::mem::take(&mut self.snapshot),
            ctx,
            changes: std::mem::take(&mut self.changes),
            audit: std::mem::take(&mut self.audit),
            notes: Vec::new(),
        };
        let outcome = work(&mut other);
        self.snapshot = other.snapshot;
        self.changes = other.changes;
        self.audit = other.audit;
        outcome
    }

    /// Plans a change: later steps see it done.
    pub(super) fn push(&mut self, change: Change) -> Result<(), Refusal> {
        self.snapshot.apply_changes([&change])?;
        self.changes.push(change);
        Ok(())
    }

    /// Plans changes that belong together; cheaper than one by one where roles are concerned.
    pub(super) fn push_all(&mut self, changes: Vec<Change>) -> Result<(), Refusal> {
        self.snapshot.apply_changes(&changes)?;
        self.changes.extend(changes);
        Ok(())
    }

    /// The record that a command is for.
    pub(super) fn expected(
        &self,
        id: Id,
        kind: Kind,
        expect: &Precondition,
    ) -> Result<Arc<Record>, Refusal> {
        let same = |own: Kind| own == kind || (kind == Kind::Group && own == Kind::Role);
        let record = self.snapshot.record(id).filter(|record| same(record.kind));
        match (record, expect) {
            (Some(record), Precondition::None | Precondition::Exists) => Ok(Arc::clone(record)),
            (Some(record), Precondition::Versions(versions)) => {
                let current = versions.contains(&record.version);
                if current {
                    Ok(Arc::clone(record))
                } else {
                    Err(Refusal::VersionMismatch)
                }
            }
            (None, _) => Err(Refusal::NotFound(kind.name())),
        }
    }

    /// A record that is not there yet.
    pub(super) fn new_record(&self, kind: Kind) -> Record {
        Record {
            id: Id(self.ctx.ids.id()),
            kind,
            number: Number(self.snapshot.next_number()),
            created: self.ctx.now,
            modified: self.ctx.now,
            version: self.version(),
            attributes: jackfield_model::Attributes::new(),
        }
    }

    /// The version of what this draft changes.
    pub(super) fn version(&self) -> u64 {
        self.snapshot.revision().next().0
    }

    /// Says that the record's outside view changed.
    pub(super) fn touch(&mut self, id: Id) -> Result<(), Refusal> {
        let version = self.version();
        let is_current = self
            .snapshot
            .record(id)
            .is_none_or(|record| record.version == version);
        if is_current {
            return Ok(());
        }
        self.push(Change::Touch {
            id,
            modified: self.ctx.now,
            version,
        })
    }

    /// Asks the catalogue.
    pub(super) fn decide(&self, action: Action<'_>) -> Result<(), Refusal> {
        let Decision::Deny(reason) = self.verdict(action) else {
            return Ok(());
        };
        let denial = Denial::of(&reason, self.snapshot.roles(), action);
        Err(match reason {
            Reason::LastHolder(_) => Refusal::Protected(denial),
            _ => Refusal::Forbidden(denial),
        })
    }

    fn verdict(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        match self.ctx.actor {
            Principal::System | Principal::Config | Principal::Operator => {
                decide(roles, Actor::System, action)
            }
            Principal::Connection(_) => self.decide_connection(action),
            Principal::Person(id) => match self.snapshot.record(id) {
                Some(person) if person.is_active() => decide(
                    roles,
                    Actor::Person(&self.snapshot.effective_of(person)),
                    action,
                ),
                _ => decide(roles, Actor::Reader, action),
            },
            Principal::Service(_) => self.decide_service(action),
            Principal::Anonymous | Principal::Device(_) => decide(roles, Actor::Reader, action),
        }
    }

    /// Refuses people, and accounts that act as they do, where no catalogue says which of them may.
    pub(super) fn require_provisioner(&self) -> Result<(), Refusal> {
        match self.ctx.actor {
            Principal::Service(_) if self.is_system() => Ok(()),
            Principal::System
            | Principal::Config
            | Principal::Operator
            | Principal::Connection(_) => Ok(()),
            Principal::Person(_)
            | Principal::Anonymous
            | Principal::Service(_)
            | Principal::Device(_) => {
                let why = "only provisioning clients and the operator do this";
                Err(Refusal::Forbidden(Denial::by("provisioners_only", why)))
            }
        }
    }

    /// Refuses those who may not look after records of this kind, which is no user: where the
    /// catalogue names a permission for it, people who do not have that.
    pub(super) fn require_for(&self, kind: Kind, care: Care) -> Result<(), Refusal> {
        let needs = &self.snapshot.catalogue().needs;
        let upkeep = match kind {
            Kind::Service | Kind::Device | Kind::Connection => return self.require_operator(),
            Kind::Extension => &needs.extensions,
            Kind::Desk => &needs.desks,
            Kind::Contact => &needs.contacts,
            Kind::User | Kind::Group | Kind::Role => return self.require_provisioner(),
        };
        let needed = match care {
            Care::Create => &upkeep.create,
            Care::Edit => &upkeep.edit,
            Care::Delete => &upkeep.delete,
        };
        match needed {
            Some(permission) if self.is_bound_by_catalogue() => {
                self.decide(Action::Use(permission))
            }
            _ => self.require_provisioner(),
        }
    }

    /// Refuses everybody but the program itself: who may come in, and as what, is not for those
    /// who did.
    pub(super) fn require_operator(&self) -> Result<(), Refusal> {
        if self.is_system() {
            Ok(())
        } else {
            let denial = Denial::by("operator_only", "only the operator does this");
            Err(Refusal::Forbidden(denial))
        }
    }

    /// The connection that acts, if one does.
    pub(super) fn connection(&self) -> Option<Id> {
        match self.ctx.actor {
            Principal::Connection(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the actor is a connection that is to be served by the letter of the RFCs.
    pub(super) fn is_strict(&self) -> bool {
        let record = self.connection().and_then(|id| self.snapshot.record(id));
        record.is_some_and(|record| record.connection_kind() == ConnectionKind::Strict)
    }

    /// A connection does what its own ceiling permits, and its credential's.
    fn decide_connection(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        let record = self.connection().and_then(|id| self.snapshot.record(id));
        let own = record.and_then(|record| record.attributes.text(attr::CEILING));
        let own = Ceiling::named(own.unwrap_or_default());
        match (
            decide(roles, Actor::Connection(&own), action),
            &self.ctx.mandate.ceiling,
        ) {
            (Decision::Permit, Some(lower)) => decide(roles, Actor::Connection(lower), action),
            (decision, _) => decision,
        }
    }

    /// A service account does what the holder of a role does, or what the operator does; one that
    /// acts as nobody reads only.
    fn decide_service(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        let role = self.acts_as().filter(|role| roles.get(role).is_some());
        match role {
            _ if self.is_system() => decide(roles, Actor::System, action),
            Some(role) => decide(roles, Actor::Person(&roles.effective([role])), action),
            None => decide(roles, Actor::Reader, action),
        }
    }

    /// As whom a service account acts: a role's key, or [`OPERATOR`].
    pub(super) fn acts_as(&self) -> Option<&str> {
        let Principal::Service(id) = self.ctx.actor else {
            return None;
        };
        let service = self.snapshot.record(id)?;
        service.attributes.text(attr::ACTS_AS)
    }

    /// Whether the actor is somebody for whom the catalogue says what may be changed, whoever gave
    /// it.
    pub(super) fn is_bound_by_catalogue(&self) -> bool {
        match self.ctx.actor {
            Principal::Person(_) => true,
            Principal::Service(_) => self.acts_as().is_some(),
            _ => false,
        }
    }

    /// Tells about what is done to a record.
    pub(super) fn tell(
        &mut self,
        action: &'static str,
        target: Option<&Record>,
        changes: Vec<AuditChange>,
    ) {
        self.tell_outcome(action, target, changes, Outcome::Done);
    }

    pub(super) fn tell_outcome(
        &mut self,
        action: &'static str,
        target: Option<&Record>,
        changes: Vec<AuditChange>,
        outcome: Outcome,
    ) {
        self.audit.push(AuditEntry {
            at: self.ctx.now,
            actor: self.ctx.actor,
            actor_name: Some(self.base.actor_name(self.ctx.actor)),
            origin: self.ctx.origin.clone(),
            action: SmolStr::new_static(action),
            target: target.map(|record| record.id),
            target_name: target
                .and_then(|record| record.login())
                .unwrap_or_default()
                .to_owned(),
            outcome,
            changes,
        });
    }

    pub(super) fn finish(self, id: Option<Id>) -> Planned {
        let Self {
            mut snapshot,
            ctx,
            changes,
            audit,
            notes,
            ..
        } = self;
        if changes.is_empty() {
            return Planned {
                set: None,
                snapshot,
                id,
                notes,
            };
        }
        snapshot.advance();
        let set = ChangeSet {
            id: ctx.ids.id(),
            at: ctx.now,
            actor: ctx.actor,
            changes,
            audit,
        };
        Planned {
            set: Some(set),
            snapshot,
            id,
            notes,
        }
    }
}
