//! Which passwords are taken, of whom.

use jackfield_gateway::Error;
use jackfield_gateway::access::password::{CharacterKind, Stricter};
use jackfield_gateway::administer::NewConnection;
use jackfield_gateway::testing::declaration;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Change, Kind, Principal, Value};

use crate::crowd::bind;
use crate::harness::{
    START, act_as, change_sets, create, make, names, operator, refused, set, start, user,
};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

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
        let new = NewConnection {
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
        let conn = act_as(&test.gateway, Principal::Connection(conn));
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
    let conn = act_as(&test.gateway, Principal::Connection(conn.id));
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
        let error = refused(conn.write(create(Kind::User, bag)).await);
        assert!(matches!(error, Error::WeakPassword(_)), "{error:?}");
        assert!(error.to_string().contains(lacks), "{error}");
        assert!(!error.to_string().contains(password), "it is not told");
    }
    assert!(names(&conn.read().expect("a reader")).is_empty());
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
    let sets = change_sets(&*test.store).await;
    let last = sets.last().expect("a change set");
    let must_change = last.changes.iter().any(
        |change| matches!(change, Change::PutCredential(credential) if credential.must_change),
    );
    assert!(must_change, "{:?}", last.changes);
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
    let conn = act_as(&test.gateway, Principal::Connection(conn.id));
    let bag = Attributes::new()
        .with(attr::USER_NAME, "ben")
        .with(attr::PASSWORD, "Correct horse 1");
    let pushed = refused(conn.write(create(Kind::User, bag)).await);
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
