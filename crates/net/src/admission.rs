//! Counting open connections, in all and by source address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Traffic;

/// The caps of one listener and how much of them is used.
#[derive(Debug)]
pub(crate) struct Admission {
    max: usize,
    max_per_source: usize,
    open: Mutex<Open>,
    traffic: Arc<Traffic>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    /// Only sources with a connection, so that it cannot grow beyond `total`.
    by_source: HashMap<IpAddr, usize>,
}

/// Which cap a connection ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// As many connections as may be open are open.
    Full,
    /// This source has as many as it may have.
    SourceFull,
}

/// The place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    /// None while a proxy has not yet said who it speaks for.
    source: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn new(max: usize, max_per_source: usize, traffic: Arc<Traffic>) -> Arc<Self> {
        Arc::new(Self {
            max,
            max_per_source,
            open: Mutex::default(),
            traffic,
        })
    }

    /// Takes a place for a connection, whose source is not counted yet.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Permit, Refusal> {
        let mut open = self.open();
        if open.total >= self.max {
            return Err(Refusal::Full);
        }
        open.total += 1;
        Ok(Permit {
            admission: Arc::clone(self),
            source: None,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing below can leave the counts half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Counts the connection as one from `source`, once.
    pub(crate) fn count(mut self, source: IpAddr) -> Result<Self, Refusal> {
        let mut open = self.admission.open();
        let of_source = open.by_source.entry(source).or_default();
        if *of_source >= self.admission.max_per_source {
            return Err(Refusal::SourceFull);
        }
        *of_source += 1;
        drop(open);
        self.admission.traffic.began();
        self.source = Some(source);
        Ok(self)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.admission.open();
        open.total -= 1;
        let Some(source) = self.source else { return };
        self.admission.traffic.over();
        if let Some(count) = open.by_source.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn both_caps_hold_and_a_dropped_permit_gives_its_place_back() {
        let [a, b] = [1, 2].map(|last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
        let traffic = Arc::<Traffic>::default();
        let admission = Admission::new(3, 2, Arc::clone(&traffic));
        let admit = |source| admission.admit()?.count(source);
        let first = admit(a).unwrap();
        let _second = admit(a).unwrap();
        assert_eq!(admit(a).unwrap_err(), Refusal::SourceFull);
        let third = admit(b).unwrap();
        assert_eq!(admit(b).unwrap_err(), Refusal::Full);
        drop(first);
        let _fourth = admit(a).unwrap();
        drop(third);
        assert!(!admission.open().by_source.contains_key(&b));
        assert_eq!((traffic.accepted(), traffic.open()), (4, 2));
    }
}
