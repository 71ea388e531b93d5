//! A principal in a tenant: reading and writing.

use std::sync::Arc;

use jackfield_access::{ApiScope, ApiScopes, Ceiling, Denial, Mandate, Scopes};
use jackfield_directory::{AccessView, Command, Note, Snapshot};
use jackfield_model::path::PatchOp;
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, AuditEntry, ConnectionKind, Credential, CredentialKind, Id, Origin, Principal,
    Record, Secret, Timestamp, Value, Verifier, ViewSet,
};

use crate::error::Error;
use crate::exchanges::Deeds;
use crate::gateway::Gateway;
use crate::planning::{Answer, Write};
use crate::reader::{Reader, Remembered, Terms};
use crate::rehearsal::Rehearsal;
use crate::tenant::Tenant;
use crate::view;

/// A principal in a tenant, with where it comes from.
#[derive(Clone)]
pub struct Session {
    gateway: Gateway,
    tenant: Tenant,
    principal: Principal,
    credential: Option<Id>,
    /// What an access token was issued for, of what its credential may be used for.
    scopes: Scopes,
    /// When an access token ends.
    until: Option<Timestamp>,
    origin: Origin,
    rehearsal: Option<Arc<Rehearsal>>,
    deeds: Option<Deeds>,
}

/// What a write came to.
pub struct Written {
    /// The record that it was about.
    pub id: Option<Id>,
    /// Whether anything changed.
    pub changed: bool,
    /// What was done otherwise than asked, for whoever looks into it.
    pub notes: Vec<Note>,
    /// The principal to go on with, if the write replaced the password that it had logged in by.
    pub renewed: Option<Session>,
    /// The tenant with the write done.
    pub reader: Reader,
}

impl Session {
    pub(crate) fn new(
        gateway: Gateway,
        tenant: Tenant,
        principal: Principal,
        credential: Option<Id>,
        origin: Origin,
    ) -> Self {
        Self {
            gateway,
            tenant,
            principal,
            credential,
            scopes: Scopes::ALL,
            until: None,
            origin,
            rehearsal: None,
            deeds: None,
        }
    }

    /// The session, which from now on tells what it changes.
    #[must_use]
    pub fn telling(self, deeds: Deeds) -> Self {
        Self {
            deeds: Some(deeds),
            ..self
        }
    }

    /// A session that only tries: its writes are planned and authorised as real ones, each on the
    /// outcome of the one before, and never committed. It works on a copy of the tenant as it is
    /// now, which its own reads and those of its clones see, and nobody else.
    #[must_use]
    pub fn rehearse(&self) -> Self {
        let planner = self.gateway.planner(self.tenant.name());
        let rehearsal = Rehearsal::new(planner, self.snapshot());
        Self {
            rehearsal: Some(Arc::new(rehearsal)),
            ..self.clone()
        }
    }

    /// What a rehearsal would have written to the audit log since the last call, refusals too; of
    /// a write that changes nothing there is none. Nothing for a session that is no rehearsal.
    pub fn take_rehearsed(&self) -> Vec<AuditEntry> {
        self.rehearsal
            .as_ref()
            .map(|rehearsal| rehearsal.take_told())
            .unwrap_or_default()
    }

    /// For no more than these scopes, and no longer than until then.
    pub(crate) fn limited(self, scopes: Scopes, until: Timestamp) -> Self {
        Self {
            scopes,
            until: Some(until),
            ..self
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        self.principal
    }

    /// The kind of the connection that acts; for others, the kind that says nothing.
    pub fn connection_kind(&self) -> ConnectionKind {
        let snapshot = self.tenant.snapshot();
        let record = self.principal.record().and_then(|id| snapshot.record(id));
        record.map_or_else(ConnectionKind::default, |record| record.connection_kind())
    }

    /// Whether it is a connection that must say which version of a resource it changes.
    pub fn requires_versions(&self) -> bool {
        let snapshot = self.tenant.snapshot();
        let record = self.principal.record().and_then(|id| snapshot.record(id));
        record.is_some_and(|record| requires_versions(record))
    }

    /// The credential that it was opened with, and what the operator calls it.
    pub fn opened_with(&self) -> Option<(Id, String)> {
        let snapshot = self.tenant.snapshot();
        let credential = snapshot.credential(self.credential?)?;
        Some((credential.id, credential.label.clone()))
    }

    /// Through what.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the principal may read, resolved now on the newest snapshot: for one operation.
    ///
    /// # Errors
    /// [`Error::LoginRequired`] for nobody in particular; [`Error::InvalidCredentials`] once the
    /// principal is gone or inactive, or its credential is revoked or over.
    pub fn read(&self) -> Result<Reader, Error> {
        self.reader(self.snapshot())
    }

    /// The reader that was kept, if it still is what [`read`](Self::read) gives: what a principal
    /// may read is decided by the tenant's state, which no write has changed since, and by the end
    /// of its login, which has not come.
    #[must_use]
    pub fn recall(&self, kept: &Remembered) -> Option<Reader> {
        Reader::recalled(kept, self.snapshot(), self.gateway.now())
    }

    /// As [`read`](Self::read), but sure to show what this client wrote before, on whichever node.
    ///
    /// # Errors
    /// As `read`.
    pub async fn read_own_writes(&self) -> Result<Reader, Error> {
        if self.gateway.several_nodes() && self.rehearsal.is_none() {
            self.tenant.catch_up().await?;
        }
        self.read()
    }

    /// Does a command.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn write(&self, command: Command) -> Result<Written, Error> {
        self.view(&self.snapshot())?;
        let write = self.prepare(command).await?;
        let sets_password = write.password.is_some();
        let answer = match &self.rehearsal {
            Some(rehearsal) => rehearsal.write(write).await?,
            None => self.tenant.write(write).await?,
        };
        self.written(answer, sets_password)
    }

    /// Does commands in their order, many in one commit, each for itself; once `errors` of them
    /// were refused, no more are done. Gives one outcome for each that was.
    ///
    /// # Errors
    /// As [`read`](Self::read), before anything is done.
    pub async fn write_all(
        &self,
        commands: Vec<Command>,
        errors: usize,
    ) -> Result<Vec<Result<Written, Error>>, Error> {
        self.view(&self.snapshot())?;
        self.charge(commands.len());
        let mut outcomes = Vec::with_capacity(commands.len());
        let mut left = errors;
        let mut commands = commands.into_iter();
        while left > 0 && commands.len() > 0 {
            let (mut writes, mut unfit) = (Vec::new(), None);
            for command in commands.by_ref().take(SERIES) {
                match self.prepare(command).await {
                    Ok(write) => writes.push(write),
                    Err(error) => {
                        unfit = Some(error);
                        break;
                    }
                }
            }
            let answers = match &self.rehearsal {
                Some(rehearsal) => rehearsal.write_all(writes, left).await,
                None => self.tenant.write_all(writes, left).await?,
            };
            for answer in answers {
                let outcome = answer.and_then(|answer| self.written(answer, false));
                left = left.saturating_sub(usize::from(outcome.is_err()));
                outcomes.push(outcome);
            }
            if let Some(error) = unfit.filter(|_| left > 0) {
                left -= 1;
                outcomes.push(Err(error));
            }
        }
        Ok(outcomes)
    }

    /// The principal's name in the LDAP tree, for who-am-I.
    pub fn dn(&self) -> Option<String> {
        let snapshot = self.snapshot();
        let record: &Record = snapshot.record(self.principal.record()?)?;
        Some(snapshot.dn(record))
    }

    /// Whether the credential by which the principal logged in is one to be changed first.
    pub fn must_change_password(&self) -> bool {
        let snapshot = self.snapshot();
        let credential = self.credential.and_then(|id| snapshot.credential(id));
        credential.is_some_and(|credential| credential.must_change)
    }

    /// How many seconds the credential by which the principal logged in is still good for; `None`
    /// if it does not end.
    pub fn seconds_left(&self) -> Option<i64> {
        let snapshot = self.snapshot();
        let expires = snapshot.credential(self.credential?)?.expires?;
        Some((expires.0 - self.gateway.now().0) / 1_000_000)
    }

    /// Whether the principal is a service account that was given this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        let Principal::Service(id) = self.principal else {
            return false;
        };
        let snapshot = self.snapshot();
        let service = snapshot.record(id);
        service.is_some_and(|service| view::has_scope(service, scope))
    }

    /// What the token of the HTTP API may be used for by which the session was opened; all of it, if
    /// it was opened in another way.
    pub fn api_scopes(&self) -> ApiScopes {
        self.token_scopes(&self.snapshot())
            .unwrap_or(ApiScopes::ALL)
    }

    /// Refuses what the session's token was not made for.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, scope: ApiScope) -> Result<(), Error> {
        let own = self.api_scopes();
        if own.contains(scope) {
            return Ok(());
        }
        let why = format!(
            "this takes the scope {}; the token has: {own}",
            scope.name()
        );
        Err(Error::Forbidden(Denial::by("scope", why)))
    }

    /// What the token of the HTTP API may be used for, if the session was opened by one.
    pub(crate) fn token_scopes(&self, snapshot: &Snapshot) -> Option<ApiScopes> {
        let is_connection = matches!(self.principal, Principal::Connection(_));
        let credential = snapshot.credential(self.credential?)?;
        let is_token = credential.kind == CredentialKind::Token && !is_connection;
        is_token.then(|| ApiScopes::named(&credential.scopes))
    }

    /// The names under which LDAP shows the principal what it may read, beside those of the
    /// standards.
    pub fn views(&self) -> ViewSet {
        view::views(&self.snapshot(), self.principal)
    }

    /// The same session with another principal.
    pub(crate) fn with_principal(&self, principal: Principal) -> Self {
        Self {
            principal,
            ..self.clone()
        }
    }

    /// The application that it is a session of.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The newest snapshot, or the rehearsal's.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        match &self.rehearsal {
            Some(rehearsal) => rehearsal.snapshot(),
            None => self.tenant.snapshot(),
        }
    }

    /// Counts the commands of one request beyond the first, which was counted when it came.
    fn charge(&self, commands: usize) {
        if let (Principal::Connection(id), None) = (self.principal, &self.rehearsal) {
            let further = u32::try_from(commands.saturating_sub(1)).unwrap_or(u32::MAX);
            let (tenant, now) = (self.tenant.id(), self.gateway.now());
            self.gateway.meters().charge(tenant, id, further, now);
        }
    }

    async fn prepare(&self, command: Command) -> Result<Write, Error> {
        let mandate = self.mandate(&self.snapshot())?;
        let (command, password) = self.hash_password(command).await?;
        Ok(Write {
            actor: self.principal,
            mandate,
            origin: self.origin.clone(),
            command: Box::new(command),
            password,
        })
    }

    fn written(&self, answer: Answer, sets_password: bool) -> Result<Written, Error> {
        if let Some(deeds) = &self.deeds {
            deeds.tell(answer.snapshot.revision(), answer.told);
        }
        let renewed = match sets_password {
            true => self.renewed(&answer.snapshot),
            false => None,
        };
        let reader = renewed.as_ref().unwrap_or(self).reader(answer.snapshot)?;
        Ok(Written {
            id: answer.id,
            changed: answer.changed,
            notes: answer.notes,
            renewed,
            reader,
        })
    }

    fn reader(&self, snapshot: Arc<Snapshot>) -> Result<Reader, Error> {
        let view = self.view(&snapshot)?;
        let (tenant, dial) = (self.tenant.id(), view::dialling(&snapshot, self.principal));
        let credential = self.credential.and_then(|id| snapshot.credential(id));
        let expires = credential.and_then(|credential| credential.expires);
        let until = expires.into_iter().chain(self.until).min();
        let terms = Terms {
            tenant,
            view,
            dial,
            until,
            registered: self.registered(),
            sip: None,
        };
        Ok(Reader::new(snapshot, terms))
    }

    fn view(&self, snapshot: &Snapshot) -> Result<AccessView, Error> {
        self.mandate(snapshot)?;
        let (token, from) = (self.token_scopes(snapshot), self.origin.address);
        view::resolve(snapshot, self.principal, token, from)
    }

    /// What the session's credential may be used for now.
    fn mandate(&self, snapshot: &Snapshot) -> Result<Mandate, Error> {
        let Some(id) = self.credential else {
            return Ok(Mandate::default());
        };
        let credential = snapshot.credential(id).ok_or(Error::InvalidCredentials)?;
        let is_usable = self.gateway.may_be_used(credential, self.origin.address);
        let is_over = |until| until <= self.gateway.now();
        if !is_usable || self.until.is_some_and(is_over) {
            return Err(Error::InvalidCredentials);
        }
        let token = self.token_scopes(snapshot);
        let (scopes, api) = match token {
            Some(api) => (Scopes::ALL, api),
            None => (Scopes::named(&credential.scopes), ApiScopes::ALL),
        };
        Ok(Mandate {
            scopes: scopes.and(self.scopes),
            api,
            is_token: token.is_some(),
            ceiling: credential.ceiling.as_deref().map(Ceiling::named),
        })
    }

    /// The session by the password that a write has put in place of the one it was made by.
    fn renewed(&self, snapshot: &Snapshot) -> Option<Self> {
        let (Principal::Person(person), Some(old)) = (self.principal, self.credential) else {
            return None;
        };
        if snapshot.credential(old).is_some() {
            return None;
        }
        let mut own = snapshot.credentials_of(person);
        let new = own.find(|credential| credential.kind == CredentialKind::Password)?;
        Some(Self {
            credential: Some(new.id),
            ..self.clone()
        })
    }

    /// Takes the password out of a command and hashes it, before the command waits in any queue.
    async fn hash_password(
        &self,
        mut command: Command,
    ) -> Result<(Command, Option<Verifier>), Error> {
        let password = match &mut command {
            Command::Create { attributes, .. } | Command::Replace { attributes, .. } => {
                taken_from(attributes)
            }
            Command::Patch { ops, .. } => taken_from_ops(ops),
            _ => None,
        };
        match password {
            Some(password) if self.takes_passwords() => {
                self.check_policy(password.expose())?;
                let (passwords, from) = (self.gateway.passwords(), self.origin.address);
                let verifier = passwords.hash(password.expose(), from).await?;
                Ok((command, Some(verifier)))
            }
            _ => Ok((command, None)),
        }
    }

    /// Refuses a password that lacks what the tenant demands of one.
    pub(crate) fn check_policy(&self, password: &str) -> Result<(), Error> {
        let lacks = self.snapshot().catalogue().password.lacks(password);
        if lacks.is_empty() {
            return Ok(());
        }
        Err(Error::WeakPassword(lacks))
    }

    /// A connection says whether the passwords it pushes are taken; others' always are.
    fn takes_passwords(&self) -> bool {
        let Principal::Connection(id) = self.principal else {
            return true;
        };
        let snapshot = self.snapshot();
        snapshot.record(id).is_some_and(|it| takes_passwords(it))
    }
}

/// How many commands of a series one transaction takes at the most, so that others get their turn.
const SERIES: usize = 256;

/// Whether a connection must say which version of a resource it changes.
pub(crate) fn requires_versions(connection: &Record) -> bool {
    connection.attributes.flag(attr::REQUIRES_VERSIONS) == Some(true)
}

/// Whether passwords that a connection pushes are taken: as its operator says, else its kind.
pub(crate) fn takes_passwords(connection: &Record) -> bool {
    let said = connection.attributes.flag(attr::TAKES_PASSWORDS);
    said.unwrap_or_else(|| connection.connection_kind().takes_passwords())
}

/// Whether a credential has ended.
pub(crate) fn is_over(credential: &Credential, now: jackfield_model::Timestamp) -> bool {
    credential.expires.is_some_and(|expires| expires <= now)
}

fn taken_from(attributes: &mut Attributes) -> Option<Secret> {
    let values = attributes.take(attr::PASSWORD);
    values.first().and_then(Value::as_str).map(Secret::new)
}

fn taken_from_ops(ops: &mut Vec<PatchOp>) -> Option<Secret> {
    let mut password = None;
    ops.retain_mut(|op| {
        if op.path.attr != attr::PASSWORD {
            return true;
        }
        password = op.values.first().and_then(Value::as_str).map(Secret::new);
        false
    });
    password
}
