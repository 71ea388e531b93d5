//! `jackfield api-token create`, `list` and `revoke`: tokens of the HTTP API.

use std::process::ExitCode;

use anyhow::{Result, bail};
use jackfield_config::Config;
use jackfield_gateway::Session;
use jackfield_gateway::administer::HeldCredential;
use jackfield_gateway::api_token::{ActsAs, NewApiToken};
use jackfield_model::{Clock as _, Id, Timestamp};
use serde::Serialize;

use super::{print, print_list, token};
use crate::ambient::SystemClock;
use crate::cli::Common;
use crate::cli::TenantOnly;
use crate::cli::api_token::{ApiTokenCommand, NewApiToken as Arguments};
use crate::node;

pub(super) async fn run(
    common: &Common,
    command: &ApiTokenCommand,
    config: &Config,
) -> Result<ExitCode> {
    match command {
        ApiTokenCommand::Create(arguments) => create(common, arguments, config).await,
        ApiTokenCommand::List(arguments) => list(common, arguments, config).await,
        ApiTokenCommand::Revoke(arguments) => token::revoke(common, arguments, config).await,
    }
}

#[derive(Serialize)]
struct Created<'a> {
    id: String,
    url: String,
    token: &'a str,
    expires: Option<String>,
}

async fn create(common: &Common, arguments: &Arguments, config: &Config) -> Result<ExitCode> {
    let expires = arguments
        .expires
        .map(|expiry| expiry.moment(SystemClock.now()));
    let new = NewApiToken {
        label: &arguments.label,
        scopes: &arguments.scope,
        networks: &arguments.network,
        expires,
    };
    let made = node::change_tenant(config, &arguments.tenant, async |operator| {
        let holder = holder(&operator, arguments).await?;
        Ok(operator.make_api_token(holder, new.clone()).await?)
    })
    .await?;
    let created = Created {
        id: made.id.to_string(),
        url: format!("{}/api/v1/{}", token::base_url(config), arguments.tenant),
        token: &made.text,
        expires: expires.map(Timestamp::to_rfc3339),
    };
    let lines = [
        ("url", created.url.as_str()),
        ("token", created.token),
        ("expires", created.expires.as_deref().unwrap_or("never")),
        ("", "The token is shown this once."),
    ];
    print(common, &created, &lines)
}

async fn holder(operator: &Session, arguments: &Arguments) -> Result<Id> {
    let acts_as = match (&arguments.role, arguments.as_operator) {
        (_, true) => Some(ActsAs::Operator),
        (Some(role), false) => Some(ActsAs::Role(role)),
        (None, false) => None,
    };
    Ok(match (&arguments.holder.account, &arguments.holder.user) {
        (Some(account), _) => operator.ensure_api_account(account, acts_as).await?,
        (None, Some(user)) => operator.user(user)?,
        (None, None) => bail!("whose token it is was not said"),
    })
}

#[derive(Serialize)]
struct Listed {
    id: String,
    account: Option<String>,
    user: Option<String>,
    acts_as: Option<String>,
    label: String,
    scopes: Vec<&'static str>,
    networks: Vec<String>,
    created: String,
    expires: Option<String>,
    last_used: Option<String>,
}

impl Listed {
    fn of(held: HeldCredential) -> Self {
        let (account, user) = match held.is_personal {
            true => (None, Some(held.holder)),
            false => (Some(held.holder), None),
        };
        let token = held.credential;
        Self {
            id: token.id.to_string(),
            account,
            user,
            acts_as: held.acts_as,
            label: token.label,
            scopes: token.scopes,
            networks: token.networks,
            created: token.created.to_rfc3339(),
            expires: token.expires.map(Timestamp::to_rfc3339),
            last_used: token.last_used.map(Timestamp::to_rfc3339),
        }
    }

    fn row(&self) -> [String; 8] {
        let or = |text: Option<&String>, absent: &str| text.cloned().unwrap_or(absent.to_owned());
        let acts_as = match (self.acts_as.as_deref(), &self.user) {
            (_, Some(_)) => "the user".to_owned(),
            (Some("*"), None) => "the operator".to_owned(),
            (role, None) => role.unwrap_or("nobody").to_owned(),
        };
        let networks = match self.networks.is_empty() {
            true => "any".to_owned(),
            false => self.networks.join(","),
        };
        [
            self.id.clone(),
            or(self.account.as_ref().or(self.user.as_ref()), ""),
            acts_as,
            self.label.clone(),
            self.scopes.join(","),
            networks,
            or(self.expires.as_ref(), "never"),
            or(self.last_used.as_ref(), "never"),
        ]
    }
}

async fn list(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let listed: Vec<Listed> = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator
            .read()?
            .api_tokens()
            .into_iter()
            .map(Listed::of)
            .collect())
    })
    .await?;
    let header = [
        "id",
        "holder",
        "acts as",
        "label",
        "scopes",
        "networks",
        "expires",
        "last used",
    ];
    print_list(common, &listed, header, Listed::row)
}
