//! The suite of [`jackfield_store::conformance`] on PostgreSQL, and what only PostgreSQL has.
//!
//! `JACKFIELD_TEST_POSTGRES` holds the URL of a database in which each test makes a schema of its
//! own. Without it the tests are skipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jackfield_model::{ChangeSet, Principal, Revision, TenantId, Timestamp};
use jackfield_store::conformance::{AUDIT_KEY, Place};
use jackfield_store::sql::{Columns, Engine as _, Transaction as _};
use jackfield_store::{Hint, Store};
use jackfield_store_postgres::PgStore;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

/// A schema that only one test uses; it goes with the database.
struct Schema(String);

impl Schema {
    async fn connect(&self) -> PgStore {
        PgStore::connect(&self.0, AUDIT_KEY).await.unwrap()
    }
}

#[async_trait]
impl Place for Schema {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.connect().await)
    }
}

async fn schema() -> Option<Schema> {
    #[allow(clippy::disallowed_methods, reason = "where a test finds its server")]
    let Ok(url) = std::env::var("JACKFIELD_TEST_POSTGRES") else {
        println!("skipped: JACKFIELD_TEST_POSTGRES is not set");
        return None;
    };
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "test_{}_{}",
        process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection
        .execute(AssertSqlSafe(format!("CREATE SCHEMA {name}")))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(Schema(format!(
        "{url}{separator}options[search_path]={name}"
    )))
}

jackfield_store::conformance!(schema);

#[tokio::test]
async fn a_commit_is_hinted_at_on_other_nodes() {
    let Some(schema) = schema().await else { return };
    let (one, other) = (schema.connect().await, schema.connect().await);
    let mut hints = other.listen().await.unwrap().expect("hints");
    // All tests share the channel, so this tenant has an id that no other has.
    let tenant = TenantId(Uuid::from_u128(0xbeef << 64 | u128::from(process::id())));
    one.create_tenant(tenant, &"acme".parse().unwrap(), Timestamp(0))
        .await
        .unwrap();
    let set = |id| ChangeSet {
        id: Uuid::from_u128(id),
        at: Timestamp(0),
        actor: Principal::System,
        changes: Vec::new(),
        audit: Vec::new(),
    };
    one.apply(tenant, Revision(0), &[set(1), set(2)])
        .await
        .unwrap();
    drop(one.lock(tenant).await.unwrap());
    // Its own it knows.
    other.apply(tenant, Revision(2), &[set(3)]).await.unwrap();
    one.apply(tenant, Revision(3), &[set(4)]).await.unwrap();
    for revision in [2, 4] {
        let hint = loop {
            let patience = Duration::from_secs(20);
            match timeout(patience, hints.next()).await.expect("no hint came") {
                Hint::Moved(other, _) if other != tenant => {}
                hint => break hint,
            }
        };
        assert_eq!(hint, Hint::Moved(tenant, Revision(revision)));
    }
}

#[tokio::test]
async fn a_commit_waits_for_the_disk_at_least() {
    let Some(schema) = schema().await else { return };
    for (server, session) in [
        ("off", "on"),
        ("local", "on"),
        ("remote_apply", "remote_apply"),
    ] {
        let url = format!("{}&options[synchronous_commit]={server}", schema.0);
        let store = PgStore::connect(&url, AUDIT_KEY).await.unwrap();
        let mut writer = store.begin_write().await.unwrap();
        let mut found = String::new();
        let mut each = |row: &dyn Columns| {
            found.push_str(row.text(0)?);
            Ok(())
        };
        writer
            .fetch("SHOW synchronous_commit".into(), Vec::new(), &mut each)
            .await
            .unwrap();
        assert_eq!(found, session, "{server}");
    }
}

#[tokio::test]
async fn nodes_that_start_at_the_same_time_migrate_once() {
    let Some(schema) = schema().await else { return };
    let stores = tokio::join!(schema.connect(), schema.connect(), schema.connect());
    assert!(stores.2.tenants().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_session_that_was_ended_is_unavailable_and_the_next_one_works() {
    let Some(schema) = schema().await else { return };
    let store = schema.connect().await;
    let tenant = TenantId(Uuid::from_u128(1));
    store
        .create_tenant(tenant, &"acme".parse().unwrap(), Timestamp(0))
        .await
        .unwrap();
    let locked = store.lock(tenant).await.unwrap();
    let mut killer = PgConnection::connect(&schema.0).await.unwrap();
    let kill = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l \
                WHERE l.relation = 'tenant'::regclass AND l.pid <> pg_backend_pid()";
    killer.execute(kill).await.unwrap();
    let error = locked.commit(&[]).await.unwrap_err();
    assert!(
        matches!(error, jackfield_store::Error::Unavailable(_)),
        "{error:?}"
    );
    assert_eq!(
        store.apply(tenant, Revision(0), &[]).await.unwrap(),
        Revision(0)
    );
}

#[tokio::test]
async fn single_statements_keep_their_connection_until_it_breaks() {
    let Some(schema) = schema().await else { return };
    let store = schema.connect().await;
    let asked = async || {
        let mut pid = 0;
        let mut each = |row: &dyn Columns| {
            pid = row.int(0)?;
            Ok(())
        };
        let ask = "SELECT pg_backend_pid()::bigint";
        let asked = store.fetch_alone(ask.into(), Vec::new(), &mut each).await;
        asked.map(|()| pid)
    };
    let first = asked().await.unwrap();
    assert_eq!(asked().await.unwrap(), first);
    let mut killer = PgConnection::connect(&schema.0).await.unwrap();
    let kill =
        sqlx::query("SELECT pg_terminate_backend($1, 20000)").bind(i32::try_from(first).unwrap());
    kill.execute(&mut killer).await.unwrap();
    // One may fail, as it may whenever a server goes; nobody meets that connection again.
    let _ = asked().await;
    assert_ne!(asked().await.unwrap(), first);
    let ended = timeout(Duration::from_secs(20), store.disconnect()).await;
    ended.expect("a connection was held back");
}
