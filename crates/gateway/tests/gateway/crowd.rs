//! People with passwords, and binding as them.

use std::net::IpAddr;

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Bind, Error, Gateway, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Origin};

use crate::harness::{create, make, operator, start};

/// Binds in the clear on this machine, at the listener of a tenant.
pub(crate) async fn bind(
    gateway: &Gateway,
    at: &str,
    name: &str,
    password: &str,
) -> Result<Session, Error> {
    bind_from(gateway, at, name, password, None).await
}

pub(crate) async fn bind_from(
    gateway: &Gateway,
    at: &str,
    name: &str,
    password: &str,
    address: Option<&str>,
) -> Result<Session, Error> {
    let tenant = gateway.tenant(at).ok();
    let origin = Origin {
        protocol: "ldap".into(),
        address: address.map(|text| text.parse::<IpAddr>().expect("an address")),
    };
    let bind = Bind {
        name,
        password: password.as_bytes(),
        listener_tenant: tenant.as_ref(),
        served: &[],
        secure: true,
        origin,
    };
    gateway.bind(bind).await
}

pub(crate) fn email(address: &str) -> Attributes {
    Attributes::new().with(attr::EMAILS_VALUE, address)
}

/// A person with a password.
pub(crate) async fn person(session: &Session, name: &str, bag: Attributes) -> Id {
    let id = make(session, create(Kind::User, bag.with(attr::USER_NAME, name))).await;
    session
        .set_password(id, &password_of(name))
        .await
        .expect("done");
    id
}

pub(crate) fn password_of(name: &str) -> String {
    format!("The 1 password of {name}")
}

pub(crate) async fn crowd() -> (TestGateway, Session, Id) {
    let test = start().await;
    let session = operator(&test.gateway);
    let extension = Attributes::new().with(attr::EXTENSIONS_VALUE, "101");
    let bag = Attributes::new()
        .with(attr::EMAILS, email("anna@acme.example"))
        .with(attr::EMAILS, email("a.berg@mail.example"))
        .with(attr::EMAILS, email("shared@acme.example"))
        .with(attr::EXTENSIONS, extension);
    let anna = person(&session, "anna", bag).await;
    let bag = Attributes::new()
        .with(attr::EMAILS, email("SHARED@acme.example"))
        .with(attr::ACTIVE, false);
    person(&session, "ben", bag).await;
    (test, session, anna)
}
