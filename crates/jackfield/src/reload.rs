//! Reading the configuration again while the server runs.

use std::path::PathBuf;
use std::sync::Arc;

use jackfield_config::{Overrides, load};
use jackfield_gateway::Gateway;
use jackfield_net::tls;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::node;

/// What can change while the server runs: what tenants' files declare, and the certificate.
pub(crate) struct Reload {
    pub(crate) file: PathBuf,
    pub(crate) overrides: Overrides,
    pub(crate) gateway: Gateway,
    pub(crate) certificate: Arc<tls::Source>,
}

impl Reload {
    /// Reads the configuration again at each SIGHUP. One with mistakes changes nothing and says
    /// why.
    pub(crate) async fn at_each_hangup(self, stop: CancellationToken) {
        let mut hangups = match signal(SignalKind::hangup()) {
            Ok(hangups) => hangups,
            Err(error) => {
                tracing::error!(%error, "SIGHUP will not be heeded");
                return;
            }
        };
        while let Some(Some(())) = stop.run_until_cancelled(hangups.recv()).await {
            self.once().await;
        }
    }

    async fn once(&self) {
        let config = match load(&self.file, &self.overrides) {
            Ok(config) => config,
            Err(report) => {
                tracing::error!("nothing is changed:\n{}", report.render(false));
                return;
            }
        };
        let declared = node::declare(&self.gateway, &config.tenants).await;
        match self.certificate.reload() {
            Ok(true) => tracing::info!("read the certificate again"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
        match declared {
            Ok(()) => tracing::info!("read the configuration again"),
            Err(error) => tracing::error!("not everything could be changed: {error:#}"),
        }
    }
}
