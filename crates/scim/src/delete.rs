//! DELETE of a resource (RFC 7644 §3.6).

use axum::http::StatusCode;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::Id;

use crate::call::Call;
use crate::error::Error;
use crate::resource::ResourceType;

pub(crate) async fn delete(ty: ResourceType, call: Call) -> Result<StatusCode, Error> {
    let id = call.id()?;
    let expect = call.expectation(id).await?;
    call.session.write(command(ty, id, expect)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is asked for.
pub(crate) fn command(ty: ResourceType, id: Id, expect: Precondition) -> Command {
    Command::Delete {
        id,
        kind: ty.kind(),
        expect,
    }
}
