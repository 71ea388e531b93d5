//! Connections, and what they prove themselves with.

use ipnet::IpNet;
use jackfield_access::{Scope, Scopes};
use jackfield_directory::{Command, Precondition};
use jackfield_model::schema::attr;
use jackfield_model::{
    ConnectionKind, Credential, CredentialKind, Id, Kind, Timestamp, Trust, TrustedKeys, Value,
};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use super::{CredentialInfo, Made, Said};
use crate::client::ClientId;
use crate::error::Error;
use crate::keys;
use crate::reader::Reader;
use crate::secret::{secret_text, token_text};
use crate::session::{Session, requires_versions, takes_passwords};

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
    /// Whether passwords that it pushes are taken; as its kind has it if nothing is said.
    pub takes_passwords: Option<bool>,
    /// Whether it must say which version of a resource it changes (RFC 6585 §3); no if nothing is
    /// said.
    pub requires_versions: Option<bool>,
}

/// A connection, as far as it may be shown.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// Its record.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The highest role it may give, if one was said.
    pub ceiling: Option<String>,
    /// Whether passwords that it pushes are taken.
    pub takes_passwords: bool,
    /// Whether it must say which version of a resource it changes.
    pub requires_versions: bool,
    /// How many credentials it has that are not over.
    pub credentials: usize,
    /// When one of its credentials was last used, to the minute.
    pub last_used: Option<Timestamp>,
}

/// What a new credential of a connection may be used for; the default is all that the connection
/// may do, for ever.
#[derive(Clone, Debug, Default)]
pub struct NewCredential<'a> {
    /// What the operator calls it.
    pub label: &'a str,
    /// The names of its scopes: `read`, `users`, `groups`, `roles`; all of them if there is none.
    pub scopes: &'a [String],
    /// The highest role that it lets the connection give, where that is less than the
    /// connection's own ceiling.
    pub ceiling: Option<&'a str>,
    /// The networks that it may be used from, in CIDR notation; any if there is none.
    pub networks: &'a [IpNet],
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl Session {
    /// Makes a connection, or changes the one of that name as is said.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn ensure_connection(&self, new: NewConnection<'_>) -> Result<Id, Error> {
        let said = self.connection_said(&new)?;
        let kind = (attr::CONNECTION_KIND, "generic".into());
        self.ensure(Kind::Connection, new.name, Some(kind), said)
            .await
    }

    /// What is said of a connection beside its name, checked.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for kinds and ceilings that there are not.
    pub fn connection_said(&self, new: &NewConnection<'_>) -> Result<Said, Error> {
        self.check_ceiling(new.ceiling)?;
        if let Some(unknown) = new
            .kind
            .filter(|kind| kind.parse::<ConnectionKind>().is_err())
        {
            let known = ConnectionKind::ALL.map(ConnectionKind::as_str).join(", ");
            let problem = format!("{unknown:?} is none of: {known}");
            return Err(Error::invalid_value("kind", problem));
        }
        let mut said = Said::new();
        let mut say = |attr, value: Option<Value>| {
            said.extend(value.map(|value| (attr, vec![value])));
        };
        say(attr::CONNECTION_KIND, new.kind.map(Value::from));
        say(attr::CEILING, new.ceiling.map(Value::from));
        say(attr::TAKES_PASSWORDS, new.takes_passwords.map(Value::from));
        say(
            attr::REQUIRES_VERSIONS,
            new.requires_versions.map(Value::from),
        );
        Ok(said)
    }

    /// Removes a connection with its credentials; what it owned has no owner any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of this name.
    pub async fn remove_connection(&self, name: &str) -> Result<(), Error> {
        let connection = self.named(Kind::Connection, name);
        let id = connection.ok_or_else(|| not_found(name))?;
        let command = Command::Delete {
            id,
            kind: Kind::Connection,
            expect: Precondition::None,
        };
        self.write(command).await.map(drop)
    }

    /// Makes a token of a connection.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_token(&self, connection: Id, new: NewCredential<'_>) -> Result<Made, Error> {
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let mut credential = self.new_credential(connection, CredentialKind::Token, &new)?;
        let verifier = self.gateway().secret_key().verifier(&secret_text(&secret));
        credential.verifiers = vec![verifier];
        let id = credential.id;
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made {
            id,
            text: Zeroizing::new(token_text(id, &secret)),
        })
    }

    /// Makes a client secret of a connection, for the token endpoint.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn make_client_secret(
        &self,
        connection: Id,
        new: NewCredential<'_>,
    ) -> Result<Made, Error> {
        let secret = Zeroizing::new(self.gateway().ids().secret());
        let text = Zeroizing::new(secret_text(&secret));
        let mut credential = self.new_credential(connection, CredentialKind::Secret, &new)?;
        credential.verifiers = vec![self.gateway().secret_key().verifier(&text)];
        let id = credential.id;
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made { id, text })
    }

    /// The id of a connection at the token endpoint.
    pub fn client_id(&self, connection: Id) -> ClientId {
        let tenant = self.tenant().name().clone();
        ClientId { tenant, connection }
    }

    /// Trust in what this issuer signs about this subject: about itself, by the connection, as far as
    /// neither is said.
    pub fn trust(
        &self,
        connection: Id,
        issuer: Option<&str>,
        subject: Option<&str>,
        audiences: &[String],
        keys: TrustedKeys,
    ) -> Trust {
        let client_id = self.client_id(connection).to_string();
        Trust {
            issuer: issuer.unwrap_or(&client_id).into(),
            subject: subject.unwrap_or(&client_id).into(),
            audiences: audiences.iter().map(Into::into).collect(),
            keys,
        }
    }

    /// Lets a connection prove itself at the token endpoint by assertions that somebody signs.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn add_trust(
        &self,
        connection: Id,
        trust: Trust,
        new: NewCredential<'_>,
    ) -> Result<Id, Error> {
        check_keys(&trust.keys)?;
        let mut credential = self.new_credential(connection, CredentialKind::Trust, &new)?;
        credential.trust = Some(Box::new(trust));
        let id = credential.id;
        self.write(Command::AddCredential(credential)).await?;
        Ok(id)
    }

    fn new_credential(
        &self,
        connection: Id,
        kind: CredentialKind,
        new: &NewCredential<'_>,
    ) -> Result<Credential, Error> {
        self.check_ceiling(new.ceiling)?;
        self.check_end(new.expires)?;
        if let Some(unknown) = new
            .scopes
            .iter()
            .find(|name| Scope::from_name(name).is_none())
        {
            let known = Scopes::ALL;
            let problem = format!("{unknown:?} is none of: {known}");
            return Err(Error::invalid_value("scope", problem));
        }
        let networks = new.networks.iter().map(IpNet::trunc);
        Ok(Credential {
            label: new.label.to_owned(),
            scopes: new.scopes.iter().map(SmolStr::from).collect(),
            ceiling: new.ceiling.map(SmolStr::from),
            networks: networks.map(|network| network.to_string().into()).collect(),
            expires: new.expires,
            ..self.credential(connection, kind)
        })
    }

    /// A ceiling that no role has would let nothing through.
    fn check_ceiling(&self, ceiling: Option<&str>) -> Result<(), Error> {
        let roles = self.tenant().roles();
        match ceiling {
            Some(role) if role != "full" && roles.get(role).is_none() => {
                let keys: Vec<&str> = roles.iter().map(|role| role.key().as_str()).collect();
                let problem = format!(
                    "there is no role {role:?}; there are {}, and \"full\"",
                    keys.join(", ")
                );
                Err(Error::invalid_value("ceiling", problem))
            }
            _ => Ok(()),
        }
    }
}

impl Reader {
    /// The connections, by name.
    pub fn connections(&self, now: Timestamp) -> Vec<ConnectionInfo> {
        let all = self.snapshot().all_of(Kind::Connection);
        let all = all.filter_map(|connection| self.connection(connection.id, now));
        let mut all: Vec<_> = all.collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The connection with this id, if the principal may know of it, as it is at this moment.
    pub fn connection(&self, id: Id, now: Timestamp) -> Option<ConnectionInfo> {
        let connection = self.entry(id)?.record();
        let text = |attr| connection.attributes.text(attr).map(str::to_owned);
        let credentials = self.credentials(id);
        let is_over = |it: &&CredentialInfo| it.expires.is_some_and(|expires| expires <= now);
        Some(ConnectionInfo {
            id,
            name: connection.login().unwrap_or_default().to_owned(),
            kind: text(attr::CONNECTION_KIND).unwrap_or_default(),
            ceiling: text(attr::CEILING),
            takes_passwords: takes_passwords(connection),
            requires_versions: requires_versions(connection),
            credentials: credentials.iter().filter(|it| !is_over(it)).count(),
            last_used: credentials.iter().filter_map(|it| it.last_used).max(),
        })
    }
}

/// Keys that cannot be read would let nobody in.
fn check_keys(keys: &TrustedKeys) -> Result<(), Error> {
    let problem = match keys {
        TrustedKeys::Document(text) => keys::parse(text.as_bytes()).err(),
        TrustedKeys::Url(url) => {
            let is_taken = url.starts_with("https://") || url.starts_with("http://127.0.0.1:");
            (!is_taken).then(|| "it must begin with https://".to_owned())
        }
    };
    problem.map_or(Ok(()), |problem| Err(Error::invalid_value("keys", problem)))
}

fn not_found(connection: &str) -> Error {
    Error::not_found(format_args!("the connection {connection:?}"))
}
