//! Change sets: everything one write does, as data.
//!
//! Folding the change sets of a tenant in order, from nothing, gives what loading its tables
//! gives. Each change touches one row; deleting a record lists the edges that go with it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

use crate::ids::Id;
use crate::principal::{Origin, Principal};
use crate::record::Record;
use crate::schema::own::OwnSchemas;
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::trust::Trust;

/// Everything one write does. It is applied wholly or not at all and makes one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Looked up again when a commit's outcome was lost, so that nothing is applied twice.
    pub id: Uuid,
    /// When it was planned.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Principal,
    /// What it does, in order.
    pub changes: Vec<Change>,
    /// What is told about it; committed with it.
    pub audit: Vec<AuditEntry>,
}

/// One row's change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// Puts the record in place of what stood under its id.
    PutRecord(Arc<Record>),
    /// Says only that the record's outside view changed (its members, say).
    Touch {
        /// The record.
        id: Id,
        /// When.
        modified: Timestamp,
        /// The revision.
        version: u64,
    },
    /// Removes the record; its edges, grants, links and credentials are removed by changes of
    /// their own before it. Its number is never used again.
    DeleteRecord(Id),
    /// Adds an edge, or changes whether it is the primary one.
    PutEdge(Edge),
    /// Removes an edge.
    RemoveEdge(Edge),
    /// Adds a grant.
    Grant(Grant),
    /// Removes a grant.
    Revoke(Grant),
    /// Puts a link in place.
    PutLink(Link),
    /// Removes the link of a record to a connection.
    RemoveLink {
        /// The record.
        record: Id,
        /// The connection.
        connection: Id,
    },
    /// Keeps a member of a group that is not there yet.
    PutPending(Pending),
    /// Forgets a member that is not there yet.
    RemovePending(Pending),
    /// Puts a credential in place.
    PutCredential(Credential),
    /// Removes a credential.
    RemoveCredential(Id),
    /// Puts the tenant's settings in place.
    PutSettings(Box<Settings>),
    /// Puts the tenant's catalogue in place, as JSON in the form of the `access` crate.
    PutCatalogue(String),
    /// Puts the tenant's own schemas in place.
    PutSchemas(OwnSchemas),
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// The group `from` has the user or group `to` as a member.
    Member,
    /// The extension `from` is held by the user `to`; an extension has one holder at most.
    Extension,
    /// The desk `from` is used by the user `to`.
    Desk,
}

impl EdgeKind {
    /// The name used in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Extension => "extension",
            Self::Desk => "desk",
        }
    }

    /// The kind with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Extension, Self::Desk]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// One record's relation to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// What it says.
    pub kind: EdgeKind,
    /// The group, extension or desk.
    pub from: Id,
    /// The member or holder.
    pub to: Id,
    /// Whether it is the holder's first choice (of several extensions).
    #[serde(default)]
    pub primary: bool,
}

/// A role given to a user, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// Who holds it.
    pub user: Id,
    /// The role's record.
    pub role: Id,
    /// Who gave it.
    pub source: GrantSource,
}

/// Where a grant comes from. The baseline role is derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id")]
pub enum GrantSource {
    /// A person, by hand.
    Person(Id),
    /// A provisioning client.
    Connection(Id),
    /// A mapping rule, by its name.
    Mapping(SmolStr),
    /// A mapping rule that gives it no more, by its name: kept while nobody else holds the role.
    Retained(SmolStr),
    /// The tenant's file.
    Config,
    /// The operator at the command line.
    Operator,
}

impl GrantSource {
    /// Whether a mapping rule gives it, which gives again what is taken by hand.
    pub fn is_by_rule(&self) -> bool {
        matches!(self, Self::Mapping(_) | Self::Retained(_))
    }
}

/// What a connection knows a record by. At most one link of a record owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The record.
    pub record: Id,
    /// The connection.
    pub connection: Id,
    /// The connection's own name for it (RFC 7643 §3.1), seen by that connection only.
    pub external_id: Option<SmolStr>,
    /// Whether the connection owns the record: its attribute writes count.
    pub owner: bool,
}

/// A member that a connection named before anybody was known by that name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pending {
    /// The group or role.
    pub group: Id,
    /// The connection that named the member.
    pub connection: Id,
    /// What the connection called it, an id or a name of its own, in the form that
    /// `caseExactMatch` compares.
    pub name: SmolStr,
}

/// What a principal proves itself with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its identity; part of a token's text.
    pub id: Id,
    /// Whose it is: a user, service account, device, connection or extension.
    pub principal: Id,
    /// What kind it is.
    pub kind: CredentialKind,
    /// What it is checked against, one for each mechanism it serves.
    pub verifiers: Vec<Verifier>,
    /// What the operator calls it.
    pub label: String,
    /// What it may be used for; empty means all that its principal may.
    #[serde(default)]
    pub scopes: Vec<SmolStr>,
    /// The highest role that it lets its connection give, where that is less than the connection
    /// may: as the connection's own `ceiling`.
    #[serde(default)]
    pub ceiling: Option<SmolStr>,
    /// The networks it may be used from, in CIDR notation; empty means any.
    #[serde(default)]
    pub networks: Vec<SmolStr>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; never, if absent.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// Whether it must be changed at the first login.
    #[serde(default)]
    pub must_change: bool,
    /// Whose assertions are taken, for a [`CredentialKind::Trust`].
    #[serde(default)]
    pub trust: Option<Box<Trust>>,
}

impl Credential {
    /// One that is good for all that its principal may, everywhere and for ever, and that opens
    /// nothing yet.
    pub fn new(id: Id, principal: Id, kind: CredentialKind, created: Timestamp) -> Self {
        Self {
            id,
            principal,
            kind,
            verifiers: Vec::new(),
            label: String::new(),
            scopes: Vec::new(),
            ceiling: None,
            networks: Vec::new(),
            created,
            expires: None,
            must_change: false,
            trust: None,
        }
    }
}

/// The kinds of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// A person's password: checked slowly.
    Password,
    /// A bearer token: made here, 256 bits.
    Token,
    /// A service account's or device's secret, or the client secret of a connection: made here, at
    /// least 128 bits.
    Secret,
    /// Assertions that somebody signs, in place of a secret of a connection.
    Trust,
    /// The SIP secret of an extension, by which its phone registers: sealed, not hashed, since a
    /// telephone system must be told it.
    Sip,
}

impl CredentialKind {
    /// Its name, as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Secret => "secret",
            Self::Trust => "trust",
            Self::Sip => "sip",
        }
    }
}

/// What a credential is checked against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// How: `argon2id`, `hmac-sha256`; `aes-256-gcm` for a secret that is sealed.
    pub scheme: SmolStr,
    /// Against what.
    pub value: Secret,
}

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Shows it to the one who checks it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What is told about a change, or about a refused one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Principal,
    /// The actor's name at that time; it outlives the record. Empty for those who have none,
    /// absent from entries of the first version, which did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// Through what.
    pub origin: Origin,
    /// What: `user.create`, `role.grant`, `credential.create`.
    pub action: SmolStr,
    /// To whom, if to one record.
    pub target: Option<Id>,
    /// The target's name at that time; it outlives the record.
    pub target_name: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// What changed, without secrets.
    #[serde(default)]
    pub changes: Vec<AuditChange>,
}

/// Whether it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was.
    Done,
    /// It was refused, for this reason.
    Refused(String),
}

/// One attribute before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChange {
    /// Which.
    pub attribute: String,
    /// Before; absent if there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After; absent if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let verifier = Verifier {
            scheme: "argon2id".into(),
            value: Secret::new("$argon2id$…x"),
        };
        assert!(!format!("{verifier:?}").contains('$'));
    }
}
