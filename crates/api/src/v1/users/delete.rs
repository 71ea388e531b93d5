//! DELETE of a user.

use axum::http::StatusCode;
use jackfield_gateway::Command;
use jackfield_model::Kind;

use crate::call::Call;
use crate::error::Error;
use crate::version;

pub(super) async fn delete(call: Call) -> Result<StatusCode, Error> {
    let command = Command::Delete {
        id: call.id()?,
        kind: Kind::User,
        expect: version::of_write(&call.headers),
    };
    call.session.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
