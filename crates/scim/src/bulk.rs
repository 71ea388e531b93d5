//! POST of `/Bulk` (RFC 7644 §3.7): operations through the same code as requests of their own,
//! many of them in one commit.
//!
//! They are done in their order, except where one refers to a resource that a later one creates:
//! that one goes first (§3.7.1 asks for it, and nothing else is moved). In a circle of references the
//! first of them are created without, and the references added when all are there. What circles come to
//! is tried first, since what was done for one that cannot be could not always be taken back.

mod circle;
mod operation;
mod references;
mod schedule;

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::directory::Note;
use jackfield_gateway::{Command, Error as Refusal, Written};
use jackfield_model::Id;
use serde_json::{Map, Value as Json, json};

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::message;
use crate::project::Resource;
use operation::{Operation, Request, Target};
use references::References;
use schedule::Step;

pub(crate) async fn bulk(call: Call, body: Body) -> Result<Response, Error> {
    let request = Request::read(&call, &body.0)?;
    let mut run = Run::new(&call, &request);
    let steps = schedule::schedule(&run.needs);
    if steps.iter().any(|step| matches!(step, Step::Complete(_))) {
        let call = call.rehearsed();
        let mut trial = Run::new(&call, &request);
        trial.all(&steps).await?;
        run.hopeless = trial.into_hopeless();
    }
    run.all(&steps).await?;
    let operations = request.operations.iter().zip(&run.outcomes);
    let processed: Vec<Json> = operations
        .filter_map(|(operation, outcome)| Some(run.told(operation, outcome.as_ref()?)))
        .collect();
    let body = json!({"schemas": [message::BULK_RESPONSE], "Operations": processed});
    Ok(answer::json(StatusCode::OK, &body))
}

/// What an operation came to.
type Outcome = Result<Done, Error>;

struct Done {
    id: Option<Id>,
    status: StatusCode,
    version: Option<String>,
    /// Whether there was no such resource before.
    is_new: bool,
}

struct Run<'r> {
    call: &'r Call,
    operations: &'r [Operation<'r>],
    references: References,
    /// By bulkId, the operation that creates it.
    creators: HashMap<&'r str, usize>,
    /// The operations that each refers to.
    needs: Vec<Vec<usize>>,
    outcomes: Vec<Option<Outcome>>,
    /// Commands that are ready, with the operations that they are.
    ready: Vec<(usize, Command)>,
    /// What operations were done without.
    later: HashMap<usize, Vec<Json>>,
    /// What was created in a circle that cannot be.
    undone: HashSet<usize>,
    /// What is known to fail with its circle.
    hopeless: HashMap<usize, Error>,
    /// How many errors may still happen.
    errors: usize,
    is_limited: bool,
}

impl<'r> Run<'r> {
    fn new(call: &'r Call, request: &'r Request<'r>) -> Self {
        let operations = &request.operations;
        let references = References::of_registry(call.dialect.registry());
        let creators = operations.iter().enumerate();
        let creators: HashMap<&str, usize> = creators
            .filter(|(_, operation)| operation.is_post())
            .filter_map(|(at, operation)| Some((operation.bulk_id?, at)))
            .collect();
        let needs = operations.iter().map(|operation| {
            let names = operation.references(&references).into_iter();
            let needs = names.filter_map(|name| creators.get(name).copied());
            let mut needs: Vec<usize> = needs.collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        });
        Self {
            call,
            operations,
            needs: needs.collect(),
            references,
            creators,
            outcomes: operations.iter().map(|_| None).collect(),
            ready: Vec::new(),
            later: HashMap::new(),
            undone: HashSet::new(),
            hopeless: HashMap::new(),
            errors: request.fail_on_errors.unwrap_or(usize::MAX),
            is_limited: request.fail_on_errors.is_some(),
        }
    }

    /// # Errors
    /// If the client may do nothing at all any more.
    async fn all(&mut self, steps: &[Step]) -> Result<(), Error> {
        for step in steps {
            let waits = match step {
                Step::Do(at) => self
                    .needs
                    .get(*at)
                    .is_some_and(|needs| self.waits_for(needs)),
                Step::Complete(_) => true,
            };
            if waits {
                self.flush().await?;
            }
            match step {
                Step::Do(at) if self.errors > 0 => self.prepare(*at).await?,
                Step::Do(_) => {}
                // What was done by half is done as a whole or not at all, however many errors there were.
                Step::Complete(at) => self.complete(*at).await?,
            }
        }
        self.flush().await
    }

    fn waits_for(&self, needs: &[usize]) -> bool {
        self.ready
            .iter()
            .any(|(at, _)| needs.binary_search(at).is_ok())
    }

    /// The id of the resource that a bulkId stands for, once it is there.
    fn id(&self, name: &str) -> Option<Id> {
        let outcome = self.outcomes.get(*self.creators.get(name)?)?.as_ref()?;
        outcome.as_ref().ok()?.id
    }

    /// Makes the command of an operation, or knows what is wrong with it.
    async fn prepare(&mut self, at: usize) -> Result<(), Error> {
        if matches!(self.outcomes.get(at), Some(Some(_))) {
            return Ok(());
        }
        let known = self.take_hopeless(at);
        let failed = match known.is_empty().then(|| self.command(at)) {
            Some(Ok(command)) => {
                self.ready.push((at, command));
                return Ok(());
            }
            Some(Err(error)) => vec![(at, error)],
            None => known,
        };
        // Whether it still counts depends on those before it.
        if self.is_limited {
            self.flush().await?;
        }
        if self.errors > 0 {
            for (at, error) in failed {
                self.record(at, Err(error));
            }
        }
        Ok(())
    }

    fn command(&mut self, at: usize) -> Result<Command, Error> {
        let operation = self.operations.get(at).ok_or(Refusal::Internal)?;
        let names = operation.references(&self.references);
        let mut is_partial = false;
        for name in &names {
            let creator = self
                .creators
                .get(name)
                .and_then(|at| self.outcomes.get(*at));
            match creator {
                Some(Some(Ok(_))) => {}
                Some(None) => is_partial = true,
                Some(Some(Err(_))) | None => return Err(Error::Unresolved((*name).to_owned())),
            }
        }
        let id = |name: &str| self.id(name);
        if names.is_empty() {
            return operation.command(self.call, operation.data, &id);
        }
        let Some(data) = operation.data else {
            return operation.command(self.call, None, &id);
        };
        if !is_partial {
            let data = self.references.resolve(data, &id);
            return operation.command(self.call, Some(&data), &id);
        }
        let is_later = |name: &str| self.id(name).is_none();
        let (now, later) = self.references.split(data, &is_later);
        let now = self.references.resolve(&now, &id);
        let command = operation.command(self.call, Some(&now), &id)?;
        self.later.insert(at, later);
        Ok(command)
    }

    /// Does what is ready.
    async fn flush(&mut self) -> Result<(), Error> {
        if self.ready.is_empty() {
            return Ok(());
        }
        let (numbers, commands): (Vec<usize>, Vec<Command>) = self.ready.drain(..).unzip();
        let outcomes = self.call.session.write_all(commands, self.errors).await?;
        for (at, outcome) in numbers.into_iter().zip(outcomes) {
            let outcome = outcome.map_err(Error::from).map(|written| {
                self.call.dialect.heed(&written.notes);
                self.done(at, &written)
            });
            self.record(at, outcome);
        }
        Ok(())
    }

    fn done(&self, at: usize, written: &Written) -> Done {
        let method = self.operations.get(at).and_then(|o| o.method);
        let is = |name| method.is_some_and(|method: &str| method.eq_ignore_ascii_case(name));
        Done {
            id: written.id,
            status: match () {
                () if is("POST") => StatusCode::CREATED,
                () if is("DELETE") => StatusCode::NO_CONTENT,
                () => StatusCode::OK,
            },
            version: version(written),
            is_new: !written.notes.contains(&Note::Revived),
        }
    }

    fn record(&mut self, at: usize, outcome: Outcome) {
        self.errors = self.errors.saturating_sub(usize::from(outcome.is_err()));
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    fn target(&self, at: usize) -> Option<Target<'r>> {
        self.operations.get(at)?.target().ok()
    }

    /// What the client is told of an operation.
    fn told(&self, operation: &Operation<'_>, outcome: &Outcome) -> Json {
        let mut told = Map::new();
        let mut put = |key: &str, value: Json| drop(told.insert(key.to_owned(), value));
        if let Some(method) = operation.method {
            put("method", method.to_ascii_uppercase().into());
        }
        if let Some(id) = operation.bulk_id {
            put("bulkId", id.into());
        }
        let id = match (outcome, operation.target()) {
            (Ok(Done { id: Some(id), .. }), Ok(Target::Type(ty) | Target::Resource(ty, _))) => {
                Some((ty, id.to_string()))
            }
            (Err(_), Ok(Target::Resource(ty, text))) => match references::named(text) {
                Some(name) => self.id(name).map(|id| (ty, id.to_string())),
                None => Some((ty, text.to_owned())),
            },
            _ => None,
        };
        if let Some((ty, id)) = id {
            let location = format!("{}/{}/{id}", self.call.base, ty.endpoint());
            put("location", location.into());
        }
        match outcome {
            Ok(done) => {
                if let Some(version) = &done.version {
                    put("version", version.as_str().into());
                }
                put("status", done.status.as_str().into());
            }
            Err(error) => {
                let (status, body) = error.body();
                put("status", status.as_str().into());
                put("response", body);
            }
        }
        told.into()
    }
}

fn version(written: &Written) -> Option<String> {
    let entry = written.reader.entry(written.id?)?;
    Some(Resource::of(entry).version())
}
