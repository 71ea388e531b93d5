//! `jackfield scim show`: everything that is kept of one request.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;
use jackfield_gateway::audit::words;
use jackfield_model::{Deed, Exchange, SentBody};

use super::{changed, find, name, shown};
use crate::cli::{Common, exchanges};
use crate::node;

pub(in crate::commands) async fn show(
    common: &Common,
    arguments: &exchanges::Show,
    config: &Config,
) -> Result<ExitCode> {
    let (connection, json, exchange) = node::with_gateway(config, async |gateway| {
        let (operator, exchange) = find(gateway, arguments.id).await?;
        let json = shown(&operator, &exchange)?;
        Ok((name(&operator, &exchange), json, exchange))
    })
    .await?;
    if common.json {
        say!("{}", serde_json::to_string_pretty(&json)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (name, value) in lines(&connection, &exchange) {
        say!("{name:<11} {value}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(connection: &str, exchange: &Exchange) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("at", exchange.at.to_rfc3339()),
        ("connection", format!("{connection} {}", exchange.label)),
        (
            "request",
            format!("{} {}", exchange.method, exchange.target),
        ),
    ];
    lines.extend(
        exchange
            .address
            .map(|address| ("from", address.to_string())),
    );
    lines.extend(exchange.condition.clone().map(|it| ("if-match", it)));
    match &exchange.body {
        SentBody::None => {}
        SentBody::Json { text, .. } => lines.push(("body", text.clone())),
        SentBody::Left { length } => lines.push(("body", format!("{length} bytes, not kept"))),
    }
    lines.extend(
        exchange
            .repairs
            .iter()
            .map(|it| ("repaired", it.to_string())),
    );
    lines.extend(exchange.ignored.iter().map(|it| ("ignored", it.clone())));
    lines.extend(
        exchange
            .suggested
            .iter()
            .map(|it| ("looks like", it.to_string())),
    );
    for deed in &exchange.deeds {
        lines.push((
            "changed",
            format!("{} at revision {}", changed(deed), deed.revision),
        ));
        lines.extend(values(deed));
    }
    lines.push(("answer", exchange.status.to_string()));
    lines.extend(
        exchange
            .scim_type
            .iter()
            .map(|it| ("scimType", it.to_string())),
    );
    lines.extend(exchange.detail.clone().map(|it| ("detail", it)));
    lines.push(("took", format!("{} µs", exchange.duration_us)));
    lines
}

fn values(deed: &Deed) -> impl Iterator<Item = (&'static str, String)> {
    deed.changes.iter().map(|change| {
        let shown = |side: &Option<String>| side.as_deref().map_or("nothing".to_owned(), words);
        let (before, after) = (shown(&change.before), shown(&change.after));
        ("", format!("{}: {before} -> {after}", change.attribute))
    })
}
