//! Sealed texts open for whom they were made, on any node, in their time.

use std::sync::Arc;
use std::time::Duration;

use jackfield_gateway::{Session, Unsealed};
use jackfield_model::{Origin, Principal};

use crate::harness::{Hands, Ids, act_as, attentive, gateway, make, operator, start, user};

const HOUR: Duration = Duration::from_hours(1);

fn seal(session: &Session) -> String {
    session.seal(b"page", b"content", HOUR).unwrap()
}

#[tokio::test]
async fn a_sealed_text_opens_on_any_node_until_its_time_is_over() {
    let test = start().await;
    let (clock, ids) = (Hands::new(), Ids::new());
    let other = gateway(
        Arc::clone(&test.store),
        Arc::clone(&clock),
        ids,
        attentive(),
    );
    let other = other.await.unwrap();
    let text = seal(&operator(&test.gateway));
    assert!(!text.contains(|c: char| !(c.is_ascii_alphanumeric() || "-._~".contains(c))));
    let there = operator(&other);
    assert_eq!(
        there.unseal(b"page", &text).as_deref(),
        Ok(b"content".as_slice())
    );
    clock.move_on(3_601);
    assert_eq!(there.unseal(b"page", &text), Err(Unsealed::Expired));
}

#[tokio::test]
async fn a_sealed_text_opens_for_its_principal_tenant_and_purpose_only() {
    let test = start().await;
    let session = operator(&test.gateway);
    let anna = make(&session, user("anna", &[])).await;
    let ben = make(&session, user("ben", &[])).await;
    let person = |id| act_as(&test.gateway, Principal::Person(id));
    let harbor = test.gateway.tenant("harbor").unwrap();
    let elsewhere = test
        .gateway
        .act_as(&harbor, Principal::Person(anna), Origin::local("cli"));
    let text = seal(&person(anna));
    assert!(person(anna).unseal(b"page", &text).is_ok());
    for (whose, session, purpose) in [
        ("another person", person(ben), "page"),
        (
            "another kind",
            act_as(&test.gateway, Principal::Connection(anna)),
            "page",
        ),
        ("the operator", session.clone(), "page"),
        ("another tenant", elsewhere, "page"),
        ("another purpose", person(anna), "pages"),
    ] {
        let opened = session.unseal(purpose.as_bytes(), &text);
        assert_eq!(opened, Err(Unsealed::Forged), "{whose}");
    }
}

#[tokio::test]
async fn a_changed_text_does_not_open() {
    let test = start().await;
    let session = operator(&test.gateway);
    let text = seal(&session);
    for at in 0..text.len() {
        let mut changed = text.clone();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        assert_eq!(
            session.unseal(b"page", &changed),
            Err(Unsealed::Forged),
            "{at}"
        );
    }
    for text in ["", "A", "AAAA", "?", &text[1..], &"A".repeat(5_000)] {
        assert_eq!(
            session.unseal(b"page", text),
            Err(Unsealed::Forged),
            "{text}"
        );
    }
}
