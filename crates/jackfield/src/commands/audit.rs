//! `jackfield audit`: the log of everything that was done and refused.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use jackfield_api::AuditEntry;
use jackfield_config::Config;
use jackfield_gateway::audit::{AuditFilter, AuditLine, words};
use jackfield_gateway::{Gateway, Session};
use jackfield_model::Clock as _;
use serde::Serialize;

use super::print::list;
use crate::ambient::SystemClock;
use crate::cli::Common;
use crate::cli::audit::{Audit, AuditCommand, AuditList, Export, Which};
use crate::cli::moment::Moment;
use crate::node;
use crate::syslog::{Syslog, message};

/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How many entries are read at a time.
const PAGE: usize = 500;

/// The exit code when a log is not as it was written.
const BROKEN: u8 = 4;

pub(super) async fn run(common: &Common, audit: &Audit, config: &Config) -> Result<ExitCode> {
    node::with_gateway(config, async |gateway| match &audit.command {
        None => show(common, &audit.list, gateway).await,
        Some(AuditCommand::Verify { tenant }) => {
            verify(common, &sessions(gateway, tenant.as_deref())?).await
        }
        Some(AuditCommand::Export(arguments)) => export(arguments, gateway).await,
    })
    .await
}

/// The operator in this tenant, or in each.
fn sessions(gateway: &Gateway, tenant: Option<&str>) -> Result<Vec<Session>> {
    let tenants = match tenant {
        Some(name) => vec![gateway.tenant(name)?],
        None => gateway.tenants(),
    };
    Ok(tenants
        .iter()
        .map(|tenant| node::operator(gateway, tenant))
        .collect())
}

async fn show(common: &Common, arguments: &AuditList, gateway: &Gateway) -> Result<ExitCode> {
    let filter = filter(&arguments.which);
    let mut logs: Vec<(Session, u64)> = sessions(gateway, arguments.tenant.as_deref())?
        .into_iter()
        .map(|session| (session, 0))
        .collect();
    loop {
        for (session, last) in &mut logs {
            let mut is_end = false;
            while !is_end {
                let page = session.audit(*last, PAGE, &filter).await?;
                for line in &page.lines {
                    print_line(common, session, line)?;
                }
                (*last, is_end) = (page.last, page.is_end);
            }
        }
        if !arguments.follow {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn print_line(common: &Common, session: &Session, line: &AuditLine) -> Result<()> {
    if common.json {
        say!("{}", serde_json::to_string(&Entry::new(session, line))?)?;
        return Ok(());
    }
    let through = match &line.address {
        Some(address) => format!("{} {address}", line.protocol),
        None => line.protocol.clone(),
    };
    say!(
        "{} {} #{} {} by {} ({through}): {}",
        line.at.to_rfc3339(),
        session.tenant().name(),
        line.sequence,
        line.action,
        actor(line),
        match line.target_name.as_str() {
            "" => "-",
            name => name,
        },
    )?;
    for change in &line.changes {
        let shown = |side: &Option<String>| side.as_deref().map_or("-".to_owned(), words);
        say!(
            "    {}: {} -> {}",
            change.attribute,
            shown(&change.before),
            shown(&change.after)
        )?;
    }
    if let Some(why) = &line.refused {
        say!("    refused: {why}")?;
    }
    Ok(())
}

/// An entry as programs read it: with the tenant, as the HTTP API gives it.
#[derive(Serialize)]
struct Entry {
    tenant: String,
    #[serde(flatten)]
    entry: AuditEntry,
}

impl Entry {
    fn new(session: &Session, line: &AuditLine) -> Self {
        Self {
            tenant: session.tenant().name().to_string(),
            entry: line.clone().into(),
        }
    }
}

/// Who acted, for people.
fn actor(line: &AuditLine) -> String {
    let kind = line.actor.kind();
    match (line.actor_name.as_str(), line.actor.record()) {
        ("", None) => kind.to_owned(),
        ("", Some(id)) => format!("{kind} {id}"),
        (name, _) => format!("{kind} {name}"),
    }
}

#[derive(Serialize)]
struct Checked {
    tenant: String,
    intact: bool,
    first: Option<u64>,
    last: Option<u64>,
    broken_at: Option<u64>,
}

async fn verify(common: &Common, sessions: &[Session]) -> Result<ExitCode> {
    let mut all = Vec::new();
    for session in sessions {
        let verified = session.verify_audit().await?;
        all.push(Checked {
            tenant: session.tenant().name().to_string(),
            intact: verified.is_ok(),
            first: verified.ok().map(|log| log.first),
            last: verified.ok().map(|log| log.last),
            broken_at: verified.err().map(|broken| broken.sequence),
        });
    }
    let lines = || {
        let line = |log: &Checked| match (log.first, log.last, log.broken_at) {
            (Some(first), Some(last), _) if first > last => format!("{}: empty\n", log.tenant),
            (Some(first), Some(last), _) => {
                format!(
                    "{}: entries {first} to {last} are as they were written\n",
                    log.tenant
                )
            }
            (.., broken) => {
                let at = broken.unwrap_or_default();
                format!(
                    "{}: entry {at} is missing or not as it was written\n",
                    log.tenant
                )
            }
        };
        all.iter().map(line).collect()
    };
    list(common, &all, lines)?;
    let is_intact = all.iter().all(|log| log.intact);
    Ok(if is_intact {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(BROKEN)
    })
}

async fn export(arguments: &Export, gateway: &Gateway) -> Result<ExitCode> {
    let session = node::operator(gateway, &gateway.tenant(&arguments.tenant)?);
    let mut syslog = Syslog::connect(&arguments.to, arguments.ca.as_deref()).await?;
    let mut last = arguments.after;
    loop {
        let page = session.audit(last, PAGE, &AuditFilter::default()).await?;
        for line in &page.lines {
            let body = serde_json::to_string(&Entry::new(&session, line))?;
            let is_refused = line.refused.is_some();
            syslog
                .send(&message(line.at, &line.action, is_refused, &body))
                .await?;
        }
        last = page.last;
        if page.is_end && !arguments.follow {
            syslog.close().await?;
            eprintln!("sent up to entry {last}");
            return Ok(ExitCode::SUCCESS);
        }
        if page.is_end {
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn filter(which: &Which) -> AuditFilter {
    let moment = |said: Option<Moment>| said.map(|it| it.seen_from(SystemClock.now()));
    AuditFilter {
        since: moment(which.since),
        until: moment(which.until),
        actor: which.actor.clone(),
        target: which.target.clone(),
        action: which.action.clone(),
        refused: which.refused,
    }
}
