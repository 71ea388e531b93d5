//! What only a file has: its mode, its neighbours, its damage, its query plans.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jackfield_model::{Edge, EdgeKind, Grant, GrantSource, Id, TenantId, Timestamp};
use jackfield_store::audit::AuditKey;
use jackfield_store::sql::batch::batches;
use jackfield_store::sql::row::Row;
use jackfield_store::sql::{Columns, Engine as _, Placeholders, Transaction};
use jackfield_store::{Error, Result, Store as _};
use jackfield_store_sqlite::SqliteStore;
use uuid::Uuid;

const ID: Id = Id(Uuid::from_u128(1));

async fn open(path: &Path) -> Result<SqliteStore> {
    SqliteStore::open(path, AuditKey::new([1; 32])).await
}

async fn ask<T: Send>(
    transaction: &mut impl Transaction,
    sql: String,
    read: fn(&dyn Columns) -> Result<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    let mut each = |row: &dyn Columns| {
        found.push(read(row)?);
        Ok(())
    };
    transaction
        .fetch(sql.into(), Vec::new(), &mut each)
        .await
        .unwrap();
    found
}

#[tokio::test]
async fn what_sqlite_rolls_back_by_itself_stands_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("jackfield.db")).await.unwrap();
    for _ in 0..3 {
        let mut transaction = store.begin_write().await.unwrap();
        // As SQLite does where the disk is full.
        transaction
            .execute("ROLLBACK".into(), Vec::new())
            .await
            .unwrap();
    }
    let name = "acme".parse().unwrap();
    store
        .create_tenant(TenantId(Uuid::nil()), &name, Timestamp(0))
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_else_may_read_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("jackfield.db");
    let store = open(&path).await.unwrap();
    let name = "acme".parse().unwrap();
    store
        .create_tenant(TenantId(Uuid::nil()), &name, Timestamp(0))
        .await
        .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for end in ["", "-wal", "-shm"] {
        assert_eq!(
            mode(&path.with_file_name(format!("jackfield.db{end}"))),
            0o600,
            "{end}"
        );
    }
}

#[tokio::test]
async fn a_closed_store_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("jackfield.db")).await.unwrap();
    store.keep("name", b"value").await.unwrap();
    let reading = [store.begin_read().await, store.begin_read().await];
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    drop(reading);
    store.close().await;
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(left, ["jackfield.db"]);
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("jackfield.db")).await.unwrap();
    let mut writer = store.begin_write().await.unwrap();
    // Neither the write-ahead log nor `synchronous=FULL` (2) is what SQLite begins with.
    let pragma = |name: &str| format!("PRAGMA {name}");
    assert_eq!(
        ask(&mut writer, pragma("synchronous"), |row| row.int(0)).await,
        [2]
    );
    assert_eq!(
        ask(&mut writer, pragma("foreign_keys"), |row| row.int(0)).await,
        [1]
    );
    let mode = ask(&mut writer, pragma("journal_mode"), |row| {
        row.text(0).map(str::to_owned)
    });
    assert_eq!(mode.await, ["wal"]);
}

#[tokio::test]
async fn who_reads_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("jackfield.db")).await.unwrap();
    let mut reader = store.begin_read().await.unwrap();
    let refused = reader
        .execute("DELETE FROM tenant".into(), Vec::new())
        .await;
    assert!(refused.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_the_same_time_migrate_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jackfield.db");
        let opening: Vec<_> = (0..6)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(async move { open(&path).await.unwrap() })
            })
            .collect();
        for opened in opening {
            assert!(opened.await.unwrap().tenants().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_apart_from_what_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    fs::write(
        &garbage,
        "no database, and longer than the header of one would be ".repeat(9),
    )
    .unwrap();
    let error = open(&garbage).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error:?}");
    for nowhere in [garbage.join("jackfield.db"), folder.path().to_owned()] {
        let error = open(&nowhere).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }

    let later = folder.path().join("later.db");
    let store = open(&later).await.unwrap();
    let mut writer = store.begin_write().await.unwrap();
    let migrate = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
                   checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    writer.execute(migrate.into(), Vec::new()).await.unwrap();
    writer.commit().await.unwrap();
    store.close().await;
    let error = open(&later).await.unwrap_err();
    assert!(
        matches!(&error, Error::Corrupt(text) if text.contains("9999")),
        "{error:?}"
    );
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("jackfield.db")).await.unwrap();
    let edge = |to| Edge {
        kind: EdgeKind::Member,
        from: ID,
        to,
        primary: false,
    };
    let grant = |user| Grant {
        user,
        role: ID,
        source: GrantSource::Config,
    };
    let ids = [1, 2, 3, 4].map(|n| Id(Uuid::from_u128(n)));
    let (edges, grants) = (ids.map(edge), ids.map(grant));
    let of = |row: fn(Id) -> Row<'static>| ids.map(row).to_vec();
    let statements = [
        of(|id| Row::Touch(id, Timestamp(0), 0)),
        of(|id| Row::Deletion(id, Timestamp(0))),
        edges.iter().map(Row::NoEdge).collect(),
        grants.iter().map(Row::NoGrant).collect(),
        of(|id| Row::NoLink(id, ID)),
        of(Row::NoCredential),
    ];
    let mut reader = store.begin_read().await.unwrap();
    for rows in statements {
        let batch = batches(&rows, 64).next().unwrap();
        let mut plan = Vec::new();
        let mut each = |row: &dyn Columns| {
            plan.push(row.text(3)?.to_owned());
            Ok(())
        };
        let sql = batch.sql(Placeholders::Plain);
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let args = batch.args(TenantId(Uuid::nil())).unwrap();
        reader.fetch(explain.into(), args, &mut each).await.unwrap();
        let searches = |step: &String| step.starts_with("SEARCH") && step.contains("tenant=? AND");
        assert!(plan.iter().any(searches), "{sql} {plan:?}");
    }
}
