//! A rehearsal plans as a real write does, and leaves nothing behind.

use jackfield_gateway::Error;
use jackfield_model::schema::attr;
use jackfield_model::{Kind, Origin, Outcome, Principal};

use crate::harness::{
    act_as, change_sets, delete, head, make, names, operator, refused, set, start, text, user,
};

#[tokio::test]
async fn a_rehearsal_shows_its_outcome_to_itself_alone() {
    let test = start().await;
    let real = operator(&test.gateway);
    let anna = make(&real, user("anna", &[])).await;
    let before = head(&*test.store).await;

    let trial = real.rehearse();
    let ben = make(&trial, user("ben", &[])).await;
    let written = trial.write(set(ben, attr::DISPLAY_NAME, "Ben")).await;
    let written = written.expect("on the outcome of the write before");
    assert!(written.changed);
    assert_eq!(
        text(&written.reader, ben, attr::DISPLAY_NAME).as_deref(),
        Some("Ben")
    );
    let same = trial.write(set(ben, attr::DISPLAY_NAME, "Ben")).await;
    assert!(!same.expect("nothing to do").changed);
    let clone = trial.clone();
    clone
        .write(delete(anna, Kind::User))
        .await
        .expect("clones share the trial");
    assert_eq!(names(&trial.read().expect("a reader")), ["ben"]);
    assert_eq!(
        names(&trial.read_own_writes().await.expect("a reader")),
        ["ben"]
    );

    assert_eq!(names(&real.read().expect("a reader")), ["anna"]);
    assert_eq!(head(&*test.store).await, before);
    let actions: Vec<_> = trial
        .take_rehearsed()
        .into_iter()
        .map(|e| e.action)
        .collect();
    assert_eq!(actions, ["user.create", "user.edit", "user.delete"]);
    assert!(trial.take_rehearsed().is_empty(), "they were taken");
}

#[tokio::test]
async fn a_rehearsal_is_refused_as_a_real_write_is() {
    let test = start().await;
    let real = operator(&test.gateway);
    let boss = make(&real, user("boss", &["owner"])).await;
    let phone = real.ensure_device("phone").await.expect("a device");
    let audited = |entries: Vec<jackfield_model::AuditEntry>| -> Vec<Outcome> {
        entries.into_iter().map(|entry| entry.outcome).collect()
    };
    let sets = change_sets(&*test.store).await.len();
    let log = test
        .store
        .audit(head(&*test.store).await.id, 0, 1_000)
        .await
        .expect("the log");

    for session in [
        real.clone(),
        act_as(&test.gateway, Principal::Device(phone)),
    ] {
        let trial = session.rehearse();
        let error = refused(trial.write(delete(boss, Kind::User)).await);
        assert!(
            matches!(error, Error::Protected(_) | Error::Forbidden(_)),
            "{error:?}"
        );
        let told = audited(trial.take_rehearsed());
        assert!(matches!(told[..], [Outcome::Refused(_)]), "{told:?}");
    }
    let trial = real.rehearse();
    let taken = refused(trial.write(user("BOSS", &[])).await);
    assert!(matches!(taken, Error::Taken { .. }), "{taken:?}");
    assert!(
        trial.take_rehearsed().is_empty(),
        "a mistake is not audited"
    );

    assert_eq!(change_sets(&*test.store).await.len(), sets);
    let after = test
        .store
        .audit(head(&*test.store).await.id, 0, 1_000)
        .await;
    assert_eq!(
        after.expect("the log").len(),
        log.len(),
        "refusals of a trial are not kept"
    );
}

#[tokio::test]
async fn a_rehearsal_ends_with_its_principal() {
    let test = start().await;
    let connection = test.connection("acme", "okta").await.expect("a connection");
    let session = test
        .gateway
        .authenticate_bearer("acme", &connection.token, Origin::local("scim"))
        .await
        .expect("a session");
    let real = operator(&test.gateway);
    assert!(real.take_rehearsed().is_empty());
    real.write(delete(connection.id, Kind::Connection))
        .await
        .expect("deleted");
    let error = refused(session.rehearse().write(user("anna", &[])).await);
    assert_eq!(error, Error::InvalidCredentials);
}
