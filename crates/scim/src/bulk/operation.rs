//! The operations of a bulk as a client sent them (RFC 7644 §3.7).

use std::collections::HashSet;

use jackfield_gateway::{Command, Error as Refusal, Precondition};
use jackfield_model::Id;
use serde_json::{Map, Value as Json};

use super::references::{self, References};
use crate::call::Call;
use crate::error::Error;
use crate::resource::ResourceType;
use crate::{create, delete, message, normalise, patch, precondition, replace};

/// What is asked for all together.
pub(super) struct Request<'j> {
    pub(super) operations: Vec<Operation<'j>>,
    /// After how many errors no more is done.
    pub(super) fail_on_errors: Option<usize>,
}

/// One operation. What is wrong with it is its own error, not the bulk's.
pub(super) struct Operation<'j> {
    pub(super) method: Option<&'j str>,
    pub(super) bulk_id: Option<&'j str>,
    pub(super) path: Option<&'j str>,
    pub(super) data: Option<&'j Json>,
    version: Option<&'j str>,
}

/// What an operation is about.
pub(super) enum Target<'j> {
    /// The endpoint of a type.
    Type(ResourceType),
    /// A resource, by its id or `bulkId:…`.
    Resource(ResourceType, &'j str),
}

impl<'j> Request<'j> {
    /// Reads the body.
    ///
    /// # Errors
    /// What is wrong with it at large: no list of operations, too many, or a bulkId of several.
    pub(super) fn read(call: &Call, body: &'j Json) -> Result<Self, Error> {
        let dialect = &call.dialect;
        let object = message::open(dialect, body, message::BULK_REQUEST)?;
        let invalid = |problem: &str| Refusal::InvalidSyntax(problem.to_owned());
        let Some(Json::Array(list)) = normalise::member(dialect, object, "Operations") else {
            return Err(invalid("a list of Operations was expected").into());
        };
        let limit = call.scim.options().max_bulk_operations;
        if list.len() > limit {
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            let what = "the number of operations (maxOperations)";
            return Err(Refusal::TooMuch { what, limit }.into());
        }
        let fail_on_errors = match normalise::member(dialect, object, "failOnErrors") {
            None | Some(Json::Null) => None,
            Some(json) => {
                let count = json.as_u64().and_then(|count| usize::try_from(count).ok());
                let problem = "a whole number above 0 was expected";
                let count = count.filter(|count| *count > 0);
                Some(count.ok_or_else(|| Refusal::invalid_value("failOnErrors", problem))?)
            }
        };
        let mut operations = Vec::with_capacity(list.len());
        let mut bulk_ids = HashSet::new();
        for item in list {
            let item = item
                .as_object()
                .ok_or_else(|| invalid("an operation is no JSON object"))?;
            let operation = Operation::read(call, item);
            if let Some(id) = operation.bulk_id.filter(|id| !bulk_ids.insert(*id)) {
                let problem = format!("several operations are called {id:?}");
                return Err(Refusal::invalid_value("bulkId", problem).into());
            }
            operations.push(operation);
        }
        Ok(Self {
            operations,
            fail_on_errors,
        })
    }
}

impl<'j> Operation<'j> {
    fn read(call: &Call, item: &'j Map<String, Json>) -> Self {
        let member = |name| {
            normalise::member(&call.dialect, item, name).filter(|json: &&Json| !json.is_null())
        };
        let text = |name| member(name).and_then(Json::as_str);
        Self {
            method: text("method"),
            bulk_id: text("bulkId").filter(|id| !id.is_empty()),
            path: text("path"),
            data: member("data"),
            version: text("version").filter(|version| !version.is_empty()),
        }
    }

    pub(super) fn is_post(&self) -> bool {
        self.method
            .is_some_and(|method| method.eq_ignore_ascii_case("POST"))
    }

    /// The bulkIds that it refers to.
    pub(super) fn references(&self, references: &References) -> Vec<&'j str> {
        let target = self.path.and_then(references::named).into_iter();
        let named = self.data.map(|data| references.of(data));
        target.chain(named.into_iter().flatten()).collect()
    }

    /// # Errors
    /// `404` for what is no endpoint.
    pub(super) fn target(&self) -> Result<Target<'j>, Error> {
        let Some(path) = self.path else {
            return Err(Refusal::InvalidSyntax("an operation has no path".to_owned()).into());
        };
        let without_query = path.split('?').next().unwrap_or(path);
        let mut parts = without_query.split('/').filter(|part| !part.is_empty());
        let endpoint = parts.next().unwrap_or_default();
        let ty = ResourceType::ALL
            .into_iter()
            .find(|ty| ty.endpoint() == endpoint);
        match (ty, parts.next(), parts.next()) {
            (Some(ty), None, _) => Ok(Target::Type(ty)),
            (Some(ty), Some(id), None) => Ok(Target::Resource(ty, id)),
            _ => Err(Refusal::not_found(path).into()),
        }
    }

    /// The command that the operation is, its data being `data` and its target `id`.
    ///
    /// # Errors
    /// As a request of its own would have them.
    pub(super) fn command(
        &self,
        call: &Call,
        data: Option<&Json>,
        id: &impl Fn(&str) -> Option<Id>,
    ) -> Result<Command, Error> {
        let method = self.method.unwrap_or_default().to_ascii_uppercase();
        let body = || data.ok_or_else(|| Refusal::InvalidSyntax("an operation has no data".into()));
        let dialect = &call.dialect;
        let expect = || {
            call.checked(match self.version {
                Some(version) => precondition::of_version(version),
                None => Precondition::None,
            })
        };
        match (method.as_str(), self.target()?) {
            ("POST", Target::Type(ty)) if self.bulk_id.is_some() => {
                create::command(dialect, ty, body()?)
            }
            ("POST", Target::Type(_)) => {
                Err(Refusal::invalid_value("bulkId", "a POST must have one").into())
            }
            ("PUT", Target::Resource(ty, text)) => {
                replace::command(dialect, ty, found(text, id)?, body()?, expect()?)
            }
            ("PATCH", Target::Resource(ty, text)) => {
                patch::command(dialect, ty, found(text, id)?, body()?, expect()?)
            }
            ("DELETE", Target::Resource(ty, text)) => {
                Ok(delete::command(ty, found(text, id)?, expect()?))
            }
            ("POST" | "PUT" | "PATCH" | "DELETE", _) => Err(Error::MethodNotAllowed),
            _ => {
                let problem = "POST, PUT, PATCH or DELETE was expected";
                Err(Refusal::invalid_value("method", problem).into())
            }
        }
    }
}

fn found(text: &str, id: &impl Fn(&str) -> Option<Id>) -> Result<Id, Error> {
    let found = match references::named(text) {
        Some(name) => id(name),
        None => Id::parse(text),
    };
    found.ok_or_else(|| Refusal::not_found(text).into())
}
