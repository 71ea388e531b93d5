//! SIP secrets: who may set one, who is told it, and under which key it is kept.

use std::sync::Arc;

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Outcome, Principal};

use crate::harness::{
    Hands, Ids, absent, act_as, change_sets, create, delete, gateway_sealing, head, make, operator,
    start, until, user,
};

async fn extension(session: &Session, number: &str) -> Id {
    let bag = Attributes::new().with(attr::EXTENSION_NUMBER, number);
    make(session, create(Kind::Extension, bag)).await
}

async fn service(gateway: &Gateway, name: &str, scopes: &[&str]) -> Session {
    let id = operator(gateway).ensure_service(name, scopes).await;
    act_as(gateway, Principal::Service(id.expect("a service account")))
}

/// The secret, as this session is told it where nobody reads along.
fn told(session: &Session, extension: Id) -> Option<String> {
    let reader = session.read_in_private().expect("a reader");
    reader
        .sip_secret(extension)
        .map(|secret| secret.clear().to_owned())
}

async fn actions(test: &TestGateway) -> Vec<(String, Outcome)> {
    let id = head(&*test.store).await.id;
    let log = test.store.audit(id, 0, u32::MAX).await.expect("the log");
    let entries = log.into_iter().map(|sealed| sealed.entry);
    entries
        .map(|entry| (entry.action.to_string(), entry.outcome))
        .filter(|(action, _)| action.starts_with("sip-secret"))
        .collect()
}

#[tokio::test]
async fn a_secret_is_told_to_who_was_given_exactly_that_and_in_private_only() {
    let test = start().await;
    let (gateway, session) = (&test.gateway, operator(&test.gateway));
    let desk = extension(&session, "201").await;
    let other = extension(&session, "202").await;
    let secret = session.set_sip_secret(desk, None).await.expect("done").text;
    let anna = make(&session, user("anna", &["owner"])).await;
    let phone = session.ensure_device("phone").await.expect("a device");
    let okta = test.connection("acme", "okta").await.expect("one").id;

    let pbx = service(gateway, "pbx", &["all", "sip-secrets"]).await;
    let narrow = service(gateway, "narrow", &["extensions", "sip-secrets"]).await;
    for told_it in [&pbx, &narrow] {
        assert_eq!(told(told_it, desk).as_deref(), Some(secret.as_str()));
        assert_eq!(told(told_it, other), None);
        assert!(told_it.read_in_private().unwrap().is_told_sip_secrets());
        let in_public = told_it.read().unwrap();
        assert!(in_public.sip_secret(desk).is_none());
        assert!(!in_public.is_told_sip_secrets());
    }

    let blind = service(gateway, "blind", &["people", "sip-secrets"]).await;
    assert_eq!(told(&blind, desk), None);
    for principal in [
        service(gateway, "all", &["all"]).await.principal(),
        Principal::Person(anna),
        Principal::Device(phone),
        Principal::Connection(okta),
        Principal::Operator,
    ] {
        let somebody = act_as(gateway, principal);
        assert_eq!(told(&somebody, desk), None, "{principal:?}");
        let reader = somebody.read_in_private().unwrap();
        assert!(!reader.is_told_sip_secrets(), "{principal:?}");
    }
    // What was given is taken at once.
    service(gateway, "pbx", &["all"]).await;
    assert_eq!(told(&pbx, desk), None);
}

#[tokio::test]
async fn an_extension_has_one_secret_and_takes_it_along() {
    let test = start().await;
    let session = operator(&test.gateway);
    let desk = extension(&session, "201").await;
    let pbx = service(&test.gateway, "pbx", &["all", "sip-secrets"]).await;
    let first = session.set_sip_secret(desk, None).await.unwrap().text;
    let second = session.set_sip_secret(desk, None).await.unwrap().text;
    assert!(first.len() >= 22 && first != second, "128 bits and more");
    assert_eq!(told(&pbx, desk).as_deref(), Some(second.as_str()));
    let given = session.set_sip_secret(desk, Some("given-by-hand")).await;
    assert_eq!(given.unwrap().text.as_str(), "given-by-hand");

    let test = test.restart().await.expect("a gateway");
    let session = operator(&test.gateway);
    let pbx = service(&test.gateway, "pbx", &["all", "sip-secrets"]).await;
    assert_eq!(told(&pbx, desk).as_deref(), Some("given-by-hand"));
    session.remove_sip_secret(desk).await.expect("done");
    assert_eq!(told(&pbx, desk), None);
    let again = session.remove_sip_secret(desk).await;
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");

    session.set_sip_secret(desk, None).await.expect("done");
    let gone = session.write(delete(desk, Kind::Extension)).await;
    gone.map(drop).expect("done");
    assert_eq!(told(&pbx, desk), None);
    for id in [desk, make(&session, user("anna", &[])).await] {
        let outcome = session.set_sip_secret(id, None).await.err();
        assert!(matches!(outcome, Some(Error::NotFound { .. })), "{id}");
    }
    let done: Vec<String> = actions(&test).await.into_iter().map(|it| it.0).collect();
    let set = "sip-secret.set";
    assert_eq!(done, [set, set, set, "sip-secret.remove", set]);
}

#[tokio::test]
async fn the_catalogue_says_which_people_set_secrets() {
    let test = start().await;
    let session = operator(&test.gateway);
    let desk = extension(&session, "201").await;
    let mut people = Vec::new();
    for (name, role) in [
        ("olga", "owner"),
        ("alma", "pbx_admin"),
        ("rita", "reporter"),
    ] {
        let id = make(&session, user(name, &[role])).await;
        people.push(act_as(&test.gateway, Principal::Person(id)));
    }
    for may in &people[..2] {
        may.set_sip_secret(desk, None).await.expect("done");
        may.remove_sip_secret(desk).await.expect("done");
    }
    session
        .set_sip_secret(desk, Some("untouched"))
        .await
        .expect("done");
    let okta = test.connection("acme", "okta").await.expect("one").id;
    let okta = act_as(&test.gateway, Principal::Connection(okta));
    let pbx = service(&test.gateway, "pbx", &["all", "sip-secrets"]).await;
    for may_not in [&people[2], &okta, &pbx] {
        let set = may_not.set_sip_secret(desk, None).await.err();
        assert!(matches!(set, Some(Error::Forbidden(_))), "{set:?}");
        let removed = may_not.remove_sip_secret(desk).await;
        assert!(matches!(removed, Err(Error::Forbidden(_))), "{removed:?}");
    }
    assert_eq!(told(&pbx, desk).as_deref(), Some("untouched"));
    // Each refusal is told, soon after the answer.
    until(|| async {
        let all = actions(&test).await.into_iter();
        let refused = all.filter(|it| matches!(it.1, Outcome::Refused(_)));
        (refused.count() == 6).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_secret_stands_nowhere_in_the_clear() {
    let test = start().await;
    let session = operator(&test.gateway);
    let desk = extension(&session, "201").await;
    let plain = "Open-Sesame-77";
    session
        .set_sip_secret(desk, Some(plain))
        .await
        .expect("done");
    let bad = session.set_sip_secret(desk, Some("Open Sesame 77")).await;
    let bad = bad.err().expect("it is refused");
    assert!(!format!("{bad} {bad:?}").contains("Sesame"));
    let sets = change_sets(&*test.store).await;
    let kept = serde_json::to_string(&sets).unwrap();
    assert!(kept.contains("aes-256-gcm") && !kept.contains(plain));
    assert!(!format!("{sets:?}").contains(plain));
    let entry = session.read().unwrap();
    let entry = format!("{:?}", entry.entry(desk).unwrap().record());
    assert!(!entry.contains("aes-256-gcm") && !entry.contains(plain));
}

#[tokio::test]
async fn a_new_key_takes_over_without_a_secret_being_lost() {
    let test = start().await;
    let session = operator(&test.gateway);
    let (old, later) = (
        extension(&session, "201").await,
        extension(&session, "202").await,
    );
    session
        .set_sip_secret(old, Some("before-it"))
        .await
        .expect("done");
    service(&test.gateway, "pbx", &["all", "sip-secrets"]).await;
    let node = async |keys: &[u8]| {
        let store = Arc::clone(&test.store);
        gateway_sealing(store, Hands::new(), Ids::new(), absent(), keys)
            .await
            .expect("a gateway")
    };
    let told_by = async |gateway: &Gateway| {
        let pbx = service(gateway, "pbx", &["all", "sip-secrets"]).await;
        (told(&pbx, old), told(&pbx, later))
    };
    // The first key of the test gateway is 3.
    let both = node(&[4, 3]).await;
    operator(&both)
        .set_sip_secret(later, Some("after-it"))
        .await
        .expect("done");
    let all = (Some("before-it".to_owned()), Some("after-it".to_owned()));
    assert_eq!(told_by(&both).await, all);
    let new = node(&[4]).await;
    assert_eq!(told_by(&new).await, (None, all.1.clone()));

    assert_eq!(both.reseal().await.expect("done"), 1);
    assert_eq!(both.reseal().await.expect("done"), 0);
    assert_eq!(told_by(&node(&[4]).await).await, all);
    assert_eq!(told_by(&node(&[3]).await).await, (None, None));
    // A key that is missing is told of, and nothing is lost by it.
    assert!(node(&[5]).await.reseal().await.is_err());
    assert_eq!(told_by(&node(&[4]).await).await, all);
    let sets = change_sets(&*test.store).await;
    let credentials = serde_json::to_string(&sets).unwrap();
    assert!(!credentials.contains("before-it"));
}
