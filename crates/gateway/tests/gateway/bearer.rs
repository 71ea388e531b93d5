//! Bearer tokens: what opens, and what does not, and never why.

use std::net::IpAddr;
use std::sync::Arc;

use jackfield_gateway::administer::NewCredential;
use jackfield_gateway::secret::{SecretKey, secret_text, token_text};
use jackfield_gateway::{Command, Error, Gateway, Session};
use jackfield_model::{Credential, CredentialKind, Id, Kind, Origin, Principal};
use uuid::Uuid;

use crate::harness::{
    Hands, Ids, START, absent, delete, gateway, make, operator, refused, start, user,
};

async fn authenticate(gateway: &Gateway, tenant: &str, token: &str) -> Result<Session, Error> {
    let origin = Origin::local("scim");
    gateway.authenticate_bearer(tenant, token, origin).await
}

async fn from(gateway: &Gateway, token: &str, address: Option<&str>) -> Result<Session, Error> {
    let origin = Origin {
        protocol: "scim".into(),
        address: address.map(|text| text.parse::<IpAddr>().expect("an address")),
    };
    gateway.authenticate_bearer("acme", token, origin).await
}

/// A credential of this kind whose secret is these octets.
fn credential(principal: Id, kind: CredentialKind, octets: [u8; 32]) -> Credential {
    Credential {
        id: Id(Uuid::from_bytes([octets[0]; 16])),
        principal,
        kind,
        verifiers: vec![SecretKey::new([2; 32]).verifier(&secret_text(&octets))],
        label: String::new(),
        scopes: Vec::new(),
        ceiling: None,
        networks: Vec::new(),
        created: START,
        expires: None,
        must_change: false,
        trust: None,
    }
}

#[tokio::test]
async fn a_token_opens_its_tenant_and_nothing_else_opens() {
    let test = start().await;
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let entra = test
        .connection("acme", "entra")
        .await
        .expect("a connection");
    let other = test
        .connection("harbor", "okta")
        .await
        .expect("a connection");
    let session = authenticate(&test.gateway, "acme", &okta.token)
        .await
        .expect("it opens");
    assert_eq!(session.principal(), Principal::Connection(okta.id));
    assert_eq!(session.tenant().name().as_str(), "acme");
    session.read().expect("a reader");

    let (head, tail) = okta.token.split_at(okta.token.len() - 1);
    let flipped = format!("{head}{}", if tail == "A" { "E" } else { "A" });
    // The id of one token with the secret of another.
    let crossed = format!("{}{}", &okta.token[..26], &entra.token[26..]);
    let wrong: [(&str, &str); 15] = [
        ("acme", ""),
        ("acme", "jft_"),
        ("acme", "secret"),
        ("acme", &okta.token[4..]),
        ("acme", &okta.token[..okta.token.len() - 1]),
        ("acme", &flipped),
        ("acme", &crossed),
        ("acme", &other.token),
        ("harbor", &okta.token),
        ("nowhere", &okta.token),
        ("ACME", &okta.token),
        ("", &okta.token),
        ("acme", " jft_"),
        ("acme", "jft_\u{0}"),
        ("acme/../harbor", &other.token),
    ];
    for (tenant, token) in wrong {
        let outcome = authenticate(&test.gateway, tenant, token).await;
        assert_eq!(
            outcome.err(),
            Some(Error::InvalidCredentials),
            "{tenant} {token}"
        );
    }
}

#[tokio::test]
async fn a_token_ends_when_it_says() {
    let test = start().await;
    let (clock, ids) = (Hands::new(), Ids::new());
    let store = Arc::clone(&test.store);
    let gateway = gateway(store, clock.clone(), ids, absent())
        .await
        .expect("a gateway");
    let operator = operator(&gateway);
    let new = jackfield_gateway::administer::NewConnection {
        name: "okta",
        ..Default::default()
    };
    let okta = operator.ensure_connection(new).await.expect("a connection");
    let expires = Some(START.plus_seconds(60));
    let made = operator
        .make_token(
            okta,
            NewCredential {
                expires,
                ..NewCredential::default()
            },
        )
        .await
        .expect("a token");
    let session = authenticate(&gateway, "acme", &made.text)
        .await
        .expect("it opens");
    clock.move_on(59);
    authenticate(&gateway, "acme", &made.text)
        .await
        .map(drop)
        .expect("it still opens");
    session.read().expect("a reader");
    clock.move_on(1);
    let over = authenticate(&gateway, "acme", &made.text).await;
    assert_eq!(over.err(), Some(Error::InvalidCredentials));
    assert_eq!(
        session.read().err(),
        Some(Error::InvalidCredentials),
        "at the next read"
    );
    let late = session.write(user("late", &[])).await;
    assert_eq!(refused(late), Error::InvalidCredentials);
}

#[tokio::test]
async fn revoking_and_deleting_act_on_open_sessions_at_once() {
    let test = start().await;
    let operator = operator(&test.gateway);
    for how in ["revoke", "delete", "suspend"] {
        let conn = test.connection("acme", how).await.expect("a connection");
        let session = authenticate(&test.gateway, "acme", &conn.token)
            .await
            .expect("it opens");
        session.read().expect("a reader");
        match how {
            "revoke" => {
                let tokens = operator.read().expect("a reader").connection_credentials();
                let token = tokens.iter().find(|token| token.holder == how);
                operator
                    .revoke(token.expect("a token").credential.id)
                    .await
                    .expect("done");
            }
            "delete" => {
                let gone = delete(conn.id, Kind::Connection);
                operator.write(gone).await.map(drop).expect("done");
            }
            _ => {
                let others = ["harbor".parse().expect("a name")].into();
                test.gateway.suspend_others(&others).await.expect("done");
            }
        }
        assert_eq!(
            session.read().err(),
            Some(Error::InvalidCredentials),
            "{how}"
        );
        let late = session.write(user("late", &[])).await;
        assert_eq!(refused(late), Error::InvalidCredentials, "{how}");
        let again = authenticate(&test.gateway, "acme", &conn.token).await;
        assert_eq!(again.err(), Some(Error::InvalidCredentials), "{how}");
    }
}

#[tokio::test]
async fn a_token_is_used_from_its_networks_only() {
    let test = start().await;
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let networks = [
        "192.0.2.0/24".into(),
        "2001:db8::/32".into(),
        "nonsense".into(),
    ];
    let near = Credential {
        networks: networks.into(),
        ..credential(okta.id, CredentialKind::Token, [9; 32])
    };
    let token = token_text(near.id, &[9; 32]);
    let add = Command::AddCredential(near);
    operator(&test.gateway)
        .write(add)
        .await
        .map(drop)
        .expect("done");
    for (address, opens) in [
        (Some("192.0.2.7"), true),
        (Some("2001:db8::1"), true),
        (Some("192.0.3.7"), false),
        (Some("::ffff:192.0.3.7"), false),
        (None, false),
    ] {
        let outcome = from(&test.gateway, &token, address).await;
        assert_eq!(outcome.is_ok(), opens, "{address:?}");
        from(&test.gateway, &okta.token, address)
            .await
            .map(drop)
            .expect("any network");
    }
}

#[tokio::test]
async fn only_tokens_of_connections_are_tokens() {
    let test = start().await;
    let operator = operator(&test.gateway);
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let device = operator.ensure_device("phone").await.expect("a device");
    let person = make(&operator, user("anna", &[])).await;
    for (n, principal, kind) in [
        (1, okta.id, CredentialKind::Secret),
        (2, okta.id, CredentialKind::Password),
        (3, device, CredentialKind::Token),
        (4, person, CredentialKind::Token),
        (5, device, CredentialKind::Secret),
    ] {
        let other = credential(principal, kind, [n; 32]);
        let token = token_text(other.id, &[n; 32]);
        operator
            .write(Command::AddCredential(other))
            .await
            .map(drop)
            .expect("done");
        let outcome = authenticate(&test.gateway, "acme", &token).await;
        assert_eq!(
            outcome.err(),
            Some(Error::InvalidCredentials),
            "{kind:?} {n}"
        );
    }
}

#[tokio::test]
async fn a_token_that_another_process_just_made_opens() {
    let test = start().await;
    let store = Arc::clone(&test.store);
    let node = gateway(store, Hands::new(), Ids::new(), absent())
        .await
        .expect("a gateway");
    let conn = test.connection("acme", "okta").await.expect("a connection");
    authenticate(&node, "acme", &conn.token)
        .await
        .map(drop)
        .expect("it looks again");
}
