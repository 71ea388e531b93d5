//! When principals and credentials were last used: beside the revisions, not part of any.

use std::sync::{PoisonError, RwLock};

use foldhash::HashMap;
use jackfield_model::{Id, Timestamp};

/// When each user, or credential, was last used. Every snapshot of a tenant shares one.
#[derive(Debug, Default)]
pub struct LastUse(RwLock<HashMap<Id, Timestamp>>);

/// What happens again within this time is not noted again.
const COARSE_SECONDS: i64 = 60;

impl LastUse {
    /// When it was last used, to the minute.
    pub fn get(&self, id: Id) -> Option<Timestamp> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .copied()
    }

    /// Forgets what is gone.
    pub fn forget(&self, gone: &[Id]) {
        if gone.is_empty() {
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for id in gone {
            all.remove(id);
        }
    }

    /// Notes a use; whether it is news worth keeping.
    pub fn note(&self, id: Id, at: Timestamp) -> bool {
        if self
            .get(id)
            .is_some_and(|last| last.plus_seconds(COARSE_SECONDS) > at)
        {
            return false;
        }
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, at);
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_second_use_within_a_minute_is_no_news() {
        let (uses, id) = (LastUse::default(), Id(Uuid::from_u128(1)));
        assert!(uses.note(id, Timestamp(0)));
        assert!(!uses.note(id, Timestamp(0).plus_seconds(59)));
        assert!(uses.note(id, Timestamp(0).plus_seconds(60)));
        assert_eq!(uses.get(id), Some(Timestamp(0).plus_seconds(60)));
        uses.forget(&[id]);
        assert_eq!(uses.get(id), None);
    }
}
