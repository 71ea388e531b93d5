//! How often pairs and records are looked at: tests count the work that a plan does by it, since
//! time would tell less, and less surely. Outside tests nothing is counted.

#[cfg(test)]
thread_local! {
    static VISITS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts one.
#[inline]
pub(crate) fn visit() {
    #[cfg(test)]
    VISITS.with(|visits| visits.set(visits.get() + 1));
}

/// How many there were while `work` was done on this thread.
#[cfg(test)]
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = VISITS.with(std::cell::Cell::get);
    let outcome = work();
    (outcome, VISITS.with(std::cell::Cell::get) - before)
}
