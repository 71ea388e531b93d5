//! The certificate of TLS: configured, or made at the first start.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use jackfield_config::server::Certificate;
use jackfield_net::tls;
use time::Duration;

use crate::{ambient, files};

const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// For how long a certificate made here is valid.
const VALID: Duration = Duration::days(3_650);

/// Opens the certificate; makes a self-signed one where none is configured.
pub(crate) fn open(certificate: &Certificate) -> Result<Arc<tls::Source>> {
    let Certificate {
        certificate: path,
        key,
        clients,
        is_configured,
    } = certificate;
    let is_there = path.exists() && key.exists();
    if !is_configured && !is_there {
        let now = ambient::now();
        let made = tls::self_signed(&NAMES, now - Duration::days(1), now + VALID)?;
        files::write_private(key, made.key_pem.as_bytes())
            .and_then(|()| files::write_private(path, made.certificate_pem.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        tracing::info!(certificate = %path.display(), "made a self-signed certificate");
    }
    Ok(Arc::new(tls::Source::with_clients(
        path,
        key,
        clients.clone(),
    )?))
}
