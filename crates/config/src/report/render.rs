//! The report to read.

use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::{Problem, Report};

pub(super) fn render(report: &Report, colour: bool) -> String {
    let theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_wrap_lines(false)
        .with_context_lines(1);
    let mut text = String::new();
    for problem in &report.problems {
        // Writing to a string cannot fail.
        let _ = handler.render_report(&mut text, &Shown(problem));
        text.push('\n');
    }
    text + &report.to_string() + "\n"
}

#[derive(Debug)]
struct Shown<'a>(&'a Problem);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            file,
            message,
            place,
            ..
        } = self.0;
        // Otherwise the file stands above the line that is shown.
        if place.is_none() {
            write!(f, "{file}: ")?;
        }
        f.write_str(message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let expected = self.0.expected.as_ref()?;
        Some(Box::new(format!("expected {expected}")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let (source, _) = self.0.place.as_ref()?;
        Some(&**source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.0.place.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::underline(
            span.clone(),
        ))))
    }
}
