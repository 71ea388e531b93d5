//! Whether a person may read something, as the tenant's catalogue says.

use jackfield_access::{Action, Actor, Decision, Denial, decide};
use jackfield_directory::Snapshot;
use jackfield_model::Principal;

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
}
