//! Starting and stopping, and what all parts of the application use.

mod declaring;
mod finding;
mod following;
mod loading;
mod resting;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jackfield_model::{Clock, IdSource, Origin, Principal, TenantId, TenantName, Timestamp};
use jackfield_store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::resting::Rest;
use crate::error::Error;
use crate::exchanges::{Exchanges, Keeper, Keeping, before};
use crate::keys::{Fetch, Keys};
use crate::lockout::{Lockout, Lockouts};
use crate::metrics::Metrics;
use crate::names::{Names, Renames};
use crate::password::Passwords;
use crate::planning::Planner;
use crate::rate::{Meters, Rates};
use crate::sealing::SealKeys;
use crate::secret::SecretKey;
use crate::session::Session;
use crate::tenant::Tenant;

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
    metrics: Arc<Metrics>,
    several_nodes: bool,
    passwords: Passwords,
    exchanges: Exchanges,
    keeping: Keeping,
    tenants: ArcSwap<BTreeMap<TenantName, Tenant>>,
    names: Names,
    renames: Renames,
    /// Held by whoever opens tenants; and those that could not be loaded.
    opening: tokio::sync::Mutex<HashMap<TenantId, Rest>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Gateway {
    /// Loads every tenant and starts following the store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the store, or one of its tenants, cannot be read.
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
        let metrics = Arc::<Metrics>::default();
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
            passwords: Passwords::new(options.hashes_at_once, memory_key, Arc::clone(&metrics)),
            metrics,
            exchanges,
            keeping: options.exchanges,
            tenants: ArcSwap::default(),
            names: Names::default(),
            renames: Renames::default(),
            opening: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }));
        if gateway.look_or_tell().await? > 0 {
            return Err(Error::Unavailable);
        }
        let stop = gateway.0.stop.clone();
        gateway.0.tasks.spawn(keeper.run(stop));
        let follower = gateway.clone();
        gateway
            .0
            .tasks
            .spawn(async move { follower.follow(options.poll).await });
        let listener = gateway.clone();
        gateway
            .0
            .tasks
            .spawn(async move { listener.listen().await });
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

    /// Somebody who did not log in.
    pub fn anonymous(&self, tenant: &Tenant, origin: Origin) -> Session {
        self.act_as(tenant, Principal::Anonymous, origin)
    }

    /// The operator at the command line, or the program itself.
    pub fn act_as(&self, tenant: &Tenant, principal: Principal, origin: Origin) -> Session {
        Session::new(self.clone(), tenant.clone(), principal, None, origin)
    }

    /// Whether it goes on answering: nobody has stopped it.
    pub fn is_ready(&self) -> bool {
        !self.0.stop.is_cancelled()
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

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.0.meters
    }

    pub(crate) fn lockouts(&self) -> &Lockouts {
        &self.0.lockouts
    }

    /// What is counted here, and places for more.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
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
