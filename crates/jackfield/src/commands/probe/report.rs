//! What came of the conversations, for people and for programs.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use jackfield_scim::conversation::{Answer, Conversation, Outcome, Request, Step};
use serde::Serialize;

/// So much of an answer's body is shown to people, in characters.
const SHOWN: usize = 400;

/// What came of all conversations of a provider.
#[derive(Serialize)]
pub(super) struct Report {
    provider: String,
    url: String,
    passed: usize,
    /// Steps that the provider can do without.
    lacking: usize,
    failed: usize,
    conversations: Vec<Held>,
}

/// What came of one conversation.
#[derive(Serialize)]
pub(super) struct Held {
    file: String,
    title: String,
    sources: Vec<String>,
    pub(super) steps: Vec<StepReport>,
    /// What could not be removed.
    left_behind: Vec<String>,
}

/// What came of one step.
#[derive(Serialize)]
pub(super) struct StepReport {
    name: String,
    request: String,
    result: Verdict,
    problems: Vec<String>,
    sent: Option<String>,
    status: Option<u16>,
    came: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Passed,
    Lacking,
    Failed,
}

impl StepReport {
    /// Of a step that was answered.
    pub(super) fn of(step: &Step, request: &Request, answer: &Answer, outcome: Outcome) -> Self {
        let problems = match outcome {
            Outcome::Met => Vec::new(),
            Outcome::Unmet(problems) => problems,
        };
        Self {
            status: Some(answer.status),
            came: Some(answer.body.clone()),
            ..Self::new(step, Some(request), problems)
        }
    }

    /// Of a step that could not be taken.
    pub(super) fn skipped(step: &Step, reason: String) -> Self {
        Self::new(step, None, vec![reason])
    }

    /// Of a step whose request had no answer.
    pub(super) fn unsent(step: &Step, request: &Request, reason: String) -> Self {
        Self::new(step, Some(request), vec![reason])
    }

    fn new(step: &Step, request: Option<&Request>, problems: Vec<String>) -> Self {
        let line = |request: &Request| format!("{} {}", request.method, request.target);
        Self {
            name: step.name.clone(),
            request: request.map_or_else(|| step.request_line(), line),
            result: match (problems.is_empty(), step.is_needed()) {
                (true, _) => Verdict::Passed,
                (false, true) => Verdict::Failed,
                (false, false) => Verdict::Lacking,
            },
            problems,
            sent: request.and_then(|request| request.body.clone()),
            status: None,
            came: None,
        }
    }

    fn print(&self) -> io::Result<()> {
        let (verdict, status) = match (self.result, self.status) {
            (Verdict::Passed, status) => ("ok     ", status),
            (Verdict::Lacking, status) => ("lacking", status),
            (Verdict::Failed, status) => ("FAILED ", status),
        };
        let status = status.map_or_else(|| "---".to_owned(), |status| status.to_string());
        say!("  {verdict} {status}  {}", self.name)?;
        if self.result == Verdict::Passed {
            return Ok(());
        }
        say!("               {}", self.request)?;
        if let Some(sent) = &self.sent {
            say!("               sent {}", shortened(sent))?;
        }
        for problem in &self.problems {
            say!("               {problem}")?;
        }
        if let Some(came) = self.came.as_deref().filter(|came| !came.is_empty()) {
            say!("               came {}", shortened(came))?;
        }
        Ok(())
    }
}

impl Held {
    pub(super) fn new(file: &str, conversation: &Conversation) -> Self {
        Self {
            file: file.to_owned(),
            title: conversation.title.clone(),
            sources: conversation.sources.clone(),
            steps: Vec::new(),
            left_behind: Vec::new(),
        }
    }

    /// Notes what a removal came to, if it failed.
    pub(super) fn left_behind(&mut self, request: &Request, status: Option<u16>) {
        if status.is_none_or(|status| status >= 300 && status != 404) {
            self.left_behind.push(request.target.clone());
        }
    }

    fn count(&self, verdict: Verdict) -> usize {
        let is_it = |step: &&StepReport| step.result == verdict;
        self.steps.iter().filter(is_it).count()
    }

    fn print(&self) -> io::Result<()> {
        say!("{} ({})", self.title, self.file)?;
        self.steps.iter().try_for_each(StepReport::print)?;
        for path in &self.left_behind {
            say!("  left behind: {path}")?;
        }
        Ok(())
    }
}

impl Report {
    pub(super) fn new(provider: &str, url: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            url: url.to_owned(),
            passed: 0,
            lacking: 0,
            failed: 0,
            conversations: Vec::new(),
        }
    }

    /// Adds a conversation, and shows it to people.
    pub(super) fn add(&mut self, held: Held, is_json: bool) -> io::Result<()> {
        self.passed += held.count(Verdict::Passed);
        self.lacking += held.count(Verdict::Lacking);
        self.failed += held.count(Verdict::Failed);
        if !is_json {
            held.print()?;
        }
        self.conversations.push(held);
        Ok(())
    }

    /// Shows the whole; the code is a failure's if a step failed that the provider needs.
    pub(super) fn finish(self, is_json: bool) -> Result<ExitCode> {
        if is_json {
            say!("{}", serde_json::to_string_pretty(&self)?)?;
        } else {
            say!(
                "{} as {}: {} passed, {} lacking, {} failed",
                self.url,
                self.provider,
                self.passed,
                self.lacking,
                self.failed
            )?;
        }
        Ok(match self.failed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
