//! Members that a connection names before they are there.
//!
//! A provider that is refused does not ask again (Okta takes 400 for final), so one unknown member
//! would cost it a whole push. What it called the member is kept beside the group instead. The
//! member joins once a record gets that name: the id that the client was told by us, or the
//! connection's own name for the record (`externalId`). Names of other connections and what people
//! are called make nobody a member: they are not the client's to choose by.

use std::collections::HashSet;

use jackfield_access::{Action, RoleKey, Subject};
use jackfield_model::{Change, Id, Kind, Outcome, Pending, Principal, Record};
use smol_str::{SmolStr, ToSmolStr as _};

use super::draft::Draft;
use super::members::{Membership, told_of};
use super::{Note, Refusal, scope};

/// How many members that are not there yet a group has at most; more are left out.
pub const MOST_PENDING: usize = 10_000;

/// How long their names are at most, in bytes.
pub const LONGEST_NAME: usize = 256;

impl Draft<'_> {
    /// Whether a member of this name may be waited for: by connections, unless they are strict.
    pub(super) fn may_expect(&self, name: &str) -> bool {
        let is_name = !name.trim().is_empty() && name.len() <= LONGEST_NAME;
        is_name && self.connection().is_some() && !self.is_strict()
    }

    /// The members of this name that the group waits for, as far as the actor may change them.
    pub(super) fn waiting(&self, group: &Record, name: &SmolStr) -> Vec<Pending> {
        let named = self.snapshot.expected().named(name);
        named
            .filter(|pending| pending.group == group.id && self.governs(group, pending))
            .collect()
    }

    /// The members that the group waits for and that are not among these names.
    pub(super) fn unexpected(&self, group: &Record, names: &[SmolStr]) -> Vec<Pending> {
        let kept: HashSet<&SmolStr> = names.iter().collect();
        let own = self.connection();
        let stays = |p: &&Pending| Some(p.connection) == own && kept.contains(&p.name);
        let all = self.snapshot.expected().of(group.id);
        all.filter(|pending| self.governs(group, pending) && !stays(pending))
            .cloned()
            .collect()
    }

    /// Of a role each connection gives its own grants; the members of a group are its owner's.
    fn governs(&self, group: &Record, pending: &Pending) -> bool {
        let is_own = self.is_system() || Some(pending.connection) == self.connection();
        group.kind != Kind::Role || is_own
    }

    pub(super) fn change_expected(
        &mut self,
        group: &Record,
        names: Vec<SmolStr>,
        forget: Vec<Pending>,
    ) -> Result<(), Refusal> {
        let (mut changes, mut told) = (Vec::new(), Vec::new());
        for pending in forget {
            told.push(told_of("pending", &pending.name, false));
            changes.push(Change::RemovePending(pending));
        }
        let expected = self.snapshot.expected();
        let mut room = (MOST_PENDING + changes.len()).saturating_sub(expected.count(group.id));
        let (mut seen, mut waiting, mut left_out) = (HashSet::new(), 0, 0);
        for (name, connection) in names.into_iter().zip(std::iter::repeat(self.connection())) {
            let (Some(connection), true) = (connection, seen.insert(name.clone())) else {
                continue;
            };
            waiting += 1;
            let pending = Pending {
                group: group.id,
                connection,
                name,
            };
            if expected.contains(&pending) {
                continue;
            }
            if room == 0 {
                left_out += 1;
                continue;
            }
            room -= 1;
            told.push(told_of("pending", &pending.name, true));
            changes.push(Change::PutPending(pending));
        }
        if waiting > 0 {
            self.note(Note::Pending { waiting, left_out });
        }
        if changes.is_empty() {
            return Ok(());
        }
        if changes.iter().any(|it| matches!(it, Change::PutPending(_))) {
            self.authorise_expected(group)?;
        }
        self.push_all(changes)?;
        self.tell("group.pending", Some(group), told);
        Ok(())
    }

    /// Whoever may not give a role may not promise it either: asked is what would be asked for
    /// somebody who is there and has no role.
    fn authorise_expected(&self, group: &Record) -> Result<(), Refusal> {
        if group.kind != Kind::Role {
            return Ok(());
        }
        let roles = self.snapshot.roles();
        let (none, promised) = (roles.effective::<&str>([]), roles.effective(group.login()));
        let subject = Subject {
            roles: &none,
            is_self: false,
            is_active: true,
            other_holders: &|_: &RoleKey| 0,
        };
        self.decide(Action::ChangeRoles(subject, &promised))
    }

    /// Lets a record join wherever it was waited for by its id.
    pub(super) fn join_by_id(&mut self, record: Id) -> Result<(), Refusal> {
        let name = record.to_smolstr();
        let waiting: Vec<Pending> = self.snapshot.expected().named(&name).collect();
        self.join(record, waiting)
    }

    /// Lets a record join wherever the acting connection waited for it by this name of its own.
    pub(super) fn join_by_name(&mut self, record: Id, name: &SmolStr) -> Result<(), Refusal> {
        let Some(connection) = self.connection() else {
            return Ok(());
        };
        if self.member(name) != self.snapshot.number_of(record) {
            return Ok(());
        }
        let named = self.snapshot.expected().named(name);
        let waiting = named.filter(|p| p.connection == connection).collect();
        self.join(record, waiting)
    }

    /// What was promised was the promiser's to give. It is kept as far as the connection may do
    /// it now, and its credential too, if it is one of that connection's that lets the record
    /// appear: so nobody gets more by it than either of the two gives.
    fn join(&mut self, record: Id, waiting: Vec<Pending>) -> Result<(), Refusal> {
        for pending in waiting {
            let (group, connection) = (pending.group, pending.connection);
            self.push(Change::RemovePending(pending))?;
            let group = self.snapshot.record(group).cloned();
            let number = self.snapshot.number_of(record);
            let (Some(group), Some(number)) = (group, number) else {
                continue;
            };
            let change = Membership {
                add: vec![number],
                ..Membership::default()
            };
            let outcome = self.acting(Principal::Connection(connection), |draft| {
                if group.kind == Kind::Role {
                    draft.require_scope(scope::ROLES)?;
                }
                draft.change_members(&group, change)
            });
            match outcome {
                Err(mistake @ Refusal::Mistake(_)) => return Err(mistake),
                // Whoever appears is not turned away because of a group.
                Err(refusal) => {
                    self.tell_outcome(
                        "group.pending",
                        Some(&group),
                        Vec::new(),
                        Outcome::Refused(refusal.to_string()),
                    );
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// What goes with a group or connection that is removed.
    pub(super) fn expected_with(&self, record: &Record) -> Vec<Change> {
        let expected = self.snapshot.expected();
        let gone: Vec<Pending> = match record.kind {
            Kind::Connection => {
                let all = expected.iter();
                all.filter(|p| p.connection == record.id).cloned().collect()
            }
            _ => expected.of(record.id).cloned().collect(),
        };
        gone.into_iter().map(Change::RemovePending).collect()
    }
}
