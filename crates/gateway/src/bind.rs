//! Names and passwords (RFC 4513 §5.1.3): finding who is meant, and checking the secret.

use std::sync::Arc;

use jackfield_directory::{Located, Node, Order, Query, Snapshot};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    Credential, CredentialKind, Dn, EdgeKind, Filter, Kind, KindSet, MatchingRule, Origin,
    Principal, Record, text,
};

use crate::error::Error;
use crate::gateway::Gateway;
use crate::session::Session;
use crate::tenant::Tenant;

/// What a client says to log in.
pub struct Bind<'a> {
    /// A DN, `userName`, e-mail address, `DOMAIN\user` or extension number.
    pub name: &'a str,
    /// The password or machine secret.
    pub password: &'a [u8],
    /// The tenant of the listener, for names that say no other.
    pub listener_tenant: Option<&'a Tenant>,
    /// Whether the password did not cross a network in the clear.
    pub secure: bool,
    /// Where the client is.
    pub origin: Origin,
}

impl Gateway {
    /// The session of whoever bears the name, if the password is right.
    ///
    /// # Errors
    /// [`Error::UnauthenticatedBind`] for an empty password, [`Error::ConfidentialityRequired`]
    /// for one in the clear, [`Error::InvalidCredentials`] for all else that is wrong: who is
    /// unknown, inactive or named ambiguously fails like a wrong password.
    pub async fn bind(&self, bind: Bind<'_>) -> Result<Session, Error> {
        if bind.password.is_empty() {
            return Err(Error::UnauthenticatedBind);
        }
        if !bind.secure {
            return Err(Error::ConfidentialityRequired);
        }
        let found = self.find(bind.name, bind.listener_tenant);
        let (principal, credentials) = match &found {
            Some((_, record, snapshot)) => {
                let credentials = snapshot.credentials_of(record.id).cloned().collect();
                (principal_of(record), credentials)
            }
            None => (None, Vec::new()),
        };
        let credential = match principal {
            Some(Principal::Service(_) | Principal::Device(_)) => {
                self.check_secret(&credentials, bind.password)
            }
            _ => {
                let usable: Vec<Arc<Credential>> = credentials
                    .into_iter()
                    .filter(|credential| credential.kind == CredentialKind::Password)
                    .filter(|credential| self.may_be_used(credential, bind.origin.address))
                    .collect();
                self.passwords().verify(&usable, bind.password).await?
            }
        };
        match (found, principal, credential) {
            (Some((tenant, ..)), Some(principal), Some(credential)) => {
                let session = Session::new(
                    self.clone(),
                    tenant,
                    principal,
                    Some(credential),
                    bind.origin,
                );
                session.read()?;
                session
                    .tenant()
                    .note_use(principal.record().unwrap_or(credential), self.now());
                Ok(session)
            }
            _ => Err(Error::InvalidCredentials),
        }
    }

    fn check_secret(
        &self,
        credentials: &[Arc<Credential>],
        password: &[u8],
    ) -> Option<jackfield_model::Id> {
        let key = self.secret_key();
        credentials
            .iter()
            .filter(|credential| credential.kind == CredentialKind::Secret)
            .find(|credential| credential.verifiers.iter().any(|v| key.verify(v, password)))
            .map(|credential| credential.id)
    }

    /// Who bears the name: by the DN's suffix, else by a domain that one tenant alone declares,
    /// else in the listener's tenant.
    fn find(
        &self,
        name: &str,
        listener_tenant: Option<&Tenant>,
    ) -> Option<(Tenant, Arc<Record>, Arc<Snapshot>)> {
        if let Some(dn) = Some(name)
            .filter(|n| n.contains('='))
            .and_then(|n| Dn::parse(n).ok())
        {
            let tenant = self.tenant_of_dn(&dn)?;
            let snapshot = tenant.snapshot();
            let Located::Found(Node::Record(id)) = snapshot.locate(&dn) else {
                return None;
            };
            let record = Arc::clone(snapshot.record(id)?);
            return Some((tenant, record, snapshot));
        }
        let (domain, local) = match name.split_once('\\') {
            Some((domain, local)) => (Some(domain), local),
            None => (name.rsplit_once('@').map(|(_, domain)| domain), name),
        };
        let by_domain = domain.and_then(|domain| {
            self.tenant_of_domain(domain)
                .or_else(|| self.tenant(&domain.to_ascii_lowercase()).ok())
        });
        let tenant = by_domain.or_else(|| listener_tenant.cloned())?;
        let snapshot = tenant.snapshot();
        let record = Arc::clone(named(&snapshot, local)?);
        Some((tenant, record, snapshot))
    }
}

fn principal_of(record: &Record) -> Option<Principal> {
    match record.kind {
        Kind::User => Some(Principal::Person(record.id)),
        Kind::Service => Some(Principal::Service(record.id)),
        Kind::Device => Some(Principal::Device(record.id)),
        _ => None,
    }
}

/// Who bears a name that is no DN, in the order of precision. A name that two bear at its level
/// means nobody.
fn named<'s>(snapshot: &'s Snapshot, name: &str) -> Option<&'s Arc<Record>> {
    let key = text::case_ignore(name);
    let keyed = |kind| snapshot.keyed(kind, &key);
    if let Some(user) = keyed(Kind::User) {
        return Some(user);
    }
    let with_mail = by_mail(snapshot, &key);
    match with_mail.as_slice() {
        [one] => return snapshot.numbered(*one),
        [] => {}
        _ => return None,
    }
    if let Some((local, _)) = key.rsplit_once('@') {
        // A user principal name: the part before the domain is the user name.
        if let Some(user) = snapshot.keyed(Kind::User, local) {
            return Some(user);
        }
    }
    if let Some(extension) = keyed(Kind::Extension) {
        let holders = snapshot.targets(EdgeKind::Extension, extension);
        return holders.first().map(|(holder, _)| *holder);
    }
    keyed(Kind::Service).or_else(|| keyed(Kind::Device))
}

fn by_mail(snapshot: &Snapshot, key: &str) -> Vec<u32> {
    let filter = Filter::equal(
        attr::EMAILS_VALUE,
        MatchingRule::CaseIgnore,
        Key::Text(key.into()),
    );
    let query = Query {
        kinds: KindSet::of(&[Kind::User]),
        only: None,
        filter: &filter,
        order: Order::Number,
        offset: 0,
        limit: 2,
        count: false,
        stop: &|| false,
    };
    let view = jackfield_directory::AccessView::everything(Principal::System);
    snapshot
        .search(&view, &query)
        .map(|found| found.numbers)
        .unwrap_or_default()
}
