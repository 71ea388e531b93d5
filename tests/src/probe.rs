//! `jackfield scim probe`, and its report.

use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::home::{Home, ScimAccess};

/// What `jackfield scim probe --json` prints.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The provider that was played.
    pub provider: String,
    /// The server's base URL.
    pub url: String,
    /// How many steps were answered as expected.
    pub passed: usize,
    /// How many were not that a provider can do without.
    pub lacking: usize,
    /// How many were not that it needs.
    pub failed: usize,
    /// What came of each conversation.
    pub conversations: Vec<Held>,
    /// Whether the program ended well.
    #[serde(skip)]
    pub is_success: bool,
}

/// What came of a conversation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Its file.
    pub file: String,
    /// What happens in it.
    pub title: String,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What could not be removed.
    pub left_behind: Vec<String>,
}

/// What came of a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is for.
    pub name: String,
    /// Its request.
    pub request: String,
    /// `passed`, `lacking` or `failed`.
    pub result: String,
    /// What was not as expected.
    pub problems: Vec<String>,
    /// The body that was sent.
    pub sent: Option<String>,
    /// The status that came.
    pub status: Option<u16>,
    /// The body that came.
    pub came: Option<String>,
}

/// Plays a provider.
pub fn probe(
    home: &Home,
    access: &ScimAccess,
    provider: &str,
    arguments: &[&str],
) -> Result<Report> {
    let file = home.folder().join("probe.token");
    fs::write(&file, &access.token)?;
    let file = file.display().to_string();
    let output = home
        .command(&["scim", "probe", &access.url, "--as", provider])
        .args(["--token-file", &file, "--json"])
        .args(arguments)
        .output()?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Report = serde_json::from_str(&stdout)
        .with_context(|| format!("the probe printed no report: {stdout}\n{stderr}"))?;
    Ok(Report {
        is_success: output.status.success(),
        ..report
    })
}

impl Report {
    /// Each step that was not answered as expected, and each thing that was left behind.
    pub fn unmet(&self) -> Vec<String> {
        let unmet = |held: &Held| {
            let steps = held.steps.iter().filter(|step| step.result != "passed");
            let steps = steps.map(|step| {
                let (sent, came) = (step.sent.as_deref(), step.came.as_deref());
                format!(
                    "{}: {} ({})\n  {}\n  sent {}\n  came {}",
                    held.file,
                    step.name,
                    step.request,
                    step.problems.join("\n  "),
                    sent.unwrap_or("nothing"),
                    came.unwrap_or("nothing"),
                )
            });
            let left = held.left_behind.iter();
            let left = left.map(|path| format!("{}: left behind {path}", held.file));
            steps.chain(left).collect::<Vec<_>>()
        };
        self.conversations.iter().flat_map(unmet).collect()
    }
}
