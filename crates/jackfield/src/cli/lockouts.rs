//! `jackfield lockouts`.

use clap::{Args, Subcommand};

use super::TenantOnly;

#[derive(Debug, Subcommand)]
pub(crate) enum LockoutsCommand {
    /// List the accounts that are locked now, and for which networks
    List(TenantOnly),
    /// Let an account in again, from everywhere, before its locks end by themselves
    Lift(Lift),
}

#[derive(Debug, Args)]
pub(crate) struct Lift {
    /// The account, by any name that it can log in with
    pub(crate) account: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}
