//! A certificate and its key, read from two files, again when they change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::Error;

/// The TLS configurations made of one certificate file and one key file.
///
/// Handshakes take what is current; connections keep what they began with.
#[derive(Debug)]
pub struct Source {
    files: Files,
    current: ArcSwap<Loaded>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    clients: Option<PathBuf>,
}

/// What the files hold.
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    clients: Vec<u8>,
}

#[derive(Debug)]
struct Loaded {
    digest: [u8; 32],
    https: Arc<ServerConfig>,
    ldap: Arc<ServerConfig>,
}

impl Source {
    /// Reads both files: PEM, the certificate chain with the server's own certificate first, and
    /// one private key (PKCS #8, PKCS #1 or SEC 1). They may be the same file.
    ///
    /// # Errors
    /// [`Error::ReadFile`], [`Error::Pem`] and [`Error::Unusable`], each naming the file.
    pub fn open(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::with_clients(certificate, key, None)
    }

    /// As [`open`](Self::open), with a third PEM file: the authorities whose certificates LDAP
    /// clients may show. They need not show any.
    ///
    /// # Errors
    /// As `open`.
    pub fn with_clients(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
        clients: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let files = Files {
            certificate: certificate.into(),
            key: key.into(),
            clients,
        };
        let loaded = files.load(&files.read()?)?;
        Ok(Self {
            files,
            current: ArcSwap::from_pointee(loaded),
        })
    }

    /// For HTTPS: offers `h2` and `http/1.1` by ALPN (RFC 7301).
    pub fn https(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.load().https)
    }

    /// For LDAPS and `StartTLS`: no ALPN, for a client that offers some other protocol would be
    /// turned away.
    pub fn ldap(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.load().ldap)
    }

    /// Reads the files again, and says whether they had changed.
    ///
    /// Contents are compared, not times: secrets mounted into a container change by a symbolic
    /// link, and network file systems tell of no events.
    ///
    /// # Errors
    /// As [`open`](Self::open), and then nothing has changed.
    pub fn reload(&self) -> Result<bool, Error> {
        let contents = self.files.read()?;
        if contents.digest() == self.current.load().digest {
            return Ok(false);
        }
        self.current.store(Arc::new(self.files.load(&contents)?));
        Ok(true)
    }

    /// Reloads every `interval` until `shutdown`, logging each change and each new failure.
    pub async fn watch(self: Arc<Self>, interval: Duration, shutdown: CancellationToken) {
        // A bad file stays bad for many rounds, and is worth one line.
        let mut reported = None;
        while shutdown
            .run_until_cancelled(tokio::time::sleep(interval))
            .await
            .is_some()
        {
            let source = Arc::clone(&self);
            let reload = tokio::task::spawn_blocking(move || source.reload());
            let Ok(outcome) = reload.await else { continue };
            let certificate = self.files.certificate.display();
            let failure = outcome.as_ref().err().map(ToString::to_string);
            match outcome {
                Ok(true) => tracing::info!(%certificate, "certificate reloaded"),
                Err(error) if failure != reported => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "certificate not reloaded, the old one stays"
                ),
                Ok(false) | Err(_) => {}
            }
            reported = failure;
        }
    }
}

impl Files {
    fn read(&self) -> Result<Contents, Error> {
        Ok(Contents {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
            clients: match &self.clients {
                Some(clients) => read(clients)?,
                None => Vec::new(),
            },
        })
    }

    fn load(&self, contents: &Contents) -> Result<Loaded, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = certificates(&self.certificate, &contents.certificate)?;
        let key = private_key(&self.key, &contents.key)?;
        let unusable = |source| Error::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        };
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(unusable)?;
        let certified = Arc::new(certified);
        let https = [b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Loaded {
            digest: contents.digest(),
            https: config(&provider, &certified, None, &https).map_err(unusable)?,
            ldap: config(&provider, &certified, self.verifier(contents)?, &[]).map_err(unusable)?,
        })
    }

    /// Who tells whether a client's certificate is good; nobody if none is asked for.
    fn verifier(&self, contents: &Contents) -> Result<Option<Arc<dyn ClientCertVerifier>>, Error> {
        let Some(path) = &self.clients else {
            return Ok(None);
        };
        let mut authorities = RootCertStore::empty();
        for authority in certificates(path, &contents.clients)? {
            authorities
                .add(authority)
                .map_err(|_| bad_pem(path, "a certificate that is no authority's"))?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider)
            .allow_unauthenticated()
            .build()
            .map(Some)
            .map_err(|_| bad_pem(path, "no authority of clients"))
    }
}

impl Contents {
    fn digest(&self) -> [u8; 32] {
        // Each is hashed by itself, so that moving a block from one to the other is a change.
        let all = [&self.certificate, &self.key, &self.clients].map(Sha256::digest);
        Sha256::digest(all.concat()).into()
    }
}

fn config(
    provider: &Arc<CryptoProvider>,
    certified: &Arc<CertifiedKey>,
    clients: Option<Arc<dyn ClientCertVerifier>>,
    alpn: &[Vec<u8>],
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_client_cert_verifier(clients.unwrap_or_else(WebPkiClientVerifier::no_client_auth))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(certified))));
    config.alpn_protocols = alpn.to_vec();
    Ok(Arc::new(config))
}

/// The first certificate in a PEM file, in DER.
///
/// # Errors
/// [`Error::ReadFile`] and [`Error::Pem`].
pub fn read_certificate(path: &Path) -> Result<Vec<u8>, Error> {
    let first = certificates(path, &read(path)?)?.into_iter().next();
    let first = first.ok_or_else(|| bad_pem(path, "no certificate in it"))?;
    Ok(first.to_vec())
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::ReadFile {
        path: path.to_owned(),
        source,
    })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad_pem(path, mistake(&error)))?;
    if chain.is_empty() {
        return Err(bad_pem(path, "no certificate in it"));
    }
    Ok(chain)
}

fn private_key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pem::Error::NoItemsFound => bad_pem(path, "no private key in it"),
        other => bad_pem(path, mistake(&other)),
    })
}

fn bad_pem(path: &Path, mistake: &'static str) -> Error {
    Error::Pem {
        path: path.to_owned(),
        mistake,
    }
}

fn mistake(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a PEM section without its END line",
        pem::Error::IllegalSectionStart { .. } => "a PEM section whose BEGIN line is malformed",
        pem::Error::Base64Decode(_) => "a PEM section that is not base64",
        _ => "not PEM",
    }
}
