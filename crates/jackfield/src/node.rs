//! The store, the keys and the gateway, opened as the configuration says.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use jackfield_config::{Config, TenantConfig, server};
use jackfield_gateway::directory::plan::Declaration;
use jackfield_gateway::secret::SecretKey;
use jackfield_gateway::{
    Dependencies, Gateway, Keeping, Lockout, Options, Rate, Rates, SealKeys, Session, Tenant,
};
use jackfield_model::{IdSource as _, Origin, Principal, TenantName};
use jackfield_store::Store;
use jackfield_store::audit::AuditKey;
use jackfield_store_postgres::PgStore;
use jackfield_store_sqlite::SqliteStore;

use crate::ambient::{SystemClock, SystemIds};
use crate::files;
use crate::web::Web;

/// Other processes' writes are seen within this time, whether or not the store tells of them.
const POLL: Duration = Duration::from_millis(250);

/// Under this name the store keeps which key its secrets are sealed under.
const SEAL_KEY: &str = "seal_key";

/// The store, and the keys to what is in it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    secret_key: SecretKey,
    seal_keys: SealKeys,
}

/// Opens the store, brings its schema up to date, and makes sure that the keys are the store's own.
pub(crate) async fn open_store(config: &Config) -> Result<Opened> {
    let server::Server {
        folders,
        keys,
        store,
        ..
    } = &config.server;
    let data = &folders.data;
    files::make_private_folder(data).with_context(|| format!("cannot make {}", data.display()))?;
    let audit_key = AuditKey::new(key(&keys.audit)?);
    let secret_key = SecretKey::new(key(&keys.secret)?);
    let seal: Vec<[u8; 32]> = keys
        .seal
        .iter()
        .map(|path| key(path))
        .collect::<Result<_>>()?;
    let seal_keys = SealKeys::new(&seal)?;
    let store = connect(store, audit_key.clone()).await?;
    for (name, fingerprints, files) in [
        (
            "audit_key",
            vec![audit_key.fingerprint()],
            slice::from_ref(&keys.audit),
        ),
        (
            "secret_key",
            vec![secret_key.fingerprint()],
            slice::from_ref(&keys.secret),
        ),
        (SEAL_KEY, seal_keys.fingerprints().collect(), &keys.seal),
    ] {
        own(&*store, name, &fingerprints, files).await?;
    }
    Ok(Opened {
        store,
        secret_key,
        seal_keys,
    })
}

async fn connect(store: &server::Store, audit_key: AuditKey) -> Result<Arc<dyn Store>> {
    match store {
        server::Store::Sqlite { file } => {
            let store = SqliteStore::open(file, audit_key).await;
            Ok(Arc::new(store.with_context(|| {
                format!("cannot open {}", file.display())
            })?))
        }
        server::Store::Postgres { url } => {
            let store = PgStore::connect(url.expose(), audit_key).await;
            Ok(Arc::new(
                store.context("cannot open the PostgreSQL database")?,
            ))
        }
    }
}

/// Makes sure that one of the keys is the one that the store was first opened with. The first of
/// them is, if this is the first time.
async fn own(
    store: &dyn Store,
    name: &str,
    fingerprints: &[[u8; 32]],
    files: &[PathBuf],
) -> Result<()> {
    let first = fingerprints.first().context("there is no key")?;
    let kept = store.keep(name, first).await;
    let kept = kept.context("the keys cannot be checked")?;
    if !fingerprints.iter().any(|own| *own == *kept) {
        let files: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        bail!(
            "{} is not the key file that this database was made with: put that one in its place, \
             from a backup or another node",
            files.join(" or ")
        );
    }
    Ok(())
}

/// Opens the store and starts a gateway on it.
pub(crate) async fn open(config: &Config) -> Result<Gateway> {
    start(config, open_store(config).await?).await
}

/// Seals everything anew that is not sealed under the first key, after which the others open
/// nothing any more; returns how many secrets that were.
pub(crate) async fn reseal(config: &Config) -> Result<usize> {
    let opened = open_store(config).await?;
    let store = Arc::clone(&opened.store);
    let first = opened.seal_keys.fingerprints().next();
    let gateway = start(config, opened).await?;
    let outcome = async {
        let count = gateway.reseal().await?;
        store
            .replace_kept(SEAL_KEY, &first.context("there is no key")?)
            .await?;
        Ok(count)
    };
    let outcome = outcome.await;
    gateway.stop().await;
    outcome
}

async fn start(config: &Config, opened: Opened) -> Result<Gateway> {
    let Opened {
        store,
        secret_key,
        seal_keys,
    } = opened;
    let dependencies = Dependencies {
        store,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        secret_key,
        seal_keys,
        fetch: Arc::new(Web::new()?),
    };
    let server::ScimLog {
        requests,
        bytes,
        days,
        ..
    } = config.server.scim_log;
    let options = Options {
        rates: rates(&config.server.limits),
        lockout: lockout(&config.server.limits),
        exchanges: Keeping {
            count: requests,
            bytes,
            age: Duration::from_hours(24 * u64::from(days)),
        },
        hashes_at_once: config.server.limits.hash_threads(),
        poll: POLL,
        several_nodes: matches!(config.server.store, server::Store::Postgres { .. }),
    };
    Ok(Gateway::start(dependencies, options).await?)
}

fn rates(limits: &server::Limits) -> Rates {
    let rate = |per_minute: u32, burst| (per_minute > 0).then_some(Rate { per_minute, burst });
    let per_second = |count: u32, burst| rate(count.saturating_mul(60), burst);
    Rates {
        connection: per_second(limits.requests_per_second, limits.request_burst),
        tenant: per_second(
            limits.tenant_requests_per_second,
            limits.tenant_request_burst,
        ),
        failures: rate(
            limits.wrong_tokens_per_minute,
            limits.wrong_tokens_per_minute,
        ),
    }
}

fn lockout(limits: &server::Limits) -> Option<Lockout> {
    let seconds = |count: u32| Duration::from_secs(count.into());
    (limits.wrong_passwords > 0).then(|| Lockout {
        attempts: limits.wrong_passwords,
        window: seconds(limits.wrong_passwords_seconds),
        lasts: seconds(limits.lockout_seconds),
    })
}

/// Does something with a gateway, beside a running server or without one, and stops it whatever
/// became of that.
pub(crate) async fn with_gateway<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Gateway) -> Result<T>,
) -> Result<T> {
    let gateway = open(config).await?;
    let outcome = work(&gateway).await;
    gateway.stop().await;
    outcome
}

/// Changes something as the operator of one tenant: all of it, or nothing. It is first done on a
/// copy of the tenant, so that whatever stands in its way is met before anything is written.
pub(crate) async fn change_tenant<T>(
    config: &Config,
    name: &str,
    work: impl AsyncFn(Session) -> Result<T>,
) -> Result<T> {
    with_tenant(config, name, async |operator| {
        work(operator.rehearse()).await?;
        work(operator).await
    })
    .await
}

/// Does something as the operator of one tenant, beside a running server or without one. A tenant
/// that no server has made yet is made as its file declares.
pub(crate) async fn with_tenant<T>(
    config: &Config,
    name: &str,
    work: impl AsyncFnOnce(Session) -> Result<T>,
) -> Result<T> {
    let wanted: TenantName = name.parse()?;
    let declared = config.tenants.iter().find(|tenant| tenant.name == wanted);
    let declared = declared.ok_or_else(|| {
        let names: Vec<&str> = config
            .tenants
            .iter()
            .map(|tenant| tenant.name.as_str())
            .collect();
        anyhow!(
            "there is no file for the tenant {name:?}; there are {}",
            names.join(", ")
        )
    })?;
    with_gateway(config, async |gateway| {
        if gateway.tenant(name).is_err() {
            gateway
                .declare(&declared.name, declaration(declared))
                .await?;
        }
        work(operator(gateway, &gateway.tenant(name)?)).await
    })
    .await
}

/// The operator in a tenant.
pub(crate) fn operator(gateway: &Gateway, tenant: &Tenant) -> Session {
    gateway.act_as(tenant, Principal::Operator, Origin::local("cli"))
}

/// Puts in place what the tenants' files declare. A tenant that cannot be changed so stays as it
/// was; the others are changed.
pub(crate) async fn declare(gateway: &Gateway, tenants: &[TenantConfig]) -> Result<()> {
    let mut failed = Vec::new();
    for tenant in tenants {
        if let Err(error) = gateway.declare(&tenant.name, declaration(tenant)).await {
            failed.push(format!("{}: {error}", tenant.name));
        }
    }
    let names: HashSet<TenantName> = tenants.iter().map(|tenant| tenant.name.clone()).collect();
    if let Err(error) = gateway.suspend_others(&names).await {
        failed.push(format!("a tenant whose file is gone: {error}"));
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "the tenant files do not fit what is stored: {}",
        failed.join("; ")
    )
}

/// What the file of the tenant declares.
pub(crate) fn declared(config: &Config, name: &TenantName) -> Result<Declaration> {
    let tenant = config.tenants.iter().find(|tenant| tenant.name == *name);
    let tenant = tenant.ok_or_else(|| anyhow!("there is no file for the tenant {name}"))?;
    Ok(declaration(tenant))
}

fn declaration(tenant: &TenantConfig) -> Declaration {
    let roles = tenant.custom_roles.iter();
    Declaration {
        settings: tenant.settings.clone(),
        schemas: tenant.schemas.clone(),
        catalogue: (*tenant.catalogue).clone(),
        custom_roles: roles
            .map(|(key, role)| (key.clone(), role.clone()))
            .collect(),
    }
}

/// Reads a key file; makes one of the data folder's own at the first start.
fn key(path: &Path) -> Result<[u8; 32]> {
    let octets = files::read_or_make(path, || SystemIds.secret().to_vec())
        .with_context(|| format!("cannot read or make the key file {}", path.display()))?;
    <[u8; 32]>::try_from(octets)
        .map_err(|_| anyhow!("the key file {} must hold 32 octets", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jackfield_config::{Overrides, load};

    use super::*;

    #[tokio::test]
    async fn a_store_opens_with_the_keys_that_it_was_made_with_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["catalogues", "tenants"] {
            fs::create_dir(path(name)).unwrap();
        }
        let file = path("jackfield.toml");
        fs::write(&file, "[listeners.http]\n[folders]\ndata = \"data\"\n").unwrap();
        let config = load(&file, &Overrides::default()).unwrap();
        open_store(&config).await.unwrap().store.close().await;
        for name in ["audit.key", "secret.key", "seal.key"] {
            let key = path("data").join(name);
            let right = fs::read(&key).unwrap();
            // Lost, so that another is made; and another installation's.
            fs::remove_file(&key).unwrap();
            for _ in 0..2 {
                let error = open_store(&config).await.err().unwrap().to_string();
                assert!(error.contains(key.to_str().unwrap()), "{error}");
                fs::write(&key, [7; 32]).unwrap();
            }
            fs::write(&key, right).unwrap();
            open_store(&config).await.unwrap().store.close().await;
        }
    }
}
