//! What the store is told of lockouts: who is locked out, for operators to see and to lift.

use std::sync::Arc;

use jackfield_access::Denial;
use jackfield_model::{AuditChange, AuditEntry, Id, Origin, Outcome, Principal, Record};
use jackfield_store::LockedOut;

use super::{Attempt, Subject, later};
use crate::bind::Name;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::session::Session;
use crate::tenant::Tenant;

/// An account that is locked for one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedAccount {
    /// Its name; empty if it is gone.
    pub name: String,
    /// Which network, since when and until when.
    pub lock: LockedOut,
}

impl Gateway {
    /// Begins a check of a password, of whom it is asked for; that of nobody in particular always.
    ///
    /// # Errors
    /// [`Error::LockedOut`], unless the lock was lifted.
    pub(crate) async fn attempt(&self, subject: Option<Subject>) -> Result<Attempt<'_>, Error> {
        let attempt = self.lockouts().attempt(subject, self.now());
        match (&attempt, subject) {
            (Err(Error::LockedOut), Some(locked)) if self.is_lifted(&locked).await => {
                self.lockouts().lift(&locked);
                self.lockouts().attempt(subject, self.now())
            }
            _ => attempt,
        }
    }

    async fn is_lifted(&self, subject: &Subject) -> bool {
        let Some(tenant) = subject.tenant else {
            return false;
        };
        if !self.lockouts().asks(subject, self.now()) {
            return false;
        }
        let standing = self.store().lockouts(tenant, Some(subject.account)).await;
        // What cannot be said does not open.
        standing.is_ok_and(|locks| locks.iter().all(|lock| lock.network != subject.network))
    }

    /// Counts a wrong password. Who is locked out by it is said in the log, in the audit log and to
    /// the store; of names that nobody bears only that there was one: people type passwords there.
    pub(crate) async fn tell_wrong(
        &self,
        attempt: Attempt<'_>,
        tenant: Option<&Tenant>,
        bearer: Option<&Arc<Record>>,
        origin: &Origin,
    ) {
        let now = self.now();
        let Some((subject, rule)) = attempt.wrong(now) else {
            return;
        };
        self.metrics().lockouts.one();
        let known = tenant.zip(bearer);
        tracing::warn!(
            tenant = tenant.map(|tenant| tenant.name().as_str().to_owned()),
            account = known.map(|(tenant, bearer)| tenant.snapshot().dn(bearer)),
            network = %subject.network,
            seconds = rule.lasts.as_secs(),
            "{} wrong passwords: the account is locked for this network",
            rule.attempts,
        );
        let Some((tenant, bearer)) = known else {
            return;
        };
        let lock = LockedOut {
            account: bearer.id,
            network: subject.network,
            since: now,
            until: later(now, rule.lasts),
        };
        match self.tell_lock(tenant, bearer, &lock, origin).await {
            Ok(()) => self.lockouts().told(&subject, now),
            Err(error) => tracing::warn!(%error, "the store does not know of the lock"),
        }
    }

    async fn tell_lock(
        &self,
        tenant: &Tenant,
        bearer: &Record,
        lock: &LockedOut,
        origin: &Origin,
    ) -> Result<(), jackfield_store::Error> {
        self.store().note_lockout(tenant.id(), lock).await?;
        let entry = AuditEntry {
            at: lock.since,
            actor: Principal::System,
            actor_name: Some(String::new()),
            origin: origin.clone(),
            action: "account.lock".into(),
            target: Some(bearer.id),
            target_name: bearer.login().unwrap_or_default().to_owned(),
            outcome: Outcome::Done,
            changes: vec![
                change("network", None, Some(lock.network.to_string())),
                change("until", None, Some(lock.until.to_rfc3339())),
            ],
        };
        self.store().append_audit(tenant.id(), &[entry]).await
    }
}

impl Session {
    /// The accounts of the tenant that are locked now, on whichever node, the oldest locks first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to all but the operator.
    pub async fn locked_accounts(&self) -> Result<Vec<LockedAccount>, Error> {
        self.oversees_locks()?;
        let locks = self.locks(None).await?;
        let snapshot = self.snapshot();
        let name = |id: Id| Some(snapshot.record(id)?.login()?.to_owned());
        let locked = locks.into_iter().map(|lock| LockedAccount {
            name: name(lock.account).unwrap_or_default(),
            lock,
        });
        Ok(locked.collect())
    }

    /// Lifts the locks of an account, for all networks; returns how many there were. Nodes let it
    /// in again within seconds.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to all but the operator.
    pub async fn lift_locks(&self, account: Id) -> Result<usize, Error> {
        self.oversees_locks()?;
        let locks = self.locks(Some(account)).await?;
        if locks.is_empty() {
            return Ok(0);
        }
        let (store, tenant) = (self.gateway().store(), self.tenant().id());
        let lifted = store.lift_lockouts(tenant, account).await;
        lifted.map_err(|error| self.cannot_tell(&error))?;
        let snapshot = self.snapshot();
        let name = snapshot.record(account).and_then(|record| record.login());
        let networks = locks.iter().map(|lock| lock.network.to_string());
        let entry = AuditEntry {
            at: self.gateway().now(),
            actor: self.principal(),
            actor_name: Some(snapshot.actor_name(self.principal())),
            origin: self.origin().clone(),
            action: "account.unlock".into(),
            target: Some(account),
            target_name: name.unwrap_or_default().to_owned(),
            outcome: Outcome::Done,
            changes: networks
                .map(|network| change("network", Some(network), None))
                .collect(),
        };
        let told = store.append_audit(tenant, &[entry]).await;
        told.map_err(|error| self.cannot_tell(&error))?;
        Ok(locks.len())
    }

    /// Whose account bears the name: a DN, user name, mail address, extension, or the name of a
    /// service account or device.
    pub fn account_named(&self, name: &str) -> Option<Id> {
        let snapshot = self.snapshot();
        let bearer = Name::of(name).bearer(&snapshot);
        bearer.map(|record| record.id)
    }

    async fn locks(&self, account: Option<Id>) -> Result<Vec<LockedOut>, Error> {
        let (store, tenant) = (self.gateway().store(), self.tenant().id());
        let locks = store.lockouts(tenant, account).await;
        let mut locks = locks.map_err(|error| self.cannot_tell(&error))?;
        let now = self.gateway().now();
        locks.retain(|lock| now < lock.until);
        Ok(locks)
    }

    fn oversees_locks(&self) -> Result<(), Error> {
        match self.principal() {
            Principal::Operator => Ok(()),
            _ => Err(Error::Forbidden(Denial::by(
                "operator",
                "only the operator sees and lifts lockouts",
            ))),
        }
    }

    fn cannot_tell(&self, error: &jackfield_store::Error) -> Error {
        tracing::error!(tenant = %self.tenant().name(), %error, "lockouts cannot be told");
        Error::Unavailable
    }
}

fn change(attribute: &str, before: Option<String>, after: Option<String>) -> AuditChange {
    AuditChange {
        attribute: attribute.to_owned(),
        before,
        after,
    }
}
