use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use time::macros::datetime;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::harness::{Server, echo, is_served, limits, start};
use crate::{Error, Limits};

static OLD: LazyLock<SelfSigned> = LazyLock::new(make);
static NEW: LazyLock<SelfSigned> = LazyLock::new(make);

fn make() -> SelfSigned {
    let validity = (
        datetime!(2020-01-01 0:00 UTC),
        datetime!(2120-01-01 0:00 UTC),
    );
    self_signed(&["localhost", "127.0.0.1", "::1"], validity.0, validity.1).unwrap()
}

/// A certificate file and a key file in a folder of their own.
struct Files {
    _folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new(pair: &SelfSigned) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["server.crt", "server.key"].map(|name| folder.path().join(name));
        let files = Self {
            _folder: folder,
            certificate,
            key,
        };
        files.write(pair);
        files
    }

    fn write(&self, pair: &SelfSigned) {
        fs::write(&self.certificate, &pair.certificate_pem).unwrap();
        fs::write(&self.key, &pair.key_pem).unwrap();
    }

    fn open(&self) -> Result<Source, Error> {
        Source::open(&self.certificate, &self.key)
    }
}

/// A client that trusts `pair` and nothing else.
fn client(
    pair: &SelfSigned,
    version: &'static SupportedProtocolVersion,
    alpn: &[&str],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let der = CertificateDer::from_pem_slice(pair.certificate_pem.as_bytes()).unwrap();
    roots.add(der).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn handshake(
    connector: &TlsConnector,
    tcp: TcpStream,
    name: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    connector
        .connect(ServerName::try_from(name).unwrap(), tcp)
        .await
}

/// An echo server under implicit TLS for LDAP; tells of handshakes that failed.
fn start_ldaps(source: Arc<Source>, limits: Limits) -> (Server, mpsc::UnboundedReceiver<Error>) {
    let (sender, failures) = mpsc::unbounded_channel();
    let server = start(limits, move |connection| {
        let (config, sender) = (source.ldap(), sender.clone());
        async move {
            match connection.upgrade(config).await {
                Ok(secured) => echo(secured).await,
                Err(error) => sender.send(error).unwrap(),
            }
        }
    });
    (server, failures)
}

#[tokio::test]
async fn the_self_signed_certificate_serves_both_versions_and_all_its_names() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let (server, _) = start_ldaps(source, limits());
    for version in [&TLS12, &TLS13] {
        for name in ["localhost", "127.0.0.1", "::1"] {
            let connector = client(&OLD, version, &[]);
            let mut tls = handshake(&connector, server.connect().await, name)
                .await
                .unwrap();
            assert!(is_served(&mut tls).await, "{version:?} {name}");
        }
        let connector = client(&OLD, version, &[]);
        assert!(
            handshake(&connector, server.connect().await, "other.example")
                .await
                .is_err()
        );
    }
}

#[test]
fn a_name_that_is_not_ascii_is_refused() {
    let (from, to) = (
        datetime!(2020-01-01 0:00 UTC),
        datetime!(2021-01-01 0:00 UTC),
    );
    assert!(matches!(
        self_signed(&["grün.example"], from, to),
        Err(Error::SelfSigned(_))
    ));
}

#[tokio::test]
async fn https_agrees_on_a_protocol_and_ldap_never_minds() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let cases: [(bool, &[&str], &str); 6] = [
        (true, &["h2", "http/1.1"], "h2"),
        (true, &["http/1.1"], "http/1.1"),
        (true, &[], "none"),
        (true, &["imap"], "refused"),
        (false, &["ldap"], "none"),
        (false, &[], "none"),
    ];
    for (https, offered, expected) in cases {
        let config = if https { source.https() } else { source.ldap() };
        let server = start(limits(), move |connection| {
            let config = Arc::clone(&config);
            async move {
                if let Ok(secured) = connection.upgrade(config).await {
                    echo(secured).await;
                }
            }
        });
        let connector = client(&OLD, &TLS13, offered);
        let tls = handshake(&connector, server.connect().await, "localhost").await;
        let agreed = match tls.as_ref().map(|tls| tls.get_ref().1.alpn_protocol()) {
            Ok(Some(name)) => str::from_utf8(name).unwrap(),
            Ok(None) => "none",
            Err(_) => "refused",
        };
        assert_eq!(agreed, expected, "https: {https}, offered: {offered:?}");
    }
}

#[tokio::test]
async fn a_plain_connection_is_upgraded_once() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let (sender, mut outcome) = mpsc::unbounded_channel();
    let server = start(limits(), move |mut connection| {
        let (config, sender) = (source.ldap(), sender.clone());
        async move {
            assert_eq!(connection.read_u8().await.unwrap(), b'?');
            connection.write_all(b"go").await.unwrap();
            let peer = connection.peer_addr();
            let mut secured = connection.upgrade(Arc::clone(&config)).await.unwrap();
            assert!(secured.is_tls() && secured.is_write_vectored());
            assert_eq!(secured.peer_addr(), peer);
            assert_eq!(secured.read_u8().await.unwrap(), b'?');
            sender
                .send(secured.upgrade(config).await.unwrap_err())
                .unwrap();
        }
    });
    let mut tcp = server.connect().await;
    tcp.write_all(b"?").await.unwrap();
    tcp.read_exact(&mut [0; 2]).await.unwrap();
    let mut tls = handshake(&client(&OLD, &TLS13, &[]), tcp, "localhost")
        .await
        .unwrap();
    tls.write_all(b"?").await.unwrap();
    // The end of the connection, be it by a second upgrade or by a failed assertion.
    assert!(tls.read_u8().await.is_err());
    assert!(matches!(outcome.try_recv(), Ok(Error::AlreadyTls)));
}

// Time is paused: with nothing left to do but wait, the time-out is over at once.
#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_closed_after_the_handshake_timeout() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let after = Duration::from_secs(10);
    let limits = Limits {
        handshake_timeout: after,
        ..limits()
    };
    let (server, mut failures) = start_ldaps(source, limits);
    let mut silent = server.connect().await;
    let error = failures.recv().await;
    assert!(
        matches!(error, Some(Error::HandshakeTimeout { after: a }) if a == after),
        "{error:?}"
    );
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_client_that_speaks_no_tls_fails_its_handshake_and_no_other() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let (server, mut failures) = start_ldaps(source, limits());
    let mut confused = server.connect().await;
    confused.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(matches!(failures.recv().await, Some(Error::Handshake(_))));
    let connector = client(&OLD, &TLS13, &[]);
    let mut tls = handshake(&connector, server.connect().await, "localhost")
        .await
        .unwrap();
    assert!(is_served(&mut tls).await);
}

#[tokio::test]
async fn handshakes_that_failed_are_told_apart_by_why() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let (server, mut failures) = start_ldaps(source, limits());
    // Without TLS; where a certificate for another name is expected; gone at once.
    let mut confused = server.connect().await;
    confused.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    failures.recv().await.unwrap();
    let wary = client(&OLD, &TLS12, &[]);
    let refused = handshake(&wary, server.connect().await, "other.example").await;
    assert!(refused.is_err());
    failures.recv().await.unwrap();
    drop(server.connect().await);
    failures.recv().await.unwrap();
    let counts = server.traffic.failed_handshakes();
    let counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    assert_eq!(
        counts,
        [("certificate", 1), ("no_tls", 1), ("broken_off", 1)]
    );
}

#[tokio::test]
async fn a_stop_waits_for_no_handshake() {
    let source = Arc::new(Files::new(&OLD).open().unwrap());
    let (sender, mut events) = mpsc::unbounded_channel();
    let server = start(limits(), move |connection| {
        let (config, sender) = (source.ldap(), sender.clone());
        async move {
            sender.send(None).unwrap();
            sender.send(connection.upgrade(config).await.err()).unwrap();
        }
    });
    let _silent = server.connect().await;
    assert!(matches!(events.recv().await, Some(None)));
    // Far less than the handshake's time-out and the grace.
    timeout(Duration::from_secs(10), server.stop())
        .await
        .unwrap();
    assert!(matches!(events.recv().await, Some(Some(Error::Stopping))));
}

#[tokio::test]
async fn a_new_certificate_is_for_new_handshakes_and_old_connections_go_on() {
    let files = Files::new(&OLD);
    let source = Arc::new(files.open().unwrap());
    let (server, _failures) = start_ldaps(Arc::clone(&source), limits());
    let (old, new) = (client(&OLD, &TLS13, &[]), client(&NEW, &TLS13, &[]));
    let mut before = handshake(&old, server.connect().await, "localhost")
        .await
        .unwrap();
    assert!(is_served(&mut before).await);

    assert!(!source.reload().unwrap());
    files.write(&NEW);
    assert!(source.reload().unwrap());
    assert!(!source.reload().unwrap());

    assert!(is_served(&mut before).await);
    assert!(
        handshake(
            &client(&OLD, &TLS13, &[]),
            server.connect().await,
            "localhost"
        )
        .await
        .is_err()
    );
    let mut after = handshake(&new, server.connect().await, "localhost")
        .await
        .unwrap();
    assert!(is_served(&mut after).await);
}

#[test]
fn a_bad_file_changes_nothing_and_is_named() {
    let cut_short = OLD.key_pem.lines().take(3).collect::<Vec<_>>().join("\n");
    let one_line = OLD.key_pem.replace('\n', "");
    let cases: [(&str, &str, Option<&str>, &str); 9] = [
        ("missing certificate", "server.crt", None, "cannot read "),
        ("missing key", "server.key", None, "cannot read "),
        (
            "empty certificate",
            "server.crt",
            Some(""),
            "no certificate in it",
        ),
        ("empty key", "server.key", Some(""), "no private key in it"),
        (
            "key in place of certificate",
            "server.crt",
            Some(&OLD.key_pem),
            "no certificate in it",
        ),
        (
            "key cut short",
            "server.key",
            Some(&cut_short),
            "without its END line",
        ),
        (
            "key on one line",
            "server.key",
            Some(&one_line),
            "without its END line",
        ),
        (
            "half of a pair",
            "server.crt",
            Some(&NEW.certificate_pem),
            "cannot be used",
        ),
        (
            "other half of a pair",
            "server.key",
            Some(&NEW.key_pem),
            "cannot be used",
        ),
    ];
    for (case, name, content, expected) in cases {
        let files = Files::new(&OLD);
        let source = files.open().unwrap();
        let before = source.ldap();
        let path = files.certificate.with_file_name(name);
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let message = source.reload().unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.contains(name),
            "{case}: {message}"
        );
        assert!(Arc::ptr_eq(&before, &source.ldap()), "{case}");
        assert_eq!(files.open().unwrap_err().to_string(), message, "{case}");
    }
}

// Key material must not reach a log by way of an error.
#[test]
fn errors_do_not_quote_a_key_file() {
    let files = Files::new(&OLD);
    let secret = OLD.key_pem.lines().nth(1).unwrap();
    fs::write(&files.key, format!("-----BEGIN PRIVATE KEY-----{secret}")).unwrap();
    let error = format!("{:?}", files.open().unwrap_err());
    assert!(!error.contains(secret) && !error.contains(&format!("{:?}", secret.as_bytes())));
    assert!(matches!(files.open(), Err(Error::Pem { .. })));
}

// Time is paused, and stands still while a reload runs.
#[tokio::test(start_paused = true)]
async fn the_watch_survives_a_bad_file_and_takes_up_the_next_good_one() {
    let files = Files::new(&OLD);
    let source = Arc::new(files.open().unwrap());
    let before = source.ldap();
    let shutdown = CancellationToken::new();
    let interval = Duration::from_secs(5);
    let watch = tokio::spawn(Arc::clone(&source).watch(interval, shutdown.clone()));

    fs::write(&files.key, "not a key").unwrap();
    tokio::time::sleep(interval * 3).await;
    assert!(Arc::ptr_eq(&before, &source.ldap()));

    files.write(&NEW);
    tokio::time::sleep(interval * 3).await;
    assert!(!Arc::ptr_eq(&before, &source.ldap()));

    shutdown.cancel();
    watch.await.unwrap();
}
