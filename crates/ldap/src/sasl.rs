//! SASL mechanisms (RFC 4513 §5.2): each one row of [`MECHANISMS`].
//!
//! Those that are served end with the client's first message. One that takes several would keep
//! its state with the connection, which lets no other request pass meanwhile in any case.

use jackfield_gateway::{Bind, Error as Gateway, Name, Session};
use jackfield_model::Principal;

use crate::Error;
use crate::client::Client;

/// One mechanism.
pub(crate) struct Mechanism {
    /// Its name (RFC 4422 §3.1).
    pub(crate) name: &'static str,
    /// Whether this client can use it now.
    pub(crate) is_offered: fn(&Client) -> bool,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    External,
}

/// Every mechanism.
pub(crate) const MECHANISMS: [Mechanism; 2] = [
    // RFC 4616 §2: never where others read along.
    Mechanism {
        name: "PLAIN",
        is_offered: Client::is_tls,
        kind: Kind::Plain,
    },
    // RFC 4513 §5.2.3: by the certificate that the client has shown.
    Mechanism {
        name: "EXTERNAL",
        is_offered: |client| client.certificate().is_some(),
        kind: Kind::External,
    },
];

/// Authenticates the client.
///
/// # Errors
/// [`Error::AuthenticationMethod`] for a mechanism that is not offered to it.
pub(crate) async fn authenticate(
    client: &Client,
    mechanism: &str,
    credentials: Option<&[u8]>,
) -> Result<Session, Error> {
    let mut offered = MECHANISMS
        .iter()
        .filter(|offered| (offered.is_offered)(client));
    let found = offered.find(|offered| offered.name.eq_ignore_ascii_case(mechanism));
    let credentials = credentials.unwrap_or_default();
    match found.map(|found| found.kind) {
        Some(Kind::Plain) => plain(client, credentials).await,
        Some(Kind::External) => external(client, credentials),
        None => Err(Error::AuthenticationMethod),
    }
}

/// RFC 4616 §2: `[authzid] NUL authcid NUL passwd`.
async fn plain(client: &Client, message: &[u8]) -> Result<Session, Error> {
    let parts: Vec<&[u8]> = message.split(|octet| *octet == 0).collect();
    let [authzid, authcid, password] = parts.as_slice() else {
        return Err(Gateway::InvalidCredentials.into());
    };
    let name = str::from_utf8(authcid).map_err(|_| Gateway::InvalidCredentials)?;
    let listener_tenant = client.listener_tenant()?;
    let bind = Bind {
        name,
        password,
        listener_tenant: listener_tenant.as_ref(),
        served: &client.ldap.options.tenants,
        secure: client.is_secure(),
        origin: client.origin.clone(),
    };
    let session = client.ldap.gateway.bind(bind).await?;
    authorized(client, session, authzid)
}

/// RFC 4422 Appendix A: the message is the authzid.
fn external(client: &Client, authzid: &[u8]) -> Result<Session, Error> {
    let certificate = client.certificate().ok_or(Error::AuthenticationMethod)?;
    let tenant = client.listener_tenant()?;
    let (gateway, served) = (&client.ldap.gateway, &client.ldap.options.tenants);
    let session = gateway.bind_certificate(certificate, tenant.as_ref(), served, &client.origin)?;
    authorized(client, session, authzid)
}

/// The session as that of the authzid: its own, or one that it may act for.
fn authorized(client: &Client, session: Session, authzid: &[u8]) -> Result<Session, Error> {
    if authzid.is_empty() {
        return Ok(session);
    }
    let authzid = str::from_utf8(authzid).map_err(|_| Gateway::InvalidCredentials)?;
    let own = session.dn().map(|dn| format!("dn:{dn}"));
    if own.as_deref() == Some(authzid) || is_own_name(&session, authzid) {
        return Ok(session);
    }
    let bound = client.bound_as(session);
    // RFC 4513 §5.2.1.8 names no code of its own for a bind.
    let other = bound.acting_for(authzid);
    let other = other.map_err(|_| Gateway::InvalidCredentials)?;
    other.session.ok_or(Gateway::InvalidCredentials.into())
}

fn is_own_name(session: &Session, authzid: &str) -> bool {
    let name = authzid.strip_prefix("u:").map(Name::Text);
    let name = name.or(authzid.strip_prefix("dn:").map(Name::of));
    let named = name.and_then(|name| session.person_named(&name).ok().flatten());
    matches!(session.principal(), Principal::Person(own) if named == Some(own))
}
