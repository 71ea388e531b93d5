//! Names and passwords (RFC 4513 §5.1.3): finding who is meant, and checking the secret.

use std::sync::Arc;

use jackfield_directory::{Located, Node, Order, Query, Snapshot, Start};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    Credential, CredentialKind, Dn, EdgeKind, Filter, Id, Kind, KindSet, MatchingRule, Origin,
    Principal, Record, TenantName, text,
};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::gateway::Gateway;
use crate::lockout::{Attempt, Subject};
use crate::password::Passwords;
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
    /// The tenants that the listener serves; all, if none is named.
    pub served: &'a [TenantName],
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
    /// for one in the clear, [`Error::LockedOut`] after too many wrong ones,
    /// [`Error::InvalidCredentials`] for all else that is wrong: who is unknown, inactive or named
    /// ambiguously fails like a wrong password.
    pub async fn bind(&self, bind: Bind<'_>) -> Result<Session, Error> {
        let outcome = self.let_in(bind).await;
        if let Err(error) = &outcome {
            self.metrics().not_let_in(error);
        }
        outcome
    }

    async fn let_in(&self, bind: Bind<'_>) -> Result<Session, Error> {
        if bind.password.is_empty() {
            return Err(Error::UnauthenticatedBind);
        }
        if !bind.secure {
            return Err(Error::ConfidentialityRequired);
        }
        let is_served = |tenant: &Tenant| serves(bind.served, tenant);
        let (tenant, name) = match self.meant(bind.name, bind.listener_tenant) {
            Some((tenant, name)) if is_served(&tenant) => (Some(tenant), name),
            _ => (None, Name::Text(bind.name)),
        };
        let tenant = tenant.as_ref();
        let snapshot = tenant.map(Tenant::snapshot);
        let known = tenant.zip(snapshot.as_deref());
        let bearer = known.and_then(|(_, snapshot)| name.bearer(snapshot));
        let account = bearer.map_or_else(|| self.stand_in(bind.name), |bearer| bearer.id);
        let from = bind.origin.address;
        let subject = from.map(|from| Subject::new(tenant.map(Tenant::id), account, from));
        let mut attempt = self.attempt(subject).await?;
        let mut outcome = self.check(known, bearer, &bind, &mut attempt).await;
        if let (Err(Error::InvalidCredentials), Some((tenant, old))) = (&outcome, known)
            && tenant.has_moved_from(old.revision()).await
        {
            // Another process may have made the account, or the password, a moment ago.
            let snapshot = tenant.snapshot();
            let (known, bearer) = (Some((tenant, &*snapshot)), name.bearer(&snapshot));
            outcome = self.check(known, bearer, &bind, &mut attempt).await;
        }
        match &outcome {
            Ok(_) => attempt.right(),
            Err(Error::InvalidCredentials) => {
                self.tell_wrong(attempt, tenant, bearer, &bind.origin).await;
            }
            Err(_) => {}
        }
        outcome
    }

    /// An account's id for a name that nobody bears, so that it is locked like any other.
    fn stand_in(&self, name: &str) -> Id {
        let hash = self.secret_key().hash(text::case_ignore(name).as_bytes());
        let (octets, _) = hash.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        Id(uuid::Builder::from_custom_bytes(*octets).into_uuid())
    }

    /// Checks the password of whoever bears the name; that of nobody too, so that it takes as long
    /// as a person's. A machine's wrong secret is told at once: that such a machine is there is
    /// worth less than the time that all phones with an old secret would take from people.
    async fn check(
        &self,
        known: Option<(&Tenant, &Snapshot)>,
        bearer: Option<&Arc<Record>>,
        bind: &Bind<'_>,
        attempt: &mut Attempt<'_>,
    ) -> Result<Session, Error> {
        let principal = bearer.and_then(|record| principal_of(record));
        let credentials: Vec<Arc<Credential>> = known
            .zip(bearer)
            .into_iter()
            .flat_map(|((_, snapshot), record)| snapshot.credentials_of(record.id))
            .filter(|credential| self.may_be_used(credential, bind.origin.address))
            .cloned()
            .collect();
        let credential = match principal {
            Some(Principal::Service(_) | Principal::Device(_)) => {
                self.check_secret(&credentials, bind.password)
            }
            _ => {
                let is_password = |c: &Arc<Credential>| c.kind == CredentialKind::Password;
                let passwords: Vec<_> = credentials.into_iter().filter(is_password).collect();
                self.check_password(&passwords, bind.password, attempt)
                    .await?
            }
        };
        let tenant = known.map(|(tenant, _)| tenant);
        let (Some(tenant), Some(principal), Some(credential)) = (tenant, principal, credential)
        else {
            return Err(Error::InvalidCredentials);
        };
        let origin = bind.origin.clone();
        let session = Session::new(
            self.clone(),
            tenant.clone(),
            principal,
            Some(credential),
            origin,
        );
        session.admitted()?;
        tenant.note_use(principal.record().unwrap_or(credential), self.now());
        self.renew(tenant, credential, bind.password);
        Ok(session)
    }

    /// Hashes a password anew, beside the bind, that another directory had hashed.
    fn renew(&self, tenant: &Tenant, credential: Id, password: &[u8]) {
        let snapshot = tenant.snapshot();
        let is_outdated = snapshot
            .credential(credential)
            .is_some_and(|kept| Passwords::is_outdated(kept));
        let Some(password) = str::from_utf8(password).ok().filter(|_| is_outdated) else {
            return;
        };
        let password = Zeroizing::new(password.to_owned());
        let system = self.act_as(tenant, Principal::System, Origin::local("system"));
        tokio::spawn(async move {
            let renewed = system.renew_password(credential, &password).await;
            if let Err(error) = renewed {
                tracing::warn!(%error, "an imported password could not be hashed anew");
            }
        });
    }

    /// The credential that the password is of. A slow check waits for its turn.
    pub(crate) async fn check_password(
        &self,
        passwords: &[Arc<Credential>],
        password: &[u8],
        attempt: &mut Attempt<'_>,
    ) -> Result<Option<Id>, Error> {
        if let Some(known) = self.passwords().recall(passwords, password) {
            return Ok(Some(known));
        }
        attempt.turn(|| self.now()).await?;
        let from = attempt.from();
        self.passwords().verify(passwords, password, from).await
    }

    fn check_secret(&self, credentials: &[Arc<Credential>], password: &[u8]) -> Option<Id> {
        let key = self.secret_key();
        credentials
            .iter()
            .filter(|credential| credential.kind == CredentialKind::Secret)
            .find(|credential| credential.verifiers.iter().any(|v| key.verify(v, password)))
            .map(|credential| credential.id)
    }

    /// Whose name it is: the tenant by the DN's suffix, else by a domain that one tenant alone
    /// declares, else the listener's.
    fn meant<'n>(
        &self,
        name: &'n str,
        listener_tenant: Option<&Tenant>,
    ) -> Option<(Tenant, Name<'n>)> {
        let dn = Some(name)
            .filter(|name| name.contains('='))
            .and_then(|name| Dn::parse(name).ok());
        // A user name may look like a DN; it stands in nobody's tree then.
        if let Some((tenant, dn)) = dn.and_then(|dn| Some((self.tenant_of_dn(&dn)?, dn))) {
            return Some((tenant, Name::Dn(dn)));
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
        Some((tenant, Name::Text(local)))
    }
}

/// Whether a listener that names these tenants serves this one; it serves all, if it names none.
pub fn serves(served: &[TenantName], tenant: &Tenant) -> bool {
    served.is_empty() || served.contains(tenant.name())
}

/// How somebody is named in a tenant.
pub enum Name<'n> {
    /// By the name of an entry.
    Dn(Dn),
    /// By user name, mail address or extension number.
    Text(&'n str),
}

impl<'n> Name<'n> {
    /// The DN that the text is, or else a name of another form.
    pub fn of(text: &'n str) -> Self {
        let dn = Some(text)
            .filter(|text| text.contains('='))
            .and_then(|text| Dn::parse(text).ok());
        dn.map_or(Self::Text(text), Self::Dn)
    }

    pub(crate) fn bearer<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Arc<Record>> {
        match self {
            Self::Dn(dn) => match snapshot.locate(dn) {
                Located::Found(Node::Record(id)) => snapshot.record(id),
                _ => None,
            },
            Self::Text(name) => named(snapshot, name),
        }
    }
}

pub(crate) fn principal_of(record: &Record) -> Option<Principal> {
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
    // Clients of Active Directory put the domain behind any account's name.
    let local = key.rsplit_once('@').map_or(&*key, |(local, _)| local);
    [&*key, local].into_iter().find_map(|name| {
        let keyed = |kind| snapshot.keyed(kind, name);
        keyed(Kind::Service).or_else(|| keyed(Kind::Device))
    })
}

/// The users of this mail address, by their numbers: two of them at the most.
pub(crate) fn by_mail(snapshot: &Snapshot, key: &str) -> Vec<u32> {
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
        start: Start::FIRST,
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
