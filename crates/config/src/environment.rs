//! What the environment and the command line say, which wins over the files.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The variables that are read, as they were when the program started.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `JACKFIELD_CONFIG`: the path of `jackfield.toml`.
    pub config: Option<PathBuf>,
    /// `JACKFIELD_DATA`: the data folder.
    pub data: Option<PathBuf>,
    /// `JACKFIELD_LOG`: the log filter.
    pub log: Option<String>,
    /// Whether `NO_COLOR` is set to anything: then nothing is coloured.
    pub no_color: bool,
}

impl Environment {
    /// Reads the variables; one that is empty counts as not set.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn read() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            config: variable("JACKFIELD_CONFIG").map(PathBuf::from),
            data: variable("JACKFIELD_DATA").map(PathBuf::from),
            log: variable("JACKFIELD_LOG").map(|value| value.to_string_lossy().into_owned()),
            no_color: variable("NO_COLOR").is_some(),
        }
    }
}

/// What is said elsewhere and takes the place of what `jackfield.toml` says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The data folder, from the working directory.
    pub data: Option<PathBuf>,
    /// The log filter.
    pub log: Option<String>,
    /// Where to listen for HTTP, even if the file has no such listener.
    pub listen_http: Option<SocketAddr>,
    /// Where to listen for LDAP, even if the file has no such listener.
    pub listen_ldap: Option<SocketAddr>,
    /// Where to listen for LDAPS, even if the file has no such listener.
    pub listen_ldaps: Option<SocketAddr>,
}
