//! `jackfield service-account` and `jackfield device`: accounts of software that reads the
//! directory, and of phones.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use ipnet::IpNet;
use jackfield_config::Config;
use jackfield_gateway::administer::{AccountInfo, AccountRights, CredentialInfo, SecretLimits};
use jackfield_gateway::{Located, Node, Session};
use jackfield_model::{Clock as _, Dn, Id, Kind, Timestamp};
use jackfield_net::tls;
use serde::Serialize;

use super::{print, print_list};
use crate::ambient::SystemClock;
use crate::cli::{AccountCommand, AccountName, Common, NewAccount, RightsArgs, SetAccount};
use crate::node;

pub(super) async fn run(
    common: &Common,
    kind: Kind,
    command: &AccountCommand,
    config: &Config,
) -> Result<ExitCode> {
    match command {
        AccountCommand::Create(new) => create(common, kind, new, config).await,
        AccountCommand::Set(change) => set(common, kind, change, config).await,
        AccountCommand::List(arguments) => {
            let all = node::with_tenant(config, &arguments.tenant, async |operator| {
                Ok(operator.read()?.accounts(kind))
            });
            let listed: Vec<Listed> = all
                .await?
                .into_iter()
                .map(|info| Listed::of(kind, info))
                .collect();
            let head = [
                "account",
                "scopes",
                "attributes",
                "views",
                "dials",
                "passwords",
            ];
            print_list(common, &listed, head, Listed::row)
        }
        AccountCommand::Remove(account) => remove(common, kind, account, config).await,
    }
}

/// An account that binds over LDAP.
#[derive(Serialize)]
struct Account {
    bind_dn: String,
    /// None of a device that reads the phone book.
    scopes: Vec<String>,
    /// None where it logs in by a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

async fn create(
    common: &Common,
    kind: Kind,
    new: &NewAccount,
    config: &Config,
) -> Result<ExitCode> {
    let NewAccount {
        account, rights, ..
    } = new;
    let account = node::change_tenant(config, &account.tenant, async |operator| {
        let mut scopes = scopes(&operator, rights)?;
        let is_new = operator.named(kind, &account.name).is_none();
        if kind == Kind::Service && is_new && scopes.is_none() {
            scopes = Some(vec!["all".to_owned()]);
        }
        let said = said(rights, scopes.as_deref())?;
        let id = operator.ensure_account(kind, &account.name, &said).await?;
        if rights.tenant_views {
            operator.set_views(kind, id, None).await?;
        }
        let networks = networks(rights);
        log_in(
            &operator,
            id,
            new.certificate.as_deref(),
            &limits(rights, networks.as_deref()),
        )
        .await
    })
    .await?;
    let scopes = scopes_text(kind, &account.scopes);
    let mut lines = vec![("bind DN", account.bind_dn.as_str()), ("scopes", &scopes)];
    if let Some(password) = &account.password {
        lines.push(("password", password));
        lines.push(("", "The password is shown this once."));
    }
    print(common, &account, &lines)
}

async fn set(
    common: &Common,
    kind: Kind,
    change: &SetAccount,
    config: &Config,
) -> Result<ExitCode> {
    let SetAccount { account, rights } = change;
    let info = node::change_tenant(config, &account.tenant, async |operator| {
        if operator.named(kind, &account.name).is_none() {
            bail!("there is no account {:?}", account.name);
        }
        let scopes = scopes(&operator, rights)?;
        let said = said(rights, scopes.as_deref())?;
        let id = operator.ensure_account(kind, &account.name, &said).await?;
        if rights.tenant_views {
            operator.set_views(kind, id, None).await?;
        }
        let networks = networks(rights);
        let limits = limits(rights, networks.as_deref());
        operator.limit_secrets(id, &limits).await?;
        let info = operator.read()?.account(id);
        info.context("the account is gone again")
    })
    .await?;
    let set = Listed::of(kind, info);
    let [account, scopes, attributes, views, dials, passwords] = set.row();
    let lines = [
        ("account", account.as_str()),
        ("scopes", &scopes),
        ("attributes", &attributes),
        ("views", &views),
        ("dials", &dials),
        ("passwords", &passwords),
    ];
    print(common, &set, &lines)
}

#[derive(Serialize)]
struct Removed<'a> {
    removed: &'a str,
}

async fn remove(
    common: &Common,
    kind: Kind,
    account: &AccountName,
    config: &Config,
) -> Result<ExitCode> {
    node::with_tenant(config, &account.tenant, async |operator| {
        Ok(operator.remove_account(kind, &account.name).await?)
    })
    .await?;
    let removed = &account.name;
    print(common, &Removed { removed }, &[("removed", removed)])
}

/// Lets it log in: by the certificate, or else by a password that is made here.
async fn log_in(
    operator: &Session,
    id: Id,
    certificate: Option<&Path>,
    limits: &SecretLimits<'_>,
) -> Result<Account> {
    let bind_dn = dn(operator, id)?;
    let info = operator.read()?.account(id);
    let scopes = info.context("the account is gone again")?.scopes;
    let password = match certificate {
        Some(path) => {
            let certificate = tls::read_certificate(path)?;
            operator
                .assign_certificate(id, &certificate, "", limits)
                .await?;
            None
        }
        None => Some(operator.make_limited_secret(id, "", limits).await?.text),
    };
    Ok(Account {
        bind_dn,
        scopes,
        password: password.map(|text| text.to_string()),
    })
}

fn said<'r>(rights: &'r RightsArgs, scopes: Option<&'r [String]>) -> Result<AccountRights<'r>> {
    let attributes = rights.attributes.as_deref();
    let is_any = attributes.is_some_and(|names| names.iter().any(|name| name == "any"));
    Ok(AccountRights {
        scopes,
        attributes: if is_any { Some(&[]) } else { attributes },
        dial: rights.dial.as_ref(),
        views: rights.views.set()?,
        acts_as: None,
    })
}

fn networks(rights: &RightsArgs) -> Option<Vec<IpNet>> {
    let networks = rights.network.as_ref()?;
    let all: Option<Vec<IpNet>> = networks.iter().copied().collect();
    Some(all.unwrap_or_default())
}

fn limits<'n>(rights: &RightsArgs, networks: Option<&'n [IpNet]>) -> SecretLimits<'n> {
    let moment = |expiry: crate::cli::MaybeExpiry| Some(expiry.0?.moment(SystemClock.now()));
    SecretLimits {
        networks,
        expires: rights.expires.map(moment),
    }
}

/// The scopes that are said, by their names or by those of branches of the tree.
fn scopes(operator: &Session, rights: &RightsArgs) -> Result<Option<Vec<String>>> {
    if rights.base.is_empty() {
        return Ok(rights.scope.clone());
    }
    let reader = operator.read()?;
    let scope = |base: &String| match reader.locate(&Dn::parse(base)?) {
        Located::Found(Node::Suffix) => Ok("all".to_owned()),
        Located::Found(Node::Container(container)) => Ok(container.ou().to_owned()),
        _ => Err(anyhow!(
            "{base} is neither {} nor one of its branches",
            reader.settings().suffix
        )),
    };
    rights
        .base
        .iter()
        .map(scope)
        .collect::<Result<_>>()
        .map(Some)
}

/// The scopes, as people read them.
fn scopes_text(kind: Kind, scopes: &[String]) -> String {
    match (kind, scopes) {
        (Kind::Device, []) => "phone book".to_owned(),
        (_, []) => "none".to_owned(),
        (_, scopes) => scopes.join(","),
    }
}

/// The record's name in the LDAP tree.
pub(super) fn dn(operator: &Session, id: Id) -> Result<String> {
    let reader = operator.read()?;
    let entry = reader
        .entry(id)
        .ok_or_else(|| anyhow!("the account is gone again"))?;
    Ok(reader.dn(entry))
}

#[derive(Serialize)]
struct Listed {
    #[serde(skip)]
    kind: Kind,
    account: String,
    scopes: Vec<String>,
    attributes: Vec<String>,
    /// Empty where they are the tenant's.
    views: Vec<String>,
    dials: Option<String>,
    passwords: Vec<Password>,
}

#[derive(Serialize)]
struct Password {
    id: String,
    networks: Vec<String>,
    created: String,
    expires: Option<String>,
}

impl Listed {
    fn of(kind: Kind, info: AccountInfo) -> Self {
        Self {
            kind,
            account: info.name,
            scopes: info.scopes,
            attributes: info.attributes,
            views: info.views,
            dials: info.dial,
            passwords: info.secrets.into_iter().map(Password::of).collect(),
        }
    }

    fn row(&self) -> [String; 6] {
        let or = |all: &[String], none: &str| match all {
            [] => none.to_owned(),
            all => all.join(","),
        };
        let passwords: Vec<String> = self.passwords.iter().map(Password::text).collect();
        [
            self.account.clone(),
            scopes_text(self.kind, &self.scopes),
            or(&self.attributes, "any"),
            or(&self.views, "tenant's"),
            self.dials.clone().unwrap_or_else(|| "default".to_owned()),
            or(&passwords, "none"),
        ]
    }
}

impl Password {
    fn of(secret: CredentialInfo) -> Self {
        Self {
            id: secret.id.to_string(),
            networks: secret.networks,
            created: secret.created.to_rfc3339(),
            expires: secret.expires.map(Timestamp::to_rfc3339),
        }
    }

    fn text(&self) -> String {
        let from = match self.networks.as_slice() {
            [] => String::new(),
            networks => format!(" from {}", networks.join(" ")),
        };
        let until = self.expires.as_ref();
        let until = until.map_or(String::new(), |moment| format!(" until {moment}"));
        format!("{}{from}{until}", self.id)
    }
}
