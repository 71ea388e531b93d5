//! `jackfield phone-config`: what to put into a phone's provisioning, from the tenant's own
//! addresses.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jackfield_config::Config;
use jackfield_config::server::Http;
use serde::Serialize;

use super::account::dn;
use crate::cli::{Common, PhoneConfig};
use crate::listeners::Addresses;
use crate::{node, output};

/// A vendor's settings, with places for the tenant's.
pub(crate) struct Vendor {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    template: &'static str,
    /// The ways in which its phones reach a directory and bind there.
    ways: &'static [Tls],
    /// Whether values stand in XML.
    is_xml: bool,
}

/// How a phone reaches the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tls {
    /// In plain text.
    None,
    /// Plain first, then under TLS.
    Starttls,
    /// Under TLS from the first byte.
    Ldaps,
}

const PLAIN: &[Tls] = &[Tls::None];
const LDAPS: &[Tls] = &[Tls::None, Tls::Ldaps];
const ANY: &[Tls] = &[Tls::None, Tls::Starttls, Tls::Ldaps];
/// Without TLS they bind by nothing that is served.
const TLS_ONLY: &[Tls] = &[Tls::Starttls, Tls::Ldaps];

macro_rules! vendors {
    ($($name:literal $file:literal $ways:expr, $is_xml:literal;)*) => {
        &[$(Vendor {
            name: $name,
            template: include_str!(concat!("phone_config/", $file)),
            ways: $ways,
            is_xml: $is_xml,
        }),*]
    };
}

/// Those whose settings are known.
pub(crate) const VENDORS: &[Vendor] = vendors! {
    "akuvox" "akuvox.txt" LDAPS, false;
    "audiocodes" "audiocodes.ini" LDAPS, false;
    "avaya" "avaya.txt" TLS_ONLY, false;
    "cisco" "cisco.xml" ANY, true;
    "fanvil" "fanvil.txt" ANY, false;
    "gigaset" "gigaset.txt" ANY, false;
    "grandstream" "grandstream.txt" LDAPS, false;
    "htek" "htek.txt" PLAIN, false;
    "innovaphone" "innovaphone.txt" LDAPS, false;
    "mitel" "mitel.cfg" PLAIN, false;
    "poly" "poly.xml" LDAPS, true;
    "sangoma" "htek.txt" PLAIN, false;
    "snom" "snom.xml" LDAPS, true;
    "yealink" "yealink.cfg" ANY, false;
};

/// What stands in the places.
#[derive(Debug, Serialize)]
struct Settings {
    title: String,
    host: String,
    port: u16,
    tls: Tls,
    base: String,
    user: String,
    password: String,
}

pub(super) async fn phone_config(
    common: &Common,
    arguments: &PhoneConfig,
    config: &Config,
) -> Result<ExitCode> {
    let vendor = VENDORS
        .iter()
        .find(|vendor| vendor.name == arguments.vendor)
        .context("no such vendor")?;
    let addresses = Addresses::of(&config.server);
    let (tls, address) = reached(vendor, arguments.tls, addresses)?;
    let host = host(arguments.host.as_deref(), &config.server.http, address)?;
    let settings = node::change_tenant(config, &arguments.tenant, async |operator| {
        let device = operator.ensure_device(&arguments.device).await?;
        let password = match arguments.new_password {
            true => operator.make_secret(device, "").await?.text.to_string(),
            false => "PASSWORD".to_owned(),
        };
        let tenant = operator.tenant().settings();
        let settings = Settings {
            title: tenant.title.clone(),
            host: host.clone(),
            port: address.port(),
            tls,
            base: format!("ou=phonebook,{}", tenant.suffix),
            user: dn(&operator, device)?,
            password,
        };
        vendor.check(&settings)?;
        Ok(settings)
    })
    .await?;
    let listener = config.server.listeners.ldap.as_ref();
    if tls == Tls::None && !listener.is_some_and(|it| it.plaintext_binds) {
        eprintln!(
            "jackfield: these phones will be refused, since they send the password in plain text: \
             set `plaintext_binds = true` in [listeners.ldap], for a network of their own"
        );
    }
    if common.json {
        say!("{}", serde_json::to_string_pretty(&settings)?)?;
    } else {
        output::text(&filled(vendor, &settings))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where phones find the server: as was said, as HTTP clients do, or at the listener's address.
fn host(said: Option<&str>, http: &Http, listener: SocketAddr) -> Result<String> {
    let is_reached = |host: &str| match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(address) => !address.is_loopback() && !address.is_unspecified(),
        Err(_) => !host.eq_ignore_ascii_case("localhost"),
    };
    if let Some(said) = said {
        return Ok(said.trim_matches(['[', ']']).to_owned());
    }
    let listener = listener.ip().to_string();
    let known = [http.name_or_address(), Some(&listener)].into_iter();
    let mut reached = known.flatten().filter(|host| is_reached(host));
    let host = reached.next().with_context(|| {
        format!(
            "say with --host under which name or address phones reach this server: at {listener}, \
             where it listens, they cannot"
        )
    })?;
    Ok(host.to_owned())
}

/// The way that is asked for, or the safest that both sides know.
fn reached(vendor: &Vendor, asked: Option<Tls>, at: Addresses) -> Result<(Tls, SocketAddr)> {
    let open = |tls| match tls {
        Tls::None | Tls::Starttls => at.ldap,
        Tls::Ldaps => at.ldaps,
    };
    if let Some(tls) = asked {
        if !vendor.ways.contains(&tls) {
            bail!(
                "phones of {} cannot do that, but {}",
                vendor.name,
                listed(vendor.ways)
            );
        }
        let address = open(tls).context("no such listener is configured")?;
        return Ok((tls, address));
    }
    [Tls::Ldaps, Tls::Starttls, Tls::None]
        .into_iter()
        .filter(|tls| vendor.ways.contains(tls))
        .find_map(|tls| Some((tls, open(tls)?)))
        .context("no LDAP listener that these phones could use is configured")
}

/// The options for these ways, the safest first.
fn listed(ways: &[Tls]) -> String {
    let option = |tls: &Tls| match tls {
        Tls::None => "--tls none, on a network of their own",
        Tls::Starttls => "--tls starttls",
        Tls::Ldaps => "--tls ldaps",
    };
    ways.iter()
        .rev()
        .map(option)
        .collect::<Vec<_>>()
        .join(" or ")
}

/// The template with its places filled: `{host}`, or `{url-host}` in URLs, and `{tls:none|starttls|ldaps}` for a choice.
fn filled(vendor: &Vendor, settings: &Settings) -> String {
    let mut text = String::with_capacity(vendor.template.len());
    let mut rest = vendor.template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        let value = settings.at(place);
        text.push_str(&match vendor.is_xml {
            true => escaped(&value),
            false => value,
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

impl Vendor {
    /// Refuses what the phones would take for the end of the name.
    fn check(&self, settings: &Settings) -> Result<()> {
        if self.template.contains("{user}:{password}@") && settings.user.contains([':', '@']) {
            bail!(
                "phones of {} take no name with a colon or an at sign, such as {}",
                self.name,
                settings.user
            );
        }
        Ok(())
    }
}

impl Settings {
    fn at(&self, place: &str) -> String {
        match place {
            "title" => self.title.clone(),
            "host" => self.host.clone(),
            "url-host" => match self.host.contains(':') {
                true => format!("[{}]", self.host),
                false => self.host.clone(),
            },
            "port" => self.port.to_string(),
            "base" => self.base.clone(),
            "user" => self.user.clone(),
            "password" => self.password.clone(),
            choice => {
                let mut ways = choice.trim_start_matches("tls:").split('|');
                let at = match self.tls {
                    Tls::None => 0,
                    Tls::Starttls => 1,
                    Tls::Ldaps => 2,
                };
                ways.nth(at).unwrap_or_default().to_owned()
            }
        }
    }
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests;
