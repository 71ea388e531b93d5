//! `jackfield import`: people, groups and contacts from another directory or a table.
//!
//! It can be run again: what is there already is left as it is, so that a run that was cut off goes
//! on where it stopped.

mod groups;
mod managers;
mod read;
mod report;
mod run;

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use jackfield_config::Config;
use jackfield_ldap::ldif::{self, Entry, Reader};
use jackfield_ldap::table;

use self::report::Report;
use self::run::Run;
use crate::cli::{Common, Format, Import};
use crate::node;

/// How many refusals are shown; the report has all of them.
const SHOWN: usize = 10;

pub(super) async fn import(
    common: &Common,
    arguments: &Import,
    config: &Config,
) -> Result<ExitCode> {
    let entries = entries(&arguments.file, arguments.format)?;
    let report = node::with_tenant(config, &arguments.tenant, async |operator| {
        let session = if arguments.dry_run {
            operator.rehearse()
        } else {
            operator
        };
        let batches = read::read(entries, session.tenant().registry());
        Run::new(session).all(batches).await
    })
    .await?;
    if let Some(path) = &arguments.report {
        write_report(path, &report)?;
    }
    if common.json {
        say!("{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        tell(&report, arguments)?;
    }
    Ok(if report.refused.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

type Entries = Box<dyn Iterator<Item = Result<Entry, ldif::Error>> + Send>;

fn entries(path: &Path, format: Option<Format>) -> Result<Entries> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let format = match (format, extension) {
        (Some(format), _) => format,
        (None, Some("ldif")) => Format::Ldif,
        (None, Some("csv" | "tsv" | "txt")) => Format::Csv,
        _ => bail!("say with --format what {} is", path.display()),
    };
    let cannot = || format!("{} cannot be read", path.display());
    let file = File::open(path).with_context(cannot)?;
    let bar = ProgressBar::new(file.metadata().with_context(cannot)?.len());
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed}, {eta} to go")?;
    bar.set_style(style);
    Ok(match format {
        Format::Ldif => Box::new(Reader::new(BufReader::new(bar.wrap_read(file)))),
        Format::Csv => {
            let octets = std::fs::read(path).with_context(cannot)?;
            Box::new(table::entries(&octets)?.into_iter().map(Ok))
        }
    })
}

fn write_report(path: &Path, report: &Report) -> Result<()> {
    let mut file =
        File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    for refused in &report.refused {
        writeln!(file, "{refused}")?;
    }
    Ok(())
}

fn tell(report: &Report, arguments: &Import) -> Result<()> {
    let done = if arguments.dry_run {
        "would be made"
    } else {
        "made"
    };
    say!(
        "{} users, {} contacts, {} groups and {} others {done}; {} members and {} managers added",
        report.users,
        report.contacts,
        report.groups,
        report.others,
        report.members,
        report.managers
    )?;
    say!("{} were there already and stay as they are", report.there)?;
    if !report.ignored.is_empty() {
        let names: Vec<&str> = report.ignored.keys().map(String::as_str).collect();
        say!(
            "attributes that nothing here stands for: {}",
            names.join(", ")
        )?;
    }
    if report.refused.is_empty() {
        return Ok(());
    }
    eprintln!("{} refused:", report.refused.len());
    for refused in report.refused.iter().take(SHOWN) {
        eprintln!("  {refused}");
    }
    if report.refused.len() > SHOWN {
        eprintln!("  ... (--report FILE writes all of them)");
    }
    Ok(())
}
