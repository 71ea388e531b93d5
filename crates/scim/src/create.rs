//! POST of a resource (RFC 7644 §3.3).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal};
use jackfield_model::schema::attr;
use serde_json::Value as Json;

use crate::body::Body;
use crate::call::Call;
use crate::decode;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::resource::ResourceType;

pub(crate) async fn create(ty: ResourceType, call: Call, body: Body) -> Result<Response, Error> {
    let command = command(&call.dialect, ty, &body.0)?;
    let written = call.session.write(command).await?;
    let id = written.id.ok_or(Refusal::Internal)?;
    let selection = call.selection(&[ty]);
    call.answer(StatusCode::CREATED, &written.reader, id, Some(selection))
}

/// What the body asks for.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn command(dialect: &Dialect, ty: ResourceType, body: &Json) -> Result<Command, Error> {
    let mut attributes = decode::resource(dialect, ty, body)?.attributes;
    if ty == ResourceType::User && attributes.flag(attr::ACTIVE).is_none() {
        attributes.put(attr::ACTIVE, true);
    }
    Ok(Command::Create {
        kind: ty.kind(),
        attributes,
    })
}
