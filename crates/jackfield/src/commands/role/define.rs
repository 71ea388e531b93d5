//! `jackfield role create` and `edit`.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use jackfield_config::Config;
use jackfield_gateway::access::{RoleDef, RoleKey};
use jackfield_gateway::{Precondition, Session};

use super::print_change;
use crate::cli::Common;
use crate::cli::role::{Definition, EditRole, NewRole};
use crate::node;

pub(super) async fn create(
    common: &Common,
    arguments: &NewRole,
    config: &Config,
) -> Result<ExitCode> {
    let named = arguments.role.as_ref().or(arguments.template.as_ref());
    let key = named.ok_or_else(|| anyhow!("the role has no key"))?;
    let change = node::with_tenant(config, &arguments.tenant, async |operator| {
        let template = template(&operator, arguments.template.as_deref())?;
        let mut def = said(template, &arguments.definition)?;
        if def.title.is_empty() {
            def.title = key.into();
        }
        let key = RoleKey::from(key.as_str());
        Ok(operator.create_role(key, def).await?)
    })
    .await?;
    print_change(common, &change)
}

pub(super) async fn edit(
    common: &Common,
    arguments: &EditRole,
    config: &Config,
) -> Result<ExitCode> {
    let change = node::with_tenant(config, &arguments.tenant, async |operator| {
        let now = operator.role(&arguments.role)?;
        let def = said(now.def, &arguments.definition)?;
        let expect = Precondition::Versions(vec![now.version]);
        Ok(operator.edit_role(now.key, def, expect).await?)
    })
    .await?;
    print_change(common, &change)
}

fn template(operator: &Session, named: Option<&str>) -> Result<RoleDef> {
    let Some(named) = named else {
        return Ok(RoleDef::default());
    };
    let all = operator.role_templates()?;
    let found = all.iter().find(|(key, _)| key.as_str() == named);
    let keys: Vec<&str> = all.iter().map(|(key, _)| key.as_str()).collect();
    found.map(|(_, def)| def.clone()).ok_or_else(|| {
        anyhow!(
            "there is no template {named:?}; there are: {}",
            keys.join(", ")
        )
    })
}

/// The role with what was said about it.
fn said(role: RoleDef, definition: &Definition) -> Result<RoleDef> {
    let mut role = match &definition.from {
        Some(file) => {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            toml::from_str(&text).with_context(|| format!("{} is no role", file.display()))?
        }
        None => role,
    };
    if let Some(title) = &definition.title {
        role.title = title.into();
    }
    if let Some(description) = &definition.description {
        role.description = description.into();
    }
    if definition.rank.is_some() {
        role.rank = definition.rank;
    }
    if !definition.permissions.is_empty() {
        role.permissions = definition.permissions.iter().map(Into::into).collect();
    }
    if !definition.specials.is_empty() {
        role.specials = definition.specials.iter().map(Into::into).collect();
    }
    if !definition.levels.is_empty() {
        role.levels.clear();
        for level in &definition.levels {
            let Some((area, level)) = level.split_once('=') else {
                bail!("{level:?} is no AREA=LEVEL");
            };
            role.levels.insert(area.into(), level.into());
        }
    }
    if let Some(manages) = &definition.manages {
        let named = manages.iter().filter(|key| !key.is_empty());
        role.manages = Some(named.map(|key| RoleKey::from(key.as_str())).collect());
    }
    Ok(role)
}
