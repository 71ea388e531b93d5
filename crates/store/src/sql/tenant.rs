//! A tenant's row, and what a commit makes of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jackfield_model::{
    AuditEntry, Change, ChangeSet, Id, Number, Revision, TenantId, TenantName, Timestamp,
};
use serde::Serialize;

use super::read::{collect, malformed, number};
use super::row::{CATALOGUE, Row, SCHEMAS, SETTINGS};
use super::{Arg, Columns, Transaction};
use crate::audit::{AuditKey, Chain};
use crate::{Error, Head, Result};

/// A tenant's row: its head, and the end of its audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRow {
    /// What others see of it.
    pub head: Head,
    audit_sequence: u64,
    audit_mac: [u8; 32],
}

impl TenantRow {
    /// Selects the row of one tenant, in the order that [`read`](Self::read) expects.
    pub const SELECT: &str = "SELECT id, name, revision, next_number, audit_sequence, audit_mac \
                              FROM tenant WHERE id = $1";

    /// Selects the revision of one tenant.
    pub const SELECT_REVISION: &str = "SELECT revision FROM tenant WHERE id = $1";

    /// Selects what [`Head`] needs of every tenant.
    pub const SELECT_HEADS: &str = "SELECT id, name, revision, next_number FROM tenant";

    /// Puts a new row; its values are [`insert_args`](Self::insert_args).
    pub const INSERT: &str = "INSERT INTO tenant \
                              (id, name, revision, next_number, audit_sequence, audit_mac, created) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7)";

    /// Moves the row on; its values are [`update_args`](Self::update_args).
    pub const UPDATE: &str = "UPDATE tenant SET revision = $2, next_number = $3, \
                              audit_sequence = $4, audit_mac = $5 WHERE id = $1";

    /// The row of a tenant in which nothing happened yet.
    pub fn new(key: &AuditKey, id: TenantId, name: TenantName) -> Self {
        let head = Head {
            id,
            name,
            revision: Revision(0),
            next_number: 1,
        };
        Self {
            head,
            audit_sequence: 0,
            audit_mac: Chain::start(key, id).mac(),
        }
    }

    /// The end of the audit log.
    pub fn audit_end(&self) -> (u64, [u8; 32]) {
        (self.audit_sequence, self.audit_mac)
    }

    /// Reads a row.
    pub fn read(row: &dyn Columns) -> Result<Self> {
        let mac = row.bytes(5)?.and_then(|mac| mac.try_into().ok());
        Ok(Self {
            head: read_head(row)?,
            audit_sequence: number(row, 4)?,
            audit_mac: mac.ok_or_else(|| malformed("audit hash"))?,
        })
    }

    /// What [`INSERT`](Self::INSERT) takes.
    pub fn insert_args(&self, created: Timestamp) -> Result<Vec<Arg>> {
        let mut args = self.update_args()?;
        args.insert(1, Arg::Text(Cow::Owned(self.head.name.as_str().to_owned())));
        args.push(Arg::Int(Some(created.0)));
        Ok(args)
    }

    /// What [`UPDATE`](Self::UPDATE) takes.
    pub fn update_args(&self) -> Result<Vec<Arg>> {
        Ok(vec![
            Arg::Uuid(self.head.id.0),
            Arg::number(self.head.revision.0)?,
            Arg::Int(Some(self.head.next_number.into())),
            Arg::number(self.audit_sequence)?,
            Arg::Bytes(Some(self.audit_mac.to_vec())),
        ])
    }

    /// Moves on by these change sets; returns what they write beside it.
    pub fn advance<'a>(&mut self, key: &AuditKey, sets: &'a [ChangeSet]) -> Result<Vec<Row<'a>>> {
        let mut tables = Tables::default();
        let mut chain = Chain::after(key, self.audit_sequence, self.audit_mac);
        let (mut logged, mut audited) = (Vec::new(), Vec::new());
        for set in sets {
            self.head.revision = self.head.revision.next();
            for change in &set.changes {
                tables.add(set, change)?;
            }
            logged.push(Row::ChangeSet(self.head.revision, set));
            let revision = Some(self.head.revision);
            let entries = set.audit.iter().map(|entry| chain.seal(entry, revision));
            audited.extend(entries.map(|sealed| Row::Audit(Box::new(sealed))));
        }
        if let Some(Number(highest)) = tables.highest {
            self.head.next_number = self.head.next_number.max(highest.saturating_add(1));
        }
        (self.audit_sequence, self.audit_mac) = (chain.sequence(), chain.mac());
        let mut rows = tables.into_rows();
        rows.append(&mut logged);
        rows.append(&mut audited);
        Ok(rows)
    }

    /// Moves the audit log on by entries that belong to no change; returns what is written.
    pub fn append_audit(&mut self, key: &AuditKey, entries: &[AuditEntry]) -> Vec<Row<'static>> {
        let mut chain = Chain::after(key, self.audit_sequence, self.audit_mac);
        let rows = entries
            .iter()
            .map(|entry| Row::Audit(Box::new(chain.seal(entry, None))))
            .collect();
        (self.audit_sequence, self.audit_mac) = (chain.sequence(), chain.mac());
        rows
    }
}

/// Reads the columns of [`TenantRow::SELECT_HEADS`].
pub fn read_head(row: &dyn Columns) -> Result<Head> {
    Ok(Head {
        id: TenantId(row.uuid(0)?),
        name: row.text(1)?.parse().map_err(|_| malformed("tenant name"))?,
        revision: Revision(number(row, 2)?),
        next_number: number(row, 3)?,
    })
}

/// Changes by the table that they touch.
///
/// The tables know nothing of each other, so each takes its changes in their order and all at once,
/// which lets many rows go in one statement.
#[derive(Default)]
struct Tables<'a> {
    records: Vec<Row<'a>>,
    /// A record's last touch; it comes after all puts and deletions, which supersede earlier ones.
    touches: BTreeMap<Id, Row<'a>>,
    edges: Vec<Row<'a>>,
    grants: Vec<Row<'a>>,
    links: Vec<Row<'a>>,
    pending: Vec<Row<'a>>,
    credentials: Vec<Row<'a>>,
    documents: Vec<Row<'a>>,
    /// What is gone, and was used for the last time.
    gone: Vec<Row<'a>>,
    highest: Option<Number>,
}

impl<'a> Tables<'a> {
    fn add(&mut self, set: &'a ChangeSet, change: &'a Change) -> Result<()> {
        match change {
            Change::PutRecord(record) => {
                self.touches.remove(&record.id);
                self.highest = self.highest.max(Some(record.number));
                self.records.push(Row::Record(record));
            }
            Change::Touch {
                id,
                modified,
                version,
            } => {
                self.touches
                    .insert(*id, Row::Touch(*id, *modified, *version));
            }
            Change::DeleteRecord(id) => {
                self.touches.remove(id);
                self.records.push(Row::Deletion(*id, set.at));
                self.gone.push(Row::NoActivity(*id));
            }
            Change::PutEdge(edge) => self.edges.push(Row::Edge(edge)),
            Change::RemoveEdge(edge) => self.edges.push(Row::NoEdge(edge)),
            Change::Grant(grant) => self.grants.push(Row::Grant(grant)),
            Change::Revoke(grant) => self.grants.push(Row::NoGrant(grant)),
            Change::PutLink(link) => self.links.push(Row::Link(link)),
            Change::RemoveLink { record, connection } => {
                self.links.push(Row::NoLink(*record, *connection));
            }
            Change::PutPending(pending) => self.pending.push(Row::Pending(pending)),
            Change::RemovePending(pending) => self.pending.push(Row::NoPending(pending)),
            Change::PutCredential(credential) => {
                self.credentials.push(Row::Credential(credential));
            }
            Change::RemoveCredential(id) => {
                self.credentials.push(Row::NoCredential(*id));
                self.gone.push(Row::NoActivity(*id));
            }
            Change::PutSettings(settings) => self.push_document(SETTINGS, settings)?,
            Change::PutCatalogue(body) => {
                self.documents
                    .push(Row::Document(CATALOGUE, body.as_str().into()));
            }
            Change::PutSchemas(schemas) => self.push_document(SCHEMAS, schemas)?,
        }
        Ok(())
    }

    fn push_document(&mut self, name: &'static str, value: &impl Serialize) -> Result<()> {
        let body =
            serde_json::to_string(value).map_err(|error| Error::Corrupt(error.to_string()))?;
        self.documents.push(Row::Document(name, body.into()));
        Ok(())
    }

    fn into_rows(self) -> Vec<Row<'a>> {
        let mut rows = self.records;
        rows.extend(self.touches.into_values());
        for mut table in [
            self.edges,
            self.grants,
            self.links,
            self.pending,
            self.credentials,
            self.documents,
            self.gone,
        ] {
            rows.append(&mut table);
        }
        rows
    }
}

/// The tenant's row, by one of its statements.
pub(super) async fn select_tenant<T: Transaction>(
    transaction: &mut T,
    sql: Cow<'static, str>,
    tenant: TenantId,
) -> Result<TenantRow> {
    let rows = collect(transaction, sql, vec![Arg::Uuid(tenant.0)], TenantRow::read).await?;
    rows.into_iter().next().ok_or(Error::NoTenant)
}
