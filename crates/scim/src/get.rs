//! GET of one resource (RFC 7644 §3.4.1).

use axum::http::StatusCode;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use jackfield_gateway::Error as Refusal;
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
        // Permissions change with the definition of a role, which changes no user.
        let is_stable = !selection.names(attr::ENTITLEMENTS);
        if is_stable && precondition::names(headers, &IF_NONE_MATCH, &version) {
            return Ok((StatusCode::NOT_MODIFIED, [(ETAG, version)]).into_response());
        }
    }
    call.answer(StatusCode::OK, &reader, id, Some(selection))
}
