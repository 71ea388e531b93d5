//! StartTLS (RFC 4511 §4.14).

use std::fs;
use std::sync::Arc;

use jackfield_ldap::Options;
use jackfield_net::tls;
use ldap3::{LdapConnAsync, LdapConnSettings, Scope};
use ldap3_proto::proto::{LdapExtendedRequest, LdapOp, LdapResultCode as Code};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpStream;

use crate::harness::{PASSWORD, SUFFIX, Server};
use crate::raw::{Raw, bind, extended, search};

const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";

/// A certificate for clients that go over to TLS, in a folder of its own.
pub(crate) fn with_start_tls() -> (Arc<tls::Source>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let start = OffsetDateTime::UNIX_EPOCH;
    let made = tls::self_signed(&["localhost"], start, start + Duration::days(36_500)).unwrap();
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&certificate, made.certificate_pem).unwrap();
    fs::write(&key, made.key_pem).unwrap();
    let source = tls::Source::open(certificate, key).unwrap();
    (Arc::new(source), folder)
}

async fn server() -> (Server, TempDir) {
    let (source, folder) = with_start_tls();
    let options = Options {
        tenant: Some("acme".parse().unwrap()),
        start_tls: Some(source),
        ..Options::default()
    };
    (Server::with(options).await, folder)
}

#[tokio::test]
async fn a_client_goes_over_to_tls_and_the_server_stops_offering_it() {
    let (server, _folder) = server().await;
    let mut plain = server.client().await;
    let tls = format!("(supportedExtension={START_TLS})");
    let plain_sasl = "(supportedSASLMechanisms=PLAIN)";
    assert!(offers(&mut plain, &tls).await);
    assert!(!offers(&mut plain, plain_sasl).await);

    let settings = LdapConnSettings::new()
        .set_starttls(true)
        .set_no_tls_verify(true);
    let url = format!("ldap://localhost:{}", server.address.port());
    let (connection, mut client) = LdapConnAsync::with_settings(settings, &url).await.unwrap();
    ldap3::drive!(connection);
    assert_eq!(client.simple_bind("alice", PASSWORD).await.unwrap().rc, 0);
    // What it had read before does not hold any more (RFC 4513 §3.1.2).
    assert!(!offers(&mut client, &tls).await);
    assert!(offers(&mut client, plain_sasl).await);
    let again = ldap3::exop::Exop {
        name: Some(START_TLS.to_owned()),
        val: None,
    };
    let again = client.extended(again).await.unwrap();
    assert_eq!(again.1.rc, 1, "it is under TLS already");
}

/// Whether the root DSE is like this.
async fn offers(client: &mut ldap3::Ldap, filter: &str) -> bool {
    let found = client
        .search("", Scope::Base, filter, ["1.1"])
        .await
        .unwrap();
    found.0.len() == 1
}

#[tokio::test]
async fn it_waits_for_no_operation_that_goes_on() {
    let (source, _folder) = with_start_tls();
    let server = Server::with(Options {
        start_tls: Some(source),
        // Looked for elsewhere, so that it goes on when the next request is read.
        long_search: 0,
        ..Options::default()
    })
    .await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([(2, search(SUFFIX)), (3, extended(START_TLS))])
        .await;
    assert_eq!(raw.result(3).await.code, Code::OperationsError);
    assert_eq!(raw.entries(2).await.1.code, Code::Success);
}

#[tokio::test]
async fn no_password_crosses_a_network_in_plain_text() {
    let server = Server::behind_proxies(Options::default()).await;
    let name = format!("uid=alice,ou=people,{SUFFIX}");
    for (from, bound, changed) in [
        ("127.0.0.1", Code::Success, Code::StrongerAuthRequired),
        (
            "192.0.2.7",
            Code::ConfidentialityRequired,
            Code::ConfidentialityRequired,
        ),
    ] {
        let mut raw = Raw::over(TcpStream::connect(server.address).await.unwrap());
        raw.octets(format!("PROXY TCP4 {from} 192.0.2.1 50000 389\r\n").as_bytes())
            .await;
        raw.send(1, extended(PASSWORD_MODIFY)).await;
        assert_eq!(raw.result(1).await.code, changed, "{from}");
        raw.send(2, bind(3, &name, PASSWORD)).await;
        assert_eq!(raw.result(2).await.code, bound, "{from}");
    }
}

#[tokio::test]
async fn nothing_may_be_sent_behind_the_request() {
    let (server, _folder) = server().await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([(2, extended(START_TLS)), (3, search(""))])
        .await;
    assert_eq!(raw.result(2).await.code, Code::OperationsError);
    // It stays plain, and goes on.
    assert_eq!(raw.entries(3).await.1.code, Code::Success);
}

#[tokio::test]
async fn it_takes_no_value() {
    let (server, _folder) = server().await;
    let mut raw = Raw::connect(&server).await;
    let LdapOp::ExtendedRequest(request) = extended(START_TLS) else {
        panic!("no extended request")
    };
    let with_value = LdapExtendedRequest {
        value: Some(vec![]),
        ..request
    };
    raw.send(2, LdapOp::ExtendedRequest(with_value)).await;
    assert_eq!(raw.result(2).await.code, Code::ProtocolError);
    raw.send(3, extended(START_TLS)).await;
    assert_eq!(raw.result(3).await.code, Code::Success);
}

#[tokio::test]
async fn without_a_certificate_it_is_not_known() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(1, extended(START_TLS)).await;
    assert_eq!(raw.result(1).await.code, Code::ProtocolError);
}
