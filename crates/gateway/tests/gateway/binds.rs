//! Names and passwords: who is meant, and who gets in.

use std::net::IpAddr;

use jackfield_gateway::access::password::{CharacterKind, Stricter};
use jackfield_gateway::secret::{SecretKey, secret_text};
use jackfield_gateway::testing::{TestGateway, declaration};
use jackfield_gateway::{Bind, Command, Error, Gateway, Session};
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Change, Credential, CredentialKind, Id, Kind, Origin, Principal, Value,
};
use uuid::Uuid;

use crate::harness::{START, create, delete, make, operator, set, start, user};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

/// Binds in the clear on this machine, at the listener of a tenant.
async fn bind(gateway: &Gateway, at: &str, name: &str, password: &str) -> Result<Session, Error> {
    bind_from(gateway, at, name, password, None).await
}

async fn bind_from(
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

fn email(address: &str) -> Attributes {
    Attributes::new().with(attr::EMAILS_VALUE, address)
}

/// A person with a password.
async fn person(session: &Session, name: &str, bag: Attributes) -> Id {
    let id = make(session, create(Kind::User, bag.with(attr::USER_NAME, name))).await;
    session
        .set_password(id, &password_of(name))
        .await
        .expect("done");
    id
}

fn password_of(name: &str) -> String {
    format!("The 1 password of {name}")
}

async fn crowd() -> (TestGateway, Session, Id) {
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

#[tokio::test]
async fn everybody_has_several_names() {
    let (test, session, anna) = crowd().await;
    let number = Attributes::new().with(attr::EXTENSION_NUMBER, "102");
    make(&session, create(Kind::Extension, number)).await;
    #[rustfmt::skip]
    let named: [(&str, &str, bool); 28] = [
        ("acme", "anna", true),
        ("acme", " ANNA ", true),
        ("acme", "ａｎｎａ", true),
        ("acme", "uid=anna,ou=people,dc=acme,dc=example", true),
        ("acme", "UID=Anna , OU=People, DC=ACME, DC=Example", true),
        ("harbor", "uid=anna,ou=people,dc=acme,dc=example", true),
        ("nowhere", "uid=anna,ou=people,dc=acme,dc=example", true),
        ("acme", "anna@acme.example", true),
        ("acme", "A.Berg@MAIL.example", true),
        ("harbor", "anna@acme.example", true),
        ("nowhere", "ANNA@ACME.EXAMPLE", true),
        ("harbor", "acme.example\\anna", true),
        ("harbor", "ACME\\anna", true),
        ("acme", "101", true),
        ("harbor", "ACME\\101", true),
        ("acme", "shared@acme.example", false),
        ("nowhere", "anna", false),
        ("harbor", "anna", false),
        ("acme", "harbor\\anna", false),
        ("acme", "102", false),
        ("acme", "cn=101,ou=extensions,dc=acme,dc=example", false),
        ("acme", "uid=anna,ou=groups,dc=acme,dc=example", false),
        ("acme", "uid=anna,dc=acme,dc=example", false),
        ("acme", "uid=anna,ou=people,dc=elsewhere", false),
        ("acme", "dc=acme,dc=example", false),
        ("acme", "owner", false),
        ("acme", "", false),
        ("acme", "anna,", false),
    ];
    for (at, name, opens) in named {
        let outcome = bind(&test.gateway, at, name, &password_of("anna")).await;
        match outcome {
            Ok(session) => {
                assert!(opens, "{name}");
                assert_eq!(session.principal(), Principal::Person(anna), "{name}");
                let dn = session.dn();
                assert_eq!(dn.as_deref(), Some("uid=anna,ou=people,dc=acme,dc=example"));
            }
            Err(error) => {
                assert!(!opens, "{name}");
                assert_eq!(error, Error::InvalidCredentials, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_goes_before_a_mail_and_a_mail_before_an_extension() {
    let test = start().await;
    let session = operator(&test.gateway);
    let first = person(&session, "x@acme.example", Attributes::new()).await;
    let bag = Attributes::new()
        .with(attr::EMAILS, email("x@acme.example"))
        .with(attr::EMAILS, email("201"));
    let second = person(&session, "second", bag).await;
    let extension = Attributes::new().with(attr::EXTENSIONS_VALUE, "201");
    let third = person(
        &session,
        "cn=third",
        Attributes::new().with(attr::EXTENSIONS, extension),
    )
    .await;
    let fourth = person(&session, "a\\b", Attributes::new()).await;
    for (name, who, bearer) in [
        ("x@acme.example", first, "x@acme.example"),
        ("second", second, "second"),
        ("201", second, "second"),
        ("cn=third", third, "cn=third"),
        ("acme\\a\\b", fourth, "a\\b"),
    ] {
        let session = bind(&test.gateway, "acme", name, &password_of(bearer)).await;
        let session = session.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(session.principal(), Principal::Person(who), "{name}");
    }
}

#[tokio::test]
async fn a_tenant_is_a_wall() {
    let (test, _, anna) = crowd().await;
    let tenant = test.gateway.tenant("harbor").expect("the tenant");
    let harbor = test
        .gateway
        .act_as(&tenant, Principal::Operator, Origin::local("cli"));
    let other = make(&harbor, user("anna", &[])).await;
    harbor
        .set_password(other, "Another one 1")
        .await
        .expect("done");
    for (at, name, password, who) in [
        ("acme", "anna", password_of("anna"), Some(anna)),
        ("harbor", "anna", "Another one 1".to_owned(), Some(other)),
        (
            "acme",
            "HARBOR\\anna",
            "Another one 1".to_owned(),
            Some(other),
        ),
        ("acme", "anna", "Another one 1".to_owned(), None),
        ("harbor", "anna", password_of("anna"), None),
        (
            "harbor",
            "anna@harbor.example",
            "Another one 1".to_owned(),
            Some(other),
        ),
    ] {
        let outcome = bind(&test.gateway, at, name, &password).await;
        let found = outcome.ok().map(|session| session.principal());
        assert_eq!(found, who.map(Principal::Person), "{at} {name}");
    }
    let others = ["harbor".parse().expect("a name")].into();
    test.gateway.suspend_others(&others).await.expect("done");
    let name = "uid=anna,ou=people,dc=acme,dc=example";
    for (at, name) in [("acme", "anna"), ("harbor", name), ("harbor", "acme\\anna")] {
        let outcome = bind(&test.gateway, at, name, &password_of("anna")).await;
        assert_eq!(
            outcome.err(),
            Some(Error::InvalidCredentials),
            "suspended: {name}"
        );
    }
}

#[tokio::test]
async fn a_password_is_there_right_and_out_of_sight() {
    let (test, session, _) = crowd().await;
    let without = make(&session, user("nopassword", &[])).await;
    let _ = without;
    let long = "x".repeat(1_025);
    for (name, password, secure, expected) in [
        ("anna", "", true, Error::UnauthenticatedBind),
        ("nobody", "", true, Error::UnauthenticatedBind),
        ("anna", "", false, Error::UnauthenticatedBind),
        (
            "anna",
            "The 1 password of anna",
            false,
            Error::ConfidentialityRequired,
        ),
        ("nobody", "x", false, Error::ConfidentialityRequired),
        (
            "anna",
            "The password of anna",
            true,
            Error::InvalidCredentials,
        ),
        (
            "anna",
            "The 1 password of anna ",
            true,
            Error::InvalidCredentials,
        ),
        (
            "anna",
            "The 1 password of ann",
            true,
            Error::InvalidCredentials,
        ),
        ("anna", long.as_str(), true, Error::InvalidCredentials),
        (
            "ben",
            "The 1 password of ben",
            true,
            Error::InvalidCredentials,
        ),
        ("nobody", "x", true, Error::InvalidCredentials),
        ("nopassword", "x", true, Error::InvalidCredentials),
    ] {
        let tenant = test.gateway.tenant("acme").expect("the tenant");
        let bind = Bind {
            name,
            password: password.as_bytes(),
            listener_tenant: Some(&tenant),
            served: &[],
            secure,
            origin: Origin::local("ldap"),
        };
        let outcome = test.gateway.bind(bind).await;
        assert_eq!(outcome.err(), Some(expected), "{name} {password:.30}");
    }
}

#[tokio::test]
async fn a_new_password_ends_the_old_one_at_once() {
    let (test, session, anna) = crowd().await;
    let old = password_of("anna");
    let open = bind(&test.gateway, "acme", "anna", &old)
        .await
        .expect("it opens");
    // Remembered now: the second time costs no hash.
    bind(&test.gateway, "acme", "anna", &old)
        .await
        .map(drop)
        .expect("it opens");
    session
        .set_password(anna, "A new one 1")
        .await
        .expect("done");
    let again = bind(&test.gateway, "acme", "anna", &old).await;
    assert_eq!(again.err(), Some(Error::InvalidCredentials));
    assert_eq!(
        open.read().err(),
        Some(Error::InvalidCredentials),
        "who came in with it"
    );
    bind(&test.gateway, "acme", "anna", "A new one 1")
        .await
        .map(drop)
        .expect("it opens");
    // Back to the old one: it is another credential.
    session.set_password(anna, &old).await.expect("done");
    bind(&test.gateway, "acme", "anna", &old)
        .await
        .map(drop)
        .expect("it opens");
    assert!(open.read().is_err(), "what ended does not come back");
}

#[tokio::test]
async fn disabling_and_deleting_act_on_open_sessions_and_remembered_binds() {
    let (test, session, anna) = crowd().await;
    let password = password_of("anna");
    let open = bind(&test.gateway, "acme", "anna", &password)
        .await
        .expect("it opens");
    for _ in 0..2 {
        session
            .write(set(anna, attr::ACTIVE, false))
            .await
            .map(drop)
            .expect("done");
        assert_eq!(open.read().err(), Some(Error::InvalidCredentials));
        let again = bind(&test.gateway, "acme", "anna", &password).await;
        assert_eq!(again.err(), Some(Error::InvalidCredentials));
        session
            .write(set(anna, attr::ACTIVE, true))
            .await
            .map(drop)
            .expect("done");
        open.read().map(drop).expect("let in again");
        bind(&test.gateway, "acme", "anna", &password)
            .await
            .map(drop)
            .expect("it opens");
    }
    session
        .write(delete(anna, Kind::User))
        .await
        .map(drop)
        .expect("done");
    assert_eq!(open.read().err(), Some(Error::InvalidCredentials));
    make(&session, user("anna", &[])).await;
    assert_eq!(
        open.read().err(),
        Some(Error::InvalidCredentials),
        "another of that name"
    );
    let again = bind(&test.gateway, "acme", "anna", &password).await;
    assert_eq!(again.err(), Some(Error::InvalidCredentials));
}

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

#[tokio::test]
async fn passwords_that_a_connection_pushes_are_taken_if_it_or_its_kind_says_so() {
    let test = start().await;
    for (kind, said, takes) in [
        (None, None, true),
        (None, Some(false), false),
        (Some("entra"), None, true),
        (Some("okta"), None, false),
        (Some("okta"), Some(true), true),
    ] {
        let name = format!("{kind:?} {said:?}");
        let new = jackfield_gateway::administer::NewConnection {
            name: &name,
            kind,
            takes_passwords: said,
            ..Default::default()
        };
        let operator = operator(&test.gateway);
        let conn = operator.ensure_connection(new).await.expect("a connection");
        let reader = operator.read().expect("a reader");
        let info = reader.connection(conn, START).expect("it is listed");
        assert_eq!(info.takes_passwords, takes, "{name}");
        let conn = crate::harness::act_as(&test.gateway, Principal::Connection(conn));
        let user = format!("user of {name}");
        let bag = Attributes::new()
            .with(attr::USER_NAME, &*user)
            .with(attr::PASSWORD, "Pushed 1");
        let id = make(&conn, create(Kind::User, bag)).await;
        let outcome = bind(&test.gateway, "acme", &user, "Pushed 1").await;
        assert_eq!(outcome.is_ok(), takes, "{name}");
        // By a patch, too; what is no password is refused only where it is taken.
        let again = set(id, attr::PASSWORD, "Pushed again 2");
        conn.write(again).await.map(drop).expect("done");
        let outcome = bind(&test.gateway, "acme", &user, "Pushed again 2").await;
        assert_eq!(outcome.is_ok(), takes, "{name}");
        let empty = conn.write(set(id, attr::PASSWORD, Value::from(""))).await;
        assert_eq!(empty.is_err(), takes, "{name}");
    }
}

#[tokio::test]
async fn a_pushed_password_must_have_what_the_role_system_demands() {
    let test = start().await;
    let conn = test.connection("acme", "idp").await.expect("a connection");
    let conn = crate::harness::act_as(&test.gateway, Principal::Connection(conn.id));
    for (password, lacks) in [
        (
            "short",
            "at least 8 characters, an upper-case letter, a digit",
        ),
        ("longer than 8", "an upper-case letter"),
        ("LONGER THAN 8", "a lower-case letter"),
        ("Longer than eight", "a digit"),
    ] {
        let bag = Attributes::new()
            .with(attr::USER_NAME, "anna")
            .with(attr::PASSWORD, password);
        let error = crate::harness::refused(conn.write(create(Kind::User, bag)).await);
        assert!(matches!(error, Error::WeakPassword(_)), "{error:?}");
        assert!(error.to_string().contains(lacks), "{error}");
        assert!(!error.to_string().contains(password), "it is not told");
    }
    assert!(crate::harness::names(&conn.read().expect("a reader")).is_empty());
}

#[tokio::test]
async fn a_password_that_an_operator_gives_is_a_temporary_one_if_the_role_system_has_such() {
    let test = start().await;
    let operator = operator(&test.gateway);
    let anna = make(&operator, user("anna", &[])).await;
    operator
        .set_password(anna, "Correct horse 1")
        .await
        .expect("done");
    let sets = crate::harness::change_sets(&*test.store).await;
    let last = sets.last().expect("a change set");
    let must_change = last.changes.iter().any(
        |change| matches!(change, Change::PutCredential(credential) if credential.must_change),
    );
    assert!(must_change, "{:?}", last.changes);
}

#[tokio::test]
async fn a_password_is_one_however_it_was_typed() {
    let (test, session, _) = crowd().await;
    let carla = person(&session, "carla", Attributes::new()).await;
    session
        .set_password(carla, "Ge\u{301}heim\u{a0}1")
        .await
        .expect("done");
    for (typed, is_right) in [
        ("G\u{e9}heim 1", true),
        ("Ge\u{301}heim\u{3000}1", true),
        ("g\u{e9}heim 1", false),
        ("Geheim 1", false),
    ] {
        let bound = bind(&test.gateway, "acme", "carla", typed).await;
        assert_eq!(bound.is_ok(), is_right, "{typed:?}");
    }
}

#[tokio::test]
async fn a_tenants_own_policy_holds_for_pushed_given_and_generated_passwords() {
    let test = start().await;
    let mut declared = declaration("acme", OPBX).expect("a declaration");
    let stricter = Stricter {
        min_length: Some(24),
        require: vec![CharacterKind::Symbol],
        ..Stricter::default()
    };
    let policy = declared.catalogue.password.with(&stricter);
    declared.catalogue.password = policy.expect("a policy");
    let name = "acme".parse().expect("a name");
    test.gateway
        .declare(&name, declared)
        .await
        .expect("declared");
    let operator = operator(&test.gateway);
    let anna = make(&operator, user("anna", &[])).await;
    let conn = test.connection("acme", "idp").await.expect("a connection");
    let conn = crate::harness::act_as(&test.gateway, Principal::Connection(conn.id));
    let bag = Attributes::new()
        .with(attr::USER_NAME, "ben")
        .with(attr::PASSWORD, "Correct horse 1");
    let pushed = crate::harness::refused(conn.write(create(Kind::User, bag)).await);
    let given = operator.set_password(anna, "Correcthorse1").await;
    for (error, lacks) in [
        (pushed, "password: it lacks at least 24 characters"),
        (
            given.expect_err("refused"),
            "password: it lacks at least 24 characters, a character that is neither letter nor digit",
        ),
    ] {
        assert_eq!(error.to_string(), lacks);
    }
    let generated = operator.generated_password();
    operator
        .set_password(anna, &generated)
        .await
        .expect("it has all of it");
}
