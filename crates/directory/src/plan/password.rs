//! Passwords of users: who sets them, and what ends with the old one.

use std::sync::Arc;

use jackfield_access::{Action, Deed, Subject, WayIn};
use jackfield_model::schema::attr;
use jackfield_model::{Change, Credential, CredentialKind, Id, Record};

use super::draft::Draft;
use super::{Refusal, action};

impl Draft<'_> {
    /// Sets the password that came with the command, if one came and is taken.
    pub(super) fn set_password(&mut self, user: &Record) -> Result<(), Refusal> {
        let Some(verifier) = self.ctx.password else {
            return Ok(());
        };
        if !self.writes_attributes(user.id) {
            return Ok(());
        }
        self.try_to(action::PASSWORD, user.id);
        self.decide_password(user)?;
        let must_change = !self.is_self(user) && self.must_change(user.id);
        if self.is_self(user) {
            self.no_longer_must_change(user.id)?;
        }
        let (id, kind) = (Id(self.ctx.ids.id()), CredentialKind::Password);
        let credential = Credential {
            verifiers: vec![verifier.clone()],
            must_change,
            ..Credential::new(id, user.id, kind, self.ctx.now)
        };
        self.replace_password(&credential)?;
        self.tell(action::PASSWORD, Some(user), Vec::new());
        Ok(())
    }

    /// Whether a password that somebody else set must be changed at the next login.
    fn must_change(&self, user: Id) -> bool {
        let record = self.snapshot.record(user);
        let is_flagged =
            record.and_then(|user| user.attributes.flag(attr::MUST_CHANGE_PASSWORD)) == Some(true);
        is_flagged
            || (self.is_bound_by_catalogue() && self.snapshot.catalogue().password.change_temporary)
    }

    fn no_longer_must_change(&mut self, user: Id) -> Result<(), Refusal> {
        let Some(record) = self.snapshot.record(user) else {
            return Ok(());
        };
        if record.attributes.flag(attr::MUST_CHANGE_PASSWORD) != Some(true) {
            return Ok(());
        }
        let mut record = Record::clone(record);
        record
            .attributes
            .set(attr::MUST_CHANGE_PASSWORD, Vec::new());
        record.modified = self.ctx.now;
        record.version = self.version();
        self.push(Change::PutRecord(Arc::new(record)))
    }

    /// Puts the password in place of the one the user has. Whatever was got with the old one, the
    /// user's tokens too, ends with it.
    pub(super) fn replace_password(&mut self, credential: &Credential) -> Result<(), Refusal> {
        let old: Vec<Id> = self
            .snapshot
            .credentials_of(credential.principal)
            .filter(|old| matches!(old.kind, CredentialKind::Password | CredentialKind::Token))
            .map(|old| old.id)
            .collect();
        for id in old {
            self.push(Change::RemoveCredential(id))?;
        }
        self.push(Change::PutCredential(credential.clone()))
    }

    /// Asks whether the actor may set the user's password. A temporary one its owner may always
    /// change: nothing else is open to them before.
    pub(super) fn decide_password(&self, user: &Record) -> Result<(), Refusal> {
        let is_self = self.is_self(user);
        if is_self || self.ctx.mandate.way_in == WayIn::Proxy {
            self.require_login()?;
        }
        match is_self {
            true if user.is_active() && self.has_temporary_password(user.id) => Ok(()),
            true => self.ask_about(user, change_own_password),
            false => self.decide_user(Deed::ResetPassword, user),
        }
    }

    fn has_temporary_password(&self, user: Id) -> bool {
        let mut own = self.snapshot.credentials_of(user);
        own.any(|it| it.kind == CredentialKind::Password && it.must_change)
    }
}

// A function, since the constructor itself is not for every lifetime.
fn change_own_password(own: Subject<'_>) -> Action<'_> {
    Action::ChangeOwnPassword(own)
}
