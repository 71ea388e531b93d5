//! The tokens of filters (RFC 7644 §3.4.2.2) and of PATCH paths (§3.5.2).

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenValue,
    /// `]`
    CloseValue,
    /// A name, an operator, a number, `true`, `false` or `null`; behind a `]` it may begin with
    /// a dot.
    Word(&'t str),
    /// A JSON string, without its escapes.
    Text(String),
}

/// Reads tokens one after the other, looking one ahead.
pub(crate) struct Tokens<'t> {
    rest: &'t str,
    next: Option<Token<'t>>,
}

impl<'t> Tokens<'t> {
    /// # Errors
    /// What is wrong with the first token.
    pub(crate) fn new(text: &'t str) -> Result<Self, String> {
        let mut tokens = Self {
            rest: text,
            next: None,
        };
        tokens.next = tokens.read()?;
        Ok(tokens)
    }

    /// The next token; it stays.
    pub(crate) fn peek(&self) -> Option<&Token<'t>> {
        self.next.as_ref()
    }

    /// Takes the next token.
    ///
    /// # Errors
    /// What is wrong with the token after it.
    pub(crate) fn take(&mut self) -> Result<Option<Token<'t>>, String> {
        let ahead = self.read()?;
        Ok(std::mem::replace(&mut self.next, ahead))
    }

    /// Takes the next token if it is this one.
    ///
    /// # Errors
    /// What is wrong with the token after it.
    pub(crate) fn take_if(&mut self, wanted: &Token<'_>) -> Result<bool, String> {
        let is_next = self.next.as_ref() == Some(wanted);
        if is_next {
            self.take()?;
        }
        Ok(is_next)
    }

    fn read(&mut self) -> Result<Option<Token<'t>>, String> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenValue),
            ']' => Some(Token::CloseValue),
            '"' => return self.read_text().map(Some),
            _ => None,
        };
        if let Some(token) = single {
            self.advance(1);
            return Ok(Some(token));
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"');
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        Ok(Some(Token::Word(self.advance(length))))
    }

    fn read_text(&mut self) -> Result<Token<'t>, String> {
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(at, c)| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end.then_some(at + 1)
        });
        let length = end.ok_or("a string lacks its closing quotation mark")?;
        let quoted = self.advance(length);
        let text = serde_json::from_str(quoted)
            .map_err(|_| format!("{quoted} is not a string as JSON writes it"))?;
        Ok(Token::Text(text))
    }

    fn advance(&mut self, length: usize) -> &'t str {
        let (token, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
        let mut tokens = Tokens::new(text)?;
        let mut all = Vec::new();
        while let Some(token) = tokens.take()? {
            all.push(token);
        }
        Ok(all)
    }

    #[test]
    fn filters_fall_into_tokens() {
        use Token::{Close, CloseValue, Open, OpenValue, Text, Word};
        for (text, expected) in [
            ("", vec![]),
            (" \t\n", vec![]),
            (
                r#"userName Eq "a b""#,
                vec![Word("userName"), Word("Eq"), Text("a b".to_owned())],
            ),
            (
                r#"emails[type eq "w"].value pr"#,
                vec![
                    Word("emails"),
                    OpenValue,
                    Word("type"),
                    Word("eq"),
                    Text("w".to_owned()),
                    CloseValue,
                    Word(".value"),
                    Word("pr"),
                ],
            ),
            (
                "not(a pr)",
                vec![Word("not"), Open, Word("a"), Word("pr"), Close],
            ),
            (
                r#"a eq "\"\\\u00e9""#,
                vec![Word("a"), Word("eq"), Text("\"\\é".to_owned())],
            ),
            (
                r#"a eq"b""#,
                vec![Word("a"), Word("eq"), Text("b".to_owned())],
            ),
            ("a gt -1.5e3", vec![Word("a"), Word("gt"), Word("-1.5e3")]),
        ] {
            assert_eq!(tokens(text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn strings_that_json_does_not_know_are_refused() {
        for text in [
            r#"a eq "b"#,
            r#"a eq "\x""#,
            "a eq \"\\\"",
            "a eq \"\u{1}\"",
        ] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
