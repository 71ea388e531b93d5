//! A principal in a tenant: what it may read and write now.

mod login;
mod together;
mod writing;

use std::sync::Arc;

use jackfield_access::{ApiScopes, Ceiling, Mandate, Scopes, WayIn};
use jackfield_directory::{AccessView, Snapshot};
use jackfield_model::{Credential, Id, Origin, Principal, Timestamp};

use crate::error::Error;
use crate::exchanges::Deeds;
use crate::gateway::Gateway;
use crate::reader::{Reader, Remembered, Terms};
use crate::rehearsal::Rehearsal;
use crate::tenant::Tenant;
use crate::view;

pub(crate) use login::requires_versions;
pub use together::{Done, Underway};
pub use writing::Written;
pub(crate) use writing::takes_passwords;

/// A principal in a tenant, with where it comes from.
#[derive(Clone)]
pub struct Session {
    gateway: Gateway,
    tenant: Tenant,
    principal: Principal,
    credential: Option<Id>,
    /// What an access token was issued for, of what its credential may be used for.
    scopes: Scopes,
    /// When an access token ends.
    until: Option<Timestamp>,
    origin: Origin,
    rehearsal: Option<Arc<Rehearsal>>,
    deeds: Option<Deeds>,
    /// Whether it sees the role that a user has for want of another among the user's roles.
    sees_baseline: bool,
}

impl Session {
    pub(crate) fn new(
        gateway: Gateway,
        tenant: Tenant,
        principal: Principal,
        credential: Option<Id>,
        origin: Origin,
    ) -> Self {
        Self {
            gateway,
            tenant,
            principal,
            credential,
            scopes: Scopes::ALL,
            until: None,
            origin,
            rehearsal: None,
            deeds: None,
            sees_baseline: true,
        }
    }

    /// The session, which from now on tells what it changes.
    #[must_use]
    pub fn telling(self, deeds: Deeds) -> Self {
        Self {
            deeds: Some(deeds),
            ..self
        }
    }

    /// The session, which from now on sees the roles that were given alone: the role that a user has for
    /// want of another is nobody's grant, and who writes roles reads back what was written.
    #[must_use]
    pub fn without_baseline(self) -> Self {
        Self {
            sees_baseline: false,
            ..self
        }
    }

    /// For no more than these scopes, and no longer than until then.
    pub(crate) fn limited(self, scopes: Scopes, until: Timestamp) -> Self {
        Self {
            scopes,
            until: Some(until),
            ..self
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        self.principal
    }

    /// Through what.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the principal may read, resolved now on the newest snapshot: for one operation.
    ///
    /// # Errors
    /// [`Error::LoginRequired`] for nobody in particular; [`Error::InvalidCredentials`] once the
    /// principal is gone or inactive, or its credential is revoked or over.
    pub fn read(&self) -> Result<Reader, Error> {
        self.reader(self.snapshot())
    }

    /// The reader that was kept, if it still is what [`read`](Self::read) gives: what a principal
    /// may read is decided by the tenant's state, which no write has changed since, and by the end
    /// of its login, which has not come.
    #[must_use]
    pub fn recall(&self, kept: &Remembered) -> Option<Reader> {
        Reader::recalled(kept, self.snapshot(), self.gateway.now())
    }

    /// As [`read`](Self::read), but sure to show what this client wrote before, on whichever node.
    ///
    /// # Errors
    /// As `read`.
    pub async fn read_own_writes(&self) -> Result<Reader, Error> {
        if self.gateway.several_nodes() && self.rehearsal.is_none() {
            self.tenant.catch_up().await?;
        }
        self.read()
    }

    /// The same session with another principal.
    pub(crate) fn with_principal(&self, principal: Principal) -> Self {
        Self {
            principal,
            ..self.clone()
        }
    }

    /// The application that it is a session of.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The newest snapshot, or the rehearsal's.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        match &self.rehearsal {
            Some(rehearsal) => rehearsal.snapshot(),
            None => self.tenant.snapshot(),
        }
    }

    fn reader(&self, snapshot: Arc<Snapshot>) -> Result<Reader, Error> {
        let view = self.view(&snapshot)?;
        let (tenant, dial) = (self.tenant.id(), view::dialling(&snapshot, self.principal));
        let credential = self.credential.and_then(|id| snapshot.credential(id));
        let expires = credential.and_then(|credential| credential.expires);
        let until = expires.into_iter().chain(self.until).min();
        let terms = Terms {
            tenant,
            view,
            dial,
            until,
            registered: self.registered(),
            sip: None,
        };
        Ok(Reader::new(snapshot, terms))
    }

    /// Whether the session may be used now, be it to read nothing.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`].
    pub(crate) fn admitted(&self) -> Result<(), Error> {
        let snapshot = self.snapshot();
        self.usable(&snapshot)?;
        view::admitted(&snapshot, self.principal).map(|_| ())
    }

    fn view(&self, snapshot: &Snapshot) -> Result<AccessView, Error> {
        self.usable(snapshot)?;
        let (token, from) = (self.token_scopes(snapshot), self.origin.address);
        let view = view::resolve(snapshot, self.principal, token, from)?;
        let baseline = self.sees_baseline;
        Ok(AccessView { baseline, ..view })
    }

    /// What the session's credential may be used for now.
    fn mandate(&self, snapshot: &Snapshot) -> Result<Mandate, Error> {
        let Some(credential) = self.usable(snapshot)? else {
            return Ok(Mandate::default());
        };
        let token = self.token_scopes(snapshot);
        let (scopes, api) = match token {
            Some(api) => (Scopes::ALL, api),
            None => (Scopes::named(&credential.scopes), ApiScopes::ALL),
        };
        let way_in = match token {
            _ if self.principal.record() != Some(credential.principal) => WayIn::Proxy,
            Some(_) => WayIn::Token,
            None => WayIn::Login,
        };
        Ok(Mandate {
            scopes: scopes.and(self.scopes),
            api,
            way_in,
            ceiling: credential.ceiling.as_deref().map(Ceiling::named),
        })
    }

    /// The session's credential, which may be used now, if it was opened with one.
    fn usable<'s>(&self, snapshot: &'s Snapshot) -> Result<Option<&'s Credential>, Error> {
        let Some(id) = self.credential else {
            return Ok(None);
        };
        let credential = snapshot.credential(id).ok_or(Error::InvalidCredentials)?;
        let is_usable = self.gateway.may_be_used(credential, self.origin.address);
        let is_over = |until| until <= self.gateway.now();
        if !is_usable || self.until.is_some_and(is_over) {
            return Err(Error::InvalidCredentials);
        }
        Ok(Some(credential))
    }
}
