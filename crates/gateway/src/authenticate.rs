//! Bearer tokens (RFC 6750): found by the credential's id in them, checked by a keyed hash.

use std::net::IpAddr;

use ipnet::IpNet;
use jackfield_model::{Credential, CredentialKind, Id, Kind, Origin, Principal};

use crate::error::Error;
use crate::gateway::Gateway;
use crate::secret;
use crate::session::{Session, is_over};
use crate::tenant::Tenant;

impl Gateway {
    /// The session of a token's connection.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for everything that is wrong, an unknown tenant included.
    pub async fn authenticate_bearer(
        &self,
        tenant: &str,
        token: &str,
        origin: Origin,
    ) -> Result<Session, Error> {
        let tenant = self.tenant(tenant).map_err(|_| Error::InvalidCredentials)?;
        let token = secret::parse_token(token).ok_or(Error::InvalidCredentials)?;
        match self.bearer(&tenant, &token, &origin) {
            // Another process may have made it a moment ago.
            Err(Error::InvalidCredentials) if tenant.catch_up().await == Ok(true) => {
                self.bearer(&tenant, &token, &origin)
            }
            other => other,
        }
    }

    fn bearer(
        &self,
        tenant: &Tenant,
        (id, secret): &(Id, String),
        origin: &Origin,
    ) -> Result<Session, Error> {
        let snapshot = tenant.snapshot();
        let credential = snapshot.credential(*id).ok_or(Error::InvalidCredentials)?;
        let is_its = |verifier| self.secret_key().verify(verifier, secret.as_bytes());
        let is_genuine = credential.kind == CredentialKind::Token
            && credential.verifiers.iter().any(is_its)
            && self.may_be_used(credential, origin.address);
        let connection = snapshot
            .record(credential.principal)
            .filter(|record| record.kind == Kind::Connection && is_genuine)
            .ok_or(Error::InvalidCredentials)?;
        tenant.note_use(*id, self.now());
        let principal = Principal::Connection(connection.id);
        Ok(Session::new(
            self.clone(),
            tenant.clone(),
            principal,
            Some(*id),
            origin.clone(),
        ))
    }

    /// Whether a credential is not over and may be used from this address.
    pub(crate) fn may_be_used(&self, credential: &Credential, from: Option<IpAddr>) -> bool {
        let is_inside = |network: &str| {
            let network: Option<IpNet> = network.parse().ok();
            network
                .zip(from)
                .is_some_and(|(network, from)| network.contains(&from.to_canonical()))
        };
        let networks = &credential.networks;
        let is_near = networks.is_empty() || networks.iter().any(|network| is_inside(network));
        is_near && !is_over(credential, self.now())
    }
}
