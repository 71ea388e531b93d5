//! POST of `activate` and `deactivate` behind a user.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Command;
use jackfield_model::Kind;
use jackfield_model::schema::attr;

use crate::call::Call;
use crate::error::Error;
use crate::v1::said::replace;
use crate::version;

pub(super) async fn activate(call: Call) -> Result<Response, Error> {
    set(call, true).await
}

pub(super) async fn deactivate(call: Call) -> Result<Response, Error> {
    set(call, false).await
}

async fn set(call: Call, is_active: bool) -> Result<Response, Error> {
    let id = call.id()?;
    let command = Command::Patch {
        id,
        kind: Kind::User,
        ops: vec![replace(attr::ACTIVE, None, vec![is_active.into()])],
        expect: version::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    super::answer(&call, &written.reader, id, StatusCode::OK)
}
