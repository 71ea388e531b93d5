//! What can go wrong between a socket and its handler.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Why a listener, a connection or a certificate is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("listener `{listener}` cannot listen on {address}")]
    Bind {
        /// The listener's name.
        listener: Arc<str>,
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },

    /// A trusted proxy did not say, or not in time, whom it speaks for.
    #[error("no PROXY header: {0}")]
    Proxy(&'static str),

    /// The client's handshake was wrong, or nothing in it was acceptable to both sides.
    #[error("TLS handshake failed")]
    Handshake(#[source] io::Error),

    /// The client did not finish its handshake in time.
    #[error("TLS handshake not finished after {after:?}")]
    HandshakeTimeout {
        /// How long the client was given.
        after: Duration,
    },

    /// The server began to stop while the handshake was going on.
    #[error("stopping")]
    Stopping,

    /// The connection is under TLS already.
    #[error("the connection is under TLS already")]
    AlreadyTls,

    /// A certificate or key file cannot be read.
    #[error("cannot read {}", path.display())]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A certificate or key file is not the PEM that it should be.
    ///
    /// The parser's own error quotes the line it stumbled over, and that line may be a private key:
    /// so only the kind of the mistake is kept.
    #[error("{}: {mistake}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        mistake: &'static str,
    },

    /// Both files can be read, but do not make a certificate that can be served.
    #[error("certificate {} with key {} cannot be used", certificate.display(), key.display())]
    Unusable {
        /// The file with the certificate chain.
        certificate: PathBuf,
        /// The file with the private key.
        key: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },

    /// A self-signed certificate cannot be made of these names or this validity.
    #[error("cannot make a self-signed certificate")]
    SelfSigned(#[from] rcgen::Error),
}
