//! People's passwords: Argon2id on a bounded pool, whose places go round among the networks that
//! clients come from, so that a flood of binds starves nobody.

mod imported;
mod turns;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use jackfield_model::{Credential, Id, Secret, Verifier, text};
use moka::sync::Cache;
use smol_str::SmolStr;
use zeroize::Zeroizing;

use self::imported::Imported;
use self::turns::Turns;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::rate::network;
use crate::secret::SecretKey;

/// How the verifiers of passwords are named.
pub const SCHEME: &str = "argon2id";

/// How those are named that another directory made.
const IMPORTED: &str = "imported";

/// For how long a verified password is remembered, in memory only. The credential's id is part of
/// the key, so a new password, which is a new credential, ends it at once.
const REMEMBERED: Duration = Duration::from_mins(5);

/// Longer passwords are not hashed at all.
const MAX_BYTES: usize = 1_024;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    pool: Arc<Turns<Option<IpAddr>>>,
    verified: Cache<[u8; 32], Id>,
    /// Made of randomness at the start and kept in memory only.
    memory_key: SecretKey,
    decoy: Arc<OnceLock<String>>,
    metrics: Arc<Metrics>,
}

impl Passwords {
    /// With at most so many hashes at work at once; each takes 19 MiB.
    pub(crate) fn new(at_once: usize, memory_key: SecretKey, metrics: Arc<Metrics>) -> Self {
        Self {
            pool: Turns::new(at_once.max(1)),
            verified: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
            memory_key,
            decoy: Arc::new(OnceLock::new()),
            metrics,
        }
    }

    /// What a password is checked against, for whoever comes from there.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] if it is empty or too long.
    pub(crate) async fn hash(
        &self,
        password: &str,
        from: Option<IpAddr>,
    ) -> Result<Verifier, Error> {
        if password.is_empty() || password.len() > MAX_BYTES {
            let problem = format!("a password has 1 to {MAX_BYTES} octets");
            return Err(Error::invalid_value("password", problem));
        }
        let password = Zeroizing::new(text::opaque(password).into_owned());
        let hash = self.run(from, move || hash(&password)).await??;
        Ok(Verifier {
            scheme: SmolStr::new_static(SCHEME),
            value: Secret::new(hash),
        })
    }

    /// What a password is checked against that another directory kept as this.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] if it is a hash of no known kind, or one that takes too long.
    pub(crate) fn import(kept: &str) -> Result<Verifier, Error> {
        if Imported::parse(kept).is_none() {
            return Err(Error::invalid_value(
                "userPassword",
                "its hash is not understood",
            ));
        }
        Ok(Verifier {
            scheme: SmolStr::new_static(IMPORTED),
            value: Secret::new(kept),
        })
    }

    /// Whether a password is to be hashed anew once it is known.
    pub(crate) fn is_outdated(credential: &Credential) -> bool {
        credential.verifiers.iter().any(|v| v.scheme == IMPORTED)
    }

    /// The credential for which the password was right a short while ago.
    pub(crate) fn recall(&self, credentials: &[Arc<Credential>], password: &[u8]) -> Option<Id> {
        let is_remembered = |credential: &&Arc<Credential>| {
            let key = self.memory_name(credential.id, password);
            self.verified.get(&key) == Some(credential.id)
        };
        credentials.iter().find(is_remembered).map(|known| known.id)
    }

    /// Whether the password is that of one of the credentials. Takes as long if there are none.
    pub(crate) async fn verify(
        &self,
        credentials: &[Arc<Credential>],
        password: &[u8],
        from: Option<IpAddr>,
    ) -> Result<Option<Id>, Error> {
        if let Some(known) = self.recall(credentials, password) {
            return Ok(Some(known));
        }
        if password.len() > MAX_BYTES {
            return Ok(None);
        }
        let candidates: Vec<(Id, Verifier)> = credentials
            .iter()
            .flat_map(|credential| credential.verifiers.iter().map(move |v| (credential.id, v)))
            .map(|(id, verifier)| (id, verifier.clone()))
            .collect();
        let secret = match std::str::from_utf8(password) {
            Ok(text) => Zeroizing::new(text::opaque(text).into_owned().into_bytes()),
            Err(_) => Zeroizing::new(password.to_vec()),
        };
        let decoy = Arc::clone(&self.decoy);
        let found = self
            .run(from, move || {
                if candidates.is_empty() {
                    let decoy = decoy.get_or_init(|| hash("nobody's").unwrap_or_default());
                    let _ = matches(decoy, &secret);
                }
                candidates
                    .iter()
                    .find(|(_, verifier)| is_of(verifier, &secret))
                    .map(|(id, _)| *id)
            })
            .await?;
        if let Some(id) = found {
            self.verified.insert(self.memory_name(id, password), id);
        }
        Ok(found)
    }

    fn memory_name(&self, credential: Id, password: &[u8]) -> [u8; 32] {
        let mut text = Zeroizing::new(Vec::with_capacity(16 + password.len()));
        text.extend_from_slice(credential.0.as_bytes());
        text.extend_from_slice(password);
        self.memory_key.hash(&text)
    }

    async fn run<T: Send + 'static>(
        &self,
        from: Option<IpAddr>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = self.metrics.hashes_waiting.enter();
        let turn = self.pool.take(&from.map(network)).await;
        drop(waiting);
        let metrics = Arc::clone(&self.metrics);
        let done = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let outcome = work();
            metrics.hashing.note(begun.elapsed());
            drop(turn);
            outcome
        });
        done.await.map_err(|_| Error::Internal)
    }
}

fn hash(password: &str) -> Result<String, Error> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Error::Internal
        })?;
    Ok(hash.to_string())
}

fn is_of(verifier: &Verifier, password: &[u8]) -> bool {
    let kept = verifier.value.expose();
    match verifier.scheme.as_str() {
        SCHEME => matches(kept, password),
        IMPORTED => Imported::parse(kept).is_some_and(|hash| hash.is_of(password)),
        _ => false,
    }
}

fn matches(hash: &str, password: &[u8]) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|parsed| Argon2::default().verify_password(password, &parsed).is_ok())
}
