//! What was found, written a batch at a time.

use std::time::Duration;

use bytes::BytesMut;
use jackfield_gateway::Error as Gateway;
use tokio::time::Instant;

use super::Search;
use super::results::{Hit, Results};
use crate::controls::Answer;
use crate::counted::Counted;
use crate::record;
use crate::selection::Form;
use crate::wire::response::Outcome;
use crate::wire::{Output, RequestOp, ResponseOp, response};

/// How long one search writes before others are let.
const TURN: Duration = Duration::from_millis(5);

/// After so many entries the clock is looked at.
const ROUND: usize = 64;

/// Why writing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// All was written.
    Ended,
    /// There is as much to be sent as may wait.
    Full,
    /// It took long enough: others are let before it goes on.
    Over,
}

impl Search {
    /// Writes entries until `out` has `mark` octets, the turn is over or nothing is left, and then
    /// the end.
    pub(crate) fn write(&mut self, out: &mut Output, mark: usize) -> Turn {
        if let Some(since) = self.rests.take() {
            self.deadline += since.elapsed();
        }
        // Looking at values, one entry can take long.
        let round = self.shape.values.as_ref().map_or(ROUND, |_| 1);
        let (mut written, mut begun) = (0_usize, None);
        let mut form: Option<Form> = None;
        while out.len() < mark {
            if written % round == round - 1 {
                let now = Instant::now();
                if now >= self.deadline {
                    self.results = Results::default();
                    self.end = Err(Gateway::TimeLimit.into());
                } else if now - *begun.get_or_insert(now) >= TURN {
                    self.rests = Some(now);
                    return Turn::Over;
                }
            }
            written += 1;
            let reader = self.reader.as_ref();
            match (self.results.next(), reader) {
                (Some(Hit::Synthetic(entry)), _) => {
                    entry.write(&mut out.tail, self.id, reader, &self.shape);
                }
                (Some(Hit::Record(number)), Some(reader)) => {
                    reader.prefetch(self.results.coming());
                    if let Some(entry) = reader.by_number(number) {
                        let kind = entry.record().kind;
                        let form = match &mut form {
                            Some(form) if form.kind == kind => form,
                            other => other.insert(self.shape.selection.form(kind)),
                        };
                        let (tail, id) = (&mut out.tail, Some(self.id));
                        let apart = record::write(tail, id, reader, entry, &self.shape, form);
                        out.splice(apart);
                    }
                }
                (Some(Hit::Record(_)) | None, _) => {
                    self.write_end(&mut out.tail);
                    return Turn::Ended;
                }
            }
        }
        self.rests = Some(Instant::now());
        Turn::Full
    }

    fn write_end(&self, out: &mut BytesMut) {
        let op = ResponseOp::SearchDone;
        let controls = Answer::all(&self.answers);
        self.with_outcome(|outcome| response::result(out, self.id, op, outcome, &controls));
    }

    /// Counts that it was written wholly.
    pub(crate) fn count(&self, counted: &Counted) {
        self.with_outcome(|outcome| counted.ended(RequestOp::Search, &outcome, self.since));
    }

    fn with_outcome<R>(&self, answer: impl FnOnce(Outcome<'_>) -> R) -> R {
        match &self.end {
            Ok(done) => answer(done.outcome()),
            Err(error) => error.with_outcome(answer),
        }
    }
}
