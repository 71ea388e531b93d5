//! `jackfield role`: what roles there are, who has them and why, and changing them.

mod define;

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::{Config, Environment, load_with};
use jackfield_gateway::Precondition;
use jackfield_gateway::access::RoleKey;
use jackfield_gateway::roles::{RoleChange, RoleInfo, RoleOrigin, Shift, Why};
use jackfield_model::{Origin, Principal, Timestamp};
use serde::Serialize;

use super::print::{self, print_list, table};
use super::read;
use crate::cli::role::{OneRole, OneUser, Preview, RoleCommand, UserAndRole};
use crate::cli::{Common, Serve, TenantOnly};
use crate::node;

pub(super) async fn run(
    common: &Common,
    command: &RoleCommand,
    environment: &Environment,
) -> Result<ExitCode> {
    let config = read(common, environment)?;
    match command {
        RoleCommand::List(arguments) => list(common, arguments, &config).await,
        RoleCommand::Templates(arguments) => templates(common, arguments, &config).await,
        RoleCommand::Members(arguments) => members(common, arguments, &config).await,
        RoleCommand::Why(arguments) => why(common, arguments, &config).await,
        RoleCommand::Permissions(arguments) => permissions(common, arguments, &config).await,
        RoleCommand::Preview(arguments) => preview(common, arguments, environment).await,
        RoleCommand::Create(arguments) => define::create(common, arguments, &config).await,
        RoleCommand::Edit(arguments) => define::edit(common, arguments, &config).await,
        RoleCommand::Delete(arguments) => delete(common, arguments, &config).await,
        RoleCommand::Assign(arguments) => assign(common, arguments, &config, true).await,
        RoleCommand::Unassign(arguments) => assign(common, arguments, &config, false).await,
    }
}

#[derive(Serialize)]
struct Listed {
    key: String,
    title: String,
    description: String,
    rank: u16,
    defined: &'static str,
    special: bool,
    holders: usize,
    reviewed: Option<String>,
    permissions: Vec<String>,
}

impl From<RoleInfo> for Listed {
    fn from(role: RoleInfo) -> Self {
        Self {
            key: role.key.to_string(),
            title: role.def.title.to_string(),
            description: role.def.description.to_string(),
            rank: role.rank,
            defined: match role.origin {
                RoleOrigin::BuiltIn => "built in",
                RoleOrigin::Declared => "file",
                RoleOrigin::RunTime => "run time",
            },
            special: role.is_special,
            holders: role.holders,
            reviewed: role.reviewed.map(Timestamp::to_rfc3339),
            permissions: role.permissions,
        }
    }
}

async fn list(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let roles = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.roles()?)
    })
    .await?;
    let all: Vec<Listed> = roles.into_iter().map(Into::into).collect();
    let row = |role: &Listed| {
        [
            role.key.clone(),
            role.title.clone(),
            role.rank.to_string(),
            role.defined.to_owned(),
            role.holders.to_string(),
            role.reviewed.clone().unwrap_or_else(|| "never".to_owned()),
        ]
    };
    let head = ["role", "title", "rank", "defined", "holders", "reviewed"];
    print_list(common, &all, head, row)
}

#[derive(Serialize)]
struct Template {
    key: String,
    title: String,
    description: String,
}

async fn templates(common: &Common, arguments: &TenantOnly, config: &Config) -> Result<ExitCode> {
    let templates = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.role_templates()?)
    })
    .await?;
    let all: Vec<Template> = templates
        .into_iter()
        .map(|(key, def)| Template {
            key: key.to_string(),
            title: def.title.to_string(),
            description: def.description.to_string(),
        })
        .collect();
    let row = |own: &Template| [own.key.clone(), own.title.clone(), own.description.clone()];
    print_list(common, &all, ["template", "title", "for"], row)
}

#[derive(Serialize)]
struct Holder {
    id: String,
    user: String,
}

async fn members(common: &Common, arguments: &OneRole, config: &Config) -> Result<ExitCode> {
    let holders = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.role_holders(&arguments.role)?)
    })
    .await?;
    let all: Vec<Holder> = holders
        .into_iter()
        .map(|(id, user)| Holder {
            id: id.to_string(),
            user,
        })
        .collect();
    let row = |own: &Holder| [own.user.clone(), own.id.clone()];
    print_list(common, &all, ["user", "id"], row)
}

#[derive(Serialize)]
struct Reason {
    role: String,
    title: String,
    source: &'static str,
    by: Option<String>,
    groups: Vec<String>,
    shown: bool,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        Self {
            role: why.role.to_string(),
            title: why.title,
            source: why.source,
            by: why.by,
            groups: why.groups,
            shown: why.shown,
        }
    }
}

impl Reason {
    fn words(&self) -> String {
        let by = self.by.as_deref().unwrap_or_default();
        match self.source {
            "person" => format!("given by {by}"),
            "connection" => format!("pushed by the connection {by}"),
            "mapping" => format!(
                "by the rule {by}, as a member of {}",
                self.groups.join(", within ")
            ),
            "retained" => {
                format!("kept though the rule {by} gives it no more: nobody else holds it")
            }
            "config" => "by the configuration".to_owned(),
            "operator" => "given by the operator".to_owned(),
            _ => "what a user without a role is".to_owned(),
        }
    }
}

async fn why(common: &Common, arguments: &OneUser, config: &Config) -> Result<ExitCode> {
    let why = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.why(operator.user(&arguments.user)?)?)
    })
    .await?;
    let all: Vec<Reason> = why.into_iter().map(Into::into).collect();
    let row = |own: &Reason| {
        let shown = if own.shown {
            "yes"
        } else {
            "covered, or inactive"
        };
        [own.title.clone(), shown.to_owned(), own.words()]
    };
    print_list(common, &all, ["role", "in effect", "because"], row)
}

#[derive(Serialize)]
struct Held {
    permission: String,
    roles: Vec<String>,
}

async fn permissions(common: &Common, arguments: &OneUser, config: &Config) -> Result<ExitCode> {
    let all: Vec<Held> = node::with_tenant(config, &arguments.tenant, async |operator| {
        let user = operator.user(&arguments.user)?;
        let all = operator.permissions_of(user)?.into_iter();
        let held = all.map(|(permission, roles)| Held {
            permission: permission.to_string(),
            roles: roles.iter().map(ToString::to_string).collect(),
        });
        Ok(held.collect())
    })
    .await?;
    print_list(common, &all, ["permission", "by"], |own| {
        [own.permission.clone(), own.roles.join(", ")]
    })
}

#[derive(Serialize)]
struct Shifted {
    user: String,
    before: Vec<String>,
    after: Vec<String>,
    retained: bool,
}

impl From<Shift> for Shifted {
    fn from(shift: Shift) -> Self {
        Self {
            user: shift.name,
            before: shift.before,
            after: shift.after,
            retained: shift.retained,
        }
    }
}

async fn preview(
    common: &Common,
    arguments: &Preview,
    environment: &Environment,
) -> Result<ExitCode> {
    let overrides = common.overrides(environment, &Serve::default());
    let tenant = arguments.tenant.parse()?;
    let instead = arguments.file.as_deref().map(|file| (&tenant, file));
    let planned = load_with(&common.file(environment), &overrides, instead)?;
    let declared = node::declared(&planned, &tenant)?;
    let shifts = node::with_gateway(&planned, async |gateway| {
        let there = gateway.tenant(&arguments.tenant)?;
        let config = gateway.act_as(&there, Principal::Config, Origin::local("cli"));
        Ok(config.preview(declared).await?)
    })
    .await?;
    let all: Vec<Shifted> = shifts.into_iter().map(Into::into).collect();
    let named = |titles: &[String]| match titles {
        [] => "-".to_owned(),
        some => some.join(", "),
    };
    let rows = all.iter().map(|own| {
        let note = if own.retained {
            "kept: nobody else holds it"
        } else {
            ""
        };
        [
            own.user.clone(),
            named(&own.before),
            named(&own.after),
            note.to_owned(),
        ]
    });
    print::list(common, &all, || match all.is_empty() {
        true => "Nobody's roles would change.\n".to_owned(),
        false => table(["user", "now", "then", ""], rows),
    })
}

async fn delete(common: &Common, arguments: &OneRole, config: &Config) -> Result<ExitCode> {
    let role = RoleKey::from(arguments.role.as_str());
    let change = node::with_tenant(config, &arguments.tenant, async |operator| {
        Ok(operator.delete_role(role, Precondition::None).await?)
    })
    .await?;
    print_change(common, &change)
}

async fn assign(
    common: &Common,
    arguments: &UserAndRole,
    config: &Config,
    gives: bool,
) -> Result<ExitCode> {
    let role = RoleKey::from(arguments.role.as_str());
    let change = node::with_tenant(config, &arguments.tenant, async |operator| {
        let user = operator.user(&arguments.user)?;
        Ok(match gives {
            true => operator.assign_role(user, role).await?,
            false => operator.unassign_role(user, role).await?,
        })
    })
    .await?;
    print_change(common, &change)
}

#[derive(Serialize)]
struct Outcome<'a> {
    id: String,
    changed: bool,
    warnings: &'a [String],
}

/// Prints what became of a change, and its warnings.
fn print_change(common: &Common, change: &RoleChange) -> Result<ExitCode> {
    let made = Outcome {
        id: change.id.to_string(),
        changed: change.changed,
        warnings: &change.warnings,
    };
    print::list(common, &made, || {
        let done = if change.changed {
            "done"
        } else {
            "nothing to change"
        };
        let warnings = change
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}\n"));
        format!("{done}\n{}", warnings.collect::<String>())
    })
}
