//! Service accounts and devices: what they read, and how they log in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ipnet::IpNet;
use jackfield_gateway::administer::network;
use jackfield_model::DialFormat;

use super::TenantOnly;
use super::expiry::Expiry;
use super::views::Views;

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account and a password for it, which is shown once; a new service account reads the
    /// whole tenant and a new device the phone book, unless less is said
    Create(NewAccount),
    /// Change what an account may read, and where from and how long its passwords are good; open
    /// connections are concerned at once
    Set(SetAccount),
    /// List the accounts
    List(TenantOnly),
    /// Remove an account; its passwords and open logins end at once
    Remove(AccountName),
}

#[derive(Debug, Args)]
pub(crate) struct NewAccount {
    #[command(flatten)]
    pub(crate) account: AccountName,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
    /// Let it log in by the certificate in this PEM file instead of a password (SASL EXTERNAL)
    #[arg(long)]
    pub(crate) certificate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SetAccount {
    #[command(flatten)]
    pub(crate) account: AccountName,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AccountName {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The account's name; of a phone its MAC address, say
    #[arg(long)]
    pub(crate) name: String,
}

/// What an account may do. What is not said stays as it is.
#[derive(Debug, Args)]
pub(crate) struct RightsArgs {
    /// What it reads: `all`, or branches such as people,contacts; `proxy` to act for people,
    /// `registrations` to tell of phones, `sip-secrets` to be told SIP secrets; several may be
    /// given
    #[arg(long, value_delimiter = ',')]
    pub(crate) scope: Option<Vec<String>>,
    /// The same by name in the tree: the suffix or ou=people,..., several by several options
    #[arg(long, value_name = "DN", conflicts_with = "scope")]
    pub(crate) base: Vec<String>,
    /// The attributes that it reads, such as displayName,phoneNumbers; `any` for all that it may
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) attributes: Option<Vec<String>>,
    /// A network that its passwords may be used from; several may be given; `any`
    #[arg(long, value_delimiter = ',', value_name = "CIDR", value_parser = maybe_network)]
    pub(crate) network: Option<Vec<Option<IpNet>>>,
    /// When its passwords end: after 90d, 6m or 2y, or on 2027-11-22; `never`
    #[arg(long, value_parser = maybe_expiry)]
    pub(crate) expires: Option<MaybeExpiry>,
    #[command(flatten)]
    pub(crate) views: Views,
    /// See records as the tenant's `views` say
    #[arg(long, conflicts_with = "views")]
    pub(crate) tenant_views: bool,
    /// How numbers are shown to it, which it dials: written, e164, national or prefix-9 (a 9 before
    /// what is no extension) [default for devices: as the tenant's file says]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) dial: Option<DialFormat>,
}

/// A moment, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaybeExpiry(pub(crate) Option<Expiry>);

fn maybe_network(text: &str) -> Result<Option<IpNet>, String> {
    match text {
        "any" => Ok(None),
        text => network(text).map(Some).map_err(str::to_owned),
    }
}

fn maybe_expiry(text: &str) -> Result<MaybeExpiry, String> {
    match text {
        "never" => Ok(MaybeExpiry(None)),
        text => text.parse().map(|expiry| MaybeExpiry(Some(expiry))),
    }
}
