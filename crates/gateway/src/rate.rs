//! How fast clients may come: each connection and each tenant at its own rate, and whoever shows wrong
//! credentials, by the network that they come from.
//!
//! A meter is one moment: up to when what was asked for is paid. It moves on by one interval for each
//! request, and may be ahead of the clock by a burst. What costs more than one request, such as a
//! bulk request, is let in if one request would be, and paid for afterwards.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jackfield_model::{Id, TenantId, Timestamp};
use moka::sync::Cache;

use crate::error::Error;
use crate::metrics::Counter;

/// How fast something may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often a minute, in the long run.
    pub per_minute: u32,
    /// How many at once, after a pause.
    pub burst: u32,
}

/// How fast clients may come; what has no rate comes as fast as it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one connection.
    pub connection: Option<Rate>,
    /// Requests of one tenant's connections.
    pub tenant: Option<Rate>,
    /// Wrong credentials from one network: an IPv4 address, or an IPv6 prefix of 64 bits.
    pub failures: Option<Rate>,
}

/// Nobody is kept out for longer, whatever was asked for and wherever the clock was set to.
const LONGEST_MICROS: i64 = 60_000_000;

/// So many meters of a kind are kept; the least used ones go first.
const METERS: u64 = 100_000;

/// The meters of a node.
pub(crate) struct Meters {
    connections: Metered<(TenantId, Id)>,
    tenants: Metered<TenantId>,
    failures: Metered<IpAddr>,
}

impl Meters {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            connections: Metered::new(rates.connection),
            tenants: Metered::new(rates.tenant),
            failures: Metered::new(rates.failures),
        }
    }

    /// How often something came too fast: requests of a connection, of a tenant, wrong credentials.
    pub(crate) fn refused(&self) -> [(&'static str, u64); 3] {
        [
            ("connection", self.connections.refused.get()),
            ("tenant", self.tenants.refused.get()),
            ("wrong_credentials", self.failures.refused.get()),
        ]
    }

    /// Counts a request of a connection.
    ///
    /// # Errors
    /// [`Error::TooBusy`] if it comes too fast.
    pub(crate) fn request(
        &self,
        tenant: TenantId,
        connection: Id,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.tenants.is_spent(&tenant, now) {
            // It costs the connection nothing.
            return self.tenants.count(&tenant, now);
        }
        self.connections.count(&(tenant, connection), now)?;
        self.tenants.count(&tenant, now)
    }

    /// Counts further work of a request that was let in.
    pub(crate) fn charge(&self, tenant: TenantId, connection: Id, units: u32, now: Timestamp) {
        self.connections.charge(&(tenant, connection), units, now);
        self.tenants.charge(&tenant, units, now);
    }

    /// Whether wrong credentials from an address are too many already.
    pub(crate) fn has_failed_often(&self, from: Option<IpAddr>, now: Timestamp) -> bool {
        from.is_some_and(|from| self.failures.is_spent(&network(from), now))
    }

    /// Counts wrong credentials from an address.
    ///
    /// # Errors
    /// [`Error::TooBusy`] if there were many from its network.
    pub(crate) fn failure(&self, from: Option<IpAddr>, now: Timestamp) -> Result<(), Error> {
        from.map_or(Ok(()), |from| self.failures.count(&network(from), now))
    }
}

/// Meters of one rate.
struct Metered<K> {
    rate: Option<Rate>,
    /// How often something came too fast.
    refused: Counter,
    meters: Cache<K, Arc<Meter>>,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Metered<K> {
    fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            refused: Counter::default(),
            meters: Cache::new(METERS),
        }
    }

    fn count(&self, key: &K, now: Timestamp) -> Result<(), Error> {
        let Some(rate) = self.rate else { return Ok(()) };
        let meter = self.meters.get_with_by_ref(key, Arc::default);
        meter.count(rate, now).map_err(|wait| {
            self.refused.one();
            let seconds = wait.saturating_add(999_999) / 1_000_000;
            Error::TooBusy {
                retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
            }
        })
    }

    /// Whether one more would be too many.
    fn is_spent(&self, key: &K, now: Timestamp) -> bool {
        let meter = self.rate.zip(self.meters.get(key));
        meter.is_some_and(|(rate, meter)| meter.is_spent(rate, now))
    }

    fn charge(&self, key: &K, units: u32, now: Timestamp) {
        if let Some(rate) = self.rate {
            let meter = self.meters.get_with_by_ref(key, Arc::default);
            meter.charge(rate, units, now);
        }
    }
}

/// Up to which moment what was asked for is paid, in microseconds.
#[derive(Default)]
struct Meter(AtomicI64);

impl Meter {
    /// Lets one request in, or says for how many microseconds to wait.
    fn count(&self, rate: Rate, now: Timestamp) -> Result<(), i64> {
        let step = rate.interval();
        let mut wait = 0;
        let counted = self.move_on(now, |paid| {
            wait = rate.wait(paid, now);
            (wait <= 0).then(|| paid.saturating_add(step))
        });
        if counted { Ok(()) } else { Err(wait) }
    }

    fn is_spent(&self, rate: Rate, now: Timestamp) -> bool {
        rate.wait(within(self.0.load(Ordering::Acquire), now), now) > 0
    }

    fn charge(&self, rate: Rate, units: u32, now: Timestamp) {
        let step = rate.interval().saturating_mul(units.into());
        self.move_on(now, |paid| Some(paid.saturating_add(step)));
    }

    /// Moves on as `on` says, or stays; a moment that only a clock which was set back can explain
    /// comes nearer in either case.
    fn move_on(&self, now: Timestamp, mut on: impl FnMut(i64) -> Option<i64>) -> bool {
        let mut is_moved = false;
        let step = |paid: i64| {
            let paid = within(paid, now);
            let next = on(paid);
            is_moved = next.is_some();
            Some(within(next.unwrap_or(paid), now))
        };
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, step);
        is_moved
    }
}

/// As near to now as a meter's moment is.
fn within(paid: i64, now: Timestamp) -> i64 {
    paid.clamp(now.0, now.0.saturating_add(LONGEST_MICROS))
}

impl Rate {
    /// For how many microseconds to wait with one more request; nothing or less to be let in.
    fn wait(self, paid: i64, now: Timestamp) -> i64 {
        paid.saturating_sub(now.0).saturating_sub(self.room())
    }

    /// The microseconds that one request costs.
    fn interval(self) -> i64 {
        60_000_000 / i64::from(self.per_minute.max(1))
    }

    /// By how many microseconds a meter may be ahead, for one more request to be let in; a full
    /// burst is never more than the longest wait.
    fn room(self) -> i64 {
        let burst = i64::from(self.burst.max(1) - 1);
        self.interval()
            .saturating_mul(burst)
            .min(LONGEST_MICROS - self.interval())
    }
}

/// The network of an address, in which anybody can have any other address.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_305_600_000_000);

    fn millis(millis: i64) -> Timestamp {
        Timestamp(NOW.0 + millis * 1_000)
    }

    /// How many of so many requests are let in at once.
    fn let_in(meter: &Meter, rate: Rate, requests: usize, now: Timestamp) -> usize {
        (0..requests)
            .filter(|_| meter.count(rate, now).is_ok())
            .count()
    }

    #[test]
    fn what_the_tenants_meter_refuses_costs_the_connection_nothing() {
        let rate = |per_minute, burst| Some(Rate { per_minute, burst });
        let meters = Meters::new(Rates {
            connection: rate(30, 2),
            tenant: rate(60, 1),
            failures: None,
        });
        let (tenant, connection) = (TenantId(Uuid::nil()), Id(Uuid::nil()));
        let is_let_in = |at| meters.request(tenant, connection, at).is_ok();
        let asked = [(0, true), (0, false), (500, false), (1_000, true)];
        for (at, expected) in asked {
            assert_eq!(is_let_in(millis(at)), expected, "{at}");
        }
        assert_eq!(meters.refused()[1], ("tenant", 2));
    }

    #[test]
    fn a_burst_is_let_in_and_then_as_many_as_the_rate_has() {
        let rate = Rate {
            per_minute: 600,
            burst: 20,
        };
        let meter = Meter::default();
        assert_eq!(let_in(&meter, rate, 50, NOW), 20);
        assert_eq!(let_in(&meter, rate, 50, millis(99)), 0);
        assert_eq!(let_in(&meter, rate, 50, millis(100)), 1);
        assert_eq!(let_in(&meter, rate, 50, millis(1_100)), 10);
        assert_eq!(
            let_in(&meter, rate, 50, millis(60_000)),
            20,
            "after a pause"
        );
    }

    #[test]
    fn who_is_told_to_wait_so_long_is_let_in_after_it() {
        for (per_minute, burst) in [(60, 1), (7, 3), (600, 20), (1, 1), (6_000, 1_000_000)] {
            let rate = Rate { per_minute, burst };
            let meters = Metered::new(Some(rate));
            let mut now = NOW;
            for _ in 0..3 {
                let wait = loop {
                    if let Err(error) = meters.count(&1, now) {
                        break error;
                    }
                };
                let Error::TooBusy { retry_after } = wait else {
                    panic!("{wait}")
                };
                assert!((1..=60).contains(&retry_after), "{rate:?}: {retry_after}");
                now = now.plus_seconds(retry_after.into());
                meters.count(&1, now).expect("it is time");
            }
        }
    }

    #[test]
    fn what_is_charged_is_paid_for_later() {
        let rate = Rate {
            per_minute: 600,
            burst: 20,
        };
        let meter = Meter::default();
        assert!(meter.count(rate, NOW).is_ok());
        meter.charge(rate, 119, NOW);
        assert_eq!(let_in(&meter, rate, 1, millis(10_000)), 0);
        assert_eq!(let_in(&meter, rate, 1, millis(10_100)), 1);
        meter.charge(rate, u32::MAX, millis(10_100));
        assert_eq!(let_in(&meter, rate, 1, millis(10_100 + 58_000)), 0);
        assert_eq!(
            let_in(&meter, rate, 1, millis(10_100 + 60_000)),
            1,
            "nobody waits for ever"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_long() {
        let rate = Rate {
            per_minute: 60,
            burst: 1,
        };
        let meter = Meter::default();
        assert!(meter.count(rate, NOW.plus_seconds(86_400)).is_ok());
        assert!(meter.count(rate, NOW).is_err());
        assert!(meter.count(rate, NOW.plus_seconds(60)).is_ok());
    }

    #[test]
    fn a_network_is_an_address_or_a_prefix_of_64_bits() {
        for (one, other, is_same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            let of = |text: &str| network(text.parse().unwrap());
            assert_eq!(of(one) == of(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_has_no_rate_is_not_counted() {
        let meters = Meters::new(Rates::default());
        let (tenant, id) = (TenantId(uuid::Uuid::nil()), Id(uuid::Uuid::nil()));
        for _ in 0..10_000 {
            meters.request(tenant, id, NOW).expect("let in");
            meters
                .failure(Some([192, 0, 2, 1].into()), NOW)
                .expect("let in");
        }
    }
}
