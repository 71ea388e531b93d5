//! Accounts and tokens of the HTTP API: made by the operator, for software that is no provisioning
//! client.

use std::sync::Arc;

use ipnet::IpNet;
use jackfield_access::{ApiScope, ApiScopes};
use jackfield_directory::plan::OPERATOR;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Credential, CredentialKind, Id, Kind, Timestamp};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::administer::Made;
use crate::error::Error;
use crate::secret::{secret_text, token_text};
use crate::session::Session;

/// As whom a service account changes things. One that was given neither changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActsAs<'a> {
    /// As a holder of the role with this key would.
    Role(&'a str),
    /// As the operator at the command line would.
    Operator,
}

/// What a new token may be used for.
#[derive(Clone, Debug, Default)]
pub struct NewApiToken<'a> {
    /// What the operator calls it.
    pub label: &'a str,
    /// The names of its scopes, one at least.
    pub scopes: &'a [String],
    /// The networks that it may be used from; any if there is none.
    pub networks: &'a [IpNet],
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// A token, as far as it may be shown.
#[derive(Clone, Debug)]
pub struct ApiTokenInfo {
    /// The credential's id.
    pub id: Id,
    /// The name of the service account or user whose it is.
    pub holder: String,
    /// Whether that is a user.
    pub is_personal: bool,
    /// As whom a service account acts: a role's key, or `*` for the operator.
    pub acts_as: Option<String>,
    /// What the operator calls it.
    pub label: String,
    /// What it may be used for.
    pub scopes: ApiScopes,
    /// The networks that it may be used from; any if there is none.
    pub networks: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
}

impl Session {
    /// Makes a service account for the API, or changes as whom the one of that name acts, if that
    /// is said.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a role that is not there; what else stands in its way.
    pub async fn ensure_api_account(
        &self,
        name: &str,
        acts_as: Option<ActsAs<'_>>,
    ) -> Result<Id, Error> {
        let mut said = Attributes::new();
        match acts_as {
            None => {}
            Some(ActsAs::Operator) => said.put(attr::ACTS_AS, OPERATOR),
            Some(ActsAs::Role(role)) => {
                if self.tenant().roles().get(role).is_none() {
                    let problem = format!("there is no role {role:?}");
                    return Err(Error::invalid_value("role", problem));
                }
                said.put(attr::ACTS_AS, role);
            }
        }
        self.ensure(Kind::Service, name, &Attributes::new(), &said)
            .await
    }

    /// Makes a token of a service account or user.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for scopes that are none; what else stands in its way.
    pub async fn make_api_token(&self, holder: Id, new: NewApiToken<'_>) -> Result<Made, Error> {
        check_scopes(new.scopes)?;
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let verifier = self.gateway().secret_key().verifier(&secret_text(&secret));
        let networks = new.networks.iter().map(IpNet::trunc);
        let credential = Credential {
            verifiers: vec![verifier],
            label: new.label.to_owned(),
            scopes: new.scopes.iter().map(SmolStr::from).collect(),
            networks: networks.map(|network| network.to_string().into()).collect(),
            expires: new.expires,
            ..self.credential(holder, CredentialKind::Token)
        };
        let id = credential.id;
        self.write(jackfield_directory::Command::AddCredential(credential))
            .await?;
        Ok(Made {
            id,
            text: Zeroizing::new(token_text(id, &secret)),
        })
    }

    /// The tokens of service accounts and users.
    pub fn api_tokens(&self) -> Vec<ApiTokenInfo> {
        let snapshot = self.snapshot();
        let info = |credential: &Arc<Credential>| {
            let holder = snapshot.record(credential.principal)?;
            let networks = credential.networks.iter();
            Some(ApiTokenInfo {
                id: credential.id,
                holder: holder.login().unwrap_or_default().to_owned(),
                is_personal: holder.kind == Kind::User,
                acts_as: holder.attributes.text(attr::ACTS_AS).map(str::to_owned),
                label: credential.label.clone(),
                scopes: ApiScopes::named(&credential.scopes),
                networks: networks.map(ToString::to_string).collect(),
                created: credential.created,
                expires: credential.expires,
                last_used: snapshot.last_use().get(credential.id),
            })
        };
        let holders = [Kind::Service, Kind::User].into_iter();
        holders
            .flat_map(|kind| snapshot.all_of(kind))
            .flat_map(|holder| snapshot.credentials_of(holder.id))
            .filter(|credential| credential.kind == CredentialKind::Token)
            .filter_map(info)
            .collect()
    }
}

/// A token that may be used for nothing, or for what nobody knows, is a mistake.
fn check_scopes(names: &[String]) -> Result<(), Error> {
    let unknown = names
        .iter()
        .find(|name| ApiScope::from_name(name).is_none());
    match (unknown, names) {
        (Some(unknown), _) => {
            let problem = format!("{unknown:?} is none of: {}", ApiScopes::ALL);
            Err(Error::invalid_value("scope", problem))
        }
        (None, []) => Err(Error::invalid_value("scope", "one at least is needed")),
        (None, _) => Ok(()),
    }
}
