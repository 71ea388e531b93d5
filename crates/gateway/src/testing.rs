//! A gateway for tests: SQLite in a temporary folder, a clock that moves when it is read, ids in
//! order, and the tenants `acme` (role system `opbx`) and `harbor` (`tenant`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jackfield_access::Catalogue;
use jackfield_directory::plan::Declaration;
use jackfield_model::{
    Clock, Dn, ExtensionRange, Id, IdSource, Numbering, Origin, OwnSchemas, Principal, Settings,
    Timestamp,
};
use jackfield_store::Store;
use jackfield_store::audit::AuditKey;
use jackfield_store_sqlite::SqliteStore;
use tempfile::TempDir;
use uuid::Uuid;

use crate::administer::{NewConnection, NewCredential};
use crate::keys::Fetch;
use crate::secret::SecretKey;
use crate::{Dependencies, Error, Gateway, Lockout, Options, SealKeys, Session};

/// A gateway with its folder, which goes with it.
pub struct TestGateway {
    /// The gateway.
    pub gateway: Gateway,
    /// Its store, for looking behind the gateway's back.
    pub store: Arc<dyn Store>,
    /// What the gateway finds published.
    pub published: Arc<Published>,
    folder: TempDir,
}

/// A connection that may do everything, with a token.
pub struct TestConnection {
    /// Its record.
    pub id: Id,
    /// Its bearer token.
    pub token: String,
}

impl TestGateway {
    /// Starts one on a new store.
    ///
    /// # Errors
    /// Whatever stands in its way.
    pub async fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        Self::start_in(folder).await
    }

    /// Stops the gateway and starts another on the same store.
    ///
    /// # Errors
    /// Whatever stands in its way.
    pub async fn restart(self) -> Result<Self, Box<dyn std::error::Error>> {
        self.gateway.stop().await;
        Self::start_in(self.folder).await
    }

    /// Starts a second gateway on the same store, as another process would.
    ///
    /// # Errors
    /// Whatever stands in its way.
    pub async fn second(&self) -> Result<Gateway, Box<dyn std::error::Error>> {
        let store = open(&self.folder).await?;
        Ok(gateway(store, Arc::clone(&self.published)).await?)
    }

    async fn start_in(folder: TempDir) -> Result<Self, Box<dyn std::error::Error>> {
        let store = open(&folder).await?;
        let published = Arc::new(Published::default());
        let gateway = gateway(Arc::clone(&store), Arc::clone(&published)).await?;
        gateway
            .declare(&"acme".parse()?, declaration("acme", OPBX)?)
            .await?;
        gateway
            .declare(&"harbor".parse()?, declaration("harbor", TENANT)?)
            .await?;
        Ok(Self {
            gateway,
            store,
            published,
            folder,
        })
    }

    /// The operator in a tenant.
    ///
    /// # Errors
    /// If there is no such tenant.
    pub fn operator(&self, tenant: &str) -> Result<Session, Error> {
        let tenant = self.gateway.tenant(tenant)?;
        Ok(self
            .gateway
            .act_as(&tenant, Principal::Operator, Origin::local("cli")))
    }

    /// A connection that may do everything, with a token.
    ///
    /// # Errors
    /// Whatever stands in its way.
    pub async fn connection(&self, tenant: &str, label: &str) -> Result<TestConnection, Error> {
        let operator = self.operator(tenant)?;
        let new = NewConnection {
            name: label,
            kind: None,
            ceiling: Some("full"),
            takes_passwords: Some(true),
            requires_versions: None,
        };
        let id = operator.ensure_connection(new).await?;
        let made = operator
            .make_token(
                id,
                NewCredential {
                    label,
                    ..NewCredential::default()
                },
            )
            .await?;
        Ok(TestConnection {
            id,
            token: made.text.to_string(),
        })
    }
}

const OPBX: &str = include_str!("../../../config/catalogues/opbx.toml");
const TENANT: &str = include_str!("../../../config/catalogues/tenant.toml");

async fn open(folder: &TempDir) -> Result<Arc<dyn Store>, jackfield_store::Error> {
    let path = folder.path().join("jackfield.db");
    Ok(Arc::new(
        SqliteStore::open(&path, AuditKey::new([1; 32])).await?,
    ))
}

async fn gateway(store: Arc<dyn Store>, published: Arc<Published>) -> Result<Gateway, Error> {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    let seed = STARTED.fetch_add(1, Ordering::Relaxed);
    let dependencies = Dependencies {
        store,
        clock: Arc::new(TestClock(AtomicI64::new(START.0))),
        ids: Arc::new(TestIds {
            seed,
            next: AtomicU64::new(1),
        }),
        secret_key: SecretKey::new([2; 32]),
        seal_keys: SealKeys::new(&[[3; 32]])?,
        fetch: published,
    };
    let poll = Duration::from_millis(10);
    Gateway::start(
        dependencies,
        Options {
            poll,
            lockout: Some(Lockout::default()),
            ..Options::default()
        },
    )
    .await
}

/// Documents that others publish, by their URLs, as far as there are any.
#[derive(Default)]
pub struct Published {
    documents: Mutex<HashMap<String, String>>,
    asked: AtomicU64,
}

impl Published {
    /// Publishes a document in place of what is there; nothing, to take it away.
    pub fn put(&self, url: &str, document: Option<String>) {
        let mut documents = self
            .documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match document {
            Some(document) => documents.insert(url.to_owned(), document),
            None => documents.remove(url),
        };
    }

    /// How often a document was asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Fetch for Published {
    async fn fetch(&self, url: &str, _: usize) -> Result<Vec<u8>, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let documents = self
            .documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let document = documents.get(url).ok_or("nothing is published there")?;
        Ok(document.as_bytes().to_vec())
    }
}

/// What the file of a tenant of this name would declare.
///
/// # Errors
/// If the catalogue is none.
pub fn declaration(name: &str, catalogue: &str) -> Result<Declaration, Box<dyn std::error::Error>> {
    let catalogue: Catalogue = toml::from_str(catalogue)?;
    let settings = Settings {
        title: name.to_owned(),
        suffix: Dn::parse(&format!("dc={name},dc=example"))?,
        domains: vec![format!("{name}.example").into()],
        catalogue: catalogue.key.clone(),
        anonymous_phone_book: false,
        numbering: Arc::new(berlin()),
        ..Settings::default()
    };
    Ok(Declaration {
        settings,
        schemas: OwnSchemas::default(),
        catalogue,
        custom_roles: Vec::new(),
    })
}

/// Numbers in Berlin; extensions of four digits stand behind +49 30 555.
fn berlin() -> Numbering {
    Numbering {
        country: "49".into(),
        area: "30".into(),
        extensions: vec![ExtensionRange {
            prefix: "+4930555".into(),
            digits: 4,
        }],
        ..Numbering::default()
    }
}

/// 2026-11-22T00:00:00Z.
const START: Timestamp = Timestamp(1_795_305_600_000_000);

/// Moves by a millisecond each time it is read.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// Counts; gateways of one process never give the same id.
struct TestIds {
    seed: u64,
    next: AtomicU64,
}

impl IdSource for TestIds {
    fn id(&self) -> Uuid {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let process = u64::from(std::process::id());
        Uuid::from_u64_pair(
            0x0193_0000_0000_7000 | (process & 0xfff),
            self.seed << 40 | next,
        )
    }

    fn secret(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        let (first, _) = octets.split_at_mut(16);
        first.copy_from_slice(self.id().as_bytes());
        octets
    }
}
