//! Circles of references: what was created without them is completed, or not created at all.

use std::collections::{HashMap, HashSet};

use jackfield_gateway::{Command, Error as Refusal, Precondition};
use jackfield_model::Id;
use serde_json::{Value as Json, json};

use super::operation::Target;
use super::{Done, Run, version};
use crate::error::Error;
use crate::resource::ResourceType;
use crate::{delete, message, patch};

impl Run<'_> {
    /// Adds the references that a resource was created without. If that cannot be, the operation
    /// fails.
    pub(super) async fn complete(&mut self, at: usize) -> Result<(), Error> {
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
    ///
    /// It happens in a trial, and after one only if somebody else changed the tenant since.
    async fn undo(&mut self, at: usize, error: Error) -> Result<(), Error> {
        let mut lost = vec![(at, error)];
        while let Some((at, error)) = lost.pop() {
            let operation = self.operations.get(at);
            let (Some(operation), Some(Some(Ok(done)))) = (operation, self.outcomes.get(at)) else {
                continue;
            };
            let &Done { id, is_new, .. } = done;
            let (Some(id), Some(Target::Type(ty))) = (id, self.target(at)) else {
                continue;
            };
            // Who was there before is never deleted.
            if is_new {
                let undo = delete::command(ty, id, Precondition::None);
                self.call.session.write(undo).await?;
            }
            self.undone.insert(at);
            self.record(at, Err(error));
            let refers = |(_, needs): &(usize, &Vec<usize>)| needs.binary_search(&at).is_ok();
            for (other, _) in self.needs.iter().enumerate().filter(refers) {
                let name = operation.bulk_id.unwrap_or_default().to_owned();
                lost.push((other, Error::Unresolved(name)));
            }
        }
        Ok(())
    }

    /// What a trial had to take back, and what it failed by.
    pub(super) fn into_hopeless(self) -> HashMap<usize, Error> {
        let Self { needs, undone, .. } = &self;
        let fails = |at: usize| {
            let mut needs = needs.get(at).into_iter().flatten();
            undone.contains(&at) || needs.any(|need| undone.contains(need))
        };
        let failed = self
            .outcomes
            .iter()
            .enumerate()
            .filter_map(|(at, outcome)| {
                let error = outcome.as_ref()?.as_ref().err()?;
                fails(at).then(|| (at, error.clone()))
            });
        failed.collect()
    }

    /// What is known to fail with this operation, if it is; each is told once.
    pub(super) fn take_hopeless(&mut self, at: usize) -> Vec<(usize, Error)> {
        if !self.hopeless.contains_key(&at) {
            return Vec::new();
        }
        let (mut known, mut seen, mut open) = (Vec::new(), HashSet::new(), vec![at]);
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                known.extend(self.hopeless.remove(&at).map(|error| (at, error)));
                open.extend(self.needs.get(at).into_iter().flatten());
            }
        }
        known
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
}
