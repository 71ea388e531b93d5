//! `jackfield api-token`.

use clap::{Args, Subcommand};
use ipnet::IpNet;
use jackfield_gateway::administer::network;

use super::expiry::Expiry;
use super::{RevokeToken, TenantOnly};

#[derive(Debug, Subcommand)]
pub(crate) enum ApiTokenCommand {
    /// Make a token of a service account or user; it is shown once
    Create(NewApiToken),
    /// List the tokens of a tenant's service accounts and users
    List(TenantOnly),
    /// End a token at once
    Revoke(RevokeToken),
}

#[derive(Debug, Args)]
pub(crate) struct NewApiToken {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    #[command(flatten)]
    pub(crate) holder: Holder,
    /// Let the account change what a holder of this role may change [default for a new one: it
    /// only reads]
    #[arg(
        long,
        value_name = "ROLE",
        requires = "account",
        conflicts_with = "as_operator"
    )]
    pub(crate) role: Option<String>,
    /// Let the account change what you may change at the command line
    #[arg(long, requires = "account")]
    pub(crate) as_operator: bool,
    /// What the token may be used for; several may be given. Those that write include reading
    #[arg(long, required = true, value_delimiter = ',', value_parser = [
        "check", "users:read", "users:write", "roles:read", "roles:write", "directory:read",
        "directory:write", "accounts:read", "accounts:write", "audit:read", "reports:read",
    ])]
    pub(crate) scope: Vec<String>,
    /// A network that it may be used from, such as 192.0.2.0/24 or 2001:db8::1; several may be
    /// given [default: any]
    #[arg(long, value_delimiter = ',', value_name = "CIDR", value_parser = network)]
    pub(crate) network: Vec<IpNet>,
    /// When it ends: after 90d, 6m or 2y, or on 2027-11-22 [default: never]
    #[arg(long)]
    pub(crate) expires: Option<Expiry>,
    /// What you call it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) label: String,
}

/// Whose token it is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Holder {
    /// The service account; it is made if it is not there
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// The user: user name, mail address or id. It does what the user may do
    #[arg(long)]
    pub(crate) user: Option<String>,
}
