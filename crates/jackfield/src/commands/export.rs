//! `jackfield export`: what a principal sees, as LDIF or as a table of people.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use jackfield_config::Config;
use jackfield_gateway::{Entry, Reader};
use jackfield_ldap::export::{self, COLUMNS, KINDS};
use jackfield_model::{Kind, KindSet};

use super::explain::seen_as;
use crate::cli::{Export, Format};
use crate::{node, output};

pub(super) async fn export(arguments: &Export, config: &Config) -> Result<ExitCode> {
    let file = arguments.file.as_ref();
    let extension = file.and_then(|file| file.extension()?.to_str());
    let format = match (arguments.format, extension) {
        (Some(format), _) => format,
        (None, Some("csv")) => Format::Csv,
        (None, _) => Format::Ldif,
    };
    node::with_tenant(config, &arguments.tenant, async |operator| {
        let reader = seen_as(&operator, &arguments.reader)?.read()?;
        let out: Box<dyn Write> = match file {
            Some(path) => {
                let file = File::create(path);
                Box::new(file.with_context(|| format!("cannot write {}", path.display()))?)
            }
            None => Box::new(output::Stdout),
        };
        let out = BufWriter::new(out);
        match format {
            Format::Ldif => ldif(&reader, out),
            Format::Csv => table(&reader, out),
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn ldif(reader: &Reader, mut out: impl Write) -> Result<()> {
    let export = export::Export::new(reader);
    out.write_all(export.branches().as_bytes())?;
    let mut text = String::new();
    for entry in each(reader, &KINDS) {
        text.clear();
        export.ldif(entry, &mut text);
        out.write_all(text.as_bytes())?;
    }
    Ok(out.flush()?)
}

fn table(reader: &Reader, out: impl Write) -> Result<()> {
    let export = export::Export::new(reader);
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS).map_err(of_table)?;
    for entry in each(reader, &[Kind::User, Kind::Contact]) {
        let row = table.write_record(export.row(entry));
        row.map_err(of_table)?;
    }
    Ok(table.flush()?)
}

/// What is behind an error of a table, which names none as its cause.
fn of_table(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => anyhow!("the table cannot be written: {other:?}"),
    }
}

/// The entries of one kind after the other that the reader sees.
fn each<'r>(reader: &'r Reader, kinds: &[Kind]) -> impl Iterator<Item = Entry<'r>> {
    kinds
        .iter()
        .flat_map(|kind| reader.every(KindSet::of(&[*kind])))
}
