//! DELETE of a resource (RFC 7644 §3.6).

use axum::http::StatusCode;
use jackfield_gateway::Command;

use crate::call::Call;
use crate::error::Error;
use crate::precondition;
use crate::resource::ResourceType;

pub(crate) async fn delete(ty: ResourceType, call: Call) -> Result<StatusCode, Error> {
    let expect = precondition::of_write(&call.headers);
    let command = Command::Delete {
        id: call.id()?,
        kind: ty.kind(),
        expect,
    };
    call.session.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
