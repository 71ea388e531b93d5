//! What the operator does at the command line: connections and their tokens, service accounts,
//! devices, passwords.

use std::sync::Arc;

use jackfield_directory::{Command, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Credential, CredentialKind, Id, Kind, Record, Timestamp, Value, Verifier,
    text,
};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::{secret_text, token_text};
use crate::session::Session;

/// A connection to be made. What is not said stays as it is for a connection that is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewConnection<'a> {
    /// Its name, unique among the tenant's connections.
    pub name: &'a str,
    /// Its kind, such as `okta`; `generic` if nothing is said.
    pub kind: Option<&'a str>,
    /// The highest role it may give: `full`, or a role's key; those below the roles that must
    /// keep a holder if nothing is said.
    pub ceiling: Option<&'a str>,
    /// Whether passwords that it pushes are taken; they are not if nothing is said.
    pub takes_passwords: Option<bool>,
}

/// A token of a connection, as far as it may be shown.
#[derive(Clone, Debug)]
pub struct TokenInfo {
    /// The credential's id.
    pub id: Id,
    /// The connection's name.
    pub connection: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
}

/// A credential that was made; its text is shown once.
pub struct Made {
    /// The credential's id.
    pub id: Id,
    /// The token or secret.
    pub text: Zeroizing<String>,
}

impl Session {
    /// Makes a connection, or changes the one of that name as is said.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_connection(&self, new: NewConnection<'_>) -> Result<Id, Error> {
        let defaults = Attributes::new()
            .with(attr::CONNECTION_KIND, "generic")
            .with(attr::TAKES_PASSWORDS, false);
        let mut said = Attributes::new();
        said.set(
            attr::CONNECTION_KIND,
            new.kind.map(Value::from).into_iter().collect(),
        );
        said.set(
            attr::CEILING,
            new.ceiling.map(Value::from).into_iter().collect(),
        );
        said.set(
            attr::TAKES_PASSWORDS,
            new.takes_passwords.map(Value::from).into_iter().collect(),
        );
        self.ensure(Kind::Connection, new.name, &defaults, &said)
            .await
    }

    /// Makes a service account with these scopes, or gives them to the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_service(&self, name: &str, scopes: &[&str]) -> Result<Id, Error> {
        let mut said = Attributes::new();
        said.set(
            attr::SCOPES,
            scopes.iter().map(|scope| (*scope).into()).collect(),
        );
        self.ensure(Kind::Service, name, &Attributes::new(), &said)
            .await
    }

    /// Makes a device, or gives the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_device(&self, name: &str) -> Result<Id, Error> {
        self.ensure(Kind::Device, name, &Attributes::new(), &Attributes::new())
            .await
    }

    /// The tokens of all connections.
    pub fn tokens(&self) -> Vec<TokenInfo> {
        let snapshot = self.snapshot();
        let of = |connection: &Record| {
            let name = connection.login().unwrap_or_default().to_owned();
            let info = |token: &Arc<Credential>| TokenInfo {
                id: token.id,
                connection: name.clone(),
                created: token.created,
                expires: token.expires,
                last_used: snapshot.last_use().get(token.id),
            };
            snapshot
                .credentials_of(connection.id)
                .map(info)
                .collect::<Vec<_>>()
        };
        snapshot
            .all_of(Kind::Connection)
            .flat_map(|connection| of(connection))
            .collect()
    }

    /// Ends a token or secret at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of this id.
    pub async fn revoke(&self, credential: Id) -> Result<(), Error> {
        self.write(Command::RemoveCredential(credential))
            .await
            .map(drop)
    }

    /// The record of this kind and name.
    pub fn named(&self, kind: Kind, name: &str) -> Option<Id> {
        self.snapshot()
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

    async fn ensure(
        &self,
        kind: Kind,
        name: &str,
        defaults: &Attributes,
        said: &Attributes,
    ) -> Result<Id, Error> {
        let mut attributes = defaults.clone();
        attributes.put(attr::LOGIN, name);
        for (attr, values) in said.iter() {
            attributes.set(attr, values.to_vec());
        }
        match self.write(Command::Create { kind, attributes }).await {
            Ok(written) => written.id.ok_or(Error::Internal),
            Err(Error::Taken { .. }) => {
                let id = self.named(kind, name).ok_or(Error::Unavailable)?;
                let ops = said
                    .iter()
                    .map(|(attr, values)| replacing(attr, values))
                    .collect();
                let expect = Precondition::None;
                self.write(Command::Patch {
                    id,
                    kind,
                    ops,
                    expect,
                })
                .await
                .map(|_| id)
            }
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

fn replacing(attr: AttrId, values: &[Value]) -> PatchOp {
    let path = Path {
        attr,
        filter: None,
        sub: None,
        text: String::new(),
    };
    PatchOp {
        kind: PatchKind::Replace,
        path,
        values: values.to_vec(),
        create_missing: false,
    }
}
