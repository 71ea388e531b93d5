//! The command line of what SCIM connections asked for.

use clap::Args;
use uuid::Uuid;

use super::moment::Moment;

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Requests of this connection only
    #[arg(long)]
    pub(crate) connection: Option<String>,
    /// Requests that were refused, or failed, only
    #[arg(long)]
    pub(crate) failed: bool,
    /// From this moment on: 2026-11-22, 2026-11-22T03:04:05Z, or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,
    /// How many of the newest
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) limit: u32,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The request's id, as `scim log` shows it
    pub(crate) id: Uuid,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The requests' ids, as `scim log` shows them; they are asked one after the other
    #[arg(required = true)]
    pub(crate) ids: Vec<Uuid>,
    /// Change nothing, and say what would come of them now
    #[arg(long)]
    pub(crate) dry_run: bool,
}
