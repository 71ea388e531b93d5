//! The audit log. The form of an entry is that of exports, too.

use jackfield_gateway::audit::{AuditLine, structure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A part of the audit log, in the order in which it was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AuditPage {
    /// The entries.
    pub(crate) items: Vec<AuditEntry>,
    /// Where the next page is; absent at the end of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Something that was done, or refused.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place in the log.
    pub(crate) sequence: u64,
    /// The tenant's revision that it made; absent for what was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<u64>,
    /// When.
    pub(crate) at: String,
    /// Who.
    pub(crate) actor: Party,
    /// Through what: `scim`, `ldap`, `api`, `cli` or `config`.
    pub(crate) protocol: String,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// What, such as `user.create`.
    pub(crate) action: String,
    /// To whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Party>,
    /// Why it was refused; absent if it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
    /// What changed, without secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) changes: Vec<AuditChange>,
}

impl From<AuditLine> for AuditEntry {
    fn from(line: AuditLine) -> Self {
        let target = Party {
            kind: None,
            id: line.target.map(|id| id.to_string()),
            name: line.target_name,
        };
        let changes = line.changes.into_iter().map(|change| AuditChange {
            attribute: change.attribute,
            before: change.before.as_deref().map(structure),
            after: change.after.as_deref().map(structure),
        });
        Self {
            sequence: line.sequence,
            revision: line.revision.map(|revision| revision.0),
            at: line.at.to_rfc3339(),
            actor: Party {
                kind: Some(line.actor.kind()),
                id: line.actor.record().map(|id| id.to_string()),
                name: line.actor_name,
            },
            protocol: line.protocol,
            address: line.address,
            action: line.action,
            target: Some(target).filter(|it| it.id.is_some() || !it.name.is_empty()),
            refused: line.refused,
            changes: changes.collect(),
        }
    }
}

/// Who did something, or to whom it was done, as it was called then.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Party {
    /// The kind of actor, such as `person` or `connection`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    /// The identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
}

/// An attribute before and after: text, or structure where a value has parts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AuditChange {
    /// Which.
    pub(crate) attribute: String,
    /// Before; absent if there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Json>,
    /// After; absent if there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Json>,
}

/// Which entries; what is not said does not matter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// From this moment on, such as 2026-11-22T00:00:00Z.
    pub(crate) since: Option<String>,
    /// Before this moment.
    pub(crate) until: Option<String>,
    /// Who: a name, an id or a kind of actor such as `connection`.
    pub(crate) actor: Option<String>,
    /// Whom: a name or an id.
    pub(crate) target: Option<String>,
    /// What: `user.create`, or `user` for all that begins with `user.`.
    pub(crate) action: Option<String>,
    /// Only what was refused.
    #[serde(default)]
    pub(crate) refused: bool,
    /// How many items a page has at the most: 1 to 500, and 50 if it is not said.
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: Option<usize>,
    /// What the `next` of another page has; nothing for the first.
    pub(crate) cursor: Option<String>,
}
