//! StartTLS (RFC 4511 §4.14).

use std::fs;
use std::sync::Arc;

use jackfield_ldap::Options;
use jackfield_net::tls;
use ldap3::{LdapConnAsync, LdapConnSettings, Scope};
use ldap3_proto::proto::LdapResultCode as Code;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::harness::{PASSWORD, Server};
use crate::raw::{Raw, extended, search};

const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

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
    let offered = offers_tls(&mut plain).await;
    assert!(offered);

    let settings = LdapConnSettings::new()
        .set_starttls(true)
        .set_no_tls_verify(true);
    let url = format!("ldap://localhost:{}", server.address.port());
    let (connection, mut client) = LdapConnAsync::with_settings(settings, &url).await.unwrap();
    ldap3::drive!(connection);
    assert_eq!(client.simple_bind("alice", PASSWORD).await.unwrap().rc, 0);
    assert!(!offers_tls(&mut client).await);
}

async fn offers_tls(client: &mut ldap3::Ldap) -> bool {
    let filter = format!("(supportedExtension={START_TLS})");
    let found = client
        .search("", Scope::Base, &filter, ["1.1"])
        .await
        .unwrap();
    found.0.len() == 1
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
async fn without_a_certificate_it_is_not_known() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(1, extended(START_TLS)).await;
    assert_eq!(raw.result(1).await.code, Code::ProtocolError);
}
