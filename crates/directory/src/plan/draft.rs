//! A copy of the snapshot to which each change is applied as it is planned.

use std::sync::Arc;

use jackfield_access::{Denial, Mandate};
use jackfield_model::{
    AuditChange, AuditEntry, Change, ChangeSet, Id, Kind, Number, Outcome, Principal, Record,
};
use smol_str::SmolStr;

use super::action::Tried;
use super::{Command, Context, Note, Planned, Precondition, Refusal, Refused};
use crate::snapshot::Snapshot;

pub(super) struct Draft<'c> {
    /// The tenant before the command.
    pub(super) base: &'c Snapshot,
    pub(super) snapshot: Snapshot,
    pub(super) ctx: Context<'c>,
    changes: Vec<Change>,
    audit: Vec<AuditEntry>,
    notes: Vec<Note>,
    /// What is being tried, if it is refused.
    tried: Tried,
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
            tried: Tried::new("", None),
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
            tried: self.tried.clone(),
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

    /// Tells about what is done to a record.
    pub(super) fn tell(
        &mut self,
        action: impl Into<SmolStr>,
        target: Option<&Record>,
        changes: Vec<AuditChange>,
    ) {
        self.tell_outcome(action, target, changes, Outcome::Done);
    }

    pub(super) fn tell_outcome(
        &mut self,
        action: impl Into<SmolStr>,
        target: Option<&Record>,
        changes: Vec<AuditChange>,
        outcome: Outcome,
    ) {
        let entry = self.entry(action.into(), target, changes, outcome);
        self.audit.push(entry);
    }

    fn entry(
        &self,
        action: SmolStr,
        target: Option<&Record>,
        changes: Vec<AuditChange>,
        outcome: Outcome,
    ) -> AuditEntry {
        AuditEntry {
            at: self.ctx.now,
            actor: self.ctx.actor,
            actor_name: Some(self.base.actor_name(self.ctx.actor)),
            origin: self.ctx.origin.clone(),
            action,
            target: target.map(|record| record.id),
            target_name: target
                .and_then(|record| record.login())
                .unwrap_or_default()
                .to_owned(),
            outcome,
            changes,
        }
    }

    /// Says what comes next: so it is called if it is refused.
    pub(super) fn try_to(&mut self, action: impl Into<SmolStr>, target: impl Into<Option<Id>>) {
        self.tried = Tried::new(action, target);
    }

    /// As [`try_to`](Self::try_to), what a command tries as a whole.
    pub(super) fn try_command(&mut self, command: &Command) {
        self.tried = Tried::of(command, &self.snapshot);
    }

    /// A refusal, with what the audit log is told of it. Of a mistyped request it is told nothing.
    pub(super) fn refused(&self, refusal: Refusal) -> Refused {
        let is_told = matches!(
            refusal,
            Refusal::Forbidden(_) | Refusal::Protected(_) | Refusal::NoSeat(_)
        );
        let told = is_told.then(|| {
            let Tried { action, target } = self.tried.clone();
            let (id, outcome) = (target, Outcome::Refused(refusal.to_string()));
            let target = id.and_then(|id| self.snapshot.record(id));
            let entry = self.entry(action, target.map(|it| &**it), Vec::new(), outcome);
            Box::new(AuditEntry {
                target: id,
                ..entry
            })
        });
        Refused { refusal, told }
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
