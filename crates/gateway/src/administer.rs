//! What the operator does at the command line: connections and their credentials, service
//! accounts, devices, passwords.

mod accounts;
mod connections;
mod credentials;

use std::net::IpAddr;

use jackfield_directory::{Command, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Credential, CredentialKind, Id, Kind, Timestamp, Value, Verifier, ViewSet,
    text,
};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::password::Passwords;
use crate::secret::secret_text;
use crate::session::{Session, Written};

pub use ipnet::IpNet;

pub use accounts::{AccountInfo, AccountRights, SecretLimits};
pub use connections::{ConnectionInfo, NewConnection, NewCredential};
pub use credentials::{CredentialInfo, HeldCredential};

/// What is said of a record, attribute by attribute; no values take one away.
pub type Said = Vec<(AttrId, Vec<Value>)>;

/// A network that a credential may be used from, or one address.
///
/// # Errors
/// What was expected.
pub fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| address());
    network.map_err(|_| "a network such as 192.0.2.0/24, or an address")
}

/// A credential that was made; its text is shown once.
pub struct Made {
    /// The credential's id.
    pub id: Id,
    /// The token or secret.
    pub text: Zeroizing<String>,
}

impl Session {
    /// Makes a record of which this is said.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make(&self, kind: Kind, said: Said) -> Result<Written, Error> {
        let mut attributes = Attributes::new();
        for (attr, values) in said {
            attributes.set(attr, values);
        }
        self.write(Command::Create { kind, attributes }).await
    }

    /// Changes what is said of a record, if it is at this version.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn change(
        &self,
        kind: Kind,
        id: Id,
        said: Said,
        expect: Precondition,
    ) -> Result<Written, Error> {
        let all = said.into_iter();
        let replacing =
            |(attr, values)| PatchOp::new(PatchKind::Replace, Path::of(attr, None), values);
        let ops = all.map(replacing).collect();
        self.write(Command::Patch {
            id,
            kind,
            ops,
            expect,
        })
        .await
    }

    /// Makes a service account with these scopes, or gives them to the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_service(&self, name: &str, scopes: &[&str]) -> Result<Id, Error> {
        let scopes = scopes.iter().map(|scope| (*scope).into()).collect();
        self.ensure(Kind::Service, name, None, vec![(attr::SCOPES, scopes)])
            .await
    }

    /// Makes a device, or gives the one of that name.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_device(&self, name: &str) -> Result<Id, Error> {
        self.ensure(Kind::Device, name, None, Said::new()).await
    }

    /// Gives a service account or device views of its own, none among them; without a set it has
    /// its tenant's again.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn set_views(&self, kind: Kind, id: Id, views: Option<ViewSet>) -> Result<(), Error> {
        let said = vec![(attr::VIEWS, accounts::view_names(views))];
        let changed = self.change(kind, id, said, Precondition::None).await;
        changed.map(drop)
    }

    /// Ends a token or secret at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of this id.
    pub async fn revoke(&self, credential: Id) -> Result<(), Error> {
        let revoked = self.write(Command::RemoveCredential(credential)).await;
        revoked.map(drop)
    }

    /// The record of this kind and name.
    pub fn named(&self, kind: Kind, name: &str) -> Option<Id> {
        self.snapshot()
            .keyed(kind, &text::case_ignore(name))
            .map(|record| record.id)
    }

    /// Makes a secret of a service account or device, which is good everywhere and for ever.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_secret(&self, principal: Id, label: &str) -> Result<Made, Error> {
        let limits = SecretLimits::default();
        self.make_limited_secret(principal, label, &limits).await
    }

    /// Makes a secret of a service account or device.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_limited_secret(
        &self,
        principal: Id,
        label: &str,
        limits: &SecretLimits<'_>,
    ) -> Result<Made, Error> {
        self.check_end(limits.expires.flatten())?;
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let text = Zeroizing::new(secret_text(&secret));
        let credential = limits.applied(Credential {
            label: label.to_owned(),
            verifiers: vec![self.gateway().secret_key().verifier(&text)],
            ..self.credential(principal, CredentialKind::Secret)
        });
        let id = credential.id;
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made { id, text })
    }

    /// Gives a user a password. It is a temporary one, which must be changed at the next login,
    /// where the role system says so.
    ///
    /// # Errors
    /// [`Error::WeakPassword`]; what else stands in its way.
    pub async fn set_password(&self, user: Id, password: &str) -> Result<(), Error> {
        self.check_policy(password)?;
        let verifier = self.hashed(password).await?;
        let roles = self.tenant().roles();
        let credential = Credential {
            verifiers: vec![verifier],
            must_change: roles.catalogue().password.change_temporary,
            ..self.credential(user, CredentialKind::Password)
        };
        self.write(Command::AddCredential(credential))
            .await
            .map(drop)
    }

    /// Keeps a password as the product keeps them, unless it was changed meanwhile.
    pub(crate) async fn renew_password(&self, id: Id, password: &str) -> Result<(), Error> {
        let verifier = self.hashed(password).await?;
        let renewed = self.write(Command::RenewCredential { id, verifier }).await;
        match renewed {
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives a user the password that another directory kept as this: a hash, or the password
    /// itself in plain text behind `{CLEARTEXT}`.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] if the hash is not understood; what else stands in its way.
    pub async fn import_password(&self, user: Id, kept: &str) -> Result<(), Error> {
        let command = self.imported_password(user, kept).await?;
        self.write(command).await.map(drop)
    }

    /// The command of [`import_password`](Self::import_password), to be done among others.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] if the hash is not understood.
    pub async fn imported_password(&self, user: Id, kept: &str) -> Result<Command, Error> {
        let verifier = match kept.strip_prefix("{CLEARTEXT}") {
            Some(password) => self.hashed(password).await?,
            None => Passwords::import(kept)?,
        };
        let credential = Credential {
            verifiers: vec![verifier],
            ..self.credential(user, CredentialKind::Password)
        };
        Ok(Command::AddCredential(credential))
    }

    async fn hashed(&self, password: &str) -> Result<Verifier, Error> {
        let from = self.origin().address;
        self.gateway().passwords().hash(password, from).await
    }

    /// Makes the record of that name, for which the default holds as well, or changes it as is said.
    pub(crate) async fn ensure(
        &self,
        kind: Kind,
        name: &str,
        default: Option<(AttrId, Value)>,
        said: Said,
    ) -> Result<Id, Error> {
        let defaults = default.map(|(attr, value)| (attr, vec![value])).into_iter();
        let mut new: Said = defaults.collect();
        new.push((attr::LOGIN, vec![name.into()]));
        new.extend(said.iter().cloned());
        match self.make(kind, new).await {
            Ok(written) => written.id.ok_or(Error::Internal),
            Err(taken @ Error::Taken { .. }) => {
                let id = self.named(kind, name).ok_or(taken)?;
                let changed = self.change(kind, id, said, Precondition::None).await;
                changed.map(|_| id)
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses an end that is not to come: what has it would be good for nothing.
    pub(crate) fn check_end(&self, expires: Option<Timestamp>) -> Result<(), Error> {
        match expires {
            Some(end) if end <= self.gateway().now() => {
                let problem = format!("{} is not in the future", end.to_rfc3339());
                Err(Error::invalid_value("expires", problem))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn credential(&self, principal: Id, kind: CredentialKind) -> Credential {
        let (id, now) = (Id(self.gateway().ids().id()), self.gateway().now());
        Credential::new(id, principal, kind, now)
    }
}
