//! The public keys of those whose assertions are trusted, fetched where they are published and kept
//! for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jackfield_model::{Clock, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value as Json;

/// Where documents come from that others publish.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// The document at a URL, if it comes within a few seconds and has no more bytes than `limit`.
    ///
    /// # Errors
    /// What stood in the way, for the log.
    async fn fetch(&self, url: &str, limit: usize) -> Result<Vec<u8>, String>;
}

/// The longest document that is read.
pub(crate) const MAX_BYTES: usize = 256 << 10;

/// Keys are fetched anew after so long.
const FRESH_SECONDS: i64 = 3_600;

/// Keys that cannot be fetched anew are good for so long.
const GOOD_SECONDS: i64 = 24 * 3_600;

/// A URL is asked no more often, whatever assertions name.
const PAUSE_SECONDS: i64 = 30;

/// Fetched keys, by their URLs: as many as operators have named.
pub(crate) struct Keys {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, Arc<Source>>>,
}

/// One URL. Whoever needs it waits for the one who asks.
#[derive(Default)]
struct Source(tokio::sync::Mutex<State>);

#[derive(Default)]
struct State {
    keys: Option<(Arc<JwkSet>, Timestamp)>,
    asked: Option<Timestamp>,
}

impl Keys {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetch,
            clock,
            known: Mutex::default(),
        }
    }

    /// The keys that are published there, if there are any. Keys in which something is missing,
    /// as `lacks` says, are fetched anew.
    pub(crate) async fn at(
        &self,
        url: &str,
        lacks: impl Fn(&JwkSet) -> bool,
    ) -> Option<Arc<JwkSet>> {
        let source = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(url.to_owned()).or_default())
        };
        let mut state = source.0.lock().await;
        let now = self.clock.now();
        let since = |then: Timestamp, seconds| then.plus_seconds(seconds) > now;
        let will_do = state
            .keys
            .as_ref()
            .is_some_and(|(keys, then)| since(*then, FRESH_SECONDS) && !lacks(keys));
        let is_early = state.asked.is_some_and(|then| since(then, PAUSE_SECONDS));
        if !will_do && !is_early {
            state.asked = Some(now);
            match self
                .fetch
                .fetch(url, MAX_BYTES)
                .await
                .and_then(|text| parse(&text))
            {
                Ok(keys) => state.keys = Some((Arc::new(keys), now)),
                Err(error) => tracing::warn!(url, error, "keys cannot be fetched"),
            }
        }
        let keys = state.keys.as_ref();
        keys.filter(|(_, then)| since(*then, GOOD_SECONDS))
            .map(|(keys, _)| Arc::clone(keys))
    }
}

/// The keys of a JWK set; those of a kind that is not known are left out (RFC 7517 §5).
pub(crate) fn parse(text: &[u8]) -> Result<JwkSet, String> {
    let set: Json = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let keys = set.get("keys").and_then(Json::as_array);
    let keys = keys.ok_or("it has no keys")?;
    let known = keys
        .iter()
        .filter_map(|key| serde_json::from_value(key.clone()).ok());
    let keys: Vec<_> = known.collect();
    match keys.is_empty() {
        true => Err("it has no keys of a kind that is known".to_owned()),
        false => Ok(JwkSet { keys }),
    }
}
