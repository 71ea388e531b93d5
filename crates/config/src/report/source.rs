//! The text that problems point into.

use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, SourceCode, SourceSpan, SpanContents};

/// A file as it may be shown.
#[derive(Debug)]
pub(crate) struct Source {
    name: String,
    text: String,
}

impl Source {
    /// The text with these secrets and the passwords of URLs masked, byte for byte, so that places
    /// stay what they are.
    pub(crate) fn new(name: String, text: &str, secrets: &[Range<usize>]) -> Arc<Self> {
        let passwords = passwords(text);
        let is_secret = |at| {
            secrets
                .iter()
                .chain(&passwords)
                .any(|span| span.contains(&at))
        };
        let text = text
            .char_indices()
            .flat_map(|(at, c)| {
                let is_shown = matches!(c, '"' | '\'' | '\n') || !is_secret(at);
                let (c, count) = if is_shown {
                    (c, 1)
                } else {
                    ('*', c.len_utf8())
                };
                std::iter::repeat_n(c, count)
            })
            .collect();
        Arc::new(Self { name, text })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn slice(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// As much of the place as is on its first line. Where that is nothing, as at the end of a
    /// text that was not closed, the rest of the line, or all of it.
    pub(super) fn within_line(&self, span: Range<usize>) -> Range<usize> {
        let first_line = self.slice(span.clone()).lines().next().unwrap_or_default();
        if !first_line.is_empty() {
            return span.start..span.start + first_line.len();
        }
        let line = self.whole_lines(span.start..span.start);
        let rest = span.start..line.end;
        let shown = if self.slice(rest.clone()).trim().is_empty() {
            line
        } else {
            rest
        };
        let text = self.slice(shown.clone());
        let start = shown.start + text.len() - text.trim_start().len();
        start..start + text.trim().len()
    }

    fn whole_lines(&self, span: Range<usize>) -> Range<usize> {
        let start = self.slice(0..span.start).rfind('\n').map_or(0, |at| at + 1);
        let rest = self.slice(span.end..self.text.len());
        start..span.end + rest.lines().next().map_or(0, str::len)
    }

    /// Line and column, both from 1, the column in characters.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let before = self.slice(0..at.min(self.text.len()));
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        (line, column)
    }
}

/// Where URLs name a user, and perhaps a password. A file that is no TOML has no keys that tell.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let urls = text.match_indices("://").map(|(at, mark)| at + mark.len());
    urls.filter_map(|start| {
        let rest = text.get(start..)?;
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '"' || c == '\'')
            .unwrap_or(rest.len());
        Some(start..start + rest.get(..end)?.rfind('@')?)
    })
    .collect()
}

/// Shows whole lines and no other: neighbours say nothing about a mistake.
impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context it is the position that is asked for, not what to show.
        let mut range = span.offset()..span.offset() + span.len();
        // Without context it is the position that is asked for, not what to show.
        if before + after > 0 {
            range = self.whole_lines(range);
        }
        let contents = self.text.read_span(&range.into(), 0, 0)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_byte_for_byte() {
        let text = "a = 1\nurl = \"post€\"\nb = 2";
        let start = text.find('"').unwrap();
        let source = Source::new("x".into(), text, std::slice::from_ref(&(start..start + 9)));
        assert_eq!(
            source.slice(0..text.len()),
            "a = 1\nurl = \"*******\"\nb = 2"
        );
        assert_eq!(source.position(text.len()), (3, 6));
    }

    #[test]
    fn columns_count_characters() {
        let source = Source::new("x".into(), "ä = \"ö\" x", &[]);
        assert_eq!(source.position("ä = \"ö\" ".len()), (1, 9));
        assert_eq!(source.position(1000), (1, 10));
    }
}
