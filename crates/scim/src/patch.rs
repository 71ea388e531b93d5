//! PATCH of a resource (RFC 7644 §3.5.2).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::Id;
use serde_json::Value as Json;

use crate::body::Body;
use crate::call::Call;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::operations;
use crate::resource::ResourceType;

pub(crate) async fn patch(ty: ResourceType, call: Call, body: Body) -> Result<Response, Error> {
    let id = call.id()?;
    let expect = call.expectation(id).await?;
    let command = command(&call.dialect, ty, id, &body.0, expect)?;
    let written = call.session.write(command).await?;
    call.dialect.heed(&written.notes);
    let selection = call.selection(&[ty]);
    // RFC 7644 §3.5.2: the client that asks for attributes gets them. Else a change of one member
    // need not be answered with all of them.
    if call.is_too_long(&selection, &written.reader, id) {
        return call.answer(StatusCode::NO_CONTENT, &written.reader, id, None);
    }
    call.answer(StatusCode::OK, &written.reader, id, Some(selection))
}

/// What the body asks for.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn command(
    dialect: &Dialect,
    ty: ResourceType,
    id: Id,
    body: &Json,
    expect: Precondition,
) -> Result<Command, Error> {
    Ok(Command::Patch {
        id,
        kind: ty.kind(),
        ops: operations::decode(dialect, ty, body)?,
        expect,
    })
}
