//! Writing what a server answered into the file, with places where it will differ.

use jackfield_model::{Id, Timestamp};
use serde_json::Value as Json;

use super::file::Conversation;
use super::pattern::Places;
use super::run::{Answer, Run};

/// The exact answers of a run, to be put in the place of those in the file.
pub struct Recording<'t> {
    text: &'t str,
    written: String,
    /// How much of the file is written already.
    at: usize,
    /// The names of places, by the ids of what the run did not make.
    others: Places,
}

impl<'t> Recording<'t> {
    /// Of the conversation in this text.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            written: String::new(),
            at: 0,
            others: Places::new(),
        }
    }

    /// Writes the answer to the step of this index.
    pub fn put(
        &mut self,
        conversation: &Conversation,
        index: usize,
        run: &Run<'_>,
        answer: &Answer,
    ) {
        let Some(step) = conversation.steps.get(index) else {
            return;
        };
        let before = self.text.get(self.at..step.exact_at.start);
        self.written.push_str(before.unwrap_or_default().trim_end());
        self.written.push_str("\n\n--- exactly ");
        self.written.push_str(&answer.status.to_string());
        self.written.push('\n');
        let body: Option<Json> = serde_json::from_str(&answer.body).ok();
        let body = body.map(|body| self.generalised(body, run.places()));
        let meta = |part: &str| body.as_ref()?.get("meta")?.get(part)?.as_str();
        let implied = |name: &str| match name {
            "Content-Type" => body.as_ref().map(|_| "application/scim+json"),
            "Location" => meta("location"),
            "ETag" => meta("version"),
            _ => None,
        };
        for name in ["Content-Type", "Location", "ETag", "WWW-Authenticate"] {
            let value = answer
                .header(name)
                .map(|value| self.places_in(value, run.places()));
            if value.as_deref() != implied(name) {
                let value = value.unwrap_or_default();
                self.written.push_str(format!("{name}: {value}").trim_end());
                self.written.push('\n');
            }
        }
        if let Some(text) = body.and_then(|body| serde_json::to_string_pretty(&body).ok()) {
            self.written.push_str(&text);
            self.written.push('\n');
        }
        self.written.push('\n');
        self.at = step.exact_at.end;
    }

    /// The file with the answers.
    pub fn finish(mut self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.written.push_str(rest);
        let mut text = self.written.trim_end().to_owned();
        text.push('\n');
        text
    }

    fn generalised(&mut self, json: Json, places: &Places) -> Json {
        match json {
            Json::String(text) => self.places_in(&text, places).into(),
            Json::Array(values) => values
                .into_iter()
                .map(|value| self.generalised(value, places))
                .collect(),
            Json::Object(members) => members
                .into_iter()
                .map(|(name, value)| (name, self.generalised(value, places)))
                .collect(),
            other => other,
        }
    }

    /// Text with the names of places where what fills them stands. Versions and times are
    /// anything.
    fn places_in(&mut self, text: &str, places: &Places) -> String {
        if text.starts_with("W/\"") && text.ends_with('"') {
            return "W/\"{{any}}\"".to_owned();
        }
        if text.len() > 19 && Timestamp::parse_rfc3339(text).is_some() {
            return "{{time}}".to_owned();
        }
        let mut named = text.to_owned();
        // What is short stands elsewhere too, by chance.
        let known = |(_, value): &(&String, &String)| value.len() >= 8;
        for (name, value) in places.iter().filter(known) {
            named = named.replace(value.as_str(), &format!("{{{{{name}}}}}"));
        }
        let last = named.rsplit('/').next().unwrap_or_default();
        if let Some(id) = Id::parse(last).map(|_| last.to_owned()) {
            let next = format!("other.{}", self.others.len() + 1);
            let name = self.others.entry(id.clone()).or_insert(next);
            named = named.replace(&id, &format!("{{{{{name}}}}}"));
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Request, Turn};

    #[test]
    fn what_is_recorded_is_met_by_the_same_answers() {
        let text = "title: T\nsource: S\n\n## Make\nPOST /Users\n\n{}\n\n--- needs 201\n\
                    {\"id\": \"{{user.id}}\"}\n\n## Read\nGET /Users/{{user.id}}\n\n--- needs 200\n";
        let answers = |id: &str, version: u64| {
            let body = format!(
                "{{\"id\": \"{id}\", \"meta\": {{\"version\": \"W/\\\"{version}\\\"\", \
                 \"created\": \"2026-11-22T03:04:05.00{version}Z\"}}}}"
            );
            let headers = vec![
                (
                    "content-type".to_owned(),
                    "application/scim+json".to_owned(),
                ),
                ("etag".to_owned(), format!("W/\"{version}\"")),
            ];
            [201, 200].map(|status| Answer {
                status,
                headers: headers.clone(),
                body: body.clone(),
            })
        };
        let conversation = Conversation::read(text).unwrap();
        let mut run = Run::new(&conversation, "https://x", "r", "n", false);
        let mut recording = Recording::new(text);
        for (index, answer) in answers("0193a1b2-17", 1).iter().enumerate() {
            let Some(Turn::Ask(_, request)) = run.turn() else {
                panic!("a request was expected")
            };
            run.answered(&request, answer);
            recording.put(&conversation, index, &run, answer);
        }
        let recorded = recording.finish();
        assert!(recorded.contains("\"id\": \"{{user.id}}\""), "{recorded}");

        let conversation = Conversation::read(&recorded).unwrap();
        let mut run = Run::new(&conversation, "https://x", "r", "n", true);
        for answer in answers("0193a1b2-99", 5) {
            let request: Request = match run.turn() {
                Some(Turn::Ask(_, request)) => request,
                _ => panic!("a request was expected"),
            };
            let outcome = run.answered(&request, &answer);
            assert_eq!(outcome, crate::conversation::Outcome::Met, "{recorded}");
        }
    }
}
