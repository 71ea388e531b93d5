//! Logging to standard error.

use jackfield_config::server::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging. What panics say goes to the log as well, but for what they carry: that may be
/// a client's.
pub(crate) fn start(log: &Log) {
    // Anyone can send octets that a parser complains about.
    let filter = EnvFilter::new(format!("ldap3_proto=off,sqlx=warn,{}", log.filter));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // Another one is there already only in tests of the program itself.
    let _ = match log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a task panicked");
    }));
}
