//! What `explain` and `export` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jackfield_ldap::explain::Scope;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The filter, such as '(&(cn=Anna*)(telephoneNumber=*))'
    pub(crate) filter: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Who searches: the name or DN of a person, service account or device; `anonymous`; or
    /// `operator`, who sees everything
    #[arg(long = "as", value_name = "NAME", default_value = "operator")]
    pub(crate) reader: String,
    /// Below which entry [default: the tenant's own]
    #[arg(long, value_name = "DN")]
    pub(crate) base: Option<String>,
    /// How far
    #[arg(long, default_value = "sub")]
    pub(crate) scope: Reach,
    /// An entry that is expected: why it is found, or is not
    #[arg(long, value_name = "DN")]
    pub(crate) entry: Option<String>,
}

/// How far a search reaches.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Reach {
    /// The entry itself
    Base,
    /// What is one below
    One,
    /// The entry and all below
    Sub,
    /// All below
    Children,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file to write [default: standard output]
    pub(crate) file: Option<PathBuf>,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Whose view is exported: the name or DN of a person, service account or device; `anonymous`;
    /// or `operator`, who sees everything
    #[arg(long = "as", value_name = "NAME", default_value = "operator")]
    pub(crate) reader: String,
    /// LDIF of everything, or a table of people and contacts [default: by the file's name, else
    /// ldif]
    #[arg(long)]
    pub(crate) format: Option<Format>,
}

impl From<Reach> for Scope {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Base => Self::Base,
            Reach::One => Self::One,
            Reach::Sub => Self::Sub,
            Reach::Children => Self::Children,
        }
    }
}
