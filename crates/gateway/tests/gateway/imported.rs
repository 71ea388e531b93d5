//! Passwords that another directory hashed.

use std::sync::Arc;

use jackfield_gateway::{Error, Gateway};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Change, Credential, Id, Kind};
use jackfield_store::Store;

use crate::crowd;
use crate::harness::{create, make, operator, start, until};

/// Of `secret`, as OpenLDAP keeps it.
const SSHA: &str = "{SSHA}+2LYo4dBHcKlWoMRE1kGeneQLlkqSROp";

async fn bind(gateway: &Gateway, password: &str) -> Result<(), Error> {
    let bound = crowd::bind(gateway, "nowhere", "ann@acme.example", password).await;
    bound.map(drop)
}

/// The schemes of the user's verifiers, as they are stored.
async fn schemes(store: &Arc<dyn Store>, user: Id) -> Vec<String> {
    let mut found: Vec<Credential> = Vec::new();
    for head in store.tenants().await.expect("tenants") {
        let mut take = |change| match change {
            Change::PutCredential(credential) if credential.principal == user => {
                found.push(credential);
            }
            _ => {}
        };
        store.load(head.id, &mut take).await.expect("loaded");
    }
    let verifiers = found
        .into_iter()
        .flat_map(|credential| credential.verifiers);
    verifiers
        .map(|verifier| verifier.scheme.to_string())
        .collect()
}

#[tokio::test]
async fn an_imported_hash_opens_and_is_replaced_at_the_first_login() {
    let test = start().await;
    let session = operator(&test.gateway);
    let ann = Attributes::new().with(attr::USER_NAME, "ann");
    let ann = make(&session, create(Kind::User, ann)).await;
    session.import_password(ann, SSHA).await.expect("imported");
    assert_eq!(schemes(&test.store, ann).await, ["imported"]);
    assert_eq!(
        bind(&test.gateway, "Secret").await,
        Err(Error::InvalidCredentials)
    );
    assert_eq!(schemes(&test.store, ann).await, ["imported"]);

    bind(&test.gateway, "secret")
        .await
        .expect("the right password");
    let store = &test.store;
    until(|| async move { (schemes(store, ann).await == ["argon2id"]).then_some(()) }).await;
    bind(&test.gateway, "secret")
        .await
        .expect("still the right password");
}

#[tokio::test]
async fn a_hash_that_is_not_understood_is_refused() {
    let test = start().await;
    let session = operator(&test.gateway);
    let ann = Attributes::new().with(attr::USER_NAME, "ann");
    let ann = make(&session, create(Kind::User, ann)).await;
    for kept in ["{CRYPT}ab01FAX.bQRSU", "secret", ""] {
        let refused = session.import_password(ann, kept).await;
        assert!(
            matches!(refused, Err(Error::InvalidValue { .. })),
            "{kept}: {refused:?}"
        );
    }
    session
        .import_password(ann, "{CLEARTEXT}secret")
        .await
        .expect("imported");
    bind(&test.gateway, "secret")
        .await
        .expect("the right password");
}
