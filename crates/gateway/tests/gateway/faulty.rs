//! A store that fails as it is told, and else does what the real one behind it does.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Gateway, Session};
use jackfield_model::{
    AuditEntry, Change, ChangeSet, Exchange, Id, Revision, TenantId, TenantName, Timestamp,
};
use jackfield_store::audit::{Broken, Extent, Sealed, Verified};
use jackfield_store::{
    Activity, Error, ExchangeLimits, ExchangeQuery, Head, Hint, Hints, Locked, LockedOut, Result,
    Store, Tail, Tombstone,
};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use crate::harness::{Hands, Ids, absent, gateway, operator, start, until};

/// What is asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Tenants,
    Load,
    Changes,
    Apply,
    Lock,
    LockedChanges,
    Commit,
    Find,
    Audit,
    Exchanges,
    Activity,
    Listen,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is done, and that is said.
    Unavailable,
    /// It is done, but the answer is lost.
    LostAfter,
    /// It is not done, and the answer is lost.
    LostBefore,
    /// It is refused, as if another process had been faster.
    Conflict,
    /// The change sets are no longer kept.
    Gone,
    /// The change sets do not fit what is there.
    Misfit,
}

/// A store with faults to come.
pub(crate) struct Faulty {
    inner: Arc<dyn Store>,
    faults: Arc<Faults>,
    /// While commits are held, each waits for a permit.
    gate: Semaphore,
    held: AtomicBool,
    waiting: AtomicUsize,
    looks: AtomicUsize,
    hints: Mutex<Option<mpsc::UnboundedReceiver<Hint>>>,
}

/// The faults that are to come, by what is asked.
#[derive(Default)]
pub(crate) struct Faults(Mutex<HashMap<Call, VecDeque<Fault>>>);

impl Faults {
    fn next(&self, call: Call) -> Option<Fault> {
        let mut all = self.0.lock().expect("no panic before");
        all.get_mut(&call)?.pop_front()
    }
}

impl Faulty {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            faults: Arc::default(),
            gate: Semaphore::new(0),
            held: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            looks: AtomicUsize::new(0),
            hints: Mutex::default(),
        })
    }

    /// Whoever listens to it next hears these hints.
    pub(crate) fn hint(&self) -> mpsc::UnboundedSender<Hint> {
        let (sender, hints) = mpsc::unbounded_channel();
        *self.hints.lock().expect("no panic before") = Some(hints);
        sender
    }

    /// The next calls of this kind fail so, one after the other.
    pub(crate) fn fail(&self, call: Call, faults: &[Fault]) {
        let mut all = self.faults.0.lock().expect("no panic before");
        all.entry(call).or_default().extend(faults);
    }

    /// Whether a fault is still to come.
    pub(crate) fn has_faults(&self) -> bool {
        let all = self.faults.0.lock().expect("no panic before");
        all.values().any(|faults| !faults.is_empty())
    }

    /// How many faults of these calls are still to come.
    pub(crate) fn left(&self, call: Call) -> usize {
        let all = self.faults.0.lock().expect("no panic before");
        all.get(&call).map_or(0, VecDeque::len)
    }

    /// Forgets the faults that did not come.
    pub(crate) fn heal(&self) {
        self.faults.0.lock().expect("no panic before").clear();
    }

    /// From now on each commit waits until it is let through.
    pub(crate) fn hold_commits(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Whether a commit waits.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    /// How often it was asked for the list of tenants.
    pub(crate) fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }

    /// Lets commits through again.
    pub(crate) fn release_commits(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.gate.add_permits(1_000);
    }

    fn check(&self, call: Call) -> Result<()> {
        match self.faults.next(call) {
            None => Ok(()),
            Some(fault) => Err(error(fault)),
        }
    }
}

fn error(fault: Fault) -> Error {
    match fault {
        Fault::LostAfter | Fault::LostBefore => Error::Unknown("the connection was lost".into()),
        Fault::Conflict => Error::Conflict {
            actual: Revision(0),
        },
        _ => Error::Unavailable("as the test says".into()),
    }
}

fn altered(fault: Option<Fault>, tail: Tail) -> Result<Tail> {
    match (fault, tail) {
        (None, tail) => Ok(tail),
        (Some(Fault::Gone), _) => Ok(Tail::Gone),
        (Some(Fault::Misfit), Tail::Sets(mut sets)) => {
            for (_, set) in &mut sets {
                set.changes.push(Change::DeleteRecord(Id(Uuid::nil())));
            }
            Ok(Tail::Sets(sets))
        }
        (Some(fault), _) => Err(error(fault)),
    }
}

struct Heard(mpsc::UnboundedReceiver<Hint>);

#[async_trait]
impl Hints for Heard {
    async fn next(&mut self) -> Hint {
        match self.0.recv().await {
            Some(hint) => hint,
            None => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Store for Faulty {
    async fn listen(&self) -> Result<Option<Box<dyn Hints>>> {
        self.check(Call::Listen)?;
        let hints = self.hints.lock().expect("no panic before").take();
        Ok(hints.map(|hints| Box::new(Heard(hints)) as Box<dyn Hints>))
    }

    async fn tenants(&self) -> Result<Vec<Head>> {
        self.check(Call::Tenants)?;
        let heads = self.inner.tenants().await;
        self.looks.fetch_add(1, Ordering::SeqCst);
        heads
    }

    async fn create_tenant(&self, id: TenantId, name: &TenantName, at: Timestamp) -> Result<Head> {
        self.inner.create_tenant(id, name, at).await
    }

    async fn delete_tenant(&self, id: TenantId) -> Result<()> {
        self.inner.delete_tenant(id).await
    }

    async fn load(&self, tenant: TenantId, sink: &mut (dyn FnMut(Change) + Send)) -> Result<Head> {
        match self.faults.next(Call::Load) {
            None => self.inner.load(tenant, sink).await,
            Some(fault) => {
                // Cut off in the middle: some of it came.
                let mut left = 10;
                let mut some = |change| {
                    if left > 0 {
                        left -= 1;
                        sink(change);
                    }
                };
                self.inner.load(tenant, &mut some).await?;
                Err(error(fault))
            }
        }
    }

    async fn changes(&self, tenant: TenantId, after: Revision) -> Result<Tail> {
        let fault = self.faults.next(Call::Changes);
        altered(fault, self.inner.changes(tenant, after).await?)
    }

    async fn apply(
        &self,
        tenant: TenantId,
        expected: Revision,
        sets: &[ChangeSet],
    ) -> Result<Revision> {
        if self.held.load(Ordering::SeqCst) {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.expect("an open gate").forget();
        }
        match self.faults.next(Call::Apply) {
            None => self.inner.apply(tenant, expected, sets).await,
            Some(Fault::LostAfter) => {
                self.inner.apply(tenant, expected, sets).await?;
                Err(error(Fault::LostAfter))
            }
            Some(fault) => Err(error(fault)),
        }
    }

    async fn lock(&self, tenant: TenantId) -> Result<Box<dyn Locked>> {
        self.check(Call::Lock)?;
        Ok(Box::new(FaultyLock {
            inner: self.inner.lock(tenant).await?,
            faults: Arc::clone(&self.faults),
        }))
    }

    async fn find_change_set(&self, tenant: TenantId, id: Uuid) -> Result<Option<Revision>> {
        self.check(Call::Find)?;
        self.inner.find_change_set(tenant, id).await
    }

    async fn append_audit(&self, tenant: TenantId, entries: &[AuditEntry]) -> Result<()> {
        self.check(Call::Audit)?;
        self.inner.append_audit(tenant, entries).await
    }

    async fn audit(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<Sealed>> {
        self.inner.audit(tenant, after, limit).await
    }

    async fn audit_extent(&self, tenant: TenantId) -> Result<Extent> {
        self.inner.audit_extent(tenant).await
    }

    async fn audit_before(&self, tenant: TenantId, at: Timestamp) -> Result<u64> {
        self.inner.audit_before(tenant, at).await
    }

    async fn trim_audit(&self, tenant: TenantId, before: Timestamp) -> Result<u64> {
        self.inner.trim_audit(tenant, before).await
    }

    async fn verify_audit(
        &self,
        tenant: TenantId,
    ) -> Result<std::result::Result<Verified, Broken>> {
        self.inner.verify_audit(tenant).await
    }

    async fn tombstone(&self, tenant: TenantId, id: Id) -> Result<Option<Tombstone>> {
        self.inner.tombstone(tenant, id).await
    }

    async fn note_activity(&self, tenant: TenantId, activity: &[Activity]) -> Result<()> {
        self.check(Call::Activity)?;
        self.inner.note_activity(tenant, activity).await
    }

    async fn use_once(
        &self,
        tenant: TenantId,
        name: &[u8; 32],
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        self.inner.use_once(tenant, name, expires, now).await
    }

    async fn note_lockout(&self, tenant: TenantId, lockout: &LockedOut) -> Result<()> {
        self.inner.note_lockout(tenant, lockout).await
    }

    async fn lockouts(&self, tenant: TenantId, account: Option<Id>) -> Result<Vec<LockedOut>> {
        self.inner.lockouts(tenant, account).await
    }

    async fn lift_lockouts(&self, tenant: TenantId, account: Id) -> Result<u64> {
        self.inner.lift_lockouts(tenant, account).await
    }

    async fn activity(&self, tenant: TenantId) -> Result<Vec<Activity>> {
        self.inner.activity(tenant).await
    }

    async fn note_exchanges(&self, tenant: TenantId, exchanges: &[Exchange]) -> Result<()> {
        self.check(Call::Exchanges)?;
        self.inner.note_exchanges(tenant, exchanges).await
    }

    async fn exchanges(&self, tenant: TenantId, query: ExchangeQuery) -> Result<Vec<Exchange>> {
        self.inner.exchanges(tenant, query).await
    }

    async fn find_exchange(&self, tenant: TenantId, id: Uuid) -> Result<Option<Exchange>> {
        self.inner.find_exchange(tenant, id).await
    }

    async fn trim_exchanges(
        &self,
        tenant: TenantId,
        connection: Option<Id>,
        limits: ExchangeLimits,
    ) -> Result<()> {
        self.inner.trim_exchanges(tenant, connection, limits).await
    }

    async fn keep(&self, name: &str, value: &[u8]) -> Result<Vec<u8>> {
        self.inner.keep(name, value).await
    }

    async fn replace_kept(&self, name: &str, value: &[u8]) -> Result<()> {
        self.inner.replace_kept(name, value).await
    }

    async fn close(&self) {
        // The one behind it is closed by whoever opened it.
    }
}

struct FaultyLock {
    inner: Box<dyn Locked>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Locked for FaultyLock {
    fn revision(&self) -> Revision {
        self.inner.revision()
    }

    async fn changes(&mut self, after: Revision) -> Result<Tail> {
        let fault = self.faults.next(Call::LockedChanges);
        altered(fault, self.inner.changes(after).await?)
    }

    async fn commit(self: Box<Self>, sets: &[ChangeSet]) -> Result<Revision> {
        match self.faults.next(Call::Commit) {
            None => self.inner.commit(sets).await,
            Some(Fault::LostAfter) => {
                self.inner.commit(sets).await?;
                Err(error(Fault::LostAfter))
            }
            Some(fault) => Err(error(fault)),
        }
    }
}

/// A gateway that looks at the store only when it must, over a store that will fail, and the
/// operator.
pub(crate) async fn faulty() -> (TestGateway, Arc<Faulty>, Gateway, Session) {
    let test = start().await;
    let store = Faulty::new(Arc::clone(&test.store));
    let gateway = gateway(store.clone(), Hands::new(), Ids::new(), absent());
    let gateway = gateway.await.expect("a gateway");
    // At the start, and once more right after; then not for an hour.
    until(|| async { (store.looks() == 2).then_some(()) }).await;
    let session = operator(&gateway);
    (test, store, gateway, session)
}
