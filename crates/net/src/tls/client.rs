//! Speaking TLS to a server that somebody named.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Connects to `host:port` under TLS, trusting what the certificates in the PEM file vouch for.
///
/// # Errors
/// Those of reading the file, of the network, and of the handshake.
pub async fn connect(
    address: &str,
    ca: &Path,
) -> io::Result<impl AsyncWrite + Send + Unpin + use<>> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let name = ServerName::try_from(host).map_err(invalid)?;
    let connector = TlsConnector::from(Arc::new(trusting(ca)?));
    connector
        .connect(name, TcpStream::connect(address).await?)
        .await
}

fn trusting(ca: &Path) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(invalid)? {
        roots.add(certificate.map_err(invalid)?).map_err(invalid)?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(invalid)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
