//! What the operator does at the command line: connections and their tokens, service accounts,
//! devices, passwords.

use jackfield_directory::Command;
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Credential, CredentialKind, Id, Kind, Timestamp, Verifier, text,
};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::{secret_text, token_text};
use crate::session::Session;

/// A connection to be made.
pub struct NewConnection<'a> {
    /// Its name, unique among the tenant's connections.
    pub name: &'a str,
    /// Its kind, such as `okta`.
    pub kind: &'a str,
    /// The highest role it may give: `full`, a role's key, or nothing for those below the roles
    /// that must keep a holder.
    pub ceiling: &'a str,
    /// Whether passwords that it pushes are taken.
    pub takes_passwords: bool,
}

/// A credential that was made; its text is shown once.
pub struct Made {
    /// The credential's id.
    pub id: Id,
    /// The token or secret.
    pub text: Zeroizing<String>,
}

impl Session {
    /// Makes a connection, or gives the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_connection(&self, new: NewConnection<'_>) -> Result<Id, Error> {
        let mut attributes = Attributes::new()
            .with(attr::LOGIN, new.name)
            .with(attr::CONNECTION_KIND, new.kind)
            .with(attr::TAKES_PASSWORDS, new.takes_passwords);
        if !new.ceiling.is_empty() {
            attributes.put(attr::CEILING, new.ceiling);
        }
        self.ensure(Kind::Connection, new.name, attributes).await
    }

    /// Makes a service account with these scopes, or gives the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_service(&self, name: &str, scopes: &[&str]) -> Result<Id, Error> {
        let mut attributes = Attributes::new().with(attr::LOGIN, name);
        attributes.set(
            attr::SCOPES,
            scopes.iter().map(|scope| (*scope).into()).collect(),
        );
        self.ensure(Kind::Service, name, attributes).await
    }

    /// Makes a device, or gives the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_device(&self, name: &str) -> Result<Id, Error> {
        self.ensure(
            Kind::Device,
            name,
            Attributes::new().with(attr::LOGIN, name),
        )
        .await
    }

    /// The record of this kind and name.
    pub fn named(&self, kind: Kind, name: &str) -> Option<Id> {
        self.tenant()
            .snapshot()
            .keyed(kind, &text::case_ignore(name))
            .map(|record| record.id)
    }

    /// Makes a token of a connection.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_token(
        &self,
        connection: Id,
        label: &str,
        expires: Option<Timestamp>,
    ) -> Result<Made, Error> {
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let id = Id(self.gateway().ids().id());
        let verifier = self.gateway().secret_key().verifier(&secret_text(&secret));
        let credential = self.credential(id, connection, CredentialKind::Token, verifier);
        let credential = Credential {
            label: label.to_owned(),
            expires,
            ..credential
        };
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made {
            id,
            text: Zeroizing::new(token_text(id, &secret)),
        })
    }

    /// Makes a secret of a service account or device.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_secret(&self, principal: Id, label: &str) -> Result<Made, Error> {
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let text = Zeroizing::new(secret_text(&secret));
        let id = Id(self.gateway().ids().id());
        let verifier = self.gateway().secret_key().verifier(&text);
        let credential = self.credential(id, principal, CredentialKind::Secret, verifier);
        let credential = Credential {
            label: label.to_owned(),
            ..credential
        };
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made { id, text })
    }

    /// Gives a user a password.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn set_password(&self, user: Id, password: &str) -> Result<(), Error> {
        let verifier = self.gateway().passwords().hash(password).await?;
        let id = Id(self.gateway().ids().id());
        let credential = self.credential(id, user, CredentialKind::Password, verifier);
        self.write(Command::AddCredential(credential))
            .await
            .map(drop)
    }

    async fn ensure(&self, kind: Kind, name: &str, attributes: Attributes) -> Result<Id, Error> {
        match self.write(Command::Create { kind, attributes }).await {
            Ok(written) => written.id.ok_or(Error::Internal),
            Err(Error::Taken { .. }) => self.named(kind, name).ok_or(Error::Unavailable),
            Err(error) => Err(error),
        }
    }

    fn credential(
        &self,
        id: Id,
        principal: Id,
        kind: CredentialKind,
        verifier: Verifier,
    ) -> Credential {
        Credential {
            id,
            principal,
            kind,
            verifiers: vec![verifier],
            label: String::new(),
            scopes: Vec::<SmolStr>::new(),
            networks: Vec::new(),
            created: self.gateway().now(),
            expires: None,
            must_change: false,
        }
    }
}
