//! When somebody, and a credential, was last used: noted beside the writes, and kept.

use std::sync::Arc;

use jackfield_gateway::Gateway;
use jackfield_gateway::api_token::NewApiToken;
use jackfield_gateway::testing::TestGateway;
use jackfield_model::{Attributes, Id, Kind, Origin};

use crate::crowd::{bind, password_of, person};
use crate::faulty::{Call, Fault, Faulty};
use crate::harness::{Hands, Ids, attentive, delete, gateway, head, operator, start, until};

async fn node(test: &TestGateway) -> (Arc<Faulty>, Gateway) {
    let store = Faulty::new(Arc::clone(&test.store));
    let node = gateway(store.clone(), Hands::new(), Ids::new(), attentive());
    (store, node.await.expect("a gateway"))
}

/// Of whom and what a use is kept.
async fn kept(test: &TestGateway) -> Vec<Id> {
    let acme = head(&*test.store).await;
    let uses = test.store.activity(acme.id).await.expect("the store");
    uses.into_iter().map(|activity| activity.subject).collect()
}

#[tokio::test]
async fn a_use_that_could_not_be_told_is_told_later() {
    let test = start().await;
    let (store, node) = node(&test).await;
    store.fail(Call::Activity, &[Fault::Unavailable; 3]);
    let anna = person(&operator(&node), "anna", Attributes::new()).await;
    bind(&node, "acme", "anna", &password_of("anna"))
        .await
        .map(drop)
        .expect("it opens");
    until(|| async { (!store.has_faults()).then_some(()) }).await;
    until(|| async { kept(&test).await.contains(&anna).then_some(()) }).await;
}

#[tokio::test]
async fn of_what_is_gone_no_use_is_remembered() {
    let test = start().await;
    let (_, node) = node(&test).await;
    let session = operator(&node);
    let anna = person(&session, "anna", Attributes::new()).await;
    let own = bind(&node, "acme", "anna", &password_of("anna")).await;
    let new = NewApiToken {
        scopes: &["users:read".to_owned()],
        ..NewApiToken::default()
    };
    let token = own.expect("it opens").make_api_token(anna, new).await;
    let token = token.expect("a token");
    let uses = async || {
        let origin = Origin::local("api");
        let used = node.authenticate_api_token("acme", &token.text, origin);
        used.await.map(drop)
    };
    uses().await.expect("it opens");
    until(|| async { (kept(&test).await.len() == 2).then_some(()) }).await;
    session.revoke(token.id).await.expect("done");
    assert_eq!(kept(&test).await, [anna]);
    let deleted = session.write(delete(anna, Kind::User)).await;
    deleted.map(drop).expect("done");
    assert_eq!(kept(&test).await, []);
    uses().await.expect_err("it is gone");
    node.stop().await;
    assert_eq!(kept(&test).await, []);
}
