//! What a person sees who starts the server, for the first time above all.

use anyhow::{Context as _, Result};
use jackfield_config::{Config, TenantConfig};
use jackfield_gateway::{Gateway, Session};

use crate::listeners::Addresses;
use crate::way_in::{self, WayIn};
use crate::{node, sample};

/// A tenant that has just been given sample people.
pub(crate) struct Newcomer<'c> {
    operator: Session,
    declared: &'c TenantConfig,
    guest: sample::Guest,
}

/// Puts sample people into each empty tenant whose file asks for them.
pub(crate) async fn seed<'c>(gateway: &Gateway, config: &'c Config) -> Result<Vec<Newcomer<'c>>> {
    let mut newcomers = Vec::new();
    for declared in config.tenants.iter().filter(|tenant| tenant.sample) {
        let tenant = gateway.tenant(declared.name.as_str())?;
        if tenant.is_unused() {
            let operator = node::operator(gateway, &tenant);
            let guest = sample::fill(&operator).await?;
            newcomers.push(Newcomer {
                operator,
                declared,
                guest,
            });
        }
    }
    Ok(newcomers)
}

/// Says where the server is, for programs.
pub(crate) fn addresses(addresses: Addresses) -> Result<()> {
    Ok(say!("{}", serde_json::to_string_pretty(&addresses)?)?)
}

/// Says where the server is and what to try next.
pub(crate) async fn greet(
    config: &Config,
    addresses: Addresses,
    newcomers: &[Newcomer<'_>],
) -> Result<()> {
    say!("Jackfield {}", env!("CARGO_PKG_VERSION"))?;
    if let Some(address) = addresses.http {
        say!("  HTTP   {}", config.server.base_url(address))?;
    }
    if let Some(address) = addresses.ldap {
        say!("  LDAP   ldap://{address}   (StartTLS)")?;
    }
    if let Some(address) = addresses.ldaps {
        say!("  LDAPS  ldaps://{address}")?;
    }
    for newcomer in newcomers {
        say!(
            "\nThe tenant {} begins with 50 sample people. Try:\n",
            newcomer.declared.name
        )?;
        show(config, addresses, newcomer).await?;
    }
    if newcomers.is_empty() {
        say!("\nAccess to a tenant: jackfield bootstrap --tenant <tenant>")?;
    }
    Ok(())
}

/// Three lines, ready to paste.
async fn show(config: &Config, addresses: Addresses, newcomer: &Newcomer<'_>) -> Result<()> {
    let Newcomer {
        operator,
        declared,
        guest,
    } = newcomer;
    let WayIn {
        token,
        service,
        secret,
    } = way_in::make(operator, "first-start").await?;
    let password = operator.generated_password();
    operator.set_password(guest.id, &password).await?;

    let reader = operator.read()?;
    let reader_dn = |id| reader.entry(id).map(|entry| reader.dn(entry));
    let service_dn = reader_dn(service).context("the service account is gone again")?;
    let guest_dn = reader_dn(guest.id).context("the sample person is gone again")?;
    if let Some(address) = addresses.http {
        let insecure = if config.server.is_https() { "-k " } else { "" };
        say!(
            "curl -s {insecure}-H 'Authorization: Bearer {}' '{}/scim/{}/v2/Users?count=3'",
            *token.text,
            config.server.base_url(address),
            declared.name
        )?;
    }
    if let Some(address) = addresses.ldap {
        say!(
            "ldapsearch -x -LLL -H ldap://{address} -D '{service_dn}' -w '{}' -b '{}' '(cn={}*)' cn telephoneNumber memberOf",
            *secret.text,
            declared.settings.suffix,
            guest.given_name
        )?;
        say!("ldapwhoami -x -H ldap://{address} -D '{guest_dn}' -w '{password}'")?;
    }
    say!(
        "\nThese secrets are shown this once; more: jackfield bootstrap --tenant {}",
        declared.name
    )?;
    Ok(())
}
