//! How clients of the HTTP API log in: by a token that the operator made, or, for people, by name and
//! password.

use std::net::IpAddr;
use std::sync::Arc;

use jackfield_directory::Snapshot;
use jackfield_model::{Credential, CredentialKind, Origin, Principal};

use crate::bind::{Bind, principal_of};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::secret;
use crate::session::Session;

impl Gateway {
    /// The session of a token's service account or user.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for everything that is wrong, an unknown tenant included;
    /// [`Error::TooBusy`] if that comes too often from one network, or the client's requests come
    /// too fast.
    pub async fn authenticate_api_token(
        &self,
        tenant: &str,
        token: &str,
        origin: Origin,
    ) -> Result<Session, Error> {
        let (id, secret) = secret::parse_token(token).ok_or_else(|| self.refused(&origin))?;
        let tenant = self.tenant(tenant).map_err(|_| self.refused(&origin))?;
        let check = |snapshot: &Snapshot| {
            let credential = snapshot.credential(id)?;
            let is_usable = credential.kind == CredentialKind::Token
                && self.proves(credential, &secret)
                && self.may_be_used(credential, origin.address);
            let holder = principal_of(snapshot.record(credential.principal)?)?;
            is_usable.then(|| (Arc::clone(credential), holder))
        };
        let (credential, holder): (Arc<Credential>, Principal) =
            self.with_latest(&tenant, &origin, check).await?;
        let now = self.now();
        self.meters()
            .request(tenant.id(), credential.principal, now)?;
        tenant.note_use(credential.id, now);
        let session = Session::new(self.clone(), tenant, holder, Some(credential.id), origin);
        session.admitted()?;
        Ok(session)
    }

    /// The session of a person of this tenant, by any name of a [`Gateway::bind`], a colon and the
    /// password (RFC 7617 §2), which cross a network over TLS only.
    ///
    /// # Errors
    /// As [`Gateway::bind`]; [`Error::InvalidCredentials`] too for those of another tenant, and for
    /// whoever is no person.
    pub async fn authenticate_person(
        &self,
        tenant: &str,
        credentials: &str,
        over_tls: bool,
        origin: Origin,
    ) -> Result<Session, Error> {
        let named = credentials.split_once(':');
        let (name, password) = named.ok_or(Error::InvalidCredentials)?;
        let wanted = self.tenant(tenant).map_err(|_| self.refused(&origin))?;
        let is_here = |address: IpAddr| address.to_canonical().is_loopback();
        let bind = Bind {
            name,
            password: password.as_bytes(),
            listener_tenant: Some(&wanted),
            served: std::slice::from_ref(wanted.name()),
            secure: over_tls || origin.address.is_some_and(is_here),
            origin: origin.clone(),
        };
        let session = self.bind(bind).await?;
        let Principal::Person(person) = session.principal() else {
            return Err(self.refused(&origin));
        };
        self.meters().request(wanted.id(), person, self.now())?;
        Ok(session)
    }
}
