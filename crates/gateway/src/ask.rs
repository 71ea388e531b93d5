//! Whether a person may read something, as the tenant's catalogue says.

use std::sync::Arc;

use jackfield_access::{Action, Actor, Decision, Deed, Denial, Subject, decide};
use jackfield_directory::Snapshot;
use jackfield_model::{Id, Kind, Principal, Record};

use crate::error::Error;
use crate::session::Session;

impl Session {
    /// Asks the catalogue about something that reads only; whoever is no person reads what its
    /// credential lets it.
    pub(crate) fn ask(&self, snapshot: &Snapshot, action: Action<'_>) -> Result<(), Error> {
        let Principal::Person(id) = self.principal() else {
            return Ok(());
        };
        let person = snapshot.record(id).ok_or(Error::InvalidCredentials)?;
        let own = snapshot.effective_of(person);
        match decide(snapshot.roles(), Actor::Person(&own), action) {
            Decision::Permit => Ok(()),
            Decision::Deny(reason) => Err(Error::Forbidden(Denial::of(
                &reason,
                snapshot.roles(),
                action,
            ))),
        }
    }

    /// As [`ask`](Self::ask), about users as such.
    pub(crate) fn ask_to_view_users(&self, snapshot: &Snapshot) -> Result<(), Error> {
        self.ask(snapshot, Action::Use(&snapshot.catalogue().needs.view_user))
    }
    /// As [`ask`](Self::ask), about something to this user, which is given back.
    pub(crate) fn ask_about<'s>(
        &self,
        snapshot: &'s Snapshot,
        deed: Deed,
        user: Id,
    ) -> Result<&'s Arc<Record>, Error> {
        let record = snapshot
            .record(user)
            .filter(|record| record.kind == Kind::User);
        let record = record.ok_or_else(|| Error::not_found("the user"))?;
        let subject = Subject {
            roles: &snapshot.effective_of(record),
            is_self: self.principal().record() == Some(user),
            is_active: record.is_active(),
            other_holders: &|_| 0,
        };
        self.ask(snapshot, Action::User(deed, subject))?;
        Ok(record)
    }
}
