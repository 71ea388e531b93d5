//! `jackfield explain`: why a search finds what it finds.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::Config;
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
        let reader = operator.through_the_eyes_of(&arguments.reader);
        let reader = reader.with_context(|| format!("nobody is called {:?}", arguments.reader))?;
        Ok(told(&reader, &operator, question)?)
    })
    .await?;
    list(common, &explanation, || text(arguments, &explanation))
}

/// As people read it. Writing to a string cannot fail.
fn text(arguments: &Explain, explained: &Explanation) -> String {
    let mut out = String::new();
    let reader = match explained.reader.as_str() {
        "" => &arguments.reader,
        dn => dn,
    };
    let _ = writeln!(out, "reader  {reader}");
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
