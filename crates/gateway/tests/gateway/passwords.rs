//! Passwords of people: which one opens, and until when.

use jackfield_gateway::{Bind, Error};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Origin};

use crate::crowd::{bind, crowd, password_of, person};
use crate::harness::{delete, make, set, user};

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
