//! Exchanges: what provisioning clients asked for and what came of it, for an operator to read.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

use crate::change::{AuditChange, AuditEntry};
use crate::ids::{Id, Revision};
use crate::time::Timestamp;

/// One request of a provisioning client, and its answer. There is no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its identity; later ones have greater ids, roughly.
    pub id: Uuid,
    /// When it was answered.
    pub at: Timestamp,
    /// Who asked; nobody where the login failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Id>,
    /// The credential that the client came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Id>,
    /// What the operator called the credential then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Where the client was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The HTTP method.
    pub method: SmolStr,
    /// The path and the query.
    pub target: String,
    /// The condition under which a write was to be done (`If-Match`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The body.
    #[serde(default)]
    pub body: SentBody,
    /// The names of the repairs that acted on the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<SmolStr>,
    /// The attributes and schemas in it that nobody knows, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// The kind of connection that it looks like, where that is another than the connection's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<SmolStr>,
    /// What it changed; the first of it, if it is much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<Deed>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// What kind of error it was (RFC 7644 §3.12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<SmolStr>,
    /// What the client was told about an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How long the answer took, in microseconds.
    pub duration_us: u64,
    /// How many requests of the connection before this one, and after the last that is kept, were
    /// not kept: they came too fast.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
}

/// The body of a request, as far as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum SentBody {
    /// There was none, or nobody looked at it.
    #[default]
    None,
    /// JSON, whole but for blanks.
    Json {
        /// What it says, secrets replaced.
        text: String,
        /// Whether secrets were replaced.
        redacted: bool,
    },
    /// Nothing of it: it is longer than what is kept, or no JSON, so that nobody knows where
    /// secrets stand in it.
    Left {
        /// Its length in bytes.
        length: u64,
    },
}

/// One change that a request made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// The revision that it made.
    pub revision: Revision,
    /// What it is: `user.create`, as in the audit log.
    pub action: SmolStr,
    /// The record that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Id>,
    /// The record's name at that time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target_name: String,
    /// What changed, without secrets; the first of it, if it is much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AuditChange>,
}

/// How many changes of one deed are kept.
const MOST_CHANGES: usize = 50;

impl Deed {
    /// What the audit log says of a change.
    pub fn new(revision: Revision, entry: AuditEntry) -> Self {
        let mut changes = entry.changes;
        changes.truncate(MOST_CHANGES);
        Self {
            revision,
            action: entry.action,
            target: entry.target,
            target_name: entry.target_name,
            changes,
        }
    }
}

impl Exchange {
    /// Whether the request was refused, or failed.
    pub fn is_failed(&self) -> bool {
        self.status >= 400
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
