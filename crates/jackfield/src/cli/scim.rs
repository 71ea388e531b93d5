//! The command line of `jackfield scim`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jackfield_scim::conversation::PROVIDERS;

use super::TenantOnly;
use super::exchanges::{Log, Replay, Show};

#[derive(Debug, Subcommand)]
pub(crate) enum ScimCommand {
    /// Say to a SCIM server what an identity provider would, and report what it makes of it
    Probe(Probe),
    /// List the connections that are held, because they disabled or deleted too many users at once
    Held(TenantOnly),
    /// Let a connection that is held go on
    Release(ReleaseConnection),
    /// List the members of groups that connections named and that are not there yet
    Pending(TenantOnly),
    /// What connections asked for lately and what came of it, one line for each request
    Log(Log),
    /// Everything that is kept of one request
    Show(Show),
    /// Ask again what a connection asked
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseConnection {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The connection
    #[arg(long)]
    pub(crate) connection: String,
}

#[derive(Debug, Args)]
pub(crate) struct Probe {
    #[arg(
        help = "The base URL, such as https://pbx.example.com/scim/acme/v2",
        value_parser = base_url
    )]
    pub(crate) url: String,
    /// The identity provider
    #[arg(long = "as", value_name = "PROVIDER", value_parser = PROVIDERS)]
    pub(crate) provider: String,
    /// A file with the bearer token
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A file with certificates, in PEM, of authorities that are trusted beside those that the
    /// machine trusts
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Compare every answer in full with what this program answers
    #[arg(long)]
    pub(crate) exact: bool,
    /// Hold the conversations of this folder, in place of those that are built in
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Write the answers into the files, as the exact ones
    #[arg(long, requires = "from", conflicts_with = "exact")]
    pub(crate) record: bool,
}

/// A URL to which paths are appended.
fn base_url(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.query().is_none() && url.fragment().is_none() => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("http:// or https://, a host, and a path".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_can_have_paths_appended() {
        for (text, expected) in [
            (
                "https://a.example/scim/v2/",
                Some("https://a.example/scim/v2"),
            ),
            ("http://[::1]:8080/v2", Some("http://[::1]:8080/v2")),
            ("a.example/v2", None),
            ("ftp://a.example/v2", None),
            ("https://", None),
            ("https://a.example/v2?x=1", None),
            ("http://a.example:port/", None),
        ] {
            let url = base_url(text).ok();
            assert_eq!(url.as_deref(), expected, "{text}");
        }
    }
}
