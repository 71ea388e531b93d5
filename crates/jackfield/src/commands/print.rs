//! How commands print: JSON for programs, lines and tables for people.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Common;

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
        println!("{}", serde_json::to_string_pretty(found)?);
    } else {
        print!("{}", text());
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what there is: a list for programs, or a table for people.
pub(super) fn print_list<const N: usize>(
    common: &Common,
    listed: &impl Serialize,
    header: [&str; N],
    rows: &[[String; N]],
) -> Result<ExitCode> {
    list(common, listed, || {
        table(&header, rows.iter().map(|row| row.to_vec()))
    })
}

/// Rows under a head, their columns aligned.
pub(super) fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head = head.iter().map(|name| (*name).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &all {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all.iter().map(line).collect()
}
