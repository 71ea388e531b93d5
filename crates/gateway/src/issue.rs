//! The client credentials grant (RFC 6749 §4.4): a client proves who it is and gets a token for an
//! hour, which may be for less than its credential.

use std::sync::Arc;

use jackfield_access::{Scope, Scopes};
use jackfield_directory::Snapshot;
use jackfield_model::{Credential, CredentialKind, Origin, Trust, TrustedKeys};
use zeroize::Zeroizing;

use crate::access_token::AccessToken;
use crate::assertion::{Assertion, claimed_subject, names_other_key};
use crate::client::ClientId;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::keys;
use crate::secret::SecretKey;
use crate::tenant::Tenant;

/// How long a token is good for.
pub const LIFETIME_SECONDS: u32 = 3_600;

/// The scope that stands for all that the credential may be used for.
pub const WHOLE_SCOPE: &str = "scim";

/// How assertions may be signed: by keys of which only the public half is known here.
pub const SIGNING_ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// A request for a token.
pub struct TokenRequest<'a> {
    /// Who the client says it is. One that shows an assertion about itself need not say it.
    pub client: Option<&'a str>,
    /// How it proves that.
    pub proof: Proof<'a>,
    /// What the token is to be for, separated by spaces; all that it may be for, if not said.
    pub scope: Option<&'a str>,
    /// The names of the token endpoint: an assertion must be meant for one of them, unless the
    /// operator said for whom.
    pub audiences: &'a [&'a str],
    /// Where the client is.
    pub origin: Origin,
}

/// How a client proves who it is.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// By a secret.
    Secret(&'a str),
    /// By a JWT that it, or its identity provider, signed (RFC 7523 §2.2).
    Assertion(&'a str),
}

/// A token that was issued.
pub struct Issued {
    /// Its text.
    pub token: Zeroizing<String>,
    /// What it is for.
    pub scopes: Scopes,
    /// For how many seconds it is good.
    pub lifetime_seconds: u32,
}

impl Gateway {
    /// Issues a token for [`LIFETIME_SECONDS`], or until the credential ends.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for everything that is wrong with client and proof;
    /// [`Error::TooBusy`] for what comes too fast;
    /// [`Error::InvalidValue`] for a scope that is unknown, or of which the credential has nothing.
    pub async fn issue_token(&self, request: TokenRequest<'_>) -> Result<Issued, Error> {
        let (client, credential) = self.client_of(&request).await?;
        let tenant = self.tenant(client.tenant.as_str());
        let tenant = tenant.map_err(|_| Error::InvalidCredentials)?;
        let scopes = asked(request.scope)?.and(Scopes::named(&credential.scopes));
        if scopes.is_empty() {
            let problem = "the client's credential has none of these";
            return Err(Error::invalid_value("scope", problem));
        }
        let now = self.now();
        self.meters()
            .request(tenant.id(), credential.principal, now)?;
        let until = now.plus_seconds(LIFETIME_SECONDS.into());
        let token = AccessToken {
            tenant: tenant.id(),
            credential: credential.id,
            scopes,
            until: credential.expires.map_or(until, |end| end.min(until)),
        };
        tenant.note_use(credential.id, now);
        Ok(Issued {
            token: Zeroizing::new(token.seal(self.secret_key())),
            scopes,
            lifetime_seconds: u32::try_from((token.until.0 - now.0) / 1_000_000)
                .unwrap_or(LIFETIME_SECONDS),
        })
    }

    async fn client_of(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<(ClientId, Arc<Credential>), Error> {
        let origin = &request.origin;
        let client: ClientId = match (request.client, request.proof) {
            (Some(client), _) => client.parse(),
            // RFC 7521 §4.2: the client's id may be left out.
            (None, Proof::Assertion(text)) => claimed_subject(text).unwrap_or_default().parse(),
            (None, Proof::Secret(_)) => return Err(self.refused(origin)),
        }
        .map_err(|_| self.refused(origin))?;
        let tenant = self.tenant(client.tenant.as_str());
        let tenant = tenant.map_err(|_| self.refused(origin))?;
        let credential = match request.proof {
            Proof::Secret(secret) => {
                let check = |snapshot: &_| self.client_secret(snapshot, &client, secret, origin);
                self.with_latest(&tenant, origin, check).await?
            }
            Proof::Assertion(text) => {
                let trusted = |snapshot: &_| self.trusted(snapshot, &client, origin);
                let trusted = self.with_latest(&tenant, origin, trusted).await?;
                let asserted = self.asserted(&tenant, &trusted, text, request.audiences);
                asserted.await?.ok_or_else(|| self.refused(origin))?
            }
        };
        Ok((client, credential))
    }

    /// What assertions of a client are checked against; nothing, if there is nothing.
    fn trusted(
        &self,
        snapshot: &Snapshot,
        client: &ClientId,
        origin: &Origin,
    ) -> Option<Vec<Arc<Credential>>> {
        let connection = client.record(snapshot)?;
        let is_usable = |credential: &&Arc<Credential>| {
            credential.kind == CredentialKind::Trust && self.may_be_used(credential, origin.address)
        };
        let all = snapshot.credentials_of(connection.id).filter(is_usable);
        let all: Vec<_> = all.cloned().collect();
        (!all.is_empty()).then_some(all)
    }

    /// The credential that trusts the assertion, if one does.
    async fn asserted(
        &self,
        tenant: &Tenant,
        trusted: &[Arc<Credential>],
        text: &str,
        audiences: &[&str],
    ) -> Result<Option<Arc<Credential>>, Error> {
        for credential in trusted {
            let Some(trust) = &credential.trust else {
                continue;
            };
            let keys = match &trust.keys {
                TrustedKeys::Document(document) => {
                    keys::parse(document.as_bytes()).ok().map(Arc::new)
                }
                TrustedKeys::Url(url) => {
                    let lacks = |keys: &_| names_other_key(text, keys);
                    self.keys().at(url, lacks).await
                }
            };
            let Some(keys) = keys else { continue };
            match Assertion::check(text, trust, &keys, audiences, self.now()) {
                Ok(assertion)
                    if self
                        .is_first_use(tenant, credential, trust, &assertion)
                        .await? =>
                {
                    return Ok(Some(Arc::clone(credential)));
                }
                Ok(_) => tracing::info!(credential = %credential.id, "an assertion came again"),
                Err(doubt) => {
                    tracing::info!(credential = %credential.id, %doubt, "an assertion is not taken");
                }
            }
        }
        Ok(None)
    }

    /// A client makes each of its own assertions for one use (RFC 7523 §3, `jti`). What an identity
    /// provider hands to its clients they show as often as they like, until it ends.
    async fn is_first_use(
        &self,
        tenant: &Tenant,
        credential: &Credential,
        trust: &Trust,
        assertion: &Assertion,
    ) -> Result<bool, Error> {
        if trust.issuer != trust.subject {
            return Ok(true);
        }
        let Some(id) = &assertion.id else {
            return Ok(false);
        };
        let name = [credential.id.0.as_bytes(), id.as_bytes()].concat();
        let name = SecretKey::new(self.secret_key().hash(KEY)).hash(&name);
        let store = self.store();
        let used = store.use_once(tenant.id(), &name, assertion.until, self.now());
        used.await.map_err(|error| {
            tracing::error!(tenant = %tenant.name(), %error, "a first use was not noted");
            Error::Unavailable
        })
    }
}

/// What the key is derived by under which the names of assertions are hashed.
const KEY: &[u8] = b"jackfield key for names of assertions 1";

/// What a client asks for (RFC 6749 §3.3).
fn asked(scope: Option<&str>) -> Result<Scopes, Error> {
    let mut names = scope
        .unwrap_or(WHOLE_SCOPE)
        .split_ascii_whitespace()
        .peekable();
    if names.peek().is_none() {
        return Ok(Scopes::ALL);
    }
    names.try_fold(Scopes::NONE, |all, name| match Scope::from_name(name) {
        Some(scope) => Ok(all.iter().chain([scope]).collect()),
        None if name == WHOLE_SCOPE => Ok(Scopes::ALL),
        None => {
            let problem = format!("none but {WHOLE_SCOPE} and {} are known", Scopes::ALL);
            Err(Error::invalid_value("scope", problem))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_all_unless_it_is_named() {
        for (asked_for, expected) in [
            (None, Some(Scopes::ALL)),
            (Some(""), Some(Scopes::ALL)),
            (Some(" scim "), Some(Scopes::ALL)),
            (Some("users"), Some(Scopes::named(&["users"]))),
            (
                Some("users  roles"),
                Some(Scopes::named(&["users", "roles"])),
            ),
            (Some("users scim"), Some(Scopes::ALL)),
            (Some("Users"), None),
            (Some("users admin"), None),
        ] {
            assert_eq!(asked(asked_for).ok(), expected, "{asked_for:?}");
        }
    }
}
