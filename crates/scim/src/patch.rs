//! PATCH of a resource (RFC 7644 §3.5.2).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Command;

use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::operations;
use crate::precondition;
use crate::resource::ResourceType;

pub(crate) async fn patch(ty: ResourceType, call: Call, body: Body) -> Result<Response, Error> {
    let id = call.id()?;
    let command = Command::Patch {
        id,
        kind: ty.kind(),
        ops: operations::decode(&call.dialect, ty, &body.0)?,
        expect: precondition::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    let reader = &written.reader;
    let selection = call.selection(&[ty]);
    let members = reader.entry(id).map_or(0, |entry| entry.member_count());
    // A change of one member need not be answered with all of them, unless the client asks.
    if members > call.scim.options().max_answered_members && !selection.is_explicit() {
        return call.answer(StatusCode::NO_CONTENT, reader, id, None);
    }
    call.answer(StatusCode::OK, reader, id, Some(&selection))
}
