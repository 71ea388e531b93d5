//! GET of one resource (RFC 7644 §3.4.1).

use axum::http::StatusCode;
use axum::http::header::{ETAG, IF_NONE_MATCH};
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
    // Permissions change with the definition of a role, which changes no user.
    let is_stable = !selection.names(attr::ENTITLEMENTS);
    if is_stable && call.headers().contains_key(IF_NONE_MATCH) {
        let version = Resource::of(entry).version();
        if precondition::is_known(call.headers(), &version) {
            return Ok((StatusCode::NOT_MODIFIED, [(ETAG, version)]).into_response());
        }
    }
    call.answer(StatusCode::OK, &reader, id, Some(selection))
}
