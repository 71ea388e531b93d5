//! Service accounts and devices: what they may read, and the secrets that they log in by.

use ipnet::IpNet;
use jackfield_directory::plan::OPERATOR;
use jackfield_directory::view::named;
use jackfield_directory::{Command, Container, Precondition};
use jackfield_model::schema::attr;
use jackfield_model::{
    Credential, CredentialKind, DialFormat, Id, Kind, Timestamp, Value, View, ViewSet,
};

use super::{CredentialInfo, Said};
use crate::api_token::ActsAs;
use crate::error::Error;
use crate::reader::Reader;
use crate::session::Session;
use crate::view::{ALL, NO_VIEWS};

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
    /// Its own views, which may be none at all.
    pub views: Option<ViewSet>,
    /// As whom a service account changes things over the HTTP API.
    pub acts_as: Option<ActsAs<'a>>,
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
    /// As whom a service account changes things: a role's key, or `*` for the operator.
    pub acts_as: Option<String>,
    /// Its secrets and certificates.
    pub secrets: Vec<CredentialInfo>,
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
        let said = self.account_said(rights)?;
        self.ensure(kind, name, None, said).await
    }

    /// What the rights of an account come to, checked.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for scopes, attributes and roles that there are not.
    pub fn account_said(&self, rights: &AccountRights<'_>) -> Result<Said, Error> {
        let mut said = Said::new();
        if let Some(scopes) = rights.scopes {
            check_scopes(scopes)?;
            let scopes = scopes.iter().map(|scope| scope.as_str().into());
            said.push((attr::SCOPES, scopes.collect()));
        }
        if let Some(names) = rights.attributes {
            said.push((attr::READS, self.attributes_named(names)?));
        }
        if let Some(dial) = rights.dial {
            said.push((attr::DIALS, vec![dial.to_string().as_str().into()]));
        }
        if rights.views.is_some() {
            said.push((attr::VIEWS, view_names(rights.views)));
        }
        match rights.acts_as {
            None => {}
            Some(ActsAs::Operator) => said.push((attr::ACTS_AS, vec![OPERATOR.into()])),
            Some(ActsAs::Role(role)) => {
                if self.tenant().roles().get(role).is_none() {
                    let problem = format!("there is no role {role:?}");
                    return Err(Error::invalid_value("role", problem));
                }
                said.push((attr::ACTS_AS, vec![role.into()]));
            }
        }
        Ok(said)
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

    fn attributes_named(&self, names: &[String]) -> Result<Vec<Value>, Error> {
        let registry = self.tenant().registry();
        let named = |name: &String| {
            let problem = || format!("there is no attribute {name:?}");
            let found = named(&registry, name);
            let found = found.ok_or_else(|| Error::invalid_value("attributes", problem()))?;
            Ok(Value::from(registry.path(found).as_str()))
        };
        names.iter().map(named).collect()
    }
}

impl Reader {
    /// The service accounts or devices, by name.
    pub fn accounts(&self, kind: Kind) -> Vec<AccountInfo> {
        let all = self.snapshot().all_of(kind);
        let mut all: Vec<_> = all.filter_map(|account| self.account(account.id)).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The service account or device with this id, if the principal may know of it.
    pub fn account(&self, id: Id) -> Option<AccountInfo> {
        let account = self.entry(id)?.record();
        let text = |attr| account.attributes.text(attr).map(str::to_owned);
        let texts = |attr| {
            let values = account.attributes.values(attr).iter();
            values
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let secrets = self.credentials(id).into_iter();
        Some(AccountInfo {
            id,
            name: account.login().unwrap_or_default().to_owned(),
            scopes: texts(attr::SCOPES),
            attributes: texts(attr::READS),
            views: texts(attr::VIEWS),
            dial: text(attr::DIALS),
            acts_as: text(attr::ACTS_AS),
            secrets: secrets
                .filter(|secret| secret.kind == CredentialKind::Secret)
                .collect(),
        })
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

fn check_scopes(scopes: &[String]) -> Result<(), Error> {
    let branches = Container::ALL.map(Container::ou);
    let is_known = |scope: &str| branches.contains(&scope) || OTHER_SCOPES.contains(&scope);
    match scopes.iter().find(|scope| !is_known(scope)) {
        None => Ok(()),
        Some(scope) => {
            let (others, branches) = (OTHER_SCOPES.join(", "), branches.join(", "));
            let problem = format!("{scope:?} is none of: {others}, {branches}");
            Err(Error::invalid_value("scope", problem))
        }
    }
}

/// Views of its own, none among them; without a set, none said.
pub(super) fn view_names(views: Option<ViewSet>) -> Vec<Value> {
    match views {
        None => Vec::new(),
        Some(views) if views.is_empty() => vec![NO_VIEWS.into()],
        Some(views) => views.iter().map(View::name).map(Value::from).collect(),
    }
}
