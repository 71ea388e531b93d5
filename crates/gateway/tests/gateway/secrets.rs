//! Secrets of machines: whose they are, and from where they are used.

use jackfield_gateway::secret::{SecretKey, secret_text};
use jackfield_gateway::{Command, Error};
use jackfield_model::{Credential, CredentialKind, Id, Principal};
use uuid::Uuid;

use crate::crowd::{bind, bind_from, crowd, password_of};
use crate::harness::START;

#[tokio::test]
async fn devices_and_services_have_secrets_of_their_own() {
    let (test, session, _) = crowd().await;
    let device = session.ensure_device("phone 1").await.expect("a device");
    let service = session
        .ensure_service("pbx", &["people"])
        .await
        .expect("a service");
    let of_device = session.make_secret(device, "").await.expect("a secret");
    let of_service = session.make_secret(service, "").await.expect("a secret");
    let dn = "uid=phone 1,ou=services,dc=acme,dc=example";
    for (name, secret, who) in [
        (
            "phone 1",
            of_device.text.as_str(),
            Some(Principal::Device(device)),
        ),
        (
            "PHONE  1",
            of_device.text.as_str(),
            Some(Principal::Device(device)),
        ),
        (dn, of_device.text.as_str(), Some(Principal::Device(device))),
        (
            "pbx",
            of_service.text.as_str(),
            Some(Principal::Service(service)),
        ),
        ("phone 1", of_service.text.as_str(), None),
        ("pbx", of_device.text.as_str(), None),
        ("anna", of_device.text.as_str(), None),
        ("phone 1", "The 1 password of anna", None),
    ] {
        let outcome = bind(&test.gateway, "acme", name, secret).await;
        assert_eq!(
            outcome.ok().map(|session| session.principal()),
            who,
            "{name}"
        );
    }
    // A second one beside the first; each ends alone.
    let second = session.make_secret(device, "").await.expect("a secret");
    session.revoke(of_device.id).await.expect("done");
    let gone = bind(&test.gateway, "acme", "phone 1", &of_device.text).await;
    assert_eq!(gone.err(), Some(Error::InvalidCredentials));
    bind(&test.gateway, "acme", "phone 1", &second.text)
        .await
        .map(drop)
        .expect("it opens");
    // A connection comes with a token, and only so.
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let outcome = bind(&test.gateway, "acme", "okta", &okta.token).await;
    assert_eq!(outcome.err(), Some(Error::InvalidCredentials));
}

#[tokio::test]
async fn a_secret_is_used_from_its_networks_only() {
    let (test, session, anna) = crowd().await;
    let device = session.ensure_device("phone").await.expect("a device");
    let secret = secret_text(&[5; 32]);
    let near = |principal, kind, verifier| Credential {
        id: Id(Uuid::from_u128(principal_bits(principal))),
        principal,
        kind,
        verifiers: vec![verifier],
        label: String::new(),
        scopes: Vec::new(),
        ceiling: None,
        networks: vec!["192.0.2.0/24".into()],
        created: START,
        expires: None,
        must_change: false,
        trust: None,
    };
    let verifier = SecretKey::new([2; 32]).verifier(&secret);
    let of_device = near(device, CredentialKind::Secret, verifier);
    session
        .write(Command::AddCredential(of_device))
        .await
        .map(drop)
        .expect("done");
    for (address, opens) in [
        (Some("192.0.2.7"), true),
        (Some("198.51.100.7"), false),
        (None, false),
    ] {
        let outcome = bind_from(&test.gateway, "acme", "phone", &secret, address).await;
        assert_eq!(outcome.is_ok(), opens, "{address:?}");
        // A person's password has none here.
        let password = password_of("anna");
        let outcome = bind_from(&test.gateway, "acme", "anna", &password, address).await;
        assert_eq!(
            outcome.expect("it opens").principal(),
            Principal::Person(anna)
        );
    }
}

fn principal_bits(id: Id) -> u128 {
    id.0.as_u128() ^ 1 << 64
}
