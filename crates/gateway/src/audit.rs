//! The audit log as people read it: found by time, actor, target and action, and proved.

mod shown;
mod trim;

use jackfield_access::{Denial, Instead, RoleKey};
use jackfield_directory::plan::OPERATOR;
use jackfield_model::schema::attr;
use jackfield_model::{AuditChange, Id, Outcome, Principal, Revision, Timestamp, text};
use jackfield_store::audit::{Broken, Sealed, Verified};

use crate::error::Error;
use crate::session::Session;

pub use shown::{structure, words};

/// Which entries are wanted; what is not said does not matter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Who: a name, an id or a kind of actor such as `connection`.
    pub actor: Option<String>,
    /// Whom: a name or an id.
    pub target: Option<String>,
    /// What: `user.create`, or `user` for all that begins with `user.`.
    pub action: Option<String>,
    /// Only what was refused.
    pub refused: bool,
}

/// One entry, as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place in the log.
    pub sequence: u64,
    /// The revision it belongs to; none for what was refused.
    pub revision: Option<Revision>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Principal,
    /// The actor's name at that time, as far as there was one.
    pub actor_name: String,
    /// Through what: `scim`, `ldap`, `api`, `cli`, `config`.
    pub protocol: String,
    /// The client's address.
    pub address: Option<String>,
    /// What.
    pub action: String,
    /// To whom.
    pub target: Option<Id>,
    /// The target's name at that time.
    pub target_name: String,
    /// Why it was refused; absent if it was done.
    pub refused: Option<String>,
    /// What changed, without secrets.
    pub changes: Vec<AuditChange>,
}

/// A part of the log.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries that the filter lets through, in order.
    pub lines: Vec<AuditLine>,
    /// After which entry to go on.
    pub last: u64,
    /// Whether the end of the log was reached.
    pub is_end: bool,
}

/// What is shown in place of the name of a user who was deleted.
pub const DELETED_USER: &str = "Deleted User";

/// How many entries are looked at in one go.
const PAGE: u32 = 500;

impl Session {
    /// Up to `limit` entries behind the one of this number, those that the filter lets through.
    /// Entries of one tenant, in the order in which they were written.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to those who may not read the log.
    pub async fn audit(
        &self,
        after: u64,
        limit: usize,
        filter: &AuditFilter,
    ) -> Result<AuditPage, Error> {
        self.may_audit()?;
        let (store, tenant) = (self.gateway().store(), self.tenant().id());
        let start = match filter.since {
            Some(since) => store.audit_before(tenant, since).await,
            None => Ok(0),
        };
        let mut last = after.max(start.map_err(|error| self.unavailable(&error))?);
        let mut lines = Vec::new();
        loop {
            let page = store.audit(tenant, last, PAGE).await;
            let page = page.map_err(|error| self.unavailable(&error))?;
            let is_end = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            for sealed in page {
                if lines.len() == limit {
                    let is_end = false;
                    return Ok(AuditPage {
                        lines,
                        last,
                        is_end,
                    });
                }
                last = sealed.sequence;
                if filter.lets_through(&sealed) {
                    lines.push(line(sealed));
                }
            }
            if is_end {
                return Ok(AuditPage {
                    lines,
                    last,
                    is_end,
                });
            }
        }
    }

    /// Holds the whole log against its chain; the inner error is the first entry that is missing
    /// or not as it was written.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to those who may not read the log.
    pub async fn verify_audit(&self) -> Result<Result<Verified, Broken>, Error> {
        self.may_audit()?;
        let verified = self
            .gateway()
            .store()
            .verify_audit(self.tenant().id())
            .await;
        verified.map_err(|error| self.unavailable(&error))
    }

    /// What to call a record that may be gone: its name, or of a user who was deleted
    /// [`DELETED_USER`]; nothing if there never was one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the store cannot be read.
    pub async fn name_of(&self, id: Id) -> Result<Option<String>, Error> {
        if let Some(entry) = self.read()?.entry(id) {
            return Ok(Some(entry.record().common_name().to_string()));
        }
        let left = self
            .gateway()
            .store()
            .tombstone(self.tenant().id(), id)
            .await;
        let left = left.map_err(|error| self.unavailable(&error))?;
        Ok(left.map(|left| match left.kind {
            jackfield_model::Kind::User => DELETED_USER.to_owned(),
            kind => format!("deleted {}", kind.name()),
        }))
    }

    /// The log is for the program, its operator and the holders of the roles that must keep one.
    fn may_audit(&self) -> Result<(), Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let is_kept = |id: Id| {
            let person = snapshot.record(id);
            let own = person
                .map(|person| snapshot.effective_of(person))
                .unwrap_or_default();
            let mut kept = snapshot.roles().kept();
            kept.any(|role| own.shows(role.key().as_str()))
        };
        let may_act = |id: Id| {
            let service = snapshot.record(id);
            let acts_as = service.and_then(|service| service.attributes.text(attr::ACTS_AS));
            let is_kept = |role: &str| snapshot.roles().is_kept(&RoleKey::from(role));
            acts_as.is_some_and(|acts_as| acts_as == OPERATOR || is_kept(acts_as))
        };
        match self.principal() {
            Principal::System | Principal::Config | Principal::Operator => Ok(()),
            Principal::Person(id) if is_kept(id) => Ok(()),
            Principal::Service(id) if may_act(id) => Ok(()),
            _ => Err(Error::Forbidden(Denial {
                rule: "keep_holder",
                why: "Your roles do not let you read the audit log.".to_owned(),
                instead: Instead::Holders {
                    titles: snapshot
                        .roles()
                        .kept()
                        .map(|role| role.title().into())
                        .collect(),
                    another: false,
                },
            })),
        }
    }

    fn unavailable(&self, error: &jackfield_store::Error) -> Error {
        tracing::error!(tenant = %self.tenant().name(), %error, "the audit log cannot be read");
        Error::Unavailable
    }
}

impl AuditFilter {
    fn lets_through(&self, sealed: &Sealed) -> bool {
        let entry = &sealed.entry;
        let is_named = |wanted: &str, name: &str, id: Option<Id>| {
            text::eq_case_ignore(name, &text::case_ignore(wanted))
                || id.is_some_and(|id| id.to_string() == wanted)
        };
        let is_actor = |wanted: &String| {
            let name = entry.actor_name.as_deref().unwrap_or_default();
            wanted == entry.actor.kind() || is_named(wanted, name, entry.actor.record())
        };
        let is_target = |wanted: &String| is_named(wanted, &entry.target_name, entry.target);
        let is_action = |wanted: &String| {
            let rest = entry.action.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.actor.as_ref().is_none_or(is_actor)
            && self.target.as_ref().is_none_or(is_target)
            && self.action.as_ref().is_none_or(is_action)
            && (!self.refused || entry.outcome != Outcome::Done)
    }
}

fn line(sealed: Sealed) -> AuditLine {
    let entry = sealed.entry;
    AuditLine {
        sequence: sealed.sequence,
        revision: sealed.revision,
        at: entry.at,
        actor: entry.actor,
        actor_name: entry.actor_name.unwrap_or_default(),
        protocol: entry.origin.protocol.to_string(),
        address: entry.origin.address.map(|address| address.to_string()),
        action: entry.action.to_string(),
        target: entry.target,
        target_name: entry.target_name,
        refused: match entry.outcome {
            Outcome::Done => None,
            Outcome::Refused(why) => Some(why),
        },
        changes: entry.changes,
    }
}
