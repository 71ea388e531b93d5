//! Whoever shows wrong passwords for one account from one network waits; nobody else does.
//!
//! What is counted belongs to a tenant, an account and the network that it was asked from: a phone
//! behind a site's router that goes on with an old password locks out neither the site nor the
//! account's owner elsewhere. It is kept in the memory of the node, under keys of one size, and is
//! looked at before any password is hashed and before the store is asked. That somebody is locked
//! out is told to the store (`told`), where an operator sees and lifts it.

mod told;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::quality::RandomState;
use jackfield_model::{Id, TenantId, Timestamp};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::OwnedMutexGuard;

use crate::error::Error;
use crate::rate::network;

pub use told::LockedAccount;

/// How many wrong passwords lock an account for the network that they came from, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// So many.
    pub attempts: u32,
    /// Within so long; a right one begins the count anew.
    pub window: Duration,
    /// Then nothing is checked for so long, the right password neither.
    pub lasts: Duration,
}

impl Default for Lockout {
    fn default() -> Self {
        Self {
            attempts: 10,
            window: Duration::from_mins(5),
            lasts: Duration::from_mins(5),
        }
    }
}

/// So many accounts and networks are kept; those that were not asked for the longest go first.
const KEPT: u64 = 100_000;

/// How often the store is asked at most whether a lock still stands.
const ASKED_SECONDS: i64 = 2;

/// Whose password was asked for, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    tenant: Option<TenantId>,
    account: Id,
    network: IpAddr,
}

impl Subject {
    /// The account is a record's id, or stands for a name that nobody bears.
    pub(crate) fn new(tenant: Option<TenantId>, account: Id, from: IpAddr) -> Self {
        Self {
            tenant,
            account,
            network: network(from),
        }
    }
}

/// The wrong passwords that a node has seen.
pub(crate) struct Lockouts {
    rule: Option<Lockout>,
    counts: Cache<Subject, Arc<Count>, RandomState>,
}

/// Of one subject.
#[derive(Default)]
struct Count {
    state: Mutex<State>,
    /// Whose turn it is: slow checks are made one after the other, so that a flood of them for one
    /// account holds one of the threads that hash, and no guess is made beyond those allowed.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Copy, Default)]
struct State {
    wrong: u32,
    since: Timestamp,
    until: Option<Timestamp>,
    /// When the store was told of the lock, or last asked if it still stands; unless it was told, it
    /// cannot say so.
    told: Option<Timestamp>,
}

/// One check of a password. What is not told to have been right or wrong does not count.
pub(crate) struct Attempt<'l> {
    lockouts: &'l Lockouts,
    /// Of nobody if it is not said whose it is.
    subject: Option<Subject>,
    /// What was wrong before.
    count: Option<Arc<Count>>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Lockouts {
    pub(crate) fn new(rule: Option<Lockout>) -> Self {
        Self {
            rule,
            counts: Cache::builder()
                .max_capacity(KEPT)
                .eviction_policy(EvictionPolicy::lru())
                .build_with_hasher(RandomState::default()),
        }
    }

    /// Begins a check; that of nobody in particular always.
    ///
    /// # Errors
    /// [`Error::LockedOut`].
    pub(crate) fn attempt(
        &self,
        subject: Option<Subject>,
        now: Timestamp,
    ) -> Result<Attempt<'_>, Error> {
        let attempt = Attempt {
            lockouts: self,
            subject,
            count: subject.and_then(|subject| self.counts.get(&subject)),
            turn: None,
        };
        attempt.permit(now).map(|()| attempt)
    }

    /// How many accounts are locked for a network.
    pub(crate) fn locked(&self, now: Timestamp) -> usize {
        let Some(rule) = self.rule else { return 0 };
        let counts = self.counts.iter();
        counts
            .filter(|(_, count)| count.state().is_locked(rule, now))
            .count()
    }

    /// Notes that the store was told of a lock.
    fn told(&self, subject: &Subject, now: Timestamp) {
        if let Some(count) = self.counts.get(subject) {
            count.state().told = Some(now);
        }
    }

    /// Whether to ask the store now if the lock still stands.
    fn asks(&self, subject: &Subject, now: Timestamp) -> bool {
        let Some(count) = self.counts.get(subject) else {
            return false;
        };
        let mut state = count.state();
        let is_due = |told: Timestamp| told.plus_seconds(ASKED_SECONDS) <= now || now < told;
        let asks = state.told.is_some_and(is_due);
        if asks {
            state.told = Some(now);
        }
        asks
    }

    /// Ends a lock.
    fn lift(&self, subject: &Subject) {
        if let Some(count) = self.counts.get(subject) {
            *count.state() = State::default();
        }
    }
}

impl Attempt<'_> {
    /// Waits for the other slow checks of the same subject.
    ///
    /// # Errors
    /// [`Error::LockedOut`] if they have locked it.
    pub(crate) async fn turn(&mut self, now: impl Fn() -> Timestamp) -> Result<(), Error> {
        if let (Some(subject), None, Some(_)) = (&self.subject, &self.turn, self.lockouts.rule) {
            let count = self.lockouts.counts.get_with_by_ref(subject, Arc::default);
            self.turn = Some(Arc::clone(&count.turn).lock_owned().await);
            self.count = Some(count);
            self.permit(now())?;
        }
        Ok(())
    }

    /// The network that it comes from.
    pub(crate) fn from(&self) -> Option<IpAddr> {
        self.subject.map(|subject| subject.network)
    }

    /// The password was right.
    pub(crate) fn right(self) {
        if let Some(count) = self.count {
            *count.state() = State::default();
        }
    }

    /// The password was wrong. Gives who is locked out by that.
    pub(crate) fn wrong(self, now: Timestamp) -> Option<(Subject, Lockout)> {
        let (subject, rule) = (self.subject?, self.lockouts.rule?);
        let count = self.lockouts.counts.get_with_by_ref(&subject, Arc::default);
        let is_locked = count.state().wrong(rule, now);
        is_locked.then_some((subject, rule))
    }

    fn permit(&self, now: Timestamp) -> Result<(), Error> {
        let (Some(count), Some(rule)) = (&self.count, self.lockouts.rule) else {
            return Ok(());
        };
        match count.state().is_locked(rule, now) {
            true => Err(Error::LockedOut),
            false => Ok(()),
        }
    }
}

impl Count {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A moment further off than a lock lasts comes from a clock that was set back since.
    fn is_locked(self, rule: Lockout, now: Timestamp) -> bool {
        self.until
            .is_some_and(|until| now < until && until <= later(now, rule.lasts))
    }

    /// Says whether it is locked from now on.
    fn wrong(&mut self, rule: Lockout, now: Timestamp) -> bool {
        if self.is_locked(rule, now) {
            return false;
        }
        let is_recent = self.since <= now && now < later(self.since, rule.window);
        if !is_recent || self.until.is_some() {
            *self = Self {
                since: now,
                ..Self::default()
            };
        }
        self.wrong += 1;
        let is_locked = self.wrong >= rule.attempts;
        if is_locked {
            self.until = Some(later(now, rule.lasts));
        }
        is_locked
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.plus_seconds(i64::try_from(by.as_secs()).unwrap_or(i64::MAX / 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_305_600_000_000);

    const RULE: Lockout = Lockout {
        attempts: 3,
        window: Duration::from_mins(1),
        lasts: Duration::from_mins(5),
    };

    fn subject(account: u128, from: &str) -> Subject {
        let account = Id(uuid::Uuid::from_u128(account));
        Subject::new(None, account, from.parse().unwrap())
    }

    fn after(seconds: i64) -> Timestamp {
        NOW.plus_seconds(seconds)
    }

    /// Shows wrong passwords at these seconds; whether it is locked out after the last.
    fn is_locked_by(at: &[i64]) -> bool {
        let lockouts = Lockouts::new(Some(RULE));
        let mut last = NOW;
        for seconds in at {
            last = after(*seconds);
            if let Ok(attempt) = lockouts.attempt(Some(subject(1, "192.0.2.1")), last) {
                attempt.wrong(last);
            }
        }
        lockouts
            .attempt(Some(subject(1, "192.0.2.1")), last)
            .is_err()
    }

    #[test]
    fn so_many_wrong_ones_within_the_window_lock() {
        for (at, expected) in [
            (&[0, 1][..], false),
            (&[0, 1, 59], true),
            (&[0, 1, 60], false),
            (&[0, 1, 60, 61, 62], true),
            (&[0, 0, 0, 299], true),
            (&[0, 0, 0, 300], false),
            (&[0, 0, 0, 300, 300, 300], true),
            // The clock was set back.
            (&[0, 1, -500, -499], false),
            (&[0, 0, 0, -500], false),
        ] {
            assert_eq!(is_locked_by(at), expected, "{at:?}");
        }
    }

    #[test]
    fn others_and_other_networks_are_not_locked_and_a_right_one_begins_anew() {
        let lockouts = Lockouts::new(Some(RULE));
        let ask = |account, from| lockouts.attempt(Some(subject(account, from)), NOW);
        for _ in 0..2 {
            assert!(ask(1, "192.0.2.1").unwrap().wrong(NOW).is_none());
        }
        ask(1, "192.0.2.1").unwrap().right();
        for _ in 0..2 {
            assert!(ask(1, "192.0.2.1").unwrap().wrong(NOW).is_none());
        }
        let told = ask(1, "192.0.2.1").unwrap().wrong(NOW);
        assert_eq!(told, Some((subject(1, "192.0.2.1"), RULE)));
        for (account, from, expected) in [
            (1, "192.0.2.1", true),
            (1, "::ffff:192.0.2.1", true),
            (1, "192.0.2.2", false),
            (2, "192.0.2.1", false),
        ] {
            assert_eq!(ask(account, from).is_err(), expected, "{account} {from}");
        }
    }

    #[tokio::test]
    async fn who_waited_for_a_turn_learns_what_became_of_the_others() {
        let lockouts = Lockouts::new(Some(RULE));
        let ask = || {
            lockouts
                .attempt(Some(subject(1, "192.0.2.1")), NOW)
                .unwrap()
        };
        let (mut first, mut second) = (ask(), ask());
        first.turn(|| NOW).await.unwrap();
        for other in [ask(), ask()] {
            other.wrong(NOW);
        }
        let waiting = second.turn(|| NOW);
        first.wrong(NOW);
        assert_eq!(waiting.await, Err(Error::LockedOut));
    }

    #[test]
    fn what_was_begun_before_the_lock_does_not_end_it() {
        let lockouts = Lockouts::new(Some(RULE));
        let begun: Vec<_> = (0..8)
            .map(|_| {
                lockouts
                    .attempt(Some(subject(1, "192.0.2.1")), NOW)
                    .unwrap()
            })
            .collect();
        let told = begun.into_iter().filter_map(|attempt| attempt.wrong(NOW));
        assert_eq!(told.count(), 1);
        assert!(
            lockouts
                .attempt(Some(subject(1, "192.0.2.1")), NOW)
                .is_err()
        );
    }

    #[test]
    fn without_a_rule_nothing_is_counted() {
        let lockouts = Lockouts::new(None);
        for _ in 0..1_000 {
            let attempt = lockouts
                .attempt(Some(subject(1, "192.0.2.1")), NOW)
                .unwrap();
            assert!(attempt.wrong(NOW).is_none());
        }
        let counted = lockouts.counts.get(&subject(1, "192.0.2.1"));
        assert!(counted.is_none());
    }
}
