//! Rows back into the words of the model.

use std::borrow::Cow;
use std::fmt::Display;
use std::str;
use std::sync::Arc;

use jackfield_model::{
    Change, ChangeSet, Edge, EdgeKind, Exchange, Grant, GrantSource, Id, Kind, Link, Number,
    Pending, Record, Revision, Timestamp,
};
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
use uuid::Uuid;

use super::row::{CATALOGUE, SCHEMAS, SETTINGS};
use super::{Arg, Columns, Transaction};
use crate::audit::{Cut, Sealed};
use crate::{Activity, Error, LockedOut, Result, Tombstone};

/// Reads one row as the change that makes it.
pub type ReadChange = fn(&dyn Columns) -> Result<Change>;

/// What a tenant holds, table by table, in the order in which it is loaded.
pub const TABLES: [(&str, ReadChange); 7] = [
    (
        "SELECT name, body FROM document WHERE tenant = $1",
        read_document,
    ),
    (
        "SELECT id, kind, number, body, created, modified, version \
         FROM record WHERE tenant = $1 AND deleted IS NULL ORDER BY number",
        read_record,
    ),
    (
        "SELECT kind, from_id, to_id, is_primary FROM edge WHERE tenant = $1",
        read_edge,
    ),
    (
        "SELECT user_id, role_id, source_kind, source_id FROM role_grant WHERE tenant = $1",
        read_grant,
    ),
    (
        "SELECT record, connection, external_id, is_owner FROM link WHERE tenant = $1",
        read_link,
    ),
    (
        "SELECT group_id, connection, name FROM pending_member WHERE tenant = $1",
        read_pending,
    ),
    (
        "SELECT body FROM credential WHERE tenant = $1",
        read_credential,
    ),
];

fn read_document(row: &dyn Columns) -> Result<Change> {
    match row.text(0)? {
        SETTINGS => Ok(Change::PutSettings(json(row, 1)?)),
        CATALOGUE => Ok(Change::PutCatalogue(row.text(1)?.to_owned())),
        SCHEMAS => Ok(Change::PutSchemas(json(row, 1)?)),
        other => Err(malformed(format_args!("document {other:?}"))),
    }
}

fn read_record(row: &dyn Columns) -> Result<Change> {
    Ok(Change::PutRecord(Arc::new(Record {
        id: Id(row.uuid(0)?),
        kind: Kind::from_name(row.text(1)?).ok_or_else(|| malformed("kind of record"))?,
        number: Number(number(row, 2)?),
        attributes: json(row, 3)?,
        created: Timestamp(number(row, 4)?),
        modified: Timestamp(number(row, 5)?),
        version: number(row, 6)?,
    })))
}

fn read_edge(row: &dyn Columns) -> Result<Change> {
    Ok(Change::PutEdge(Edge {
        kind: EdgeKind::from_name(row.text(0)?).ok_or_else(|| malformed("kind of edge"))?,
        from: Id(row.uuid(1)?),
        to: Id(row.uuid(2)?),
        primary: row.bool(3)?,
    }))
}

fn read_grant(row: &dyn Columns) -> Result<Change> {
    let bytes = row.bytes(3)?.unwrap_or_default();
    let id = || Uuid::from_slice(bytes).map(Id).map_err(malformed);
    let source = match row.text(2)? {
        "person" => GrantSource::Person(id()?),
        "connection" => GrantSource::Connection(id()?),
        "mapping" => GrantSource::Mapping(utf8(bytes)?),
        "retained" => GrantSource::Retained(utf8(bytes)?),
        "config" => GrantSource::Config,
        "operator" => GrantSource::Operator,
        other => return Err(malformed(format_args!("source of a grant {other:?}"))),
    };
    Ok(Change::Grant(Grant {
        user: Id(row.uuid(0)?),
        role: Id(row.uuid(1)?),
        source,
    }))
}

fn read_link(row: &dyn Columns) -> Result<Change> {
    Ok(Change::PutLink(Link {
        record: Id(row.uuid(0)?),
        connection: Id(row.uuid(1)?),
        external_id: row.bytes(2)?.map(utf8).transpose()?,
        owner: row.bool(3)?,
    }))
}

fn read_pending(row: &dyn Columns) -> Result<Change> {
    Ok(Change::PutPending(Pending {
        group: Id(row.uuid(0)?),
        connection: Id(row.uuid(1)?),
        name: utf8(row.bytes(2)?.unwrap_or_default())?,
    }))
}

fn read_credential(row: &dyn Columns) -> Result<Change> {
    json(row, 0).map(Change::PutCredential)
}

/// Reads `revision, body` of a change set.
pub fn read_change_set(row: &dyn Columns) -> Result<(Revision, ChangeSet)> {
    Ok((Revision(number(row, 0)?), json(row, 1)?))
}

/// Reads `sequence, body, mac, revision` of an audit entry; the revision is 0 where there is none.
pub fn read_sealed(row: &dyn Columns) -> Result<Sealed> {
    let mac = row.bytes(2)?.and_then(|mac| mac.try_into().ok());
    Ok(Sealed {
        sequence: number(row, 0)?,
        entry: json(row, 1)?,
        mac: mac.ok_or_else(|| malformed("audit hash"))?,
        revision: match number(row, 3)? {
            0 => None,
            revision => Some(Revision(revision)),
        },
    })
}

/// Reads `sequence, mac, seal` of the place where a log was cut.
pub fn read_cut(row: &dyn Columns) -> Result<Cut> {
    let hash = |at| -> Result<[u8; 32]> {
        let bytes = row.bytes(at)?.and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| malformed("audit hash"))
    };
    Ok(Cut {
        sequence: number(row, 0)?,
        mac: hash(1)?,
        seal: hash(2)?,
    })
}

/// Reads `kind, deleted` of a record that is no more.
pub fn read_tombstone(row: &dyn Columns) -> Result<Tombstone> {
    Ok(Tombstone {
        kind: Kind::from_name(row.text(0)?).ok_or_else(|| malformed("kind of record"))?,
        deleted: Timestamp(number(row, 1)?),
    })
}

/// Reads `subject, last_used` of an activity.
pub fn read_activity(row: &dyn Columns) -> Result<Activity> {
    Ok(Activity {
        subject: Id(row.uuid(0)?),
        last_used: Timestamp(number(row, 1)?),
    })
}

/// Reads `account, network, since, until` of a lock.
pub fn read_lockout(row: &dyn Columns) -> Result<LockedOut> {
    Ok(LockedOut {
        account: Id(row.uuid(0)?),
        network: row.text(1)?.parse().map_err(|_| malformed("network"))?,
        since: Timestamp(row.int(2)?),
        until: Timestamp(row.int(3)?),
    })
}

/// Reads `body` of an exchange.
pub fn read_exchange(row: &dyn Columns) -> Result<Exchange> {
    json(row, 0)
}

/// A number in the range of its type.
pub fn number<T: TryFrom<i64>>(row: &dyn Columns, at: usize) -> Result<T> {
    let number = row.int(at)?;
    T::try_from(number).map_err(|_| malformed(number))
}

/// What is said of a row that makes no sense.
pub fn malformed(what: impl Display) -> Error {
    Error::Corrupt(what.to_string())
}

fn utf8(bytes: &[u8]) -> Result<SmolStr> {
    str::from_utf8(bytes).map(SmolStr::new).map_err(malformed)
}

fn json<T: DeserializeOwned>(row: &dyn Columns, at: usize) -> Result<T> {
    serde_json::from_str(row.text(at)?).map_err(malformed)
}

/// Every row of a statement's answer.
pub(super) async fn collect<T: Transaction, R: Send>(
    transaction: &mut T,
    sql: impl Into<Cow<'static, str>> + Send,
    args: Vec<Arg>,
    read: fn(&dyn Columns) -> Result<R>,
) -> Result<Vec<R>> {
    let mut all = Vec::new();
    let mut each = |row: &dyn Columns| {
        all.push(read(row)?);
        Ok(())
    };
    transaction.fetch(sql.into(), args, &mut each).await?;
    Ok(all)
}
