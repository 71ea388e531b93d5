//! `jackfield scim replay`: asking again what was asked.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::{Gateway, Session};
use jackfield_model::{Deed, Exchange, Id, Origin, Principal};
use jackfield_scim::Scim;
use jackfield_scim::replay::{self, Replayed};
use serde::Serialize;
use uuid::Uuid;

use super::{changed, find};
use crate::cli::{Common, exchanges};
use crate::node;

/// What a request came to then, and comes to now.
#[derive(Serialize)]
struct Again<'a> {
    id: Uuid,
    method: &'a str,
    target: &'a str,
    then: u16,
    now: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    repairs: Vec<&'static str>,
    ignored: Vec<String>,
    deeds: Vec<Deed>,
    answer: String,
}

pub(in crate::commands) async fn replay(
    common: &Common,
    arguments: &exchanges::Replay,
    config: &Config,
) -> Result<ExitCode> {
    let asked = node::with_gateway(config, async |gateway| {
        ask_all(gateway, arguments, config).await
    })
    .await?;
    let again: Vec<_> = asked.iter().map(|(then, now)| again(then, now)).collect();
    if common.json {
        say!("{}", serde_json::to_string_pretty(&again)?)?;
    } else {
        again.iter().try_for_each(show)?;
    }
    let is_refused = again.iter().any(|again| again.now >= 400);
    Ok(if is_refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Asks for all, if all can be asked for.
async fn ask_all(
    gateway: &Gateway,
    arguments: &exchanges::Replay,
    config: &Config,
) -> Result<Vec<(Exchange, Replayed)>> {
    let mut all = Vec::with_capacity(arguments.ids.len());
    for id in &arguments.ids {
        let (operator, exchange) = find(gateway, *id).await?;
        replay::check(&exchange, arguments.dry_run).with_context(|| id.to_string())?;
        let connection = exchange.connection;
        let connection = connection.ok_or_else(|| anyhow!("{id}: its login failed"))?;
        all.push((operator, connection, exchange));
    }
    let options = jackfield_scim::Options {
        public_url: config.server.http.public_url.clone(),
        ..jackfield_scim::Options::default()
    };
    let scim = Scim::new(gateway.clone(), options);
    // Of one connection each is asked after what came of the one before.
    let mut sessions = BTreeMap::<Id, Session>::new();
    let mut asked = Vec::with_capacity(all.len());
    for (operator, connection, exchange) in all {
        let session = sessions.entry(connection).or_insert_with(|| {
            let principal = Principal::Connection(connection);
            let session = gateway.act_as(operator.tenant(), principal, Origin::local("cli"));
            if arguments.dry_run {
                session.rehearse()
            } else {
                session
            }
        });
        let again = replay::replay(&scim, session.clone(), &exchange).await;
        let again = again.with_context(|| exchange.id.to_string())?;
        asked.push((exchange, again));
    }
    Ok(asked)
}

fn again<'a>(then: &'a Exchange, now: &Replayed) -> Again<'a> {
    Again {
        id: then.id,
        method: &then.method,
        target: &then.target,
        then: then.status,
        now: now.status,
        scim_type: now.scim_type,
        detail: now.detail.clone(),
        repairs: now.repaired.repairs.clone(),
        ignored: now.repaired.ignored.clone(),
        deeds: now.deeds.clone(),
        answer: now.body.clone(),
    }
}

fn show(again: &Again<'_>) -> io::Result<()> {
    say!("{}  {} {}", again.id, again.method, again.target)?;
    say!("  then {}, now {}", again.then, again.now)?;
    for (name, values) in [
        (
            "repaired",
            again.repairs.iter().map(ToString::to_string).collect(),
        ),
        ("ignored", again.ignored.clone()),
        (
            "changes",
            again.deeds.iter().map(changed).collect::<Vec<_>>(),
        ),
        ("detail", again.detail.clone().into_iter().collect()),
    ] {
        for value in values {
            say!("  {name}: {value}")?;
        }
    }
    Ok(())
}
