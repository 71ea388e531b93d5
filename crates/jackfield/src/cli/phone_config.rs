//! What `phone-config` takes.

use clap::Args;

use crate::commands::phone_config::{Tls, VENDORS};

#[derive(Debug, Args)]
pub(crate) struct PhoneConfig {
    /// The vendor
    #[arg(value_parser = VENDORS.iter().map(|vendor| vendor.name).collect::<Vec<_>>())]
    pub(crate) vendor: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The name or address under which the phones reach this server [default: that of
    /// `public_url`, else the listener's]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// The device as which the phones log in; it is made if it is not there
    #[arg(long, default_value = "phones")]
    pub(crate) device: String,
    /// Make a password for the device and fill it in; those that it has stay
    #[arg(long)]
    pub(crate) new_password: bool,
    /// How to reach the directory [default: the safest way that phones and listeners know]
    #[arg(long)]
    pub(crate) tls: Option<Tls>,
}
