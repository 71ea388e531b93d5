//! SASL PLAIN and EXTERNAL (RFC 4616, RFC 4513 §5.2), over TLS; version 2 of the protocol.

use std::fs;
use std::sync::Arc;

use jackfield_gateway::administer::SecretLimits;
use jackfield_gateway::testing::declaration;
use jackfield_ldap::Options;
use jackfield_net::tls;
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapMsg, LdapOp, LdapResultCode as Code, LdapSearchRequest,
    LdapSearchScope, SaslCredentials,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::harness::{PASSWORD, SUFFIX, Server};
use crate::raw::{Raw, bind, encoded, extended, search};

const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
const WHO_AM_I: &str = "1.3.6.1.4.1.4203.1.11.3";

/// A server with StartTLS whose clients may show certificates, and what it takes to make them.
struct Tls {
    server: Server,
    authority: CertifiedIssuer<'static, KeyPair>,
    _folder: TempDir,
}

/// A certificate and its key, both PEM.
struct Shown {
    certificate: String,
    key: String,
}

impl Tls {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority();
        let own = issued(&authority, "localhost");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let certificate = file("cert.pem", &own.certificate);
        let clients = file("clients.pem", &authority.pem());
        let key = file("key.pem", &own.key);
        let source = tls::Source::with_clients(certificate, key, Some(clients)).unwrap();
        let options = Options {
            tenant: Some("acme".parse().unwrap()),
            start_tls: Some(Arc::new(source)),
            ..Options::default()
        };
        Self {
            server: Server::with(options).await,
            authority,
            _folder: folder,
        }
    }

    /// A client under TLS that shows this certificate; `None` if the server does not take it.
    async fn client(&self, shown: Option<&Shown>) -> Option<Raw> {
        let mut stream = TcpStream::connect(self.server.address).await.unwrap();
        let request = crate::raw::octets(1, extended(START_TLS));
        let answer = start_tls(&mut stream, &request).await;
        assert!(answer.contains(&0x78), "no answer to StartTLS");
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(shown) => {
                let chain = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
                config.with_client_auth_cert(vec![chain], key).unwrap()
            }
        };
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.ok()?;
        let mut raw = Raw::over(stream);
        // In TLS 1.3 the client hears of a refused certificate only now.
        raw.send(2, extended(WHO_AM_I)).await;
        raw.next().await.map(|_| raw)
    }

    async fn assign(&self, name: &str, shown: &Shown) {
        let der = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).unwrap();
        let operator = self.server.operator();
        let principal = self.server.ids[name];
        operator
            .assign_certificate(principal, &der, "test", &SecretLimits::default())
            .await
            .unwrap();
    }
}

async fn start_tls(stream: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(request).await.unwrap();
    let mut answer = vec![0; 512];
    let length = stream.read(&mut answer).await.unwrap();
    answer.truncate(length);
    answer
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> Shown {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    Shown {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

fn sasl(mechanism: &str, credentials: &str) -> LdapOp {
    LdapOp::BindRequest(LdapBindRequest {
        version: 3,
        dn: String::new(),
        cred: LdapBindCred::SASL(SaslCredentials {
            mechanism: mechanism.to_owned(),
            credentials: credentials.as_bytes().to_vec(),
        }),
    })
}

async fn who(raw: &mut Raw, id: i32) -> String {
    raw.send(id, extended(WHO_AM_I)).await;
    let Some(LdapOp::ExtendedResponse(who)) = raw.next().await.map(|message| message.op) else {
        panic!("no answer")
    };
    String::from_utf8(who.value.unwrap()).unwrap()
}

async fn offered(raw: &mut Raw, id: i32) -> Vec<String> {
    let LdapOp::SearchRequest(everything) = search("") else {
        unreachable!()
    };
    let op = LdapOp::SearchRequest(LdapSearchRequest {
        scope: LdapSearchScope::Base,
        attrs: vec!["supportedSASLMechanisms".to_owned()],
        ..everything
    });
    raw.send(id, op).await;
    let Some(LdapOp::SearchResultEntry(entry)) = raw.next().await.map(|message| message.op) else {
        panic!("no root DSE")
    };
    raw.result(id).await;
    let values = entry.attributes.into_iter().flat_map(|found| found.vals);
    values
        .map(|value| String::from_utf8(value).unwrap())
        .collect()
}

#[tokio::test]
async fn plain_takes_a_name_and_a_password_under_tls_only() {
    let tls = Tls::start().await;
    let mut raw = tls.client(None).await.unwrap();
    assert_eq!(offered(&mut raw, 3).await, ["PLAIN"]);
    let alice = format!("dn:uid=alice,ou=people,{SUFFIX}");
    let password = PASSWORD;
    for (id, message, code) in [
        (10, format!("\0alice\0{password}"), Code::Success),
        (11, format!("u:alice\0alice\0{password}"), Code::Success),
        (
            12,
            format!("{alice}\0alice@acme.example\0{password}"),
            Code::Success,
        ),
        (13, "\0alice\0wrong".to_owned(), Code::InvalidCredentials),
        (14, "\0alice\0".to_owned(), Code::UnwillingToPerform),
        (
            15,
            format!("u:bob.smith\0alice\0{password}"),
            Code::InvalidCredentials,
        ),
        (16, format!("alice\0{password}"), Code::InvalidCredentials),
        (17, String::new(), Code::InvalidCredentials),
    ] {
        raw.send(id, sasl("PLAIN", &message)).await;
        assert_eq!(raw.result(id).await.code, code, "{message:?}");
        let expected = if code == Code::Success {
            alice.as_str()
        } else {
            ""
        };
        assert_eq!(who(&mut raw, 100 + id).await, expected, "{message:?}");
    }
    let mut plain = Raw::connect(&tls.server).await;
    assert!(offered(&mut plain, 1).await.is_empty());
    let message = format!("\0alice\0{password}");
    plain.send(2, sasl("PLAIN", &message)).await;
    assert_eq!(plain.result(2).await.code, Code::AuthMethodNotSupported);
}

#[tokio::test]
async fn external_takes_the_certificate_that_was_assigned() {
    let tls = Tls::start().await;
    let shown = issued(&tls.authority, "phone-7");
    let mut raw = tls.client(Some(&shown)).await.unwrap();
    assert_eq!(offered(&mut raw, 3).await, ["PLAIN", "EXTERNAL"]);
    raw.send(4, sasl("EXTERNAL", "")).await;
    assert_eq!(
        raw.result(4).await.code,
        Code::InvalidCredentials,
        "it is nobody's"
    );
    tls.assign("phone", &shown).await;
    let phone = format!("dn:uid=phone-7,ou=services,{SUFFIX}");
    for (id, authzid, code) in [
        (5, "", Code::Success),
        (6, phone.as_str(), Code::Success),
        (7, "u:alice", Code::InvalidCredentials),
    ] {
        raw.send(id, sasl("EXTERNAL", authzid)).await;
        assert_eq!(raw.result(id).await.code, code, "{authzid}");
        let expected = if code == Code::Success {
            phone.as_str()
        } else {
            ""
        };
        assert_eq!(who(&mut raw, 100 + id).await, expected);
    }
    // Another certificate, and none.
    let other = issued(&tls.authority, "phone-7");
    let mut raw = tls.client(Some(&other)).await.unwrap();
    raw.send(3, sasl("EXTERNAL", "")).await;
    assert_eq!(raw.result(3).await.code, Code::InvalidCredentials);
    let mut raw = tls.client(None).await.unwrap();
    raw.send(3, sasl("EXTERNAL", "")).await;
    assert_eq!(raw.result(3).await.code, Code::AuthMethodNotSupported);
}

#[tokio::test]
async fn a_certificate_of_another_authority_gets_no_connection() {
    let tls = Tls::start().await;
    let foreign = issued(&authority(), "phone-7");
    assert!(tls.client(Some(&foreign)).await.is_none());
}

#[tokio::test]
async fn version_2_binds_where_the_tenant_says_so() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(1, bind(2, "alice", PASSWORD)).await;
    assert_eq!(raw.result(1).await.code, Code::ProtocolError);
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", catalogue).unwrap();
    declared.settings.ldap_version_2 = true;
    let name = "acme".parse().unwrap();
    server
        .directory
        .gateway
        .declare(&name, declared)
        .await
        .unwrap();
    for (id, version, code) in [
        (2, 2, Code::Success),
        (3, 1, Code::ProtocolError),
        (4, 4, Code::ProtocolError),
        (5, 3, Code::Success),
    ] {
        raw.send(id, bind(version, "alice", PASSWORD)).await;
        assert_eq!(raw.result(id).await.code, code, "{version}");
    }
    // Version 2 has no controls, be they critical, and no notice of disconnection.
    for (version, code) in [(3, Code::UnavailableCriticalExtension), (2, Code::Success)] {
        raw.send(6, bind(version, "alice", PASSWORD)).await;
        raw.result(6).await;
        let control = LdapControl::Unknown {
            oid: "1.2.3".to_owned(),
            criticality: true,
            value: None,
        };
        raw.octets(&encoded(LdapMsg {
            msgid: 7,
            op: search(""),
            ctrl: vec![control],
        }))
        .await;
        assert_eq!(raw.entries(7).await.1.code, code, "{version}");
    }
    raw.octets(b"GET / HTTP/1.1\r\n\r\n").await;
    assert!(raw.next().await.is_none());
}
