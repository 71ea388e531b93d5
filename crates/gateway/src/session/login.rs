//! What is known of who acts, and of the credential that they came by.

use jackfield_access::{ApiScope, ApiScopes, Denial};
use jackfield_directory::Snapshot;
use jackfield_model::schema::attr;
use jackfield_model::{ConnectionKind, CredentialKind, Id, Principal, Record, ViewSet};

use super::Session;
use crate::error::Error;
use crate::view;

impl Session {
    /// The principal's name in the LDAP tree, for who-am-I.
    pub fn dn(&self) -> Option<String> {
        let snapshot = self.snapshot();
        let record: &Record = snapshot.record(self.principal.record()?)?;
        Some(snapshot.dn(record))
    }

    /// The kind of the connection that acts; for others, the kind that says nothing.
    pub fn connection_kind(&self) -> ConnectionKind {
        let snapshot = self.tenant.snapshot();
        let record = self.principal.record().and_then(|id| snapshot.record(id));
        record.map_or_else(ConnectionKind::default, |record| record.connection_kind())
    }

    /// Whether it is a connection that must say which version of a resource it changes.
    pub fn requires_versions(&self) -> bool {
        let snapshot = self.tenant.snapshot();
        let record = self.principal.record().and_then(|id| snapshot.record(id));
        record.is_some_and(|record| requires_versions(record))
    }

    /// The credential that it was opened with, and what the operator calls it.
    pub fn opened_with(&self) -> Option<(Id, String)> {
        let snapshot = self.tenant.snapshot();
        let credential = snapshot.credential(self.credential?)?;
        Some((credential.id, credential.label.clone()))
    }

    /// Whether the credential by which the principal logged in is one to be changed first.
    pub fn must_change_password(&self) -> bool {
        let snapshot = self.snapshot();
        let credential = self.credential.and_then(|id| snapshot.credential(id));
        credential.is_some_and(|credential| credential.must_change)
    }

    /// How many seconds the credential by which the principal logged in is still good for; `None`
    /// if it does not end.
    pub fn seconds_left(&self) -> Option<i64> {
        let snapshot = self.snapshot();
        let expires = snapshot.credential(self.credential?)?.expires?;
        Some((expires.0 - self.gateway.now().0) / 1_000_000)
    }

    /// Whether the principal is a service account that was given this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        let Principal::Service(id) = self.principal else {
            return false;
        };
        let snapshot = self.snapshot();
        let service = snapshot.record(id);
        service.is_some_and(|service| view::has_scope(service, scope))
    }

    /// What the token of the HTTP API may be used for by which the session was opened; all of it, if
    /// it was opened in another way.
    pub fn api_scopes(&self) -> ApiScopes {
        self.token_scopes(&self.snapshot())
            .unwrap_or(ApiScopes::ALL)
    }

    /// Refuses what the session's token was not made for.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, scope: ApiScope) -> Result<(), Error> {
        let own = self.api_scopes();
        if own.contains(scope) {
            return Ok(());
        }
        let why = format!(
            "this takes the scope {}; the token has: {own}",
            scope.name()
        );
        Err(Error::Forbidden(Denial::by("scope", why)))
    }

    /// What the token of the HTTP API may be used for, if the session was opened by one.
    pub(crate) fn token_scopes(&self, snapshot: &Snapshot) -> Option<ApiScopes> {
        let is_connection = matches!(self.principal, Principal::Connection(_));
        let credential = snapshot.credential(self.credential?)?;
        let is_token = credential.kind == CredentialKind::Token && !is_connection;
        is_token.then(|| ApiScopes::named(&credential.scopes))
    }

    /// The names under which LDAP shows the principal what it may read, beside those of the
    /// standards.
    pub fn views(&self) -> ViewSet {
        view::views(&self.snapshot(), self.principal)
    }
}

/// Whether a connection must say which version of a resource it changes.
pub(crate) fn requires_versions(connection: &Record) -> bool {
    connection.attributes.flag(attr::REQUIRES_VERSIONS) == Some(true)
}
