//! POST of `/Bulk` (RFC 7644 §3.7): operations through the same code as requests of their own,
//! many of them in one commit.
//!
//! They are done in their order, except where one refers to a resource that a later one creates:
//! that one goes first (§3.7.1 asks for it, and nothing else is moved). In a circle of references the
//! first of them are created without, and the references added when all are there.

mod operation;
mod references;
mod schedule;

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal, Precondition, Written};
use jackfield_model::Id;
use serde_json::{Map, Value as Json, json};

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::message;
use crate::patch;
use crate::project::Resource;
use crate::resource::ResourceType;
use operation::{Operation, Request, Target};
use references::References;
use schedule::Step;

pub(crate) async fn bulk(call: Call, body: Body) -> Result<Response, Error> {
    let request = Request::read(&call, &body.0)?;
    let mut run = Run::new(&call, &request);
    run.all().await?;
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
    /// How many errors may still happen.
    errors: usize,
    is_limited: bool,
}

impl<'r> Run<'r> {
    fn new(call: &'r Call, request: &'r Request<'r>) -> Self {
        let operations = &request.operations;
        let creators = operations.iter().enumerate();
        let creators = creators.filter(|(_, operation)| operation.is_post());
        Self {
            call,
            operations,
            references: References::of_registry(call.dialect.registry()),
            creators: creators
                .filter_map(|(at, operation)| Some((operation.bulk_id?, at)))
                .collect(),
            needs: Vec::new(),
            outcomes: operations.iter().map(|_| None).collect(),
            ready: Vec::new(),
            later: HashMap::new(),
            errors: request.fail_on_errors.unwrap_or(usize::MAX),
            is_limited: request.fail_on_errors.is_some(),
        }
    }

    /// # Errors
    /// If the client may do nothing at all any more.
    async fn all(&mut self) -> Result<(), Error> {
        self.needs = self.operations.iter().map(|o| self.needs(o)).collect();
        for step in schedule::schedule(&self.needs) {
            let waits = match step {
                Step::Do(at) => self
                    .needs
                    .get(at)
                    .is_some_and(|needs| self.waits_for(needs)),
                Step::Complete(_) => true,
            };
            if waits {
                self.flush().await?;
            }
            if self.errors == 0 {
                return Ok(());
            }
            match step {
                Step::Do(at) => self.prepare(at).await?,
                Step::Complete(at) => self.complete(at).await?,
            }
        }
        self.flush().await
    }

    fn needs(&self, operation: &Operation<'_>) -> Vec<usize> {
        let names = operation.references(&self.references).into_iter();
        let mut needs: Vec<usize> = names
            .filter_map(|name| self.creators.get(name).copied())
            .collect();
        needs.sort_unstable();
        needs.dedup();
        needs
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
        match self.command(at) {
            Ok(command) => self.ready.push((at, command)),
            Err(error) => {
                // Whether it still counts depends on those before it.
                if self.is_limited {
                    self.flush().await?;
                }
                if self.errors > 0 {
                    self.record(at, Err(error));
                }
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
        }
    }

    fn record(&mut self, at: usize, outcome: Outcome) {
        self.errors = self.errors.saturating_sub(usize::from(outcome.is_err()));
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    /// Adds the references that a resource was created without. If that cannot be, the operation
    /// fails.
    async fn complete(&mut self, at: usize) -> Result<(), Error> {
        let (Some(operations), Some(Some(Ok(done)))) =
            (self.later.remove(&at), self.outcomes.get(at))
        else {
            return Ok(());
        };
        let (Some(id), Some(Target::Type(ty))) = (done.id, self.target(at)) else {
            return Ok(());
        };
        let added = match self.addition(ty, id, operations) {
            Ok(command) => self.call.session.write(command).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        match added {
            Ok(written) => {
                let version = version(&written);
                if let Some(Some(Ok(done))) = self.outcomes.get_mut(at) {
                    done.version = version;
                }
            }
            // RFC 7644 §3.7.1.
            Err(Error::Refused(problem @ Refusal::InvalidValue { .. })) => {
                self.undo(at, Error::Circle(problem.to_string())).await?;
            }
            Err(error) => self.undo(at, error).await?,
        }
        Ok(())
    }

    /// Takes back the creation of a resource, and of those that were created with a reference to
    /// it: an operation is done as a whole or not at all. Nothing else refers to it by then.
    async fn undo(&mut self, at: usize, error: Error) -> Result<(), Error> {
        let mut lost = vec![(at, error)];
        while let Some((at, error)) = lost.pop() {
            let operation = self.operations.get(at);
            let (Some(operation), Some(Some(Ok(done)))) = (operation, self.outcomes.get(at)) else {
                continue;
            };
            let (Some(id), Some(Target::Type(ty))) = (done.id, self.target(at)) else {
                continue;
            };
            let undo = crate::delete::command(ty, id, Precondition::None);
            self.call.session.write(undo).await?;
            self.record(at, Err(error));
            let refers = |(_, needs): &(usize, &Vec<usize>)| needs.binary_search(&at).is_ok();
            for (other, _) in self.needs.iter().enumerate().filter(refers) {
                let name = operation.bulk_id.unwrap_or_default().to_owned();
                lost.push((other, Error::Unresolved(name)));
            }
        }
        Ok(())
    }

    fn addition(&self, ty: ResourceType, id: Id, operations: Vec<Json>) -> Result<Command, Error> {
        let operations = Json::from(operations);
        let names = self.references.of(&operations);
        if let Some(name) = names.iter().find(|name| self.id(name).is_none()) {
            return Err(Error::Unresolved((*name).to_owned()));
        }
        let operations = self.references.resolve(&operations, &|name| self.id(name));
        let body = json!({"schemas": [message::PATCH_OP], "Operations": operations});
        patch::command(&self.call.dialect, ty, id, &body, Precondition::None)
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
