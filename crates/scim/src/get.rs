//! GET of one resource (RFC 7644 §3.4.1).

use axum::http::StatusCode;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use jackfield_gateway::Error as Refusal;
use jackfield_model::Kind;
use jackfield_model::schema::attr;

use crate::call::Call;
use crate::error::Error;
use crate::precondition;
use crate::project::Resource;
use crate::resource::ResourceType;

pub(crate) async fn get(ty: ResourceType, call: Call) -> Result<Response, Error> {
    let id = call.id()?;
    let reader = call.session.read_own_writes().await?;
    let entry = reader
        .entry(id)
        .filter(|entry| ty.kinds().contains(entry.record().kind))
        .ok_or_else(|| Refusal::not_found(format_args!("the {} {id}", ty.name())))?;
    let selection = call.selection(&[ty]);
    let headers = call.headers();
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH) {
        let version = Resource::of(entry).version();
        // RFC 9110 §13.2.2: this first.
        if !precondition::is_wanted(headers, &version) {
            return Err(Refusal::VersionMismatch.into());
        }
        // Who holds a role may change with another role.
        let members = reader.registry().get(attr::MEMBERS);
        let has_holders = entry.record().kind == Kind::Role
            && members.is_some_and(|members| selection.has(members));
        let is_stable = !has_holders && !selection.names_what_changes_elsewhere();
        if is_stable && precondition::names(headers, &IF_NONE_MATCH, &version) {
            return Ok((StatusCode::NOT_MODIFIED, [(ETAG, version)]).into_response());
        }
    }
    call.answer(StatusCode::OK, &reader, id, Some(selection))
}
