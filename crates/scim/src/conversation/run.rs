//! One conversation held with a server.

use serde_json::Value as Json;

use super::file::{Conversation, Exact, Necessity, Step};
use super::pattern::{self, Closeness, Places};

/// A conversation on its way. It gives requests, and each wants its answer before the next.
pub struct Run<'c> {
    steps: std::slice::Iter<'c, Step>,
    asked: Option<&'c Step>,
    places: Places,
    is_exact: bool,
    /// The paths of what was made and is still there.
    made: Vec<String>,
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// What follows the base in the URL.
    pub target: String,
    /// The headers, beside those that every client sends.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What is next.
pub enum Turn<'c> {
    /// This request is to be sent, for this step.
    Ask(&'c Step, Request),
    /// This step cannot be taken, for this reason.
    Skip(&'c Step, String),
}

/// What an answer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as expected.
    Met,
    /// It is not, for these reasons.
    Unmet(Vec<String>),
}

impl<'c> Run<'c> {
    /// Begins a conversation with the server at this base URL. `run` stands in the names of what
    /// is made, so that nothing of an earlier run is met; `nobody` names nobody. With `is_exact`
    /// the server must answer exactly as it says in the file.
    pub fn new(
        conversation: &'c Conversation,
        base: &str,
        run: &str,
        nobody: &str,
        is_exact: bool,
    ) -> Self {
        let places = [("base", base), ("run", run), ("nobody", nobody)];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            steps: conversation.steps.iter(),
            asked: None,
            places: Places::from(places.map(own)),
            is_exact,
            made: Vec::new(),
        }
    }

    /// The next step; none at the end.
    pub fn turn(&mut self) -> Option<Turn<'c>> {
        let step = self.steps.next()?;
        self.asked = Some(step);
        Some(match self.request(step) {
            Ok(request) => Turn::Ask(step, request),
            Err(place) => Turn::Skip(step, format!("no answer before gave {place}")),
        })
    }

    /// Takes the answer to the last request.
    pub fn answered(&mut self, request: &Request, answer: &Answer) -> Outcome {
        let Some(step) = self.asked.take() else {
            return Outcome::Met;
        };
        let body: Option<Json> = serde_json::from_str(&answer.body).ok();
        self.remember(request, answer, body.as_ref());
        let mut problems = Vec::new();
        if !step.statuses.contains(&answer.status) {
            let statuses: Vec<String> = step.statuses.iter().map(u16::to_string).collect();
            let expected = statuses.join(" or ");
            problems.push(format!(
                "status: {expected} was expected, {} came",
                answer.status
            ));
        } else if let Some(needs) = step.needs.as_ref().filter(|_| answer.status != 204) {
            let closeness = Closeness::Needed;
            pattern::check(
                needs,
                body.as_ref(),
                closeness,
                &mut self.places,
                "",
                &mut problems,
            );
        }
        if let Some(exact) = step.exact.as_ref().filter(|_| self.is_exact) {
            self.check_exact(exact, answer, body.as_ref(), &mut problems);
        }
        match problems.is_empty() {
            true => Outcome::Met,
            false => Outcome::Unmet(problems),
        }
    }

    /// The request that removes something that was made and is still there; none at the end.
    pub fn tidy(&mut self) -> Option<Request> {
        Some(Request {
            method: "DELETE".to_owned(),
            target: self.made.pop()?,
            headers: Vec::new(),
            body: None,
        })
    }

    /// What the places are filled with, as far as they are.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    fn request(&self, step: &Step) -> Result<Request, String> {
        let filled = |text: &str| pattern::fill(text, &self.places, false);
        let header = |(name, value): &(String, String)| Ok((name.clone(), filled(value)?));
        let body = step.body.as_deref();
        Ok(Request {
            method: step.method.clone(),
            target: filled(&step.target)?,
            headers: step
                .headers
                .iter()
                .map(header)
                .collect::<Result<_, String>>()?,
            body: body
                .map(|body| pattern::fill(body, &self.places, true))
                .transpose()?,
        })
    }

    fn remember(&mut self, request: &Request, answer: &Answer, body: Option<&Json>) {
        let path = request.target.split('?').next().unwrap_or_default();
        let id = body.and_then(|body| body.get("id")?.as_str());
        match (request.method.as_str(), id) {
            ("POST", Some(id)) if answer.status == 201 => {
                let made = format!("{}/{id}", path.trim_end_matches('/'));
                if !self.made.contains(&made) {
                    self.made.push(made);
                }
            }
            ("DELETE", _) if answer.status < 300 => self.made.retain(|made| made != path),
            _ => {}
        }
    }

    fn check_exact(
        &mut self,
        exact: &Exact,
        answer: &Answer,
        body: Option<&Json>,
        problems: &mut Vec<String>,
    ) {
        if exact.status != answer.status {
            problems.push(format!(
                "status: exactly {} was expected, {} came",
                exact.status, answer.status
            ));
            return;
        }
        match &exact.body {
            Some(exact) => {
                let closeness = Closeness::Exact;
                pattern::check(exact, body, closeness, &mut self.places, "", problems);
            }
            None if !answer.body.is_empty() => problems.push("the body: none was expected".into()),
            None => {}
        }
        for name in ["Content-Type", "Location", "ETag", "WWW-Authenticate"] {
            let expected = exact.header(name);
            let came = answer.header(name);
            let is_met = match (&expected, came) {
                (Some(expected), Some(came)) => pattern::matches(expected, came, &mut self.places),
                (None, None) => true,
                _ => false,
            };
            if !is_met {
                let shown = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
                let (expected, came) = (shown(expected.as_deref()), shown(came));
                problems.push(format!("{name}: {expected} was expected, {came} came"));
            }
        }
    }
}

impl Step {
    /// Its request, as it stands in the file.
    pub fn request_line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// Whether what is unmet counts.
    pub fn is_needed(&self) -> bool {
        self.necessity == Necessity::Needs
    }
}

impl Exact {
    /// What a header must be: as it stands in the file, or as it follows from the body.
    fn header(&self, name: &str) -> Option<String> {
        let mut named = self.headers.iter();
        let said = named.find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, value)) = said {
            return Some(value.clone()).filter(|value| !value.is_empty());
        }
        let of_body = |part: &str| {
            let part = self.body.as_ref()?.get("meta")?.get(part)?.as_str()?;
            Some(part.to_owned())
        };
        match name {
            "Content-Type" if self.body.is_some() => Some("application/scim+json".to_owned()),
            "Location" => of_body("location"),
            "ETag" => of_body("version"),
            _ => None,
        }
    }
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"title: T
source: S

## Make
POST /Users

{"userName":"{{run}}"}

--- needs 201
{"id": "{{user.id}}"}

--- exactly 201
{"id": "{{user.id}}", "meta": {"location": "{{base}}/Users/{{user.id}}"}}

## Read
GET /Users/{{user.id}}

--- wants 200
"#;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Answer {
            status,
            headers: headers.iter().map(own).collect(),
            body: body.to_owned(),
        }
    }

    fn ask(run: &mut Run<'_>) -> Request {
        match run.turn() {
            Some(Turn::Ask(_, request)) => request,
            _ => panic!("a request was expected"),
        }
    }

    const BODY: &str = r#"{"id": "17", "meta": {"location": "https://x/Users/17"}}"#;
    const HEADERS: [(&str, &str); 2] = [
        ("content-type", "application/scim+json"),
        ("location", "https://x/Users/17"),
    ];

    #[test]
    fn what_an_answer_gives_fills_the_next_request_and_is_tidied_up() {
        let conversation = Conversation::read(TEXT).unwrap();
        let mut run = Run::new(&conversation, "https://x", "r1", "n", true);
        let request = ask(&mut run);
        assert_eq!(request.body.as_deref(), Some("{\"userName\":\"r1\"}"));
        let made = run.answered(&request, &answer(201, &HEADERS, BODY));
        assert_eq!(made, Outcome::Met);
        assert_eq!(ask(&mut run).target, "/Users/17");
        assert!(run.turn().is_none());
        assert_eq!(run.tidy().unwrap().target, "/Users/17");
        assert!(run.tidy().is_none());
    }

    #[test]
    fn an_answer_that_is_not_exact_is_enough_for_the_provider() {
        let conversation = Conversation::read(TEXT).unwrap();
        for (body, headers) in [
            (r#"{"id": "17"}"#, &HEADERS[..1]),
            (BODY, &HEADERS[..1]),
            (BODY, &[("content-type", "text/plain"), HEADERS[1]]),
        ] {
            for (is_exact, expected) in [(false, true), (true, false)] {
                let mut run = Run::new(&conversation, "https://x", "r1", "n", is_exact);
                let request = ask(&mut run);
                let outcome = run.answered(&request, &answer(201, headers, body));
                assert_eq!(outcome == Outcome::Met, expected, "{body} {headers:?}");
            }
        }
    }

    #[test]
    fn without_what_an_answer_should_have_given_a_step_is_skipped() {
        let conversation = Conversation::read(TEXT).unwrap();
        let mut run = Run::new(&conversation, "https://x", "r1", "n", false);
        let request = ask(&mut run);
        let outcome = run.answered(&request, &answer(500, &[], ""));
        assert!(matches!(outcome, Outcome::Unmet(_)));
        assert!(matches!(run.turn(), Some(Turn::Skip(..))));
        assert!(run.tidy().is_none());
    }
}
