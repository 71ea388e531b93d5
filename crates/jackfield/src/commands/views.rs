//! `jackfield service-account set` and `jackfield device set`: under which names it sees records.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use jackfield_config::Config;
use jackfield_model::{Kind, View};
use serde::Serialize;

use super::print;
use crate::cli::Common;
use crate::cli::views::SetViews;
use crate::node;

#[derive(Serialize)]
struct Set<'a> {
    name: &'a str,
    /// None where they are the tenant's.
    views: Option<Vec<&'static str>>,
}

pub(super) async fn set(
    common: &Common,
    arguments: &SetViews,
    config: &Config,
    kind: Kind,
) -> Result<ExitCode> {
    let views = arguments.views.set();
    node::with_tenant(config, &arguments.tenant, async |operator| {
        let id = operator.named(kind, &arguments.name);
        let id = id.ok_or_else(|| anyhow!("there is no {} `{}`", kind.name(), arguments.name))?;
        Ok(operator.set_views(kind, id, views).await?)
    })
    .await?;
    let set = Set {
        name: &arguments.name,
        views: views.map(|views| views.iter().map(View::name).collect()),
    };
    let said = match &set.views {
        None => "the tenant's".to_owned(),
        Some(views) if views.is_empty() => "none".to_owned(),
        Some(views) => views.join(", "),
    };
    print(common, &set, &[("name", set.name), ("views", &said)])
}
