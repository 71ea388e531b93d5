//! `jackfield audit` and `jackfield report`.

use clap::{Args, Subcommand};

use super::TenantOnly;
use super::moment::Moment;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    #[command(flatten)]
    pub(crate) list: AuditList,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no entry is missing or altered
    Verify {
        /// The tenant [default: all of them]
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Send entries to a syslog server (RFC 5424), their bodies as JSON
    Export(Export),
}

#[derive(Debug, Args)]
pub(crate) struct AuditList {
    /// The tenant [default: all of them]
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    #[command(flatten)]
    pub(crate) which: Which,
    /// Go on with entries as they come
    #[arg(long)]
    pub(crate) follow: bool,
}

/// Which entries.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// From this moment on: 2026-11-22, 2026-11-22T03:04:05Z, or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,
    /// Before this moment
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<Moment>,
    /// Who: a name, an id or a kind such as connection, person, operator
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Whom: a name or an id
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// What: user.create, or user for all that begins so
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// Only what was refused
    #[arg(long)]
    pub(crate) refused: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Where to: udp://host:514, tcp://host:601 or tls://host:6514
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// The certificates that a TLS server's is checked against, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<std::path::PathBuf>,
    /// Begin behind the entry of this number
    #[arg(long, default_value_t = 0)]
    pub(crate) after: u64,
    /// Go on with entries as they come
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Show what deserves a look: too few or too many holders, roles that nobody reviewed for a
    /// quarter, dormant accounts, accounts and roles without need
    Access(TenantOnly),
    /// Note that the holders of a role, or of all, were looked at and are right
    Reviewed {
        /// The tenant
        #[arg(long)]
        tenant: String,
        /// The role's key [default: all of them]
        #[arg(long)]
        role: Option<String>,
    },
}
