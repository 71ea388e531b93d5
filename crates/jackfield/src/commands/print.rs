//! How commands print: JSON for programs, lines and tables for people.

use std::iter;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Common;
use crate::output;

/// Prints what a command made: an object for programs, or lines for people.
pub(super) fn print(
    common: &Common,
    made: &impl Serialize,
    lines: &[(&str, &str)],
) -> Result<ExitCode> {
    list(common, made, || {
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let line = |(name, value): &(&str, &str)| format!("{name:width$}  {value}\n");
        lines.iter().map(line).collect()
    })
}

/// Prints what a command found: JSON for programs, or text for people.
pub(super) fn list(
    common: &Common,
    found: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<ExitCode> {
    if common.json {
        say!("{}", serde_json::to_string_pretty(found)?)?;
    } else {
        output::text(&text())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what there is: a list for programs, or a table for people.
pub(super) fn print_list<T: Serialize, const N: usize>(
    common: &Common,
    listed: &[T],
    head: [&str; N],
    row: impl Fn(&T) -> [String; N],
) -> Result<ExitCode> {
    list(common, &listed, || table(head, listed.iter().map(row)))
}

/// Rows under a head, their columns aligned.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let all: Vec<[String; N]> = iter::once(head.map(str::to_owned)).chain(rows).collect();
    let mut widths = [0; N];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all.iter().map(line).collect()
}
