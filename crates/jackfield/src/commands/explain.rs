//! `jackfield explain`: why a search finds what it finds.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jackfield_config::Config;
use jackfield_gateway::{Error, Session};
use jackfield_ldap::explain::{Branch, Explanation, Question, explain as told};

use super::print::list;
use crate::cli::{Common, Explain};
use crate::node;

pub(super) async fn explain(
    common: &Common,
    arguments: &Explain,
    config: &Config,
) -> Result<ExitCode> {
    let question = Question {
        base: arguments.base.as_deref(),
        scope: arguments.scope.into(),
        filter: &arguments.filter,
        entry: arguments.entry.as_deref(),
    };
    let explanation = node::with_tenant(config, &arguments.tenant, async |operator| {
        let reader = seen_as(&operator, &arguments.reader)?;
        let mut explanation = match told(&reader, &operator, question) {
            Err(jackfield_ldap::Error::NoSuchEntry { .. }) => {
                let base = arguments.base.as_deref().unwrap_or_default();
                bail!("there is no entry {base:?} to search below");
            }
            outcome => outcome?,
        };
        if explanation.reader.is_empty() {
            explanation.reader.clone_from(&arguments.reader);
        }
        Ok(explanation)
    })
    .await?;
    list(common, &explanation, || text(&explanation))
}

/// The session of whoever is called so, if anything may be read in it.
pub(super) fn seen_as(operator: &Session, name: &str) -> Result<Session> {
    let session = operator.through_the_eyes_of(name);
    let session = session.with_context(|| format!("nobody is called {name:?}"))?;
    match session.read() {
        Err(Error::LoginRequired) => {
            bail!("{name} reads nothing here: `anonymous_phone_book` is off")
        }
        outcome => outcome?,
    };
    Ok(session)
}

/// As people read it. Writing to a string cannot fail.
fn text(explained: &Explanation) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "reader  {}", explained.reader);
    let _ = writeln!(out, "base    {}", explained.base);
    let _ = writeln!(out, "filter  {}", explained.filter);
    let _ = writeln!(
        out,
        "\nlooks at {} of {} records, {}",
        explained.candidates, explained.records, explained.by
    );
    for used in &explained.indexes {
        let _ = writeln!(
            out,
            "  {} {}: about {}",
            used.attribute, used.asked, used.candidates
        );
    }
    let _ = writeln!(out, "\nfinds {}", explained.found);
    for name in &explained.first {
        let _ = writeln!(out, "  {name}");
    }
    if explained.first.len() < explained.found {
        out.push_str("  ...\n");
    }
    if let Some(entry) = &explained.entry {
        let found = if entry.is_found { "found" } else { "not found" };
        let _ = writeln!(out, "\n{} is {found}: {}", entry.dn, entry.because);
        if let Some(filter) = &entry.filter {
            branch(&mut out, filter, 1);
        }
    }
    out
}

fn branch(out: &mut String, part: &Branch, depth: usize) {
    let because = part.because.as_ref();
    let because = because.map_or(String::new(), |text| format!("  ({text})"));
    let _ = writeln!(
        out,
        "{:indent$}{:9}  {}{because}",
        "",
        part.is,
        part.filter,
        indent = 2 * depth
    );
    for inner in &part.parts {
        branch(out, inner, depth + 1);
    }
}
