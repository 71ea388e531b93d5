//! What the tests have in common: people, commands, waiting.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jackfield_gateway::secret::SecretKey;
use jackfield_gateway::testing::{Published, TestGateway};
use jackfield_gateway::{
    Command, Dependencies, Entry, Error, Gateway, Options, Precondition, Reader, SealKeys, Session,
    Written,
};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, ChangeSet, Clock, Id, IdSource, Kind, KindSet, Origin, Principal, Revision,
    Timestamp, Value,
};
use jackfield_store::{Head, Store, Tail};
use uuid::Uuid;

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// 2026-11-22T00:00:00Z, as the clock of [`TestGateway`].
pub(crate) const START: Timestamp = Timestamp(1_795_305_600_000_000);

/// Asks again and again, until the answer is there.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("it happens by itself")
}

/// A clock that stands still until it is moved.
pub(crate) struct Hands(AtomicI64);

impl Hands {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(START.0)))
    }

    pub(crate) fn move_on(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order, other ones than those of [`TestGateway`]; it can be made to panic once.
pub(crate) struct Ids {
    seed: u64,
    next: AtomicU64,
    panics: AtomicBool,
}

impl Ids {
    pub(crate) fn new() -> Arc<Self> {
        static STARTED: AtomicU64 = AtomicU64::new(1);
        Arc::new(Self {
            seed: STARTED.fetch_add(1, Ordering::SeqCst),
            next: AtomicU64::new(1),
            panics: AtomicBool::new(false),
        })
    }

    pub(crate) fn panic_once(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }
}

impl IdSource for Ids {
    fn id(&self) -> Uuid {
        assert!(
            !self.panics.swap(false, Ordering::SeqCst),
            "as the test says"
        );
        let next = self.next.fetch_add(1, Ordering::SeqCst);
        Uuid::from_u64_pair(0x0194_0000_0000_7000 | self.seed, 1 << 63 | next)
    }

    fn secret(&self) -> [u8; 32] {
        let mut octets = [3; 32];
        octets[..16].copy_from_slice(self.id().as_bytes());
        octets
    }
}

/// Another gateway over this store, with a clock and ids of its own.
pub(crate) async fn gateway(
    store: Arc<dyn Store>,
    clock: Arc<Hands>,
    ids: Arc<Ids>,
    options: Options,
) -> Result<Gateway, Error> {
    gateway_sealing(store, clock, ids, options, &[3]).await
}

/// Another gateway over this store, with these seal keys.
pub(crate) async fn gateway_sealing(
    store: Arc<dyn Store>,
    clock: Arc<Hands>,
    ids: Arc<Ids>,
    options: Options,
    keys: &[u8],
) -> Result<Gateway, Error> {
    let keys: Vec<[u8; 32]> = keys.iter().map(|octet| [*octet; 32]).collect();
    let dependencies = Dependencies {
        store,
        clock,
        ids,
        secret_key: SecretKey::new([2; 32]),
        seal_keys: SealKeys::new(&keys)?,
        fetch: Arc::new(Published::default()),
    };
    Gateway::start(dependencies, options).await
}

/// Another gateway over this store, for which these documents are published.
pub(crate) async fn gateway_that_fetches(
    store: Arc<dyn Store>,
    clock: Arc<Hands>,
    ids: Arc<Ids>,
    fetch: Arc<Published>,
) -> Gateway {
    let dependencies = Dependencies {
        store,
        clock,
        ids,
        secret_key: SecretKey::new([2; 32]),
        seal_keys: SealKeys::new(&[[3; 32]]).expect("a key"),
        fetch,
    };
    let started = Gateway::start(dependencies, absent()).await;
    started.expect("a gateway")
}

/// Options of a node that looks at the store often.
pub(crate) fn attentive() -> Options {
    Options {
        poll: Duration::from_millis(10),
        ..Options::default()
    }
}

/// Options of a node that looks at the store only when it must.
pub(crate) fn absent() -> Options {
    Options {
        poll: Duration::from_hours(1),
        ..Options::default()
    }
}

pub(crate) async fn start() -> TestGateway {
    TestGateway::start().await.expect("a gateway")
}

/// The operator of `acme` on this gateway.
pub(crate) fn operator(gateway: &Gateway) -> Session {
    act_as(gateway, Principal::Operator)
}

/// Somebody in `acme` on this gateway.
pub(crate) fn act_as(gateway: &Gateway, principal: Principal) -> Session {
    let tenant = gateway.tenant("acme").expect("the tenant");
    gateway.act_as(&tenant, principal, Origin::local("scim"))
}

/// A user of this name with these roles.
pub(crate) fn user(name: &str, roles: &[&str]) -> Command {
    let bag = Attributes::new().with(attr::USER_NAME, name);
    let attributes = roles.iter().fold(bag, |bag, role| {
        bag.with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, *role),
        )
    });
    create(Kind::User, attributes)
}

pub(crate) fn create(kind: Kind, attributes: Attributes) -> Command {
    Command::Create { kind, attributes }
}

/// Puts one value in the place of an attribute of a user.
pub(crate) fn set(id: Id, attr: AttrId, value: impl Into<Value>) -> Command {
    patch(id, Kind::User, PatchKind::Replace, attr, vec![value.into()])
}

pub(crate) fn patch(
    id: Id,
    kind: Kind,
    how: PatchKind,
    attr: AttrId,
    values: Vec<Value>,
) -> Command {
    let op = PatchOp::new(how, Path::of(attr, None), values);
    Command::Patch {
        id,
        kind,
        ops: vec![op],
        expect: Precondition::None,
    }
}

pub(crate) fn delete(id: Id, kind: Kind) -> Command {
    Command::Delete {
        id,
        kind,
        expect: Precondition::None,
    }
}

/// Makes a record, which nothing stands in the way of.
pub(crate) async fn make(session: &Session, command: Command) -> Id {
    let written = session
        .write(command)
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    written.id.expect("an id")
}

/// The names of all users, sorted, as a reader sees them.
pub(crate) fn names(reader: &Reader) -> Vec<String> {
    let users = reader.every(KindSet::of(&[Kind::User]));
    let name = |user: Entry<'_>| text(reader, user.record().id, attr::USER_NAME);
    let mut names: Vec<String> = users.filter_map(name).collect();
    names.sort_unstable();
    names
}

/// The text of an attribute, as a reader sees it.
pub(crate) fn text(reader: &Reader, id: Id, attr: AttrId) -> Option<String> {
    let values = reader.entry(id)?.attribute(attr);
    values.first().and_then(Value::as_str).map(str::to_owned)
}

/// The keys of a user's roles, as a reader sees them.
pub(crate) fn roles(reader: &Reader, id: Id) -> Vec<String> {
    let Some(entry) = reader.entry(id) else {
        return Vec::new();
    };
    let values = entry.attribute(attr::ROLES);
    let key = |value: &Value| {
        value
            .as_complex()?
            .text(attr::ROLES_VALUE)
            .map(str::to_owned)
    };
    values.iter().filter_map(key).collect()
}

/// What the store knows of `acme`.
pub(crate) async fn head(store: &dyn Store) -> Head {
    let heads = store.tenants().await.expect("the store");
    let mut acme = heads
        .into_iter()
        .filter(|head| head.name.as_str() == "acme");
    acme.next().expect("the tenant")
}

/// Every change set of `acme`, in order; their revisions have no gaps.
pub(crate) async fn change_sets(store: &dyn Store) -> Vec<ChangeSet> {
    let head = head(store).await;
    let tail = store
        .changes(head.id, Revision(0))
        .await
        .expect("the store");
    let Tail::Sets(sets) = tail else {
        panic!("some are gone");
    };
    let revisions: Vec<u64> = sets.iter().map(|(revision, _)| revision.0).collect();
    let expected: Vec<u64> = (1..=head.revision.0).collect();
    assert_eq!(
        revisions, expected,
        "without gaps, in the order of the commits"
    );
    sets.into_iter().map(|(_, set)| set).collect()
}

/// The error of a write that must not be done.
pub(crate) fn refused(outcome: Result<Written, Error>) -> Error {
    match outcome {
        Ok(written) => panic!("it was done: {:?}", written.id),
        Err(error) => error,
    }
}
