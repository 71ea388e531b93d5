//! What is counted beside the gateway: the listeners' connections, and what the process uses.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use jackfield_gateway::metrics::family::Family;
use jackfield_net::{Listener, Traffic};

/// The listeners that there are. Cloning gives a list of its own.
#[derive(Clone, Default)]
pub(crate) struct Watched(Vec<(Arc<str>, Arc<Traffic>)>);

impl Watched {
    /// Adds a listener.
    pub(crate) fn listener(&mut self, listener: &Listener) {
        let (name, traffic) = (listener.name(), listener.traffic());
        self.0.push((Arc::clone(name), Arc::clone(traffic)));
    }

    /// All there is to tell.
    pub(crate) fn families(&self) -> Vec<Family> {
        let mut all = self.of_listeners();
        all.extend(of_process());
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        all.push(Family::gauge("jackfield_build_info", "Always 1.").with(&version, 1));
        all
    }

    fn of_listeners(&self) -> Vec<Family> {
        let mut open = Family::gauge("jackfield_connections", "Connections that are open.");
        let mut accepted = Family::counter(
            "jackfield_connections_accepted_total",
            "Connections that were let in.",
        );
        let mut refused = Family::counter(
            "jackfield_connections_refused_total",
            "Connections closed at once: too many in all, too many from one address, or from a \
             proxy that did not say for whom.",
        );
        let mut handshakes = Family::counter(
            "jackfield_tls_handshakes_failed_total",
            "TLS handshakes that failed, by reason.",
        );
        for (name, traffic) in &self.0 {
            let listener = ("listener", &**name);
            open.add(&[listener], traffic.open());
            accepted.add(&[listener], traffic.accepted());
            for (reason, count) in traffic.refused() {
                refused.add(&[listener, ("reason", reason)], count);
            }
            for (reason, count) in traffic.failed_handshakes() {
                handshakes.add(&[listener, ("reason", reason)], count);
            }
        }
        vec![open, accepted, refused, handshakes]
    }
}

/// What the process uses, under the names that all exporters have for it; only on Linux.
fn of_process() -> Vec<Family> {
    let text = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let (status, stat) = (text("status"), text("stat"));
    let mut all = Vec::new();
    if let Some(kib) = line(&status, "VmRSS:") {
        let memory = Family::gauge("process_resident_memory_bytes", "Memory in use.");
        all.push(memory.with(&[], kib * 1024));
    }
    if let Some(threads) = line(&status, "Threads:") {
        all.push(Family::gauge("process_threads", "Threads.").with(&[], threads));
    }
    if let Some(time) = processor_time(&stat) {
        let used = Family::counter("process_cpu_seconds_total", "Processor time used.");
        all.push(used.with(&[], time));
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        let count = u64::try_from(files.count()).unwrap_or(0);
        all.push(Family::gauge("process_open_fds", "Open files and sockets.").with(&[], count));
    }
    all
}

/// The number behind a name in `/proc/PID/status`.
fn line(status: &str, name: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

/// From `/proc/PID/stat` (proc(5)): behind the name in parentheses, which may hold anything, the 12th
/// and 13th field, in ticks of 10 ms.
fn processor_time(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap_or(0)).sum();
    Some(Duration::from_millis(10 * ticks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_read_as_proc_5_says() {
        let status = "Name:\tjackfield\nVmRSS:\t    1234 kB\nThreads:\t7\n";
        assert_eq!(
            (line(status, "VmRSS:"), line(status, "Threads:")),
            (Some(1234), Some(7))
        );
        let stat = "1 (a) b) S 1 1 1 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 7 0 9 0 0";
        assert_eq!(processor_time(stat), Some(Duration::from_secs(2)));
        assert_eq!(processor_time(""), None);
    }
}
