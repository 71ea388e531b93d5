//! Who is at the other end of a connection, and what that allows.

use bytes::Bytes;
use jackfield_gateway::{Error as Gateway, Name, Reader, Session, Tenant, serves};
use jackfield_model::{Dn, Origin};
use jackfield_net::Connection;

use crate::schema::Schema;
use crate::{Error, Ldap};

/// The client of one connection, as far as it is known.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) ldap: Ldap,
    pub(crate) origin: Origin,
    is_tls: bool,
    is_local: bool,
    /// What it has shown in its TLS handshake, in DER.
    certificate: Option<Bytes>,
    /// Who it is; anonymous before the first bind and after one that failed.
    pub(crate) session: Option<Session>,
}

impl Client {
    pub(crate) fn new(ldap: &Ldap, connection: &Connection) -> Self {
        let address = connection.peer_addr().ip();
        Self {
            ldap: ldap.clone(),
            origin: Origin {
                address: Some(address),
                ..Origin::local("ldap")
            },
            is_tls: connection.is_tls(),
            certificate: connection.client_certificate().map(Bytes::copy_from_slice),
            is_local: address.is_loopback(),
            session: None,
        }
    }

    /// The program itself, as somebody.
    pub(crate) fn inside(ldap: &Ldap, session: Session) -> Self {
        Self {
            ldap: ldap.clone(),
            origin: session.origin().clone(),
            is_tls: false,
            certificate: None,
            is_local: true,
            session: Some(session),
        }
    }

    /// Whether nobody else reads along, or the listener takes passwords all the same.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_private() || self.ldap.options.plaintext_binds
    }

    /// Whether nobody else reads along.
    fn is_private(&self) -> bool {
        self.is_tls || self.is_local
    }

    /// Whether StartTLS is offered (RFC 4511 §4.14).
    pub(crate) fn may_start_tls(&self) -> bool {
        !self.is_tls && self.ldap.options.start_tls.is_some()
    }

    /// Notes that the connection is under TLS now, and what the client has shown.
    pub(crate) fn started_tls(&mut self, certificate: Option<&[u8]>) {
        self.is_tls = true;
        self.certificate = certificate.map(Bytes::copy_from_slice);
    }

    /// The certificate that the client has shown, in DER.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The listener's tenant, if it has one.
    pub(crate) fn listener_tenant(&self) -> Result<Option<Tenant>, Gateway> {
        let name = self.ldap.options.tenant.as_ref();
        name.map(|name| self.ldap.gateway.tenant(name.as_str()))
            .transpose()
    }

    /// The tenant that may be named to the client: its own, the listener's, or the only one.
    pub(crate) fn shown_tenant(&self) -> Option<Tenant> {
        if let Some(session) = &self.session {
            return Some(session.tenant().clone());
        }
        let mut all = self.nameable();
        all.next().filter(|_| all.next().is_none())
    }

    /// The tenants of which a client that is nobody yet can ask: the listener's, or all that are
    /// served.
    pub(crate) fn nameable(&self) -> impl Iterator<Item = Tenant> {
        let options = &self.ldap.options;
        let all = match options.tenant {
            Some(_) => self.listener_tenant().ok().flatten().into_iter().collect(),
            None => self.ldap.gateway.tenants(),
        };
        let has_own = options.tenant.is_some();
        let all = all.into_iter();
        all.filter(move |tenant| has_own || serves(&options.tenants, tenant))
    }

    /// The attribute types of the tenant that may be named to the client, as the client sees it.
    pub(crate) fn schema(&self) -> Schema {
        let Some(tenant) = self.shown_tenant() else {
            return Schema::default();
        };
        let own = self.session.as_ref().map(Session::views);
        let views = own.unwrap_or_else(|| tenant.settings().views);
        let mut sessions = self.session.iter().filter(|_| self.is_private());
        let has_secrets = sessions.any(Session::is_told_sip_secrets);
        Schema::with(&tenant.registry(), views).telling(has_secrets)
    }

    /// What the client may read now, for an operation on the entry with this name.
    ///
    /// A login that is no longer good reads nothing, as if there were none (RFC 4513 §5.2.1.4
    /// leaves that to the server): only a bind can be answered with invalidCredentials.
    pub(crate) fn reader(&self, dn: &Dn) -> Result<Reader, Error> {
        let reader = match &self.session {
            Some(session) if self.is_private() => session.read_in_private(),
            Some(session) => session.read(),
            None => self.anonymous(dn)?.read(),
        };
        Ok(reader.map_err(|error| match error {
            Gateway::InvalidCredentials => Gateway::LoginRequired,
            other => other,
        })?)
    }

    /// The same client, with this session.
    pub(crate) fn bound_as(&self, session: Session) -> Self {
        Self {
            session: Some(session),
            ..self.clone()
        }
    }

    /// The client as the one for whom an operation is (RFC 4370), by an authzId (RFC 4513
    /// §5.2.1.8); empty for nobody in particular.
    ///
    /// # Errors
    /// [`Error::ProxyDenied`].
    pub(crate) fn acting_for(&self, authz_id: &str) -> Result<Self, Error> {
        let own = self.session.as_ref().ok_or(Gateway::LoginRequired);
        let name = match authz_id.split_once(':') {
            None if authz_id.is_empty() => Ok(None),
            Some(("dn", "")) => Ok(None),
            Some(("dn", dn)) => match Dn::parse(dn) {
                Ok(dn) => Ok(Some(Name::Dn(dn))),
                Err(_) => Err(Gateway::InvalidSyntax("the authzId is no name".into())),
            },
            Some(("u", name)) => Ok(Some(Name::Text(name))),
            _ => Err(Gateway::InvalidSyntax(
                "an authzId begins with `dn:` or `u:`".into(),
            )),
        };
        let session = name.and_then(|name| own?.on_behalf_of(name.as_ref()));
        Ok(self.bound_as(session.map_err(Error::ProxyDenied)?))
    }

    /// The session in which an operation on the entry with this name is.
    pub(crate) fn session_for(&self, dn: &Dn) -> Result<Session, Error> {
        match &self.session {
            Some(session) => Ok(session.clone()),
            None => self.anonymous(dn),
        }
    }

    fn anonymous(&self, dn: &Dn) -> Result<Session, Error> {
        let gateway = &self.ldap.gateway;
        let tenant = match self.listener_tenant()? {
            Some(tenant) => Some(tenant),
            None => gateway.tenant_of_dn(dn),
        };
        let tenant = tenant.ok_or(Gateway::LoginRequired)?;
        Ok(self.nobody(&tenant)?)
    }

    /// Nobody in particular, where the listener lets such read of this tenant.
    pub(crate) fn nobody(&self, tenant: &Tenant) -> Result<Session, Gateway> {
        let options = &self.ldap.options;
        if !options.anonymous || !serves(&options.tenants, tenant) {
            return Err(Gateway::LoginRequired);
        }
        Ok(self.ldap.gateway.anonymous(tenant, self.origin.clone()))
    }
}
