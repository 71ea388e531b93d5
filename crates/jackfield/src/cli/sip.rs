//! `jackfield sip`.

use clap::{Args, Subcommand};

use super::TenantOnly;

#[derive(Debug, Subcommand)]
pub(crate) enum SipCommand {
    /// List the extensions of a tenant, and since when they have a SIP secret
    List(TenantOnly),
    /// Make a SIP secret for an extension, in place of the one it has; it is shown once
    Generate(OneExtension),
    /// Give an extension the SIP secret on the first line of standard input
    Set(OneExtension),
    /// Take the SIP secret of an extension, whose phone cannot register any more
    Remove(OneExtension),
}

#[derive(Debug, Args)]
pub(crate) struct OneExtension {
    /// The extension's number
    pub(crate) extension: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}
