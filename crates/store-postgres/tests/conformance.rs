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
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
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

/// A way to the server that can be lost: nothing passes any more, and nobody is told. Who connects
/// then has another one.
struct Way {
    url: String,
    lost: watch::Sender<()>,
}

impl Way {
    async fn to(url: &str) -> Self {
        let server: PgConnectOptions = url.parse().unwrap();
        let (name, database) = (server.get_username(), server.get_database().unwrap());
        let (_, options) = url.split_once("options").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("postgres://{name}@127.0.0.1:{port}/{database}?options{options}");
        let (lost, losing) = watch::channel(());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let losing = losing.clone();
                let (host, port) = (server.get_host(), server.get_port());
                match server.get_socket() {
                    Some(folder) => {
                        let socket = folder.join(format!(".s.PGSQL.{port}"));
                        let server = UnixStream::connect(socket).await.unwrap();
                        tokio::spawn(pass(client, server, losing));
                    }
                    None => {
                        let server = TcpStream::connect((host, port)).await.unwrap();
                        tokio::spawn(pass(client, server, losing));
                    }
                }
            }
        });
        Self { url, lost }
    }
}

async fn pass<S>(mut client: TcpStream, mut server: S, mut losing: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    losing.mark_unchanged();
    let is_lost = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        changed = losing.changed() => changed.is_ok(),
    };
    if is_lost {
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_any_more_keeps_nobody_waiting_for_ever() {
    use jackfield_store::Error::{Unavailable, Unknown};
    let Some(schema) = schema().await else { return };
    let way = Way::to(&schema.0).await;
    let store = PgStore::connect(&way.url, AUDIT_KEY).await.unwrap();
    let tenant = TenantId(Uuid::from_u128(1));
    let name = "acme".parse().unwrap();
    store
        .create_tenant(tenant, &name, Timestamp(0))
        .await
        .unwrap();
    store.changes(tenant, Revision(0)).await.unwrap();
    let mut asking = store.begin_write().await.unwrap();
    let committing = store.begin_write().await.unwrap();
    way.lost.send_replace(());
    // Time goes by as soon as everybody waits.
    tokio::time::pause();
    let patience = Duration::from_hours(1);
    let asked = timeout(patience, store.changes(tenant, Revision(0))).await;
    let error = asked.expect("a single statement").unwrap_err();
    assert!(matches!(error, Unavailable(_)), "{error:?}");
    let asked = timeout(patience, asking.execute("SELECT 1".into(), Vec::new())).await;
    let error = asked
        .expect("a statement")
        .map_err(jackfield_store::Error::from);
    assert!(matches!(error, Err(Unavailable(_))), "{error:?}");
    let committed = timeout(patience, committing.commit()).await;
    let error = committed.expect("a commit").unwrap_err();
    assert!(matches!(error, Unknown(_)), "{error:?}");
    drop(asking);
    tokio::time::resume();
    // The lost connections are given up, and others made.
    let again = async { while store.changes(tenant, Revision(0)).await.is_err() {} };
    timeout(Duration::from_mins(1), again).await.unwrap();
    timeout(Duration::from_mins(1), store.disconnect())
        .await
        .unwrap();
}
