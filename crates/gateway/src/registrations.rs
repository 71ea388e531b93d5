//! Where phones are registered, as telephone systems tell it: kept in memory on this node, for a
//! while, and never in the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_access::Denial;
use jackfield_model::{Id, Kind, Timestamp};
use smol_str::SmolStr;

use crate::error::Error;
use crate::reader::Reader;
use crate::session::Session;

/// The scope of a service account that tells of registrations, and reads them.
pub(crate) const SCOPE: &str = "registrations";

/// What is told of one record, by the names that the protocol has for it.
pub type Registration = BTreeMap<&'static str, SmolStr>;

/// How many records of a tenant may be told of at once.
const MOST: usize = 200_000;

/// For how many seconds a registration is kept whose end is not told, or lies far ahead.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;

/// The registrations of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Registrations(Mutex<HashMap<Id, Kept>>);

#[derive(Debug)]
struct Kept {
    told: Arc<Registration>,
    until: Timestamp,
}

/// The registrations as they are at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    all: Arc<Registrations>,
    pub(crate) now: Timestamp,
}

impl Session {
    /// Changes what is told of a record; `ends` says when that ends, if it is known.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without the scope, [`Error::NotFound`] for a record that registers
    /// nowhere or that the principal may not know of, [`Error::TooMuch`], or what `change` says.
    pub fn register<E: From<Error>>(
        &self,
        record: Id,
        change: impl FnOnce(&mut Registration) -> Result<Option<Timestamp>, E>,
    ) -> Result<(), E> {
        if !self.has_scope(SCOPE) {
            let reason = "telling of registrations takes the scope `registrations`";
            return Err(Error::Forbidden(Denial::by("scope", reason)).into());
        }
        let reader = self.read()?;
        let kinds = [Kind::User, Kind::Extension, Kind::Device];
        let found = reader.entry(record);
        if !found.is_some_and(|entry| kinds.contains(&entry.record().kind)) {
            return Err(Error::not_found("the account").into());
        }
        let now = self.gateway().now();
        self.tenant().registrations().change(record, now, change)
    }

    /// What is registered now, if the principal may know.
    pub(crate) fn registered(&self) -> Option<Registered> {
        self.has_scope(SCOPE).then(|| Registered {
            all: Arc::clone(self.tenant().registrations()),
            now: self.gateway().now(),
        })
    }
}

impl Reader {
    /// What is told of a record; nothing for who may not know.
    pub fn registration(&self, record: Id) -> Option<Arc<Registration>> {
        let registered = self.terms().registered.as_ref()?;
        let all = registered.all.lock();
        let kept = all.get(&record)?;
        (kept.until > registered.now).then(|| Arc::clone(&kept.told))
    }

    /// The records of whose registrations this holds; `None` for who may not know.
    pub fn registered_where(&self, holds: impl Fn(&Registration) -> bool) -> Option<Vec<Id>> {
        let registered = self.terms().registered.as_ref()?;
        let all = registered.all.lock();
        let good = all
            .iter()
            .filter(|(_, kept)| kept.until > registered.now && holds(&kept.told));
        Some(good.map(|(id, _)| *id).collect())
    }
}

impl Registrations {
    fn change<E: From<Error>>(
        &self,
        record: Id,
        now: Timestamp,
        change: impl FnOnce(&mut Registration) -> Result<Option<Timestamp>, E>,
    ) -> Result<(), E> {
        let mut all = self.lock();
        let old = all.get(&record).filter(|kept| kept.until > now);
        let mut told = old
            .map(|kept| Registration::clone(&kept.told))
            .unwrap_or_default();
        let ends = change(&mut told)?;
        if told.is_empty() {
            all.remove(&record);
            return Ok(());
        }
        if all.len() >= MOST && !all.contains_key(&record) {
            all.retain(|_, kept| kept.until > now);
            if all.len() >= MOST {
                let what = "the number of registrations";
                let limit = u64::try_from(MOST).unwrap_or(u64::MAX);
                return Err(Error::TooMuch { what, limit }.into());
            }
        }
        let longest = now.plus_seconds(LONGEST_SECONDS);
        let ends = ends.filter(|ends| *ends > now).unwrap_or(longest);
        let kept = Kept {
            told: Arc::new(told),
            until: ends.min(longest),
        };
        all.insert(record, kept);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_told_ends_and_what_is_empty_is_forgotten() {
        let all = Arc::new(Registrations::default());
        let (phone, start) = (Id(Uuid::from_u128(1)), Timestamp(0));
        let tell = |now, ends, value: Option<&str>| {
            all.change::<Error>(phone, now, |told| {
                told.clear();
                told.extend(value.map(|value| ("contact", value.into())));
                Ok(ends)
            })
            .unwrap();
        };
        let until = || all.lock().get(&phone).map(|kept| kept.until);
        tell(start, Some(start.plus_seconds(60)), Some("sip:a"));
        assert_eq!(until(), Some(start.plus_seconds(60)));
        // No end, one that is over, and one too far off.
        for ends in [None, Some(start), Some(start.plus_seconds(9_999_999))] {
            tell(start, ends, Some("sip:a"));
            assert_eq!(until(), Some(start.plus_seconds(LONGEST_SECONDS)));
        }
        tell(start, None, None);
        assert_eq!(until(), None);
    }
}
