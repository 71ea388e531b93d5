//! One change as one row of one statement.

use std::borrow::Cow;

use jackfield_model::{
    Change, ChangeSet, Credential, CredentialKind, Edge, EdgeKind, Exchange, Grant, GrantSource,
    Id, Link, Pending, Principal, Record, Revision, TenantId, Timestamp,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Arg;
use crate::audit::Sealed;
use crate::{Activity, Error, Result};

/// What is written to one row of one table.
#[derive(Clone, Debug)]
pub enum Row<'a> {
    /// A record, whatever stood under its id.
    Record(&'a Record),
    /// A record's new times, nothing else of it.
    Touch(Id, Timestamp, u64),
    /// A record's end. The row stays, so that its number is never used again.
    Deletion(Id, Timestamp),
    /// An edge.
    Edge(&'a Edge),
    /// No such edge any more.
    NoEdge(&'a Edge),
    /// A grant.
    Grant(&'a Grant),
    /// No such grant any more.
    NoGrant(&'a Grant),
    /// A link.
    Link(&'a Link),
    /// No link of the record to the connection any more.
    NoLink(Id, Id),
    /// A member that is not there yet.
    Pending(&'a Pending),
    /// No such member expected any more.
    NoPending(&'a Pending),
    /// A credential.
    Credential(&'a Credential),
    /// No such credential any more.
    NoCredential(Id),
    /// The settings, the catalogue or the tenant's own schemas, as JSON.
    Document(&'static str, Cow<'a, str>),
    /// A change set, with the revision it makes.
    ChangeSet(Revision, &'a ChangeSet),
    /// An audit entry.
    Audit(Box<Sealed>),
    /// A moment of activity; later ones win.
    Activity(Activity),
    /// No activity any more of what is gone.
    NoActivity(Id),
    /// An exchange.
    Exchange(&'a Exchange),
}

/// The name of the settings among the documents.
pub const SETTINGS: &str = "settings";
/// The name of the catalogue among the documents.
pub const CATALOGUE: &str = "catalogue";
/// The name of the tenant's own schemas among the documents.
pub const SCHEMAS: &str = "schemas";

/// Names a row's place in its table: two rows of one statement must not share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key<'a> {
    /// A record, credential or subject of activity.
    Id(Id),
    /// An edge.
    Edge(EdgeKind, Id, Id),
    /// A grant.
    Grant(&'a Grant),
    /// A link.
    Link(Id, Id),
    /// A member that is not there yet.
    Pending(&'a Pending),
    /// A document.
    Name(&'static str),
    /// A place in a log.
    Place(u64),
}

impl<'a> Row<'a> {
    /// Its place in its table.
    pub fn key(&self) -> Key<'a> {
        match self {
            Self::Record(record) => Key::Id(record.id),
            Self::Touch(id, ..)
            | Self::Deletion(id, _)
            | Self::NoCredential(id)
            | Self::NoActivity(id) => Key::Id(*id),
            Self::Edge(edge) | Self::NoEdge(edge) => Key::Edge(edge.kind, edge.from, edge.to),
            Self::Grant(grant) | Self::NoGrant(grant) => Key::Grant(grant),
            Self::Link(link) => Key::Link(link.record, link.connection),
            Self::NoLink(record, connection) => Key::Link(*record, *connection),
            Self::Pending(pending) | Self::NoPending(pending) => Key::Pending(pending),
            Self::Credential(credential) => Key::Id(credential.id),
            Self::Document(name, _) => Key::Name(name),
            Self::ChangeSet(revision, _) => Key::Place(revision.0),
            Self::Audit(sealed) => Key::Place(sealed.sequence),
            Self::Activity(activity) => Key::Id(activity.subject),
            Self::Exchange(exchange) => Key::Id(Id(exchange.id)),
        }
    }

    /// Adds its values, as many as its [`shape`](Self::shape) has columns.
    pub fn push_args(&self, tenant: TenantId, args: &mut Vec<Arg>) -> Result<()> {
        args.push(Arg::Uuid(tenant.0));
        match self {
            Self::Record(record) => args.extend(record_args(record)?),
            Self::Touch(id, modified, version) => {
                args.extend([uuid(*id), time(*modified), Arg::number(*version)?]);
            }
            Self::Deletion(id, at) => args.extend([uuid(*id), time(*at)]),
            Self::Edge(edge) => {
                args.extend(edge_args(edge));
                args.push(Arg::Bool(edge.primary));
            }
            Self::NoEdge(edge) => args.extend(edge_args(edge)),
            Self::Grant(grant) | Self::NoGrant(grant) => args.extend(grant_args(grant)),
            Self::Link(link) => args.extend([
                uuid(link.record),
                uuid(link.connection),
                Arg::Bytes(link.external_id.as_ref().map(|id| id.as_bytes().to_vec())),
                Arg::Bool(link.owner),
            ]),
            Self::NoLink(record, connection) => args.extend([uuid(*record), uuid(*connection)]),
            Self::Pending(pending) | Self::NoPending(pending) => args.extend([
                uuid(pending.group),
                uuid(pending.connection),
                Arg::Bytes(Some(pending.name.as_bytes().to_vec())),
            ]),
            Self::Credential(credential) => args.extend([
                uuid(credential.id),
                uuid(credential.principal),
                Arg::Text(credential_kind(credential.kind).into()),
                json(credential)?,
            ]),
            Self::NoCredential(id) | Self::NoActivity(id) => args.push(uuid(*id)),
            Self::Document(name, body) => {
                args.extend([
                    Arg::Text((*name).into()),
                    Arg::Text(body.clone().into_owned().into()),
                ]);
            }
            Self::ChangeSet(revision, set) => args.extend([
                Arg::number(revision.0)?,
                Arg::Uuid(set.id),
                time(set.at),
                json(&set.actor)?,
                json(&KeptSet::of(set))?,
            ]),
            Self::Audit(sealed) => args.extend([
                Arg::number(sealed.sequence)?,
                sealed
                    .revision
                    .map_or(Ok(Arg::Int(None)), |revision| Arg::number(revision.0))?,
                time(sealed.entry.at),
                json(&sealed.entry)?,
                Arg::Bytes(Some(sealed.mac.to_vec())),
            ]),
            Self::Activity(activity) => {
                args.extend([uuid(activity.subject), time(activity.last_used)]);
            }
            Self::Exchange(exchange) => args.extend(exchange_args(exchange)?),
        }
        Ok(())
    }

    /// What is said when the row's key is taken.
    pub fn duplicate(&self) -> Error {
        let (space, key) = match self {
            Self::Record(record) => {
                let key = record
                    .unique_key()
                    .map_or_else(|| record.number.0.to_string(), Into::into);
                (record.kind.name(), key)
            }
            Self::Edge(edge) => ("holder of extension", edge.from.to_string()),
            Self::Link(link) => ("owner of record", link.record.to_string()),
            Self::ChangeSet(_, set) => ("change set", set.id.to_string()),
            other => ("row", format!("{:?}", other.key())),
        };
        Error::Duplicate {
            space: space.to_owned(),
            key,
        }
    }
}

/// A change set as it is kept. What is told about it stands in the audit log; earlier versions, which
/// may follow beside this one, want to be told nothing rather than not to be told.
#[derive(Serialize)]
struct KeptSet<'a> {
    id: Uuid,
    at: Timestamp,
    actor: Principal,
    changes: &'a [Change],
    audit: [(); 0],
}

impl<'a> KeptSet<'a> {
    fn of(set: &'a ChangeSet) -> Self {
        let ChangeSet {
            id,
            at,
            actor,
            changes,
            audit: _,
        } = set;
        Self {
            id: *id,
            at: *at,
            actor: *actor,
            changes,
            audit: [],
        }
    }
}

fn record_args(record: &Record) -> Result<[Arg; 9]> {
    Ok([
        uuid(record.id),
        Arg::Text(record.kind.name().into()),
        Arg::Int(Some(record.number.0.into())),
        Arg::Bytes(record.unique_key().map(|key| index_key(&key))),
        Arg::Bytes(Some(record.common_name().as_bytes().to_vec())),
        json(&record.attributes)?,
        time(record.created),
        time(record.modified),
        Arg::number(record.version)?,
    ])
}

fn edge_args(edge: &Edge) -> [Arg; 3] {
    [
        Arg::Text(edge.kind.name().into()),
        uuid(edge.from),
        uuid(edge.to),
    ]
}

fn grant_args(grant: &Grant) -> [Arg; 4] {
    let (kind, id) = match &grant.source {
        GrantSource::Person(id) => ("person", id.0.as_bytes().to_vec()),
        GrantSource::Connection(id) => ("connection", id.0.as_bytes().to_vec()),
        GrantSource::Mapping(rule) => ("mapping", rule.as_bytes().to_vec()),
        GrantSource::Retained(rule) => ("retained", rule.as_bytes().to_vec()),
        GrantSource::Config => ("config", Vec::new()),
        GrantSource::Operator => ("operator", Vec::new()),
    };
    [
        uuid(grant.user),
        uuid(grant.role),
        Arg::Text(kind.into()),
        Arg::Bytes(Some(id)),
    ]
}

fn exchange_args(exchange: &Exchange) -> Result<[Arg; 6]> {
    let body = text(exchange)?;
    Ok([
        Arg::Uuid(exchange.id),
        connection(exchange.connection),
        time(exchange.at),
        Arg::Bool(exchange.is_failed()),
        Arg::number(body.len() as u64)?,
        Arg::Text(body.into()),
    ])
}

/// Who made an exchange; nobody has the id of zeros.
pub fn connection(id: Option<Id>) -> Arg {
    Arg::Uuid(id.map_or(Uuid::nil(), |id| id.0))
}

fn credential_kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Password => "password",
        CredentialKind::Token => "token",
        CredentialKind::Secret => "secret",
        CredentialKind::Trust => "trust",
        CredentialKind::Sip => "sip",
    }
}

/// The longest key that is kept as it is. PostgreSQL cannot index much more than 2,700 bytes.
const LONGEST_KEY: usize = 512;

/// A unique key as it is kept: its bytes, and of a long one the first bytes and a hash of all.
/// Shortened keys are longer than any that is kept whole, so the two never meet.
fn index_key(key: &str) -> Vec<u8> {
    let bytes = key.as_bytes();
    match bytes.split_at_checked(LONGEST_KEY) {
        Some((head, rest)) if !rest.is_empty() => [head, Sha256::digest(bytes).as_slice()].concat(),
        _ => bytes.to_vec(),
    }
}

fn uuid(id: Id) -> Arg {
    Arg::Uuid(id.0)
}

fn time(at: Timestamp) -> Arg {
    Arg::Int(Some(at.0))
}

fn json(value: &impl Serialize) -> Result<Arg> {
    text(value).map(|text| Arg::Text(text.into()))
}

/// JSON text holds no U+0000 (it is escaped), so that PostgreSQL takes it as TEXT.
fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_are_told_apart_beyond_what_is_kept_of_them() {
        let whole = "x".repeat(LONGEST_KEY);
        let (one, other) = (format!("{whole}a"), format!("{whole}b"));
        assert_eq!(index_key(&whole), whole.as_bytes());
        assert_ne!(index_key(&one), index_key(&other));
        assert_eq!(index_key(&one), index_key(&one));
        assert_eq!(index_key(&"x".repeat(1 << 20)).len(), LONGEST_KEY + 32);
    }
}
