//! Exchanges for those who may read them: the operator.

use jackfield_access::Denial;
use jackfield_model::{Exchange, Id, Principal, Timestamp};
use jackfield_store::ExchangeQuery;
use uuid::Uuid;

use crate::error::Error;
use crate::session::Session;

impl Session {
    /// The newest of the exchanges that are asked for, in the order in which they happened.
    ///
    /// # Errors
    /// [`Error::Forbidden`] but for the operator; [`Error::Unavailable`].
    pub async fn exchanges(&self, query: ExchangeQuery) -> Result<Vec<Exchange>, Error> {
        self.may_read_exchanges()?;
        let kept_since = self.gateway().keeping_since();
        let since = query
            .since
            .map_or(kept_since, |since| since.max(kept_since));
        let query = ExchangeQuery {
            since: Some(since),
            ..query
        };
        let found = self
            .gateway()
            .store()
            .exchanges(self.tenant().id(), query)
            .await;
        found.map_err(|error| self.unreadable(&error))
    }

    /// The exchange with this id.
    ///
    /// # Errors
    /// As [`exchanges`](Self::exchanges).
    pub async fn exchange(&self, id: Uuid) -> Result<Option<Exchange>, Error> {
        self.may_read_exchanges()?;
        let found = self
            .gateway()
            .store()
            .find_exchange(self.tenant().id(), id)
            .await;
        found.map_err(|error| self.unreadable(&error))
    }

    /// What a connection is called.
    pub fn connection_name(&self, id: Id) -> Option<String> {
        let snapshot = self.snapshot();
        snapshot.record(id)?.login().map(str::to_owned)
    }

    fn may_read_exchanges(&self) -> Result<(), Error> {
        match self.principal() {
            Principal::Operator => Ok(()),
            _ => {
                let why = "what connections exchange is for the operator to read";
                Err(Error::Forbidden(Denial::by("operator_only", why)))
            }
        }
    }

    fn unreadable(&self, error: &jackfield_store::Error) -> Error {
        tracing::error!(tenant = %self.tenant().name(), %error, "exchanges cannot be read");
        Error::Unavailable
    }
}

/// The moment so long before another.
pub(crate) fn before(now: Timestamp, age: std::time::Duration) -> Timestamp {
    let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(age))
}
