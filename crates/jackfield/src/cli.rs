//! The command line.

mod account;
pub(crate) mod api_token;
pub(crate) mod audit;
mod connection;
pub(crate) mod exchanges;
mod expiry;
mod explain;
mod import;
pub(crate) mod lockouts;
pub(crate) mod moment;
mod phone_config;
pub(crate) mod role;
mod scim;
pub(crate) mod sip;
mod views;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jackfield_config::{DEFAULT_FILE, Environment, Overrides};

pub(crate) use account::{
    AccountCommand, AccountName, MaybeExpiry, NewAccount, RightsArgs, SetAccount,
};
pub(crate) use connection::{
    ClientCommand, ConnectionArgs, ConnectionCommand, CredentialArgs, NewToken, NewTrust,
    RemoveConnection, RevokeToken, SetConnection, TokenCommand,
};
pub(crate) use explain::{Explain, Export};
pub(crate) use import::{Format, Import};
pub(crate) use phone_config::PhoneConfig;
pub(crate) use scim::{Probe, ReleaseConnection, ScimCommand};

/// A directory gateway for phone systems: SCIM in, LDAP out.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: Serve,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The configuration file [default: $JACKFIELD_CONFIG, else config/jackfield.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, in place of the configured one [$JACKFIELD_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print one JSON object, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Where to listen, in place of the configured addresses; port 0 takes a free one.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Serve {
    /// Address of HTTP, such as 127.0.0.1:8080
    #[arg(long = "listen-http", value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
    /// Address of LDAP
    #[arg(long = "listen-ldap", value_name = "ADDR")]
    pub(crate) ldap: Option<SocketAddr>,
    /// Address of LDAPS
    #[arg(long = "listen-ldaps", value_name = "ADDR")]
    pub(crate) ldaps: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (this is what happens without a command)
    Serve(Serve),
    /// Check the configuration and report every problem
    Check,
    /// About the configuration files
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the database up to date
    Migrate,
    /// Make a first SCIM connection, service account and owner for a tenant
    Bootstrap(Bootstrap),
    /// The provisioning clients of a tenant
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Client ids, secrets and assertions, for tokens of an hour by OAuth 2
    #[command(subcommand)]
    Client(ClientCommand),
    /// Bearer tokens of SCIM connections
    #[command(subcommand)]
    Token(TokenCommand),
    /// Tokens of the HTTP API
    #[command(subcommand)]
    ApiToken(api_token::ApiTokenCommand),
    /// Accounts of software that reads the directory
    #[command(subcommand)]
    ServiceAccount(AccountCommand),
    /// Phones
    #[command(subcommand)]
    Device(AccountCommand),
    /// SIP secrets of extensions, with which their phones register
    #[command(subcommand)]
    Sip(sip::SipCommand),
    /// Accounts that are locked after too many wrong passwords
    #[command(subcommand)]
    Lockouts(lockouts::LockoutsCommand),
    /// The keys of the server
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Take in people, groups and contacts from a file
    Import(Import),
    /// Write what somebody sees to a file: LDIF, or a table of people
    Export(Export),
    /// Say why a search of the directory finds what it finds, and why not another entry
    Explain(Explain),
    /// Print the directory settings of a vendor's phones, for their provisioning
    PhoneConfig(PhoneConfig),
    /// About SCIM servers and what they are told
    #[command(subcommand)]
    Scim(ScimCommand),
    /// Roles: which there are, who has them and why, and changing them
    #[command(subcommand, visible_alias = "roles")]
    Role(role::RoleCommand),
    /// Show the audit log, check it, or send it to a syslog server
    Audit(audit::Audit),
    /// What deserves a look, and that somebody had one
    #[command(subcommand)]
    Report(audit::ReportCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the JSON Schemas of the configuration files, or write them to a folder
    Schema {
        /// Write each schema to its file in this folder, which is made
        #[arg(long, value_name = "DIR")]
        write: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Seal every secret anew that is not sealed under the first key of `keys.seal_files`
    Reseal,
}

#[derive(Debug, Args)]
pub(crate) struct Bootstrap {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}

#[derive(Debug, Args)]
pub(crate) struct TenantOnly {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}

impl Common {
    /// The configuration file.
    pub(crate) fn file(&self, environment: &Environment) -> PathBuf {
        let named = self.config.clone().or_else(|| environment.config.clone());
        named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE))
    }

    /// What the command line and the environment say in place of the configuration file.
    pub(crate) fn overrides(&self, environment: &Environment, serve: &Serve) -> Overrides {
        Overrides {
            data: self.data.clone().or_else(|| environment.data.clone()),
            log: environment.log.clone(),
            listen_http: serve.http,
            listen_ldap: serve.ldap,
            listen_ldaps: serve.ldaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
