//! The statement of each row.
//!
//! SQLite finds rows by a key of several columns only if the keys come from a `SELECT`: a plain
//! `IN (VALUES …)` reads the whole table.

use super::row::Row;

/// A statement that takes any number of rows: what stands before and after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What stands before the rows.
    pub before: &'static str,
    /// How many values a row has.
    pub columns: usize,
    /// What stands after the rows.
    pub after: &'static str,
}

impl Row<'_> {
    /// The statement it is written with.
    #[expect(clippy::too_many_lines, reason = "one table of statements")]
    pub fn shape(&self) -> Shape {
        let (before, columns, after) = match self {
            Self::Record(_) => (
                "INSERT INTO record (tenant, id, kind, number, unique_key, name, body, created, \
                 modified, version) VALUES",
                10,
                "ON CONFLICT (tenant, id) DO UPDATE SET kind = excluded.kind, \
                 number = excluded.number, unique_key = excluded.unique_key, \
                 name = excluded.name, body = excluded.body, created = excluded.created, \
                 modified = excluded.modified, version = excluded.version, deleted = NULL",
            ),
            Self::Touch(..) => (
                "UPDATE record SET modified = v.column3, version = v.column4 FROM (VALUES",
                4,
                ") AS v WHERE record.tenant = v.column1 AND record.id = v.column2",
            ),
            Self::Deletion(..) => (
                "UPDATE record SET unique_key = NULL, body = '{}', deleted = v.column3 FROM (VALUES",
                3,
                ") AS v WHERE record.tenant = v.column1 AND record.id = v.column2",
            ),
            Self::Edge(_) => (
                "INSERT INTO edge (tenant, kind, from_id, to_id, is_primary) VALUES",
                5,
                "ON CONFLICT (tenant, kind, from_id, to_id) \
                 DO UPDATE SET is_primary = excluded.is_primary",
            ),
            Self::NoEdge(_) => (
                "DELETE FROM edge WHERE (tenant, kind, from_id, to_id) IN (SELECT * FROM (VALUES",
                4,
                ") AS v)",
            ),
            Self::Grant(_) => (
                "INSERT INTO role_grant (tenant, user_id, role_id, source_kind, source_id) VALUES",
                5,
                "ON CONFLICT (tenant, user_id, role_id, source_kind, source_id) DO NOTHING",
            ),
            Self::NoGrant(_) => (
                "DELETE FROM role_grant \
                 WHERE (tenant, user_id, role_id, source_kind, source_id) IN (SELECT * FROM (VALUES",
                5,
                ") AS v)",
            ),
            Self::Link(_) => (
                "INSERT INTO link (tenant, record, connection, external_id, is_owner) VALUES",
                5,
                "ON CONFLICT (tenant, record, connection) DO UPDATE \
                 SET external_id = excluded.external_id, is_owner = excluded.is_owner",
            ),
            Self::NoLink(..) => (
                "DELETE FROM link WHERE (tenant, record, connection) IN (SELECT * FROM (VALUES",
                3,
                ") AS v)",
            ),
            Self::Pending(_) => (
                "INSERT INTO pending_member (tenant, group_id, connection, name) VALUES",
                4,
                "ON CONFLICT (tenant, group_id, connection, name) DO NOTHING",
            ),
            Self::NoPending(_) => (
                "DELETE FROM pending_member \
                 WHERE (tenant, group_id, connection, name) IN (SELECT * FROM (VALUES",
                4,
                ") AS v)",
            ),
            Self::Credential(_) => (
                "INSERT INTO credential (tenant, id, principal, kind, body) VALUES",
                5,
                "ON CONFLICT (tenant, id) DO UPDATE SET principal = excluded.principal, \
                 kind = excluded.kind, body = excluded.body",
            ),
            Self::NoCredential(_) => (
                "DELETE FROM credential WHERE (tenant, id) IN (SELECT * FROM (VALUES",
                2,
                ") AS v)",
            ),
            Self::Document(..) => (
                "INSERT INTO document (tenant, name, body) VALUES",
                3,
                "ON CONFLICT (tenant, name) DO UPDATE SET body = excluded.body",
            ),
            Self::ChangeSet(..) => (
                "INSERT INTO change_set (tenant, revision, id, at, actor, body) VALUES",
                6,
                "",
            ),
            Self::Audit(_) => (
                "INSERT INTO audit (tenant, sequence, revision, at, body, mac) VALUES",
                6,
                "",
            ),
            Self::Activity(_) => (
                "INSERT INTO activity (tenant, subject, last_used) VALUES",
                3,
                "ON CONFLICT (tenant, subject) DO UPDATE SET last_used = excluded.last_used \
                 WHERE excluded.last_used > activity.last_used",
            ),
            Self::NoActivity(_) => (
                "DELETE FROM activity WHERE (tenant, subject) IN (SELECT * FROM (VALUES",
                2,
                ") AS v)",
            ),
            Self::Exchange(_) => (
                "INSERT INTO exchange (tenant, id, connection, at, is_failed, bytes, body) VALUES",
                7,
                "ON CONFLICT (tenant, id) DO NOTHING",
            ),
        };
        Shape {
            before,
            columns,
            after,
        }
    }
}
