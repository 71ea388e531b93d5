//! The mistakes of a configuration, for people and for programs.

mod render;
mod source;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

pub(crate) use source::Source;

/// Every mistake in every file, in the order of the files and of their lines.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    problems: Vec<Problem>,
}

/// One mistake. Secrets in the text are masked by asterisks.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The path of the file, as it can be opened from the working directory.
    pub file: String,
    /// The line, from 1; none where the mistake is about the file as a whole.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The offending text, as far as it is on that line.
    pub text: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: Option<String>,
    #[serde(skip)]
    place: Option<(Arc<Source>, Range<usize>)>,
}

/// A mistake in a file at hand.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// Where in the text; none where it is about the file as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: Option<String>,
}

impl Report {
    /// The mistakes.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The report to read: each mistake with its line and the offending text underlined.
    pub fn render(&self, colour: bool) -> String {
        render::render(self, colour)
    }

    pub(crate) fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("1 problem in the configuration"),
            count => write!(f, "{count} problems in the configuration"),
        }
    }
}

impl std::error::Error for Report {}

impl Problem {
    pub(crate) fn new(source: &Arc<Source>, mistake: Mistake) -> Self {
        let place = mistake.span.map(|span| source.within_line(span));
        let position = place.as_ref().map(|span| source.position(span.start));
        Self {
            file: source.name().to_owned(),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            text: place.clone().map(|span| source.slice(span).to_owned()),
            message: mistake.message,
            expected: mistake.expected,
            place: place.map(|span| (Arc::clone(source), span)),
        }
    }

    /// A mistake about a file that could not even be read.
    pub(crate) fn of_file(file: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            file: file.to_string(),
            line: None,
            column: None,
            text: None,
            message: message.into(),
            expected: None,
            place: None,
        }
    }
}
