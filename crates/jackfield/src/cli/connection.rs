//! Connections and what they prove themselves with.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ipnet::IpNet;
use jackfield_gateway::administer::network;
use jackfield_model::ConnectionKind;

use super::TenantOnly;
use super::expiry::Expiry;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token; it is shown once
    Create(NewToken),
    /// List the tokens and other credentials of a tenant's connections
    List(TenantOnly),
    /// End a credential at once: of a connection, or a password of a service account or device
    Revoke(RevokeToken),
}

#[derive(Debug, Args)]
pub(crate) struct NewToken {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) limits: CredentialArgs,
}

/// Which connection, and of which kind.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The connection; it is made if it is not there
    #[arg(long)]
    pub(crate) connection: String,
    /// The connection's kind [default for a new one: generic]
    #[arg(long, value_parser = ConnectionKind::ALL.map(ConnectionKind::as_str))]
    pub(crate) kind: Option<String>,
    /// Whether the passwords that the connection pushes are taken [default: as its kind has it;
    /// okta's are not]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) take_passwords: Option<bool>,
}

/// What a credential may be used for.
#[derive(Debug, Args)]
pub(crate) struct CredentialArgs {
    /// What it may be used for; several may be given. Each includes reading [default: all]
    #[arg(long, value_delimiter = ',', value_parser = ["read", "users", "groups", "roles"])]
    pub(crate) scope: Vec<String>,
    /// The highest role that it lets the connection give, below the connection's own ceiling: a
    /// role's key
    #[arg(long, value_name = "ROLE")]
    pub(crate) ceiling: Option<String>,
    /// A network that it may be used from, such as 192.0.2.0/24 or 2001:db8::1; several may be
    /// given [default: any]
    #[arg(long, value_delimiter = ',', value_name = "CIDR", value_parser = network)]
    pub(crate) network: Vec<IpNet>,
    /// When it ends: after 90d, 6m or 2y, or on 2027-11-22 [default: never]
    #[arg(long, alias = "expires-in-days")]
    pub(crate) expires: Option<Expiry>,
    /// What you call it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) label: String,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeToken {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The credential's id, as `token list` shows it, or the `list` of whose it is
    #[arg(long)]
    pub(crate) id: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client secret, which is shown once, and show the client id
    Secret(NewToken),
    /// Trust assertions (JWTs) in place of a secret: the client's own, or those of an identity
    /// provider that vouches for it
    Trust(NewTrust),
}

#[derive(Debug, Args)]
pub(crate) struct NewTrust {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) limits: CredentialArgs,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    /// Who signs: the claim "iss" [default: the client id]
    #[arg(long)]
    pub(crate) issuer: Option<String>,
    /// About whom: the claim "sub" [default: the client id]
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// For whom: the claim "aud"; several may be given [default: the URLs of this server and of
    /// its token endpoint]
    #[arg(long)]
    pub(crate) audience: Vec<String>,
}

/// The public keys of whoever signs.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct KeysArgs {
    /// A file with the public keys, as a JWK set
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: Option<PathBuf>,
    /// Where the public keys are published, as a JWK set
    #[arg(long, value_name = "URL")]
    pub(crate) jwks_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// List a tenant's connections
    List(TenantOnly),
    /// Change a connection, or make one
    Set(SetConnection),
    /// Remove a connection and end its credentials at once; its users and groups stay
    Remove(RemoveConnection),
}

#[derive(Debug, Args)]
pub(crate) struct SetConnection {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// The highest role that the connection may give: "full" or a role's key [default for a new
    /// one: those below the roles that must keep a holder]
    #[arg(long, value_name = "ROLE")]
    pub(crate) ceiling: Option<String>,
    /// Whether the connection must say, by If-Match, which version of a resource it changes; one
    /// that does not is answered 428 [default for a new one: no]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) require_versions: Option<bool>,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveConnection {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The connection
    #[arg(long)]
    pub(crate) connection: String,
}
