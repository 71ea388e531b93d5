//! What accounts, connections and users log in by, as far as it may be shown.

use jackfield_access::{ApiScope, ApiScopes, Scope, Scopes};
use jackfield_directory::Snapshot;
use jackfield_model::schema::attr;
use jackfield_model::{Credential, CredentialKind, Id, Kind, Record, Timestamp};

use crate::reader::Reader;

/// A token, a secret, or trust in somebody's assertions.
#[derive(Clone, Debug)]
pub struct CredentialInfo {
    /// The credential's id.
    pub id: Id,
    /// What it is.
    pub kind: CredentialKind,
    /// What the operator calls it.
    pub label: String,
    /// The names of what it may be used for, where it is a connection's or a token.
    pub scopes: Vec<&'static str>,
    /// The highest role that it lets a connection give, if that was said.
    pub ceiling: Option<String>,
    /// The networks that it may be used from; any if there is none.
    pub networks: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
}

/// A credential, and whose it is.
#[derive(Clone, Debug)]
pub struct HeldCredential {
    /// The name of the connection, service account or user.
    pub holder: String,
    /// Whether that is a user.
    pub is_personal: bool,
    /// As whom a service account acts: a role's key, or `*` for the operator.
    pub acts_as: Option<String>,
    /// The credential.
    pub credential: CredentialInfo,
}

impl Reader {
    /// What this account, connection or user logs in by, passwords of people aside.
    pub fn credentials(&self, holder: Id) -> Vec<CredentialInfo> {
        let Some(entry) = self.entry(holder) else {
            return Vec::new();
        };
        let of_machines = |kind| !matches!(kind, CredentialKind::Password | CredentialKind::Sip);
        let all = self.snapshot().credentials_of(holder);
        all.filter(|credential| of_machines(credential.kind))
            .map(|credential| info(self.snapshot(), entry.record().kind, credential))
            .collect()
    }

    /// What connections log in by.
    pub fn connection_credentials(&self) -> Vec<HeldCredential> {
        let all = self.snapshot().all_of(Kind::Connection);
        all.flat_map(|connection| self.held_by(connection))
            .collect()
    }

    /// The tokens of the HTTP API: those of service accounts and users.
    pub fn api_tokens(&self) -> Vec<HeldCredential> {
        let kinds = [Kind::Service, Kind::User].into_iter();
        let holders = kinds.flat_map(|kind| self.snapshot().all_of(kind));
        holders
            .flat_map(|holder| self.held_by(holder))
            .filter(|held| held.credential.kind == CredentialKind::Token)
            .collect()
    }

    fn held_by(&self, holder: &Record) -> impl Iterator<Item = HeldCredential> {
        let name = holder.login().unwrap_or_default().to_owned();
        let acts_as = holder.attributes.text(attr::ACTS_AS).map(str::to_owned);
        let is_personal = holder.kind == Kind::User;
        let all = self.credentials(holder.id).into_iter();
        all.map(move |credential| HeldCredential {
            holder: name.clone(),
            is_personal,
            acts_as: acts_as.clone(),
            credential,
        })
    }
}

fn info(snapshot: &Snapshot, holder: Kind, credential: &Credential) -> CredentialInfo {
    let scopes = match (holder, credential.kind) {
        (Kind::Connection, _) => {
            let scopes = Scopes::named(&credential.scopes);
            scopes.iter().map(Scope::name).collect()
        }
        (_, CredentialKind::Token) => {
            let scopes = ApiScopes::named(&credential.scopes);
            scopes.iter().map(ApiScope::name).collect()
        }
        _ => Vec::new(),
    };
    let networks = credential.networks.iter();
    CredentialInfo {
        id: credential.id,
        kind: credential.kind,
        label: credential.label.clone(),
        scopes,
        ceiling: credential.ceiling.as_deref().map(str::to_owned),
        networks: networks.map(ToString::to_string).collect(),
        created: credential.created,
        expires: credential.expires,
        last_used: snapshot.last_use().get(credential.id),
    }
}
