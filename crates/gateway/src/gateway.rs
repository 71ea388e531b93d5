//! Starting, the tenants that are served, and finding the tenant of a name.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jackfield_access::Mandate;
use jackfield_directory::plan::Declaration;
use jackfield_directory::{Command, Snapshot};
use jackfield_model::{
    AuditChange, AuditEntry, Clock, Dn, IdSource, Origin, Outcome, Principal, TenantId, TenantName,
    Timestamp,
};
use jackfield_store::{Head, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::Error;
use crate::exchanges::{Exchanges, Keeper, Keeping, before};
use crate::keys::{Fetch, Keys};
use crate::lockout::{Lockout, Lockouts};
use crate::names::{Names, Renames};
use crate::password::Passwords;
use crate::planning::{Planner, Write};
use crate::rate::{Meters, Rates};
use crate::sealing::SealKeys;
use crate::secret::SecretKey;
use crate::session::Session;
use crate::tenant::Tenant;
use crate::writer::{Writer, load};

/// What a gateway needs from outside.
pub struct Dependencies {
    /// What is kept on disk.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Arc<dyn IdSource>,
    /// The key under which machine secrets are hashed; the same on every node.
    pub secret_key: SecretKey,
    /// The keys under which is sealed what others must be told again; the same on every node.
    pub seal_keys: SealKeys,
    /// Where the keys are fetched that others publish.
    pub fetch: Arc<dyn Fetch>,
}

/// How a gateway works.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many passwords are hashed at once.
    pub hashes_at_once: usize,
    /// How often the store is asked whether others wrote something.
    pub poll: Duration,
    /// Whether other nodes write to the store, so that a client behind a load balancer may have
    /// written elsewhere what it reads here.
    pub several_nodes: bool,
    /// How much is kept of what provisioning clients asked for.
    pub exchanges: Keeping,
    /// How fast clients may come.
    pub rates: Rates,
    /// When wrong passwords lock an account; never, if absent.
    pub lockout: Option<Lockout>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hashes_at_once: 1,
            poll: Duration::from_secs(1),
            several_nodes: false,
            exchanges: Keeping::default(),
            rates: Rates::default(),
            lockout: None,
        }
    }
}

/// How often old audit entries are dropped.
const TRIM: Duration = Duration::from_hours(1);

/// How long a stopping gateway waits for its writers, and then for its store.
const STOP: Duration = Duration::from_secs(5);

/// The application. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    secret_key: SecretKey,
    seal_keys: SealKeys,
    keys: Keys,
    meters: Meters,
    lockouts: Lockouts,
    several_nodes: bool,
    passwords: Passwords,
    exchanges: Exchanges,
    keeping: Keeping,
    tenants: ArcSwap<BTreeMap<TenantName, Tenant>>,
    names: Names,
    renames: Renames,
    opening: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Gateway {
    /// Loads every tenant and starts following the store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the store cannot be read.
    pub async fn start(dependencies: Dependencies, options: Options) -> Result<Self, Error> {
        let Dependencies {
            store,
            clock,
            ids,
            secret_key,
            seal_keys,
            fetch,
        } = dependencies;
        let (keeper, exchanges) = Keeper::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            options.exchanges,
        );
        let memory_key = SecretKey::new(ids.secret());
        let gateway = Self(Arc::new(Inner {
            keys: Keys::new(fetch, Arc::clone(&clock)),
            meters: Meters::new(options.rates),
            lockouts: Lockouts::new(options.lockout),
            store,
            clock,
            ids,
            secret_key,
            seal_keys,
            several_nodes: options.several_nodes,
            passwords: Passwords::new(options.hashes_at_once, memory_key),
            exchanges,
            keeping: options.exchanges,
            tenants: ArcSwap::default(),
            names: Names::default(),
            renames: Renames::default(),
            opening: tokio::sync::Mutex::new(()),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }));
        gateway.look_or_tell().await?;
        let stop = gateway.0.stop.clone();
        gateway.0.tasks.spawn(keeper.run(stop));
        let follower = gateway.clone();
        gateway
            .0
            .tasks
            .spawn(async move { follower.follow(options.poll).await });
        Ok(gateway)
    }

    /// Stops following, waits until every writer has answered those who wait, and closes the store.
    pub async fn stop(&self) {
        self.tell_uses().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        let _ = tokio::time::timeout(STOP, self.0.tasks.wait()).await;
        // Only now: whoever was still looking at the store has put its tenants in place.
        self.0.tenants.store(Arc::default());
        self.0.renames.note();
        // What is cut off here was not acknowledged.
        let _ = tokio::time::timeout(STOP, self.0.store.close()).await;
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or it is suspended.
    pub fn tenant(&self, name: &str) -> Result<Tenant, Error> {
        let not_found = || Error::not_found(format_args!("the tenant {name:?}"));
        let name: TenantName = name.parse().map_err(|_| not_found())?;
        let tenant = self
            .0
            .tenants
            .load()
            .get(&name)
            .cloned()
            .ok_or_else(not_found)?;
        if tenant.snapshot().settings().suspended {
            Err(not_found())
        } else {
            Ok(tenant)
        }
    }

    /// The tenants that are served, by name.
    pub fn tenants(&self) -> Vec<Tenant> {
        let all = self.0.tenants.load();
        all.values()
            .filter(|tenant| !tenant.snapshot().settings().suspended)
            .cloned()
            .collect()
    }

    /// The tenant in whose tree the name stands.
    pub fn tenant_of_dn(&self, dn: &Dn) -> Option<Tenant> {
        let all = self.0.tenants.load();
        self.0.names.of_dn(dn, &self.0.renames, || all.values())
    }

    /// The one tenant that declares this mail domain.
    pub(crate) fn tenant_of_domain(&self, domain: &str) -> Option<Tenant> {
        let all = self.0.tenants.load();
        self.0
            .names
            .of_domain(domain, &self.0.renames, || all.values())
    }

    /// Somebody who did not log in.
    pub fn anonymous(&self, tenant: &Tenant, origin: Origin) -> Session {
        Session::new(
            self.clone(),
            tenant.clone(),
            Principal::Anonymous,
            None,
            origin,
        )
    }

    /// The operator at the command line, or the program itself.
    pub fn act_as(&self, tenant: &Tenant, principal: Principal, origin: Origin) -> Session {
        Session::new(self.clone(), tenant.clone(), principal, None, origin)
    }

    /// Whether every tenant of the store is loaded.
    pub fn is_ready(&self) -> bool {
        !self.0.stop.is_cancelled()
    }

    /// Puts in place what a tenant's file declares; makes the tenant if it is not there.
    ///
    /// # Errors
    /// What stands in its way; the tenant then stays as it was.
    pub async fn declare(&self, name: &TenantName, declared: Declaration) -> Result<(), Error> {
        let existing = self.0.tenants.load().get(name).cloned();
        let tenant = match existing {
            Some(tenant) => tenant,
            None => self.create(name).await?,
        };
        self.configure(&tenant, Command::Declare(Box::new(declared)))
            .await
    }

    /// Suspends the tenants whose files are gone.
    ///
    /// # Errors
    /// Of the first that cannot be suspended.
    pub async fn suspend_others(&self, declared: &HashSet<TenantName>) -> Result<(), Error> {
        let all = self.0.tenants.load_full();
        for (name, tenant) in all.iter() {
            if !declared.contains(name) && !tenant.snapshot().settings().suspended {
                tracing::warn!(tenant = %name, "the tenant's file is gone: it is suspended");
                self.configure(tenant, Command::Suspend(true)).await?;
            }
        }
        Ok(())
    }

    async fn configure(&self, tenant: &Tenant, command: Command) -> Result<(), Error> {
        let write = Write {
            mandate: Mandate::default(),
            actor: Principal::Config,
            origin: Origin::local("config"),
            command: Box::new(command),
            password: None,
        };
        tenant.write(write).await.map(drop)
    }

    async fn create(&self, name: &TenantName) -> Result<Tenant, Error> {
        let id = TenantId(self.0.ids.id());
        let created = self
            .0
            .store
            .create_tenant(id, name, self.0.clock.now())
            .await;
        match created {
            Ok(head) => self.take_in(head).await.map_err(|error| untold(&error))?,
            Err(error) => {
                // Another process may have made it just now.
                tracing::debug!(tenant = %name, %error, "the tenant was not created");
                self.look_or_tell().await?;
            }
        }
        self.0
            .tenants
            .load()
            .get(name)
            .cloned()
            .ok_or(Error::Unavailable)
    }

    async fn look_or_tell(&self) -> Result<(), Error> {
        self.look().await.map_err(|error| untold(&error))
    }

    /// Loads the one tenant that was just made, without a look at all others.
    async fn take_in(&self, head: Head) -> Result<(), jackfield_store::Error> {
        let _one_at_a_time = self.0.opening.lock().await;
        if !self.0.tenants.load().contains_key(&head.name) {
            let tenant = self.open(&head).await?;
            let mut tenants = BTreeMap::clone(&self.0.tenants.load());
            tenants.insert(head.name, tenant);
            self.0.tenants.store(Arc::new(tenants));
            self.0.renames.note();
        }
        Ok(())
    }

    /// Loads tenants that are new in the store, and lets go of those that are gone. One that cannot
    /// be loaded keeps no other waiting.
    async fn look(&self) -> Result<(), jackfield_store::Error> {
        let _one_at_a_time = self.0.opening.lock().await;
        let heads = self.0.store.tenants().await?;
        let mut tenants = BTreeMap::clone(&self.0.tenants.load());
        let there: HashSet<TenantId> = heads.iter().map(|head| head.id).collect();
        tenants.retain(|_, tenant| there.contains(&tenant.id()));
        let mut is_same = tenants.len() == self.0.tenants.load().len();
        let mut outcome = Ok(());
        for head in heads {
            match tenants.get(&head.name) {
                Some(tenant) if tenant.snapshot().revision() < head.revision => tenant.hint(),
                Some(_) => {}
                None => match self.open(&head).await {
                    Ok(tenant) => {
                        tenants.insert(head.name, tenant);
                        is_same = false;
                    }
                    Err(error) => outcome = Err(error),
                },
            }
        }
        if !is_same {
            self.0.tenants.store(Arc::new(tenants));
            self.0.renames.note();
        }
        outcome
    }

    async fn open(&self, head: &Head) -> Result<Tenant, jackfield_store::Error> {
        let snapshot: Snapshot = load(&*self.0.store, head.id).await?;
        let published = Arc::new(ArcSwap::from_pointee(snapshot));
        let (sender, jobs) = mpsc::channel(1_024);
        let writer = Writer {
            id: head.id,
            store: Arc::clone(&self.0.store),
            planner: self.planner(&head.name),
            published: Arc::clone(&published),
            renames: self.0.renames.clone(),
        };
        let stop = self.0.stop.clone();
        self.0.tasks.spawn(writer.run(jobs, stop));
        Ok(Tenant::new(head.id, head.name.clone(), published, sender))
    }

    async fn follow(&self, poll: Duration) {
        let mut is_lost = false;
        let (mut trimmed, mut is_first) = (tokio::time::Instant::now(), true);
        let mut ticks = tokio::time::interval(poll);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self
            .0
            .stop
            .run_until_cancelled(ticks.tick())
            .await
            .is_some()
        {
            // What is published stays, whatever happens to the store; once is enough to say so.
            match (self.look().await, is_lost) {
                (Err(error), false) => {
                    tracing::error!(%error, "the store cannot be read any more");
                    is_lost = true;
                }
                (Ok(()), true) => {
                    tracing::info!("the store can be read again");
                    is_lost = false;
                }
                _ => {}
            }
            self.tell_uses().await;
            if trimmed.elapsed() >= TRIM || is_first {
                (trimmed, is_first) = (tokio::time::Instant::now(), false);
                self.trim_audit().await;
            }
        }
        self.tell_uses().await;
    }

    /// Drops the audit entries that are older than their tenants want, and tells so in the log.
    pub async fn trim_audit(&self) {
        for tenant in self.0.tenants.load_full().values() {
            if let Err(error) = self.trim_audit_of(tenant).await {
                tracing::warn!(tenant = %tenant.name(), %error, "old audit entries were not dropped");
            }
        }
    }

    async fn trim_audit_of(&self, tenant: &Tenant) -> Result<(), jackfield_store::Error> {
        let snapshot = tenant.snapshot();
        let Some(days) = snapshot.settings().audit_days else {
            return Ok(());
        };
        let before = self.now().plus_seconds(-i64::from(days) * 86_400);
        let dropped = self.0.store.trim_audit(tenant.id(), before).await?;
        if dropped == 0 {
            return Ok(());
        }
        let change = AuditChange {
            attribute: "entries".to_owned(),
            before: Some(dropped.to_string()),
            after: None,
        };
        let entry = AuditEntry {
            at: self.now(),
            actor: Principal::System,
            actor_name: Some(String::new()),
            origin: Origin::local("system"),
            action: "audit.trim".into(),
            target: None,
            target_name: String::new(),
            outcome: Outcome::Done,
            changes: vec![change],
        };
        self.0.store.append_audit(tenant.id(), &[entry]).await
    }

    /// Tells the store what was used since the last time.
    async fn tell_uses(&self) {
        let tenants = self.0.tenants.load_full();
        for tenant in tenants.values() {
            let uses = tenant.take_uses();
            if uses.is_empty() {
                continue;
            }
            if let Err(error) = self.0.store.note_activity(tenant.id(), &uses).await {
                tracing::warn!(tenant = %tenant.name(), %error, "last uses were not kept");
            }
        }
    }

    pub(crate) fn planner(&self, tenant: &TenantName) -> Planner {
        Planner {
            tenant: tenant.clone(),
            clock: Arc::clone(&self.0.clock),
            ids: Arc::clone(&self.0.ids),
        }
    }

    /// An id for a request that came without one.
    pub fn new_request_id(&self) -> String {
        self.0.ids.id().to_string()
    }

    /// Where is noted what provisioning clients asked for.
    pub fn exchanges(&self) -> &Exchanges {
        &self.0.exchanges
    }

    /// Exchanges before this moment are not shown any more.
    pub(crate) fn keeping_since(&self) -> Timestamp {
        before(self.now(), self.0.keeping.age)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Whether what may be used once only was not used before.
    pub(crate) async fn use_once(
        &self,
        tenant: &Tenant,
        name: &[u8; 32],
        expires: Timestamp,
    ) -> Result<bool, Error> {
        let used = self
            .0
            .store
            .use_once(tenant.id(), name, expires, self.now());
        used.await.map_err(|error| {
            tracing::error!(tenant = %tenant.name(), %error, "a first use was not noted");
            Error::Unavailable
        })
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.0.meters
    }

    pub(crate) fn lockouts(&self) -> &Lockouts {
        &self.0.lockouts
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn secret_key(&self) -> &SecretKey {
        &self.0.secret_key
    }

    pub(crate) fn seal_keys(&self) -> &SealKeys {
        &self.0.seal_keys
    }

    /// Every tenant, those too that are suspended.
    pub(crate) fn all_tenants(&self) -> Vec<Tenant> {
        self.0.tenants.load().values().cloned().collect()
    }

    pub(crate) fn ids(&self) -> &dyn IdSource {
        &*self.0.ids
    }

    pub(crate) fn several_nodes(&self) -> bool {
        self.0.several_nodes
    }

    /// The time, by the clock that it was given.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// The store's error goes to the log.
fn untold(error: &jackfield_store::Error) -> Error {
    tracing::error!(%error, "the store cannot be read");
    Error::Unavailable
}
