//! What `import` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file
    pub(crate) file: PathBuf,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The file's format [default: by its name, .ldif or .csv]
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Try everything and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write to this file what was refused, and why
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Entries of another directory (RFC 2849)
    Ldif,
    /// A table whose first row says what the columns are
    Csv,
}
