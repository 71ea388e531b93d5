//! What a provisioning client shows with each request: a token of ours or one that the token
//! endpoint issued (RFC 6750), or its client id and secret (RFC 7617). Credentials are found by
//! their ids and checked by keyed hashes.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jackfield_directory::Snapshot;
use jackfield_model::{Credential, CredentialKind, Id, Kind, Origin, Principal};

use crate::access_token::AccessToken;
use crate::client::ClientId;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::secret;
use crate::session::Session;
use crate::tenant::Tenant;

/// What was shown.
enum Shown<'t> {
    /// A token of ours: the credential's id, and the secret.
    Token(Id, String),
    /// A token that the token endpoint issued.
    Access(AccessToken),
    /// A client's id and secret.
    Client(ClientId, &'t str),
}

impl Gateway {
    /// The session of a token's connection.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for everything that is wrong, an unknown tenant included;
    /// [`Error::TooBusy`] if that comes too often from one network, or the connection's requests
    /// come too fast.
    pub async fn authenticate_bearer(
        &self,
        tenant: &str,
        token: &str,
        origin: Origin,
    ) -> Result<Session, Error> {
        let shown = match AccessToken::open(self.secret_key(), token) {
            Some(token) => Shown::Access(token),
            None => secret::parse_token(token)
                .map(|(id, secret)| Shown::Token(id, secret))
                .ok_or_else(|| self.refused(&origin))?,
        };
        self.authenticate(tenant, &shown, &origin).await
    }

    /// The session of the connection of a client id and secret.
    ///
    /// # Errors
    /// As [`authenticate_bearer`](Self::authenticate_bearer).
    pub async fn authenticate_client(
        &self,
        tenant: &str,
        client: &str,
        secret: &str,
        origin: Origin,
    ) -> Result<Session, Error> {
        let client: Option<ClientId> = client.parse().ok();
        let client = client
            .filter(|client| client.tenant.as_str() == tenant)
            .ok_or_else(|| self.refused(&origin))?;
        let shown = Shown::Client(client, secret);
        self.authenticate(tenant, &shown, &origin).await
    }

    /// Whether a token is named as one of a connection, right or not.
    pub fn is_of_connection(&self, tenant: &str, token: &str) -> bool {
        let (Ok(tenant), Some((id, _))) = (self.tenant(tenant), secret::parse_token(token)) else {
            return AccessToken::open(self.secret_key(), token).is_some();
        };
        let snapshot = tenant.snapshot();
        snapshot
            .credential(id)
            .and_then(|credential| snapshot.record(credential.principal))
            .is_some_and(|record| record.kind == Kind::Connection)
    }

    async fn authenticate(
        &self,
        tenant: &str,
        shown: &Shown<'_>,
        origin: &Origin,
    ) -> Result<Session, Error> {
        let tenant = self.tenant(tenant).map_err(|_| self.refused(origin))?;
        let check = |snapshot: &Snapshot| self.credential_of(&tenant, snapshot, shown, origin);
        let credential = self.with_latest(&tenant, origin, check).await?;
        let now = self.now();
        self.meters()
            .request(tenant.id(), credential.principal, now)?;
        tenant.note_use(credential.id, now);
        let session = Session::new(
            self.clone(),
            tenant,
            Principal::Connection(credential.principal),
            Some(credential.id),
            origin.clone(),
        );
        Ok(match shown {
            Shown::Access(token) => session.limited(token.scopes, token.until),
            Shown::Token(..) | Shown::Client(..) => session,
        })
    }

    /// Checks credentials against what is known, and once more if another process has just made
    /// them known. Only then are they wrong. Those who come from where many wrong ones came wait
    /// for that look together.
    pub(crate) async fn with_latest<T>(
        &self,
        tenant: &Tenant,
        origin: &Origin,
        check: impl Fn(&Snapshot) -> Option<T>,
    ) -> Result<T, Error> {
        let known = tenant.snapshot();
        if let Some(found) = check(&known) {
            return Ok(found);
        }
        if self.meters().has_failed_often(origin.address, self.now()) {
            tenant.next_look().await;
        }
        let found = match tenant.has_moved_from(known.revision()).await {
            true => check(&tenant.snapshot()),
            false => None,
        };
        found.ok_or_else(|| self.refused(origin))
    }

    /// What is told of wrong credentials. Right ones are let in however many wrong ones came from
    /// their network.
    pub(crate) fn refused(&self, origin: &Origin) -> Error {
        let failure = self.meters().failure(origin.address, self.now());
        let error = failure.err().unwrap_or(Error::InvalidCredentials);
        self.metrics().not_let_in(&error);
        error
    }

    /// The connection's credential that what was shown proves.
    fn credential_of(
        &self,
        tenant: &Tenant,
        snapshot: &Snapshot,
        shown: &Shown<'_>,
        origin: &Origin,
    ) -> Option<Arc<Credential>> {
        let credential = match shown {
            Shown::Token(id, secret) => snapshot
                .credential(*id)
                .filter(|it| it.kind == CredentialKind::Token && self.proves(it, secret))?,
            Shown::Access(token) => snapshot.credential(token.credential).filter(|it| {
                let is_client = matches!(it.kind, CredentialKind::Secret | CredentialKind::Trust);
                is_client && token.tenant == tenant.id() && token.until > self.now()
            })?,
            Shown::Client(client, secret) => {
                return self.client_secret(snapshot, client, secret, origin);
            }
        };
        let is_connection = snapshot
            .record(credential.principal)
            .is_some_and(|record| record.kind == Kind::Connection);
        (is_connection && self.may_be_used(credential, origin.address))
            .then(|| Arc::clone(credential))
    }

    /// The credential of a client's secret, of the several that it may have.
    pub(crate) fn client_secret(
        &self,
        snapshot: &Snapshot,
        client: &ClientId,
        secret: &str,
        origin: &Origin,
    ) -> Option<Arc<Credential>> {
        let connection = client.record(snapshot)?;
        let is_it = |credential: &&Arc<Credential>| {
            credential.kind == CredentialKind::Secret
                && self.proves(credential, secret)
                && self.may_be_used(credential, origin.address)
        };
        snapshot
            .credentials_of(connection.id)
            .find(is_it)
            .map(Arc::clone)
    }

    pub(crate) fn proves(&self, credential: &Credential, secret: &str) -> bool {
        let is_its = |verifier| self.secret_key().verify(verifier, secret.as_bytes());
        credential.verifiers.iter().any(is_its)
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
        is_near
            && credential
                .expires
                .is_none_or(|expires| self.now() < expires)
    }
}
