//! Accounts and tokens of the HTTP API: made by the operator, for software that is no provisioning
//! client.

use ipnet::IpNet;
use jackfield_access::{ApiScope, ApiScopes, Deed};
use jackfield_model::{Credential, CredentialKind, Id, Kind, Timestamp};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::administer::{AccountRights, Made};
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
        let rights = AccountRights {
            acts_as,
            ..AccountRights::default()
        };
        self.ensure_account(Kind::Service, name, &rights).await
    }

    /// Makes a token of a service account or user. People make their own, when they came by their
    /// password; all others are the operator's.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for scopes that are none; what else stands in its way.
    pub async fn make_api_token(&self, holder: Id, new: NewApiToken<'_>) -> Result<Made, Error> {
        check_scopes(new.scopes)?;
        self.check_end(new.expires)?;
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
}

impl Session {
    /// Refuses people who may not know of a user's tokens: all but the user, and those who may set
    /// the password, and so end them.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for whoever is no user.
    pub fn ask_for_tokens_of(&self, user: Id) -> Result<(), Error> {
        if self.principal().record() == Some(user) {
            return Ok(());
        }
        self.ask_about(&self.snapshot(), Deed::ResetPassword, user)
            .map(drop)
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
