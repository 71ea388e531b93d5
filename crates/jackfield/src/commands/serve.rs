//! `jackfield serve`: the server.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use ipnet::IpNet;
use jackfield_config::{Config, Environment, Overrides, load};
use jackfield_gateway::Gateway;
use jackfield_ldap::Ldap;
use jackfield_model::TenantName;
use jackfield_net::{Connection, Limits, Listener, SocketOptions, tls};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::{Common, Serve};
use crate::listeners::Addresses;
use crate::reload::Reload;
use crate::watched::Watched;
use crate::{certificate, first_start, http, logging, node};

/// How long connections may go on after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

const HANDSHAKE: Duration = Duration::from_secs(10);

/// How often the certificate's files are looked at.
const WATCH: Duration = Duration::from_secs(5);

pub(super) async fn serve(
    common: &Common,
    arguments: &Serve,
    environment: &Environment,
) -> Result<ExitCode> {
    let file = common.file(environment);
    let overrides = common.overrides(environment, arguments);
    let config = load(&file, &overrides)?;
    logging::start(&config.server.log);
    // Before anybody is told that the server is there: whoever stops it then stops it cleanly.
    let stop = StopSignals::new()?;
    let mut server = Server::open(&config).await?;
    server.watch(file, overrides);
    let newcomers = first_start::seed(&server.gateway, &config)
        .await
        .unwrap_or_else(|error| {
            tracing::error!("the sample people could not be made: {error:#}");
            Vec::new()
        });
    let greeted = match common.json {
        true => first_start::addresses(server.addresses),
        false => first_start::greet(&config, server.addresses, &newcomers).await,
    };
    if let Err(error) = greeted {
        tracing::error!("no access could be shown: {error:#}");
    }
    drop(newcomers);
    let announcement = server.addresses.announce(&config.server.folders.data);
    tracing::info!(addresses = ?server.addresses, "ready");
    stop.asked().await;
    tracing::info!("stopping");
    drop(announcement);
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

struct Server {
    gateway: Gateway,
    certificate: Arc<tls::Source>,
    addresses: Addresses,
    watched: Watched,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    async fn open(config: &Config) -> Result<Self> {
        let gateway = node::open(config).await?;
        gateway.keep_audit_trimmed();
        if let Err(error) = node::declare(&gateway, &config.tenants).await {
            // The tenant stays as it was, and the others need not wait for it.
            tracing::error!("not everything could be changed: {error:#}");
        }
        let mut server = Self {
            certificate: certificate::open(&config.server.certificate)?,
            gateway,
            addresses: Addresses::default(),
            watched: Watched::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        server.listen_http(config)?;
        server.listen_ldap(config)?;
        server.listen_ldaps(config)?;
        server.listen_metrics(config)?;
        Ok(server)
    }

    fn listen_http(&mut self, config: &Config) -> Result<()> {
        let Some(at) = &config.server.listeners.http else {
            return Ok(());
        };
        let is_https = config.server.is_https();
        let certificate = is_https.then(|| Arc::clone(&self.certificate));
        let scim = jackfield_scim::Options {
            public_url: config.server.http.public_url.clone(),
            max_body_bytes: config.server.limits.body_bytes,
            max_kept_bytes: config.server.scim_log.body_bytes,
            ..jackfield_scim::Options::default()
        };
        let listener = Listener::bind("http", at.address, &SocketOptions::default())?;
        let api = jackfield_api::Options {
            base_url: config.server.base_url(listener.local_addr()),
            max_body_bytes: config.server.limits.body_bytes,
        };
        let paths = http::Paths::new(&self.gateway, api, scim);
        let handler = move |connection| http::serve(connection, certificate.clone(), paths.clone());
        let address = self.listen(listener, limits(config, &at.proxies), handler);
        self.addresses.http = Some(address);
        Ok(())
    }

    fn listen_ldap(&mut self, config: &Config) -> Result<()> {
        let Some(at) = &config.server.listeners.ldap else {
            return Ok(());
        };
        let options = jackfield_ldap::Options {
            plaintext_binds: at.plaintext_binds,
            tenants: at.tenants.clone(),
            anonymous: at.anonymous,
            start_tls: Some(Arc::clone(&self.certificate)),
            ..ldap_options(config, at.tenant.clone())
        };
        let listener = Listener::bind("ldap", at.address, &SocketOptions::default())?;
        let ldap = Ldap::new(self.gateway.clone(), options);
        let handler = move |connection| {
            let ldap = ldap.clone();
            async move { ldap.serve_connection(connection).await }
        };
        let address = self.listen(listener, limits(config, &at.proxies), handler);
        self.addresses.ldap = Some(address);
        Ok(())
    }

    fn listen_ldaps(&mut self, config: &Config) -> Result<()> {
        let Some(at) = &config.server.listeners.ldaps else {
            return Ok(());
        };
        let options = jackfield_ldap::Options {
            tenants: at.tenants.clone(),
            anonymous: at.anonymous,
            ..ldap_options(config, at.tenant.clone())
        };
        let listener = Listener::bind("ldaps", at.address, &SocketOptions::default())?;
        let ldap = Ldap::new(self.gateway.clone(), options);
        let certificate = Arc::clone(&self.certificate);
        let handler = move |connection: Connection| {
            let (ldap, certificate) = (ldap.clone(), Arc::clone(&certificate));
            async move {
                match connection.upgrade(certificate.ldap()).await {
                    Ok(connection) => ldap.serve_connection(connection).await,
                    Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
                }
            }
        };
        let address = self.listen(listener, limits(config, &at.proxies), handler);
        self.addresses.ldaps = Some(address);
        Ok(())
    }

    /// After the others, whose connections it tells of.
    fn listen_metrics(&mut self, config: &Config) -> Result<()> {
        let Some(at) = &config.server.listeners.metrics else {
            return Ok(());
        };
        let listener = Listener::bind("metrics", at.address, &SocketOptions::default())?;
        let (gateway, watched, tenants) = (self.gateway.clone(), self.watched.clone(), at.tenants);
        let source = move || {
            let mut families = gateway.families(tenants);
            families.extend(watched.families());
            families
        };
        let router = jackfield_api::metrics::router(at.answered_networks(), Arc::new(source));
        let paths = http::Paths::of(router);
        let handler = move |connection| http::serve(connection, None, paths.clone());
        self.addresses.metrics = Some(self.listen(listener, limits(config, &[]), handler));
        Ok(())
    }

    /// Begins to serve a listener's connections; returns its address.
    fn listen<H, F>(&mut self, listener: Listener, limits: Limits, handler: H) -> SocketAddr
    where
        H: Fn(Connection) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr();
        self.watched.listener(&listener);
        let serving = jackfield_net::serve(listener, limits, self.stop.clone(), handler);
        self.tasks.spawn(serving);
        address
    }

    fn watch(&mut self, file: std::path::PathBuf, overrides: Overrides) {
        let watching = Arc::clone(&self.certificate).watch(WATCH, self.stop.clone());
        self.tasks.spawn(watching);
        let reload = Reload {
            file,
            overrides,
            gateway: self.gateway.clone(),
            certificate: Arc::clone(&self.certificate),
        };
        self.tasks.spawn(reload.at_each_hangup(self.stop.clone()));
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.gateway.stop().await;
    }
}

fn limits(config: &Config, proxies: &[IpNet]) -> Limits {
    let limits = &config.server.limits;
    Limits {
        max_connections: limits.connections,
        max_connections_per_source: limits.connections_per_source,
        handshake_timeout: HANDSHAKE,
        grace: GRACE,
        proxies: proxies.into(),
    }
}

fn ldap_options(config: &Config, tenant: Option<TenantName>) -> jackfield_ldap::Options {
    let limits = &config.server.limits;
    let defaults = jackfield_ldap::Options::default();
    jackfield_ldap::Options {
        tenant,
        host: config.server.http.host().map(str::to_owned),
        max_message_bytes: limits.message_bytes,
        max_message_bytes_unbound: defaults.max_message_bytes_unbound.min(limits.message_bytes),
        max_operations: limits.operations_per_connection,
        max_entries: limits.search_entries,
        max_search_time: Duration::from_secs(limits.search_seconds.into()),
        ..defaults
    }
}

/// Ctrl-C, and the SIGTERM of a service manager.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn new() -> Result<Self> {
        let heed = |kind| signal(kind).context("signals cannot be heeded");
        Ok(Self {
            interrupt: heed(SignalKind::interrupt())?,
            terminate: heed(SignalKind::terminate())?,
        })
    }

    /// Waits for one of them.
    async fn asked(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
