//! `jackfield bootstrap`: a first SCIM connection, service account and owner of a tenant.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
use jackfield_gateway::{Command, Error, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind};
use serde::Serialize;

use super::account::dn;
use super::print;
use super::token::scim_url;
use crate::cli::{Bootstrap, Common};
use crate::listeners::Addresses;
use crate::node;
use crate::way_in::{self, WayIn};

#[derive(Serialize)]
struct Access<'a> {
    scim: Scim<'a>,
    ldap: Ldap<'a>,
    owner: Owner<'a>,
}

#[derive(Serialize)]
struct Scim<'a> {
    url: String,
    token: &'a str,
}

#[derive(Serialize)]
struct Ldap<'a> {
    url: String,
    ldaps_url: String,
    base: String,
    bind_dn: String,
    password: &'a str,
}

#[derive(Serialize)]
struct Owner<'a> {
    user_name: String,
    password: &'a str,
}

pub(super) async fn bootstrap(
    common: &Common,
    arguments: &Bootstrap,
    config: &Config,
) -> Result<ExitCode> {
    node::with_tenant(config, &arguments.tenant, async |operator| {
        make(common, &operator, config).await
    })
    .await
}

async fn make(common: &Common, operator: &Session, config: &Config) -> Result<ExitCode> {
    let WayIn {
        token,
        service,
        secret,
    } = way_in::make(operator, "bootstrap").await?;
    let (user_name, password) = make_owner(operator).await?;

    let addresses = Addresses::of(&config.server);
    let url = |scheme: &str, address: Option<std::net::SocketAddr>| {
        address
            .map(|address| format!("{scheme}://{address}"))
            .unwrap_or_default()
    };
    let access = Access {
        scim: Scim {
            url: scim_url(config, operator.tenant().name().as_str()),
            token: &token.text,
        },
        ldap: Ldap {
            url: url("ldap", addresses.ldap),
            ldaps_url: url("ldaps", addresses.ldaps),
            base: operator.tenant().suffix().to_string(),
            bind_dn: dn(operator, service)?,
            password: &secret.text,
        },
        owner: Owner {
            user_name,
            password: &password,
        },
    };
    let lines = [
        ("SCIM URL", access.scim.url.as_str()),
        ("SCIM token", access.scim.token),
        ("LDAP URL", &access.ldap.url),
        ("LDAPS URL", &access.ldap.ldaps_url),
        ("LDAP base", &access.ldap.base),
        ("bind DN", &access.ldap.bind_dn),
        ("bind password", access.ldap.password),
        ("owner", &access.owner.user_name),
        ("owner's password", access.owner.password),
        ("", "Token and passwords are shown this once."),
    ];
    print(common, &access, &lines)
}

/// A holder of the top role, with a new password.
async fn make_owner(operator: &Session) -> Result<(String, String)> {
    let (roles, settings) = (operator.tenant().roles(), operator.tenant().settings());
    let top = roles.iter().max_by_key(|role| role.rank());
    let role = top.context("the role system has no roles")?.key().as_str();
    let domain = settings.domains.first();
    let domain = domain.map_or_else(
        || format!("{}.invalid", operator.tenant().name()),
        ToString::to_string,
    );
    let user_name = format!("owner@{domain}");
    let attributes = Attributes::new()
        .with(attr::USER_NAME, user_name.as_str())
        .with(attr::DISPLAY_NAME, "First Owner")
        .with(
            attr::NAME,
            Attributes::new()
                .with(attr::NAME_GIVEN_NAME, "First")
                .with(attr::NAME_FAMILY_NAME, "Owner"),
        )
        .with(
            attr::EMAILS,
            Attributes::new()
                .with(attr::EMAILS_VALUE, user_name.as_str())
                .with(attr::EMAILS_TYPE, "work")
                .with(attr::EMAILS_PRIMARY, true),
        )
        .with(attr::ACTIVE, true)
        .with(attr::ROLES, Attributes::new().with(attr::ROLES_VALUE, role));
    let owner: Id = match operator
        .write(Command::Create {
            kind: Kind::User,
            attributes,
        })
        .await
    {
        Ok(written) => written.id,
        Err(Error::Taken { .. }) => operator.named(Kind::User, &user_name),
        Err(error) => return Err(error.into()),
    }
    .context("the owner is gone again")?;
    let password = operator.generated_password();
    operator.set_password(owner, &password).await?;
    Ok((user_name, password))
}
