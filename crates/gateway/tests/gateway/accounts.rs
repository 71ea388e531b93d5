//! Service accounts and devices: what they were given, and what is taken away at once.

use std::sync::Arc;

use jackfield_gateway::administer::{AccountRights, SecretLimits};
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, DialFormat, Id, Kind};

use crate::crowd::bind_from;
use crate::harness::{Hands, Ids, START, absent, create, gateway, make, operator, start, user};

async fn bind(gateway: &Gateway, name: &str, secret: &str, from: &str) -> Result<Session, Error> {
    bind_from(gateway, "acme", name, secret, Some(from)).await
}

async fn ben() -> (TestGateway, Session, Id) {
    let test = start().await;
    let operator = operator(&test.gateway);
    let number = Attributes::new()
        .with(attr::PHONE_NUMBERS_VALUE, "(030) 123-4567")
        .with(attr::PHONE_NUMBERS_TYPE, "work");
    let bag = Attributes::new()
        .with(attr::USER_NAME, "ben")
        .with(attr::DISPLAY_NAME, "Ben")
        .with(attr::TITLE, "Pilot")
        .with(attr::LOCALE, "de")
        .with(attr::PHONE_NUMBERS, number);
    let ben = make(&operator, create(Kind::User, bag)).await;
    (test, operator, ben)
}

fn shown(reader: &Reader, id: Id) -> Vec<AttrId> {
    let all = [
        attr::USER_NAME,
        attr::DISPLAY_NAME,
        attr::TITLE,
        attr::LOCALE,
        attr::PHONE_NUMBERS,
    ];
    let entry = reader.entry(id);
    let is_shown = |attr: &AttrId| entry.is_some_and(|it| !it.attribute(*attr).is_empty());
    all.into_iter().filter(is_shown).collect()
}

#[tokio::test]
async fn an_account_reads_what_was_named_for_it_as_far_as_it_may() {
    const NAME: AttrId = attr::USER_NAME;
    let (test, operator, ben) = ben().await;
    let text = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    #[rustfmt::skip]
    let table: [(Kind, &[&str], &[&str], &[AttrId]); 8] = [
        (Kind::Service, &["all"], &[], &[NAME, attr::DISPLAY_NAME, attr::TITLE, attr::LOCALE, attr::PHONE_NUMBERS]),
        (Kind::Service, &["people"], &["displayname", "locale"], &[NAME, attr::DISPLAY_NAME, attr::LOCALE]),
        (Kind::Service, &["groups"], &["displayName"], &[]),
        (Kind::Service, &[], &[], &[]),
        (Kind::Device, &[], &[], &[NAME, attr::DISPLAY_NAME, attr::TITLE, attr::PHONE_NUMBERS]),
        (Kind::Device, &["people"], &["title", "locale"], &[NAME, attr::TITLE]),
        (Kind::Device, &["contacts"], &[], &[]),
        (Kind::Device, &["all"], &["locale"], &[NAME]),
    ];
    for kind in [Kind::Service, Kind::Device] {
        let account = operator
            .ensure_account(kind, "it", &AccountRights::default())
            .await;
        let account = account.expect("an account");
        let secret = operator.make_secret(account, "").await.expect("a secret");
        // One connection, open all the time.
        let session = bind(&test.gateway, "it", &secret.text, "192.0.2.1").await;
        let session = session.expect("it opens");
        for (_, scopes, names, expected) in table.iter().filter(|row| row.0 == kind) {
            let (scopes, names) = (text(scopes), text(names));
            let rights = AccountRights {
                scopes: Some(&scopes),
                attributes: Some(&names),
                ..AccountRights::default()
            };
            let outcome = operator.ensure_account(kind, "it", &rights).await;
            assert_eq!(outcome, Ok(account));
            let reader = session.read().expect("a reader");
            assert_eq!(
                shown(&reader, ben),
                *expected,
                "{kind:?} {scopes:?} {names:?}"
            );
        }
        operator.remove_account(kind, "it").await.expect("removed");
        assert_eq!(session.read().err(), Some(Error::InvalidCredentials));
    }
    for (scopes, names) in [(&["peple"][..], &[][..]), (&[], &["shoeSize"])] {
        let (scopes, names) = (text(scopes), text(names));
        let rights = AccountRights {
            scopes: Some(&scopes),
            attributes: Some(&names),
            ..AccountRights::default()
        };
        let outcome = operator.ensure_account(Kind::Service, "it", &rights).await;
        assert!(
            matches!(outcome, Err(Error::InvalidValue { .. })),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn networks_and_ends_of_secrets_concern_open_connections() {
    let (test, operator, _) = ben().await;
    let device = operator.ensure_device("phone").await.expect("a device");
    let (here, there) = (
        "10.2.0.0/16".parse().unwrap(),
        "10.3.0.0/16".parse().unwrap(),
    );
    let limits = SecretLimits {
        networks: Some(&[here]),
        expires: None,
    };
    let secret = operator.make_limited_secret(device, "", &limits).await;
    let secret = secret.expect("a secret");
    let elsewhere = bind(&test.gateway, "phone", &secret.text, "10.3.0.1").await;
    assert_eq!(elsewhere.err(), Some(Error::InvalidCredentials));
    let session = bind(&test.gateway, "phone", &secret.text, "10.2.0.1").await;
    let session = session.expect("it opens");
    let table = [
        (Some(&[there][..]), None, false),
        (Some(&[there, here]), None, true),
        (Some(&[]), None, true),
        (None, Some(Some(START)), false),
        (None, Some(None), true),
    ];
    for (networks, expires, expected) in table {
        let limits = SecretLimits { networks, expires };
        operator.limit_secrets(device, &limits).await.expect("done");
        assert_eq!(session.read().is_ok(), expected, "{limits:?}");
    }
    let all = operator.read().expect("a reader").accounts(Kind::Device);
    assert_eq!((all.len(), all[0].secrets.len()), (1, 1));
}

#[tokio::test]
async fn nothing_is_made_that_is_over_already() {
    let (_test, operator, _) = ben().await;
    let device = operator.ensure_device("phone").await.expect("a device");
    for (end, is_made) in [
        (START.plus_seconds(-1), false),
        (START, false),
        (START.plus_seconds(1), true),
    ] {
        let limits = SecretLimits {
            networks: None,
            expires: Some(Some(end)),
        };
        let secret = operator.make_limited_secret(device, "", &limits).await;
        assert_eq!(secret.is_ok(), is_made, "{end:?}");
        let certificate = operator.assign_certificate(device, b"der", "", &limits);
        assert_eq!(certificate.await.is_ok(), is_made, "{end:?}");
    }
}

#[tokio::test]
async fn a_remembered_reader_ends_with_the_state_that_it_read_and_with_its_login() {
    let (clock, ids) = (Hands::new(), Ids::new());
    let test = start().await;
    let node = gateway(Arc::clone(&test.store), clock.clone(), ids, absent()).await;
    let node = node.expect("a gateway");
    let operator = operator(&node);
    let account = operator
        .ensure_service("it", &["people"])
        .await
        .expect("an account");
    let limits = SecretLimits {
        networks: None,
        expires: Some(Some(START.plus_seconds(60))),
    };
    let secret = operator
        .make_limited_secret(account, "", &limits)
        .await
        .expect("a secret");
    let session = bind(&node, "it", &secret.text, "192.0.2.1")
        .await
        .expect("it opens");

    let kept = session.read().expect("a reader").remember();
    assert!(session.recall(&kept).is_some(), "nothing has happened");
    make(&operator, user("anna", &[])).await;
    assert!(session.recall(&kept).is_none(), "somebody came");

    let kept = session.read().expect("a reader").remember();
    clock.move_on(59);
    assert!(session.recall(&kept).is_some(), "not yet over");
    clock.move_on(1);
    assert!(session.recall(&kept).is_none(), "over");
    assert_eq!(session.read().err(), Some(Error::InvalidCredentials));
}

#[tokio::test]
async fn numbers_are_shown_as_the_account_dials_them() {
    let (test, operator, _) = ben().await;
    let rights = AccountRights {
        dial: Some(&DialFormat::Prefix("9".into())),
        ..AccountRights::default()
    };
    for (kind, name) in [(Kind::Service, "pbx"), (Kind::Device, "phone")] {
        let account = operator
            .ensure_account(kind, name, &AccountRights::default())
            .await;
        let secret = operator
            .make_secret(account.expect("made"), "")
            .await
            .expect("a secret");
        let session = bind(&test.gateway, name, &secret.text, "192.0.2.1").await;
        let session = session.expect("it opens");
        let dialled = || {
            let reader = session.read().expect("a reader");
            reader
                .dialled("(030) 123-4567")
                .map(std::borrow::Cow::into_owned)
        };
        assert_eq!(dialled().as_deref(), Some("(030) 123-4567"));
        operator
            .ensure_account(kind, name, &rights)
            .await
            .expect("changed");
        assert_eq!(dialled().as_deref(), Some("90301234567"));
    }
}
