//! Service accounts and devices: what they may read, and the secrets that they log in by.

use ipnet::IpNet;
use jackfield_directory::view::named;
use jackfield_directory::{Command, Container, Precondition};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Credential, CredentialKind, DialFormat, Id, Kind, Record, Timestamp, Value,
};

use super::replacing;
use crate::error::Error;
use crate::session::Session;
use crate::view::ALL;

/// What an account may read. What is not said stays as it is, or is as its kind has it.
#[derive(Clone, Debug, Default)]
pub struct AccountRights<'a> {
    /// Branches of the tree, `all` of it, and what else a service account may do. A device that
    /// has none reads the phone book, and never more.
    pub scopes: Option<&'a [String]>,
    /// The names of the attributes that it reads, as far as it may; all that it may if there is
    /// none.
    pub attributes: Option<&'a [String]>,
    /// How numbers are shown to it.
    pub dial: Option<&'a DialFormat>,
}

/// Where from and how long the secrets of an account let it log in. What is not said stays as it
/// is.
#[derive(Clone, Debug, Default)]
pub struct SecretLimits<'a> {
    /// The networks; any if there is none.
    pub networks: Option<&'a [IpNet]>,
    /// When they end; never, if there is no moment.
    pub expires: Option<Option<Timestamp>>,
}

/// An account, as far as it may be shown.
#[derive(Clone, Debug)]
pub struct AccountInfo {
    /// Its record.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its scopes; none of a device that reads the phone book.
    pub scopes: Vec<String>,
    /// The attributes that it reads; all that it may if there is none.
    pub attributes: Vec<String>,
    /// Its own views, if it has any.
    pub views: Vec<String>,
    /// How numbers are shown to it, if that was said.
    pub dial: Option<String>,
    /// Its secrets and certificates.
    pub secrets: Vec<SecretInfo>,
}

/// A secret, as far as it may be shown.
#[derive(Clone, Debug)]
pub struct SecretInfo {
    /// The credential's id.
    pub id: Id,
    /// The networks that it may be used from; any if there is none.
    pub networks: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// The scopes that are no branches of the tree.
const OTHER_SCOPES: [&str; 4] = [ALL, "proxy", "registrations", "sip-secrets"];

impl Session {
    /// Makes a service account or device, or changes the one of that name as is said.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for scopes and attributes that there are not; what else stands in
    /// its way.
    pub async fn ensure_account(
        &self,
        kind: Kind,
        name: &str,
        rights: &AccountRights<'_>,
    ) -> Result<Id, Error> {
        let said = self.said(rights)?;
        let id = self.ensure(kind, name, &Attributes::new(), &said).await?;
        self.clear(id, kind, rights).await.map(|()| id)
    }

    /// Changes the secrets of an account, all of them, at once for connections that are open.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn limit_secrets(&self, account: Id, limits: &SecretLimits<'_>) -> Result<(), Error> {
        let snapshot = self.snapshot();
        let secrets = snapshot.credentials_of(account);
        for secret in secrets.filter(|it| it.kind == CredentialKind::Secret) {
            let changed = limits.applied(Credential::clone(secret));
            if changed != **secret {
                self.write(Command::AddCredential(changed)).await?;
            }
        }
        Ok(())
    }

    /// Removes an account with its secrets, which end at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of this name.
    pub async fn remove_account(&self, kind: Kind, name: &str) -> Result<(), Error> {
        let id = self.named(kind, name);
        let id = id.ok_or_else(|| Error::not_found(format_args!("the account {name:?}")))?;
        let command = Command::Delete {
            id,
            kind,
            expect: Precondition::None,
        };
        self.write(command).await.map(drop)
    }

    /// The service accounts or devices, by name.
    pub fn accounts(&self, kind: Kind) -> Vec<AccountInfo> {
        let snapshot = self.snapshot();
        let info = |account: &Record| {
            let secrets = snapshot.credentials_of(account.id);
            let secrets = secrets.filter(|it| it.kind == CredentialKind::Secret);
            AccountInfo {
                id: account.id,
                name: account.login().unwrap_or_default().to_owned(),
                scopes: texts(account.attributes.values(attr::SCOPES)),
                attributes: texts(account.attributes.values(attr::READS)),
                views: texts(account.attributes.values(attr::VIEWS)),
                dial: account.attributes.text(attr::DIALS).map(str::to_owned),
                secrets: secrets.map(|secret| SecretInfo::of(secret)).collect(),
            }
        };
        let mut all: Vec<_> = snapshot.all_of(kind).map(|account| info(account)).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The attributes that are said, checked.
    fn said(&self, rights: &AccountRights<'_>) -> Result<Attributes, Error> {
        let branches = Container::ALL.map(Container::ou);
        for scope in rights.scopes.unwrap_or_default() {
            let mut known = branches.iter().chain(&OTHER_SCOPES);
            if !known.any(|known| known == scope) {
                let problem = format!(
                    "{scope:?} is none of: {}, {}",
                    OTHER_SCOPES.join(", "),
                    branches.join(", ")
                );
                return Err(Error::invalid_value("scope", problem));
            }
        }
        let registry = self.tenant().registry();
        let mut names = Vec::new();
        for name in rights.attributes.unwrap_or_default() {
            let found = named(&registry, name);
            let found = found.ok_or_else(|| {
                Error::invalid_value("attributes", format!("there is no attribute {name:?}"))
            })?;
            names.push(Value::from(registry.path(found).as_str()));
        }
        let scopes = rights.scopes.unwrap_or_default().iter();
        let mut said = Attributes::new();
        said.set(attr::SCOPES, scopes.map(|it| it.as_str().into()).collect());
        said.set(attr::READS, names);
        let dial = rights.dial.map(|dial| dial.to_string().as_str().into());
        said.set(attr::DIALS, dial.into_iter().collect());
        Ok(said)
    }

    /// Takes away what is said to be nothing.
    async fn clear(&self, id: Id, kind: Kind, rights: &AccountRights<'_>) -> Result<(), Error> {
        let is_none = |list: Option<&[String]>| list.is_some_and(<[String]>::is_empty);
        let all = [
            (attr::SCOPES, is_none(rights.scopes)),
            (attr::READS, is_none(rights.attributes)),
        ];
        let gone = all.into_iter().filter(|(_, is_none)| *is_none);
        let ops: Vec<_> = gone.map(|(attr, _)| replacing(attr, &[])).collect();
        if ops.is_empty() {
            return Ok(());
        }
        let expect = Precondition::None;
        let command = Command::Patch {
            id,
            kind,
            ops,
            expect,
        };
        self.write(command).await.map(drop)
    }
}

impl SecretLimits<'_> {
    /// A credential, so limited.
    pub(crate) fn applied(&self, credential: Credential) -> Credential {
        let networks = self.networks.map(|networks| {
            let networks = networks.iter().map(IpNet::trunc);
            networks.map(|network| network.to_string().into()).collect()
        });
        Credential {
            networks: networks.unwrap_or(credential.networks),
            expires: self.expires.unwrap_or(credential.expires),
            ..credential
        }
    }
}

impl SecretInfo {
    fn of(secret: &Credential) -> Self {
        Self {
            id: secret.id,
            networks: secret.networks.iter().map(ToString::to_string).collect(),
            created: secret.created,
            expires: secret.expires,
        }
    }
}

fn texts(values: &[Value]) -> Vec<String> {
    let texts = values.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
