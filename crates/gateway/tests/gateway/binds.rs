//! Names: who is meant, and who logs in where.

use jackfield_gateway::Error;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Origin, Principal};

use crate::crowd::{bind, crowd, email, password_of, person};
use crate::harness::{create, make, operator, start, user};

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
async fn a_person_s_password_crosses_a_network_over_tls_only() {
    let (test, _, anna) = crowd().await;
    let harbor = test.gateway.tenant("harbor").expect("the tenant");
    let harbor = test
        .gateway
        .act_as(&harbor, Principal::Operator, Origin::local("cli"));
    person(&harbor, "carla", Attributes::new()).await;
    let device = operator(&test.gateway).ensure_device("phone").await;
    let device = device.expect("a device");
    let secret = operator(&test.gateway).make_secret(device, "").await;
    let of_device = format!("phone:{}", *secret.expect("a secret").text);
    let (right, wrong) = ("anna:The 1 password of anna", Error::InvalidCredentials);
    let in_the_clear = Error::ConfidentialityRequired;
    let (near, far) = (Some("127.0.0.1"), Some("192.0.2.1"));
    for (tenant, credentials, over_tls, address, expected) in [
        ("acme", right, true, far, Ok(())),
        ("acme", right, true, None, Ok(())),
        ("acme", right, false, near, Ok(())),
        ("acme", right, false, Some("127.9.9.9"), Ok(())),
        ("acme", right, false, Some("::1"), Ok(())),
        ("acme", right, false, Some("::ffff:127.0.0.1"), Ok(())),
        ("acme", right, false, far, Err(in_the_clear.clone())),
        (
            "acme",
            right,
            false,
            Some("::ffff:192.0.2.1"),
            Err(in_the_clear.clone()),
        ),
        ("acme", right, false, None, Err(in_the_clear.clone())),
        ("acme", "nobody:x", false, far, Err(in_the_clear)),
        ("acme", "anna:", true, far, Err(Error::UnauthenticatedBind)),
        ("acme", "anna:x", true, far, Err(wrong.clone())),
        ("acme", "anna", true, far, Err(wrong.clone())),
        ("acme", "", true, far, Err(wrong.clone())),
        (
            "acme",
            "carla@harbor.example:The 1 password of carla",
            true,
            far,
            Err(wrong.clone()),
        ),
        ("acme", &of_device, true, far, Err(wrong.clone())),
        ("harbor", right, true, far, Err(wrong.clone())),
        ("nowhere", right, true, far, Err(wrong)),
    ] {
        let origin = Origin {
            protocol: "api".into(),
            address: address.map(|text| text.parse().expect("an address")),
        };
        let outcome = test
            .gateway
            .authenticate_person(tenant, credentials, over_tls, origin)
            .await;
        let found = outcome.map(|session| assert_eq!(session.principal(), Principal::Person(anna)));
        assert_eq!(found, expected, "{tenant} {credentials} {address:?}");
    }
}
