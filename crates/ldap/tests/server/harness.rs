//! A server on a loopback port in front of a gateway with a small directory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Session};
use jackfield_ldap::{Ldap, Options};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Id, Kind};
use jackfield_net::{Limits, Listener, SocketOptions, serve};
use ldap3::LdapConnAsync;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Where the tree of the tenant `acme` hangs.
pub(crate) const SUFFIX: &str = "dc=acme,dc=example";

/// Alice's and Bob's password.
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

/// A server with its directory.
pub(crate) struct Server {
    pub(crate) directory: TestGateway,
    /// By their names in fixtures.
    pub(crate) ids: BTreeMap<&'static str, Id>,
    /// Of the service account `pbx`, which reads everything.
    pub(crate) secret: String,
    /// Of the device `phone-7`.
    pub(crate) device_secret: String,
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) stopped: JoinHandle<()>,
    /// Tells of each connection that ended.
    pub(crate) ended: UnboundedReceiver<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Options {
            tenant: Some("acme".parse().unwrap()),
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::listening(options, &[]).await
    }

    /// Each connection begins with a PROXY header.
    pub(crate) async fn behind_proxies(options: Options) -> Self {
        Self::listening(options, &["127.0.0.1/32".parse().unwrap()]).await
    }

    async fn listening(options: Options, proxies: &[IpNet]) -> Self {
        let directory = TestGateway::start().await.unwrap();
        let operator = directory.operator("acme").unwrap();
        let ids = fill(&operator).await;
        let secret = operator
            .make_secret(ids["pbx"], "test")
            .await
            .unwrap()
            .text
            .to_string();
        let device = operator.make_secret(ids["phone"], "test").await.unwrap();
        for person in ["alice", "bob"] {
            operator.set_password(ids[person], PASSWORD).await.unwrap();
        }
        let ldap = Ldap::new(directory.gateway.clone(), options);
        let socket = SocketOptions::default();
        let listener = Listener::bind("ldap", "127.0.0.1:0".parse().unwrap(), &socket).unwrap();
        let address = listener.local_addr();
        let limits = Limits {
            max_connections: 100,
            max_connections_per_source: 100,
            handshake_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            proxies: proxies.into(),
        };
        let stop = CancellationToken::new();
        let (tell, ended) = mpsc::unbounded_channel();
        let serving = serve(listener, limits, stop.clone(), move |connection| {
            let (ldap, tell) = (ldap.clone(), tell.clone());
            async move {
                ldap.serve_connection(connection).await;
                // Most tests do not listen.
                let _ = tell.send(());
            }
        });
        Self {
            directory,
            ids,
            secret,
            device_secret: device.text.to_string(),
            address,
            stop,
            stopped: tokio::spawn(serving),
            ended,
        }
    }

    /// An anonymous client.
    pub(crate) async fn client(&self) -> ldap3::Ldap {
        let (connection, ldap) = LdapConnAsync::new(&format!("ldap://{}", self.address))
            .await
            .unwrap();
        ldap3::drive!(connection);
        ldap
    }

    /// The service account that reads everything.
    pub(crate) async fn service(&self) -> ldap3::Ldap {
        self.bound("uid=pbx,ou=services", &self.secret).await
    }

    /// The phone.
    pub(crate) async fn device(&self) -> ldap3::Ldap {
        self.bound("uid=phone-7,ou=services", &self.device_secret)
            .await
    }

    /// A client bound as the entry with this name below the suffix.
    pub(crate) async fn bound(&self, name: &str, password: &str) -> ldap3::Ldap {
        let mut ldap = self.client().await;
        let bound = ldap
            .simple_bind(&format!("{name},{SUFFIX}"), password)
            .await
            .unwrap();
        assert_eq!(bound.rc, 0, "{name}: {}", bound.text);
        ldap
    }

    pub(crate) fn operator(&self) -> Session {
        self.directory.operator("acme").unwrap()
    }
}

/// Makes the records that the fixtures speak of.
async fn fill(operator: &Session) -> BTreeMap<&'static str, Id> {
    let mut ids = BTreeMap::new();
    ids.insert("bob", create(operator, Kind::User, bob()).await);
    ids.insert(
        "alice",
        create(operator, Kind::User, alice(ids["bob"])).await,
    );
    let carol = Attributes::new()
        .with(attr::USER_NAME, "carol, \"c\"")
        .with(attr::ACTIVE, false);
    ids.insert("carol", create(operator, Kind::User, carol).await);
    for (name, title, members) in [
        ("sales", "Sales, EMEA", &["alice", "bob"][..]),
        ("ops", "Ops", &["alice"]),
        ("empty", "Empty", &[]),
    ] {
        let mut group = Attributes::new().with(attr::DISPLAY_NAME, title);
        for member in members {
            group = group.with(attr::MEMBERS, member_of(ids[member]));
        }
        let id = create(operator, Kind::Group, group).await;
        ids.insert(name, id);
    }
    let contact = Attributes::new()
        .with(attr::DISPLAY_NAME, "Taxi Berlin")
        .with(attr::PHONE_NUMBERS, phone("+49 30 202020", Some("work")));
    ids.insert("taxi", create(operator, Kind::Contact, contact).await);
    ids.insert(
        "pbx",
        operator.ensure_service("pbx", &["all"]).await.unwrap(),
    );
    ids.insert("phone", operator.ensure_device("phone-7").await.unwrap());
    ids
}

pub(crate) async fn create(operator: &Session, kind: Kind, attributes: Attributes) -> Id {
    let written = operator
        .write(Command::Create { kind, attributes })
        .await
        .unwrap();
    written.id.unwrap()
}

fn alice(manager: Id) -> Attributes {
    let name = Attributes::new()
        .with(attr::NAME_GIVEN_NAME, "Alice")
        .with(attr::NAME_FAMILY_NAME, "Müller");
    let address = Attributes::new()
        .with(attr::ADDRESSES_FORMATTED, "1 Main St\nSuite $4\nBerlin")
        .with(attr::ADDRESSES_LOCALITY, "Berlin")
        .with(attr::ADDRESSES_TYPE, "work");
    Attributes::new()
        .with(attr::USER_NAME, "alice")
        .with(attr::DISPLAY_NAME, "Alice Müller")
        .with(attr::NAME, name)
        .with(attr::TITLE, "Engineer")
        .with(attr::EMAILS, mail("alice@acme.example", "work"))
        .with(attr::EMAILS, mail("alice@home.example", "home"))
        .with(attr::PHONE_NUMBERS, phone("+49 30 1234-567", Some("work")))
        .with(attr::PHONE_NUMBERS, phone("+49 170 555", Some("mobile")))
        .with(attr::ADDRESSES, address)
        .with(attr::DEPARTMENT, "Telecom")
        .with(attr::EMPLOYEE_NUMBER, "1001")
        .with(
            attr::MANAGER,
            Attributes::new().with(attr::MANAGER_VALUE, &*manager.to_string()),
        )
        .with(
            attr::EXTENSIONS,
            Attributes::new().with(attr::EXTENSIONS_VALUE, "1042"),
        )
        .with(
            attr::DESKS,
            Attributes::new().with(attr::DESKS_VALUE, "Front 4"),
        )
        .with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, "pbx_admin"),
        )
}

fn bob() -> Attributes {
    Attributes::new()
        .with(attr::USER_NAME, "Bob.Smith")
        .with(
            attr::NAME,
            Attributes::new().with(attr::NAME_FAMILY_NAME, "Smith"),
        )
        .with(attr::PHONE_NUMBERS, phone("030 99", None))
        .with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, "owner"),
        )
}

fn mail(value: &str, kind: &str) -> Attributes {
    Attributes::new()
        .with(attr::EMAILS_VALUE, value)
        .with(attr::EMAILS_TYPE, kind)
}

pub(crate) fn phone(value: &str, kind: Option<&str>) -> Attributes {
    let number = Attributes::new().with(attr::PHONE_NUMBERS_VALUE, value);
    match kind {
        Some(kind) => number.with(attr::PHONE_NUMBERS_TYPE, kind),
        None => number,
    }
}

pub(crate) fn member_of(id: Id) -> Attributes {
    const VALUE: AttrId = attr::MEMBERS_VALUE;
    Attributes::new().with(VALUE, &*id.to_string())
}
