//! The form of a conversation's file.

use std::ops::Range;

use serde_json::Value as Json;

/// A conversation of a provider with a server.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What happens in it.
    pub title: String,
    /// Where it is documented or was reported that the provider says this.
    pub sources: Vec<String>,
    /// The requests, in their order.
    pub steps: Vec<Step>,
}

/// A request, and what is to come back.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is for.
    pub name: String,
    pub(super) method: String,
    /// Below the base, with places to fill.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// What the provider makes of an answer that is not as expected.
    pub necessity: Necessity,
    /// The statuses that it takes.
    pub(super) statuses: Vec<u16>,
    /// What it reads in the body.
    pub(super) needs: Option<Json>,
    pub(super) exact: Option<Exact>,
    /// Where the exact answer stands in the file, or would stand.
    pub(super) exact_at: Range<usize>,
}

/// Whether a provider can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Necessity {
    /// It fails.
    Needs,
    /// It goes on, with less.
    Wants,
}

/// The whole of an answer.
#[derive(Clone, Debug)]
pub(super) struct Exact {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Json>,
}

/// Why a file is no conversation.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Mistake {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Conversation {
    /// Reads a conversation.
    ///
    /// # Errors
    /// [`Mistake`].
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let mut lines = Lines::of(text);
        let mut conversation = Self {
            title: String::new(),
            sources: Vec::new(),
            steps: Vec::new(),
        };
        let mut always = Vec::new();
        while let Some(line) = lines.take_unless(|line| line.starts_with("## ")) {
            match line.split_once(": ") {
                _ if line.is_empty() || line.starts_with('#') => {}
                Some(("title", title)) => title.clone_into(&mut conversation.title),
                Some(("source", source)) => conversation.sources.push(source.to_owned()),
                Some(("sends", header)) => always.push(lines.header(header)?),
                _ => return Err(lines.mistake("title, source or sends was expected")),
            }
        }
        if conversation.title.is_empty() || conversation.sources.is_empty() {
            return Err(lines.mistake("it has no title or no source"));
        }
        while let Some(line) = lines.take() {
            let name = line.strip_prefix("## ").unwrap_or(line).to_owned();
            conversation.steps.push(lines.step(name, &always)?);
        }
        Ok(conversation)
    }
}

/// The lines of a file, one after the other.
struct Lines<'t> {
    text: &'t str,
    /// Where the next line begins.
    at: usize,
    number: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            number: 0,
        }
    }

    fn take(&mut self) -> Option<&'t str> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = rest.split_inclusive('\n').next()?;
        self.at += line.len();
        self.number += 1;
        Some(line.trim_end())
    }

    fn take_unless(&mut self, is_end: impl Fn(&str) -> bool) -> Option<&'t str> {
        let line = self.text.get(self.at..)?.lines().next()?;
        if is_end(line) { None } else { self.take() }
    }

    fn mistake(&self, problem: impl Into<String>) -> Mistake {
        Mistake {
            line: self.number,
            problem: problem.into(),
        }
    }

    /// A step, up to the next one.
    fn step(&mut self, name: String, always: &[(String, String)]) -> Result<Step, Mistake> {
        let is_end = |line: &str| line.starts_with("## ") || line.starts_with("--- ");
        let request = loop {
            match self.take_unless(is_end) {
                Some(line) if line.is_empty() || line.starts_with('#') => {}
                Some(line) => break line,
                None => return Err(self.mistake("a request was expected")),
            }
        };
        let (method, target) = request
            .split_once(' ')
            .ok_or_else(|| self.mistake("METHOD /path was expected"))?;
        let mut headers = always.to_vec();
        while let Some(line) = self.take_unless(|line| is_end(line) || line.is_empty()) {
            headers.push(self.header(line)?);
        }
        let mut body = String::new();
        while let Some(line) = self.take_unless(is_end) {
            body.push_str(line);
            body.push('\n');
        }
        let (necessity, statuses, needs) = self.expectation()?;
        let start = self.at;
        let exact = self.exact()?;
        Ok(Step {
            name,
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: Some(body.trim().to_owned()).filter(|body| !body.is_empty()),
            necessity,
            statuses,
            needs,
            exact,
            exact_at: start..self.at,
        })
    }

    /// `--- needs 200 204`, and JSON.
    fn expectation(&mut self) -> Result<(Necessity, Vec<u16>, Option<Json>), Mistake> {
        let mut words = self.take().unwrap_or_default().split_whitespace().skip(1);
        let necessity = match words.next() {
            Some("needs") => Necessity::Needs,
            Some("wants") => Necessity::Wants,
            _ => return Err(self.mistake("\"--- needs\" or \"--- wants\" was expected")),
        };
        let statuses: Result<Vec<u16>, _> = words.map(str::parse).collect();
        let statuses = statuses.map_err(|_| self.mistake("statuses are numbers"))?;
        Ok((necessity, statuses, self.json()?))
    }

    /// `--- exactly 200`, headers and JSON, if they stand there.
    fn exact(&mut self) -> Result<Option<Exact>, Mistake> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with("--- exactly ") {
            return Ok(None);
        }
        let line = self.take().unwrap_or_default();
        let status = line.trim_start_matches("--- exactly ").parse();
        let status = status.map_err(|_| self.mistake("a status is a number"))?;
        let mut headers = Vec::new();
        let is_end = |line: &str| line.is_empty() || line.starts_with(['{', '[', '#', '-']);
        while let Some(line) = self.take_unless(is_end) {
            headers.push(self.header(line)?);
        }
        let body = self.json()?;
        Ok(Some(Exact {
            status,
            headers,
            body,
        }))
    }

    fn header(&self, line: &str) -> Result<(String, String), Mistake> {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| self.mistake("a header was expected"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    }

    /// The JSON up to the next section.
    fn json(&mut self) -> Result<Option<Json>, Mistake> {
        let first = self.number;
        let mut text = String::new();
        let is_end = |line: &str| line.starts_with("## ") || line.starts_with("--- ");
        while let Some(line) = self.take_unless(is_end) {
            text.push_str(line);
            text.push('\n');
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Mistake {
                line: first + error.line(),
                problem: format!("this is no JSON: {error}"),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = r#"title: A user is made
source: https://example.com/scim
sends: User-Agent: Example 1.0

## Nobody is there

# A remark.
GET /Users?filter=userName eq "a"
Accept: */*

--- needs 200 404
{"totalResults": 0}

## One is made
POST /Users

{"userName":"a"}

--- wants 201
--- exactly 201
Location: {{base}}/Users/{{user.id}}

{
  "id": "{{user.id}}"
}
"#;

    #[test]
    fn a_file_has_steps_with_what_is_needed_and_what_comes() {
        let read = Conversation::read(TEXT).unwrap();
        assert_eq!(read.title, "A user is made");
        assert_eq!(read.sources, ["https://example.com/scim"]);
        let [first, second] = read.steps.as_slice() else {
            panic!("{read:?}")
        };
        assert_eq!(first.name, "Nobody is there");
        assert_eq!(first.target, "/Users?filter=userName eq \"a\"");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [header("User-Agent", "Example 1.0"), header("Accept", "*/*")];
        assert_eq!(first.headers, headers);
        assert_eq!(first.statuses, [200, 404]);
        assert_eq!(first.needs, Some(json!({"totalResults": 0})));
        assert!(first.exact.is_none() && first.body.is_none());
        assert_eq!(second.body.as_deref(), Some("{\"userName\":\"a\"}"));
        assert_eq!(second.necessity, Necessity::Wants);
        let exact = second.exact.as_ref().unwrap();
        assert_eq!(exact.status, 201);
        let location = [header("Location", "{{base}}/Users/{{user.id}}")];
        assert_eq!(exact.headers, location);
        assert_eq!(exact.body, Some(json!({"id": "{{user.id}}"})));
        assert_eq!(&TEXT[second.exact_at.clone()][..11], "--- exactly");
    }

    #[test]
    fn mistakes_are_named_by_their_line() {
        let head = "title: T\nsource: S\n\n## A\n";
        for (text, line) in [
            ("source: S\n## A\n".to_owned(), 1),
            ("title: T\nwhat: S\n".to_owned(), 2),
            (format!("{head}--- needs 200\n"), 4),
            (format!("{head}GET\n--- needs 200\n"), 5),
            (format!("{head}GET /\n\n--- hopes 200\n"), 7),
            (format!("{head}GET /\n\n--- needs OK\n"), 7),
            (format!("{head}GET /\n\n--- needs 200\n{{\n}}}}\n"), 9),
        ] {
            assert_eq!(Conversation::read(&text).unwrap_err().line, line, "{text}");
        }
    }
}
