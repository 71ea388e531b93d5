//! Bearer tokens (RFC 6750): found by the credential's id in them, checked by a keyed hash.

use std::net::IpAddr;

use ipnet::IpNet;
use jackfield_model::{Credential, CredentialKind, Kind, Origin, Principal};

use crate::error::Error;
use crate::gateway::Gateway;
use crate::secret;
use crate::session::{Session, is_over};

impl Gateway {
    /// The session of a token's connection.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for everything that is wrong, an unknown tenant included.
    pub fn authenticate_bearer(
        &self,
        tenant: &str,
        token: &str,
        origin: Origin,
    ) -> Result<Session, Error> {
        let tenant = self.tenant(tenant).map_err(|_| Error::InvalidCredentials)?;
        let (id, secret) = secret::parse_token(token).ok_or(Error::InvalidCredentials)?;
        let snapshot = tenant.snapshot();
        let credential = snapshot.credential(id).ok_or(Error::InvalidCredentials)?;
        let is_genuine = credential.kind == CredentialKind::Token
            && credential
                .verifiers
                .iter()
                .any(|v| self.secret_key().verify(v, secret.as_bytes()));
        let principal = snapshot
            .record(credential.principal)
            .filter(|record| record.kind == Kind::Connection)
            .map(|record| Principal::Connection(record.id));
        match principal {
            Some(principal) if is_genuine && self.may_be_used(credential, origin.address) => {
                tenant.note_use(id, self.now());
                Ok(Session::new(
                    self.clone(),
                    tenant,
                    principal,
                    Some(id),
                    origin,
                ))
            }
            _ => Err(Error::InvalidCredentials),
        }
    }

    /// Whether a credential is not over and may be used from this address.
    pub(crate) fn may_be_used(&self, credential: &Credential, from: Option<IpAddr>) -> bool {
        let is_inside = |network: &str| {
            let network: Option<IpNet> = network.parse().ok();
            network
                .zip(from)
                .is_some_and(|(network, from)| network.contains(&from))
        };
        let networks = &credential.networks;
        let is_near = networks.is_empty() || networks.iter().any(|network| is_inside(network));
        is_near && !is_over(credential, self.now())
    }
}
